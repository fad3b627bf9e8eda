/**
 * SCP-ECG, the standard file of electrocardiographs, read. Source: EN 1064:2005 (ISO 11073-91064),
 * and records of six devices.
 *
 * A section whose check sum does not fit is not read. High compression, which loses part of the
 * signal, is undone and remarked upon; it is never written.
 */
import {
  ecgLead,
  gcd,
  noStatements,
  rateOfMicroseconds,
  unknownDevice,
  type EcgPart,
  type EcgRecording,
} from '../ecg/recording.ts'
import { leadOfScpNumber } from '../ecg/leads.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { decodeTables, type HuffmanTables } from './huffman.ts'
import {
  bimodalLength,
  decodeBeats,
  decodeLeads,
  decodeSignals,
  expandBimodal,
  type ScpBeats,
  type ScpLeads,
  type ScpSignals,
} from './leads.ts'
import { decodeMeasurements, decodeStatements } from './measurements.ts'
import { decodeSections, looksLikeScp, type ScpRecord } from './sections.ts'
import { decodeHeader } from './tags.ts'

const section = {
  header: 1,
  tables: 2,
  leads: 3,
  beats: 4,
  referenceBeat: 5,
  rhythm: 6,
  measurements: 7,
  statements: 8,
} as const

export function decodeScp(bytes: Uint8Array): Decoded<EcgRecording> {
  const record = decodeSections(bytes)
  if (!record.ok) return record
  if (!looksLikeScp(bytes)) return undecoded('section 0 does not say SCPECG')
  const signals = readSignals(record.value)
  if (!signals.ok) return signals
  const header = contentOf(record.value, section.header)
  const measurements = contentOf(record.value, section.measurements)
  const statements = contentOf(record.value, section.statements)
  return decoded({
    parts: signals.value.parts,
    ...(header === null
      ? { patientId: null, recordedAt: null, device: unknownDevice }
      : decodeHeader(header)),
    ...(measurements === null ? { values: [], qualifiers: {} } : decodeMeasurements(measurements)),
    statements: statements === null ? noStatements : decodeStatements(statements),
    recordId: null,
    remarks: [...signals.value.remarks, ...damage(record.value)],
  })
}

/** null when the section is not there or its check sum does not fit. */
function contentOf(record: ScpRecord, id: number): Uint8Array | null {
  const found = record.sections.get(id)
  return found === undefined || !found.isSound ? null : found.content
}

function damage(record: ScpRecord): readonly string[] {
  const isSound = record.isSound && [...record.sections.values()].every((one) => one.isSound)
  return isSound ? [] : ['checksum']
}

/** A section without which the signals cannot be read. */
function needed(record: ScpRecord, id: number): Decoded<Uint8Array> {
  const found = record.sections.get(id)
  if (found === undefined) return undecoded(`no section ${id}`)
  return found.isSound ? decoded(found.content) : undecoded(`the check sum of section ${id}`)
}

interface Signals {
  readonly parts: readonly EcgPart[]
  readonly remarks: readonly string[]
}

function readSignals(record: ScpRecord): Decoded<Signals> {
  const leadsSection = needed(record, section.leads)
  if (!leadsSection.ok) return leadsSection
  const leads = decodeLeads(leadsSection.value)
  if (!leads.ok) return leads
  const tables = readTables(record)
  if (!tables.ok) return tables
  const rhythm = needed(record, section.rhythm)
  if (!rhythm.ok) return rhythm
  const isBimodal = (rhythm.value[5] ?? 0) === 1
  if (isBimodal || leads.value.subtractsBeat) {
    return readCompressed(record, leads.value, tables.value, rhythm.value)
  }
  const lengths = leads.value.leads.map(({ length }) => length)
  const signals = decodeSignals(rhythm.value, section.rhythm, tables.value, lengths)
  if (!signals.ok) return signals
  const { nanovoltsPerStep, microseconds } = signals.value
  return partsOf(leads.value, signals.value.leads, { nanovoltsPerStep, microseconds }, [])
}

/** null: the samples are plain numbers. */
function readTables(record: ScpRecord): Decoded<HuffmanTables | null> {
  if (!record.sections.has(section.tables)) return decoded(null)
  const content = needed(record, section.tables)
  return content.ok ? decodeTables(content.value) : content
}

