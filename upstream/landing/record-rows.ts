/** Writes what people ask for with SQL, beside the packet and in its transaction. */
import type { PacketHeader } from '../../protocols/packet/packet.ts'
import type { Event, Image, Measurement, Record, Value } from '../../protocols/packet/record.ts'
import { parseStream } from '../../protocols/packet/topics.ts'
import { visitRecordKinds } from '../../protocols/packet/visit-records.ts'
import type { SqliteDatabase } from './database.ts'
import { visitRow, visitTable } from './visit-tables.ts'

export class RecordRows {
  readonly #insert
  readonly #insertVisits

  constructor(database: SqliteDatabase) {
    const into = (table: string, columns: string) => {
      const places = columns.replace(/\w+/g, '?')
      return database.prepare(
        `INSERT INTO ${table} (${columns}) VALUES (${places}) ON CONFLICT DO NOTHING`,
      )
    }
    const place = 'packet_id, position'
    const stamped = `${place}, van, device, boot, visit,
      at_ms, utc_ms, uncertainty_ms, source, simulated`
    const object = 'sha256, size_bytes, media_type'
    this.#insert = {
      measurement: into('measurement', `${stamped}, device_time, qualifiers, identifiers`),
      numerics: into('numerics', `${stamped}, qualifiers`),
      value: into('measurement_value', `${place}, place, code, value, unit, text`),
      event: into('event', `${stamped}, code, level, active, detail`),
      document: into('document', `${stamped}, ${object}, title`),
      image: into(
        'image',
        `${stamped}, ${object}, sop_class_uid, sop_instance_uid, transfer_syntax_uid,
         study_instance_uid, series_instance_uid, modality, calling_ae_title, data_set_offset,
         flags`,
      ),
      rendition: into('rendition', `${stamped}, ${object}, role, image_sha256, frame`),
      device: into(
        'device',
        `${stamped}, driver, label, serial_number, firmware, calibration_due, plugged_at`,
      ),
      clock: into(
        'clock_fix',
        `${place}, van, boot, at_ms, offset_ms, fix_uncertainty_ms, authority`,
      ),
      loss: into('loss', `${place}, van, epoch, stream, from_seq, to_seq, reason`),
    }
    const intoVisits = visitRecordKinds.map((kind) => {
      const { name, columns } = visitTable(kind)
      return [kind, into(name, columns)] as const
    })
    this.#insertVisits = new Map(intoVisits)
  }

  /** A waveform has no row: its samples stay in the packet, which is found by stream and number. */
  add(packetId: number, header: PacketHeader, records: readonly Record[]): void {
    const device = parseStream(header.stream)?.device ?? ''
    for (const [position, record] of records.entries()) {
      this.#addOne([packetId, position], header, device, record)
    }
  }

  #addOne(
    place: readonly [number, number],
    header: PacketHeader,
    device: string,
    record: Record,
  ): void {
    const { van, boot, visit } = header
    const insert = this.#insert
    const stamped = (about: string) => [
      ...place,
      van,
      about,
      boot,
      visit,
      record.atMs,
      record.utcMs,
      record.uncertaintyMs,
      record.source,
      record.simulated ? 1 : 0,
    ]
    switch (record.kind) {
      case 'waveform':
        return
      case 'measurement':
        insert.measurement.run(...stamped(device), ...measurementColumns(record))
        this.#addValues(place, record.values)
        return
      case 'numerics':
        insert.numerics.run(...stamped(device), JSON.stringify(record.qualifiers))
        this.#addValues(place, record.values)
        return
      case 'event':
        insert.event.run(...stamped(device), ...eventColumns(record))
        return
      case 'document':
        insert.document.run(...stamped(device), ...objectColumns(record.object), record.title)
        return
      case 'image':
        insert.image.run(
          ...stamped(device),
          ...objectColumns(record.object),
          ...imageColumns(record),
        )
        return
      case 'rendition': {
        const { object, role, of, frame } = record
        insert.rendition.run(...stamped(device), ...objectColumns(object), role, of, frame)
        return
      }
      case 'device': {
        const { driver, label, serialNumber, firmware, calibrationDue, pluggedAt } = record
        const about = [driver, label, serialNumber, firmware, calibrationDue, pluggedAt]
        insert.device.run(...stamped(record.device), ...about)
        return
      }
      case 'clock': {
        const { atMs, offsetMs, fixUncertaintyMs, authority } = record
        insert.clock.run(...place, van, boot, atMs, offsetMs, fixUncertaintyMs, authority)
        return
      }
      case 'loss': {
        const { epoch, stream, fromSeq, toSeq, reason } = record
        insert.loss.run(...place, van, epoch, stream, fromSeq, toSeq, reason)
        return
      }
      case 'patient':
      case 'visit':
      case 'order':
      case 'identity':
      case 'procedure':
        this.#insertVisits.get(record.kind)?.run(...visitRow(place, header, record))
    }
  }

  #addValues(place: readonly [number, number], values: readonly Value[]): void {
    for (const [index, { code, value, unit, text = null }] of values.entries())
      this.#insert.value.run(...place, index, code, value, unit, text)
  }
}

type Column = string | number | null

function measurementColumns(measurement: Measurement): readonly Column[] {
  const { deviceTime, qualifiers, identifiers } = measurement
  return [
    deviceTime === null ? null : JSON.stringify(deviceTime),
    JSON.stringify(qualifiers),
    identifiers === undefined ? null : JSON.stringify(identifiers),
  ]
}

function eventColumns({ code, level, active, detail }: Event): readonly Column[] {
  return [code, level, active === null ? null : Number(active), JSON.stringify(detail)]
}

function objectColumns({ sha256, sizeBytes, mediaType }: Image['object']): readonly Column[] {
  return [sha256, sizeBytes, mediaType]
}

function imageColumns(image: Image): readonly Column[] {
  return [
    image.sopClassUid,
    image.sopInstanceUid,
    image.transferSyntaxUid,
    image.studyInstanceUid,
    image.seriesInstanceUid,
    image.modality,
    image.callingAeTitle,
    image.dataSetOffset,
    JSON.stringify(image.flags),
  ]
}
