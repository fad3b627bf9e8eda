/** Records and forms as a person reads them: without samples, hashes and codes. */
import type { Form, FormField } from '../../drivers/keypad/fields.ts'
import type { Outline } from '../../protocols/packet/outline.ts'
import type { SourceRecord } from './view.ts'
import type { FieldView, FormView, Row, Says } from './wire.ts'

export function rowOf({ key, device, record, delivery }: SourceRecord): Row {
  const { utcMs, uncertaintyMs, atMs, source, simulated } = record
  return {
    key,
    device,
    utcMs,
    uncertaintyMs,
    atMs,
    source,
    simulated,
    delivery,
    says: saysOf(record),
  }
}

function saysOf(record: Outline): Says {
  switch (record.kind) {
    case 'measurement': {
      const { kind, values, qualifiers, identifiers } = record
      const specimenId = identifiers?.['specimenId']
      return { kind, values, qualifiers, ...(specimenId === undefined ? {} : { specimenId }) }
    }
    case 'numerics':
      return { kind: record.kind, values: record.values, qualifiers: record.qualifiers }
    case 'waveform': {
      return {
        kind: 'waveform',
        wave: record.wave,
        leads: record.leads.map((lead) => lead.code),
        durationMs: (record.count * record.rate.perMs) / record.rate.samples,
      }
    }
    case 'event':
      return { kind: 'event', code: record.code, level: record.level, active: record.active }
    case 'document':
      return { kind: 'document', title: record.title, sizeBytes: record.object.sizeBytes }
    case 'image':
      return {
        kind: 'image',
        modality: record.modality,
        sizeBytes: record.object.sizeBytes,
        flags: record.flags,
      }
    case 'rendition':
      return { kind: 'rendition', role: record.role, sizeBytes: record.object.sizeBytes }
    case 'clock':
      return {
        kind: 'clock',
        authority: record.authority,
        uncertaintyMs: record.fixUncertaintyMs,
      }
    case 'loss':
      return { kind: 'loss', stream: record.stream, count: record.toSeq - record.fromSeq + 1 }
    case 'patient':
      return { kind: 'patient' }
    case 'visit':
      return { kind: 'visit', state: record.state }
    case 'order':
      return { kind: 'order', state: record.state }
    case 'identity':
      return { kind: 'identity', state: record.state }
    case 'procedure':
      return { kind: 'procedure', state: record.state }
    default:
      return { kind: 'device', label: record.label, serialNumber: record.serialNumber }
  }
}

export function formViewOf(form: Form): FormView {
  return { id: form.id, label: form.label, fields: form.fields.map(fieldViewOf) }
}

/** Without the terms: what a value is called on the wire is not the browser's business. */
function fieldViewOf(field: FormField): FieldView {
  const { name, label, required, detailOf } = field
  const common = { name, label, required, detailOf }
  switch (field.kind) {
    case 'number': {
      const { kind, unit, decimals, plausible, repeats, beyond } = field
      // JSON has no infinity.
      const low = Math.max(-Number.MAX_VALUE, plausible.low)
      const high = Math.min(Number.MAX_VALUE, plausible.high)
      return { ...common, kind, unit, decimals, plausible: { low, high }, repeats, beyond }
    }
    case 'choice':
      return { ...common, kind: field.kind, choices: field.choices }
    case 'date':
      return { ...common, kind: field.kind, unit: field.unit }
    case 'text':
      return { ...common, kind: field.kind, lengthMax: field.lengthMax }
  }
}