/** Leads that begin together are a part: a record may hold one group of leads after the other. */
function partsOf(
  { leads }: ScpLeads,
  signals: readonly Int32Array[],
  { nanovoltsPerStep, microseconds }: Pick<ScpSignals, 'nanovoltsPerStep' | 'microseconds'>,
  remarks: readonly string[],
): Decoded<Signals> {
  const rate = rateOfMicroseconds(microseconds)
  if (rate === null) return undecoded('no rate')
  if (signals.some((lead) => lead.length === 0)) return undecoded('a lead without samples')
  const beginnings = [...new Set(leads.map(({ first }) => first))]
  const parts = beginnings.map((beginning): EcgPart => {
    const group = leads.flatMap(({ number, first }, at) =>
      first === beginning ? [{ number, samples: signals[at] ?? new Int32Array(0) }] : [],
    )
    // Leads end together: what some writers cut off one is taken off all, and said.
    const length = Math.min(...group.map(({ samples }) => samples.length))
    return {
      kind: 'rhythm',
      rate,
      leads: group.map(({ number }) => ecgLead(leadOfScpNumber(number), nanovoltsPerStep)),
      samples: group.map(({ samples }) =>
        samples.length === length ? samples : samples.slice(0, length),
      ),
    }
  })
  const held = parts.reduce((sum, part) => sum + totalOf(part.samples), 0)
  const isShortened = held !== leads.reduce((sum, { length }) => sum + length, 0)
  return decoded({ parts, remarks: isShortened ? [...remarks, 'shortened'] : remarks })
}

function totalOf(samples: readonly Int32Array[]): number {
  return samples.reduce((sum, lead) => sum + lead.length, 0)
}

/** What high compression needs besides the residue in section 6. */
interface Compression {
  readonly beats: ScpBeats
  readonly reference: ScpSignals
}

function readCompression(
  record: ScpRecord,
  leads: ScpLeads,
  tables: HuffmanTables | null,
): Decoded<Compression> {
  const beatsSection = needed(record, section.beats)
  if (!beatsSection.ok) return beatsSection
  const beats = decodeBeats(beatsSection.value)
  if (!beats.ok) return beats
  const beatSection = needed(record, section.referenceBeat)
  if (!beatSection.ok) return beatSection
  const beatMs = numberAt(beatsSection.value, 0)
  const length = Math.round((beatMs * 1_000) / numberAt(beatSection.value, 2))
  if (!(length <= beatSamplesMax)) return undecoded('a reference beat that is too long')
  const lengths = leads.leads.map(() => length)
  const reference = decodeSignals(beatSection.value, section.referenceBeat, tables, lengths)
  return reference.ok ? decoded({ beats: beats.value, reference: reference.value }) : reference
}

const beatSamplesMax = 20_000

/** Two bytes; 0 behind the end. */
function numberAt(content: Uint8Array, at: number): number {
  return (content[at] ?? 0) + 256 * (content[at + 1] ?? 0)
}

function readCompressed(
  record: ScpRecord,
  leads: ScpLeads,
  tables: HuffmanTables | null,
  rhythm: Uint8Array,
): Decoded<Signals> {
  const compression = readCompression(record, leads, tables)
  if (!compression.ok) return compression
  const { beats, reference } = compression.value
  const microseconds = numberAt(rhythm, 2)
  const isBimodal = (rhythm[5] ?? 0) === 1
  const factor = isBimodal ? microseconds / reference.microseconds : 1
  if (!Number.isInteger(factor) || factor < 1) {
    return undecoded('the rates of sections 5 and 6 do not fit together')
  }
  const zones = isBimodal ? beats.isProtected : []
  const lengths = leads.leads.map(({ length }) => bimodalLength(length, zones, factor))
  const residue = decodeSignals(rhythm, section.rhythm, tables, lengths)
  if (!residue.ok) return residue
  if (residue.value.leads.some((lead, at) => lead.length < (lengths[at] ?? 0))) {
    return undecoded('section 6 ends before its samples')
  }
  const step = gcd(residue.value.nanovoltsPerStep, reference.nanovoltsPerStep)
  const scale = residue.value.nanovoltsPerStep / step
  const signals = leads.leads.map(({ length }, lead) => {
    const values = residue.value.leads[lead] ?? new Int32Array(0)
    const samples = expandBimodal(values, length, zones, factor)
    for (let at = 0; at < samples.length; at++) samples[at] = (samples[at] ?? 0) * scale
    const beat = reference.leads[lead] ?? new Int32Array(0)
    if (leads.subtractsBeat) {
      addBeats(samples, beats, beat, reference.nanovoltsPerStep / step)
    }
    return Int32Array.from(samples, Math.round)
  })
  const scales = { nanovoltsPerStep: step, microseconds: reference.microseconds }
  return partsOf(leads, signals, scales, isBimodal ? ['lossy'] : [])
}

/** Puts back the reference beat wherever it was taken away. */
function addBeats(
  samples: Float64Array,
  { fiducial, subtractions }: ScpBeats,
  beat: Int32Array,
  scale: number,
): void {
  for (const { from, at, to } of subtractions) {
    const end = Math.min(to, samples.length)
    for (let sample = from; sample <= end; sample++) {
      const value = beat[sample - at + fiducial - 1] ?? 0
      samples[sample - 1] = (samples[sample - 1] ?? 0) + value * scale
    }
  }
}
