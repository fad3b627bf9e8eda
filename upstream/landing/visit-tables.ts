/**
 * Records of the stream `van/visits` as tables, a part of the database's schema. A table keeps
 * every record; its view `..._now` has the newest of each token, which is the one that counts.
 * Newer is a later epoch (they are numbered by time), then a higher number of the packet: packets
 * may arrive in any order.
 */
import type { PacketHeader } from '../../protocols/packet/packet.ts'
import type { VisitRecord, VisitRecordKind } from '../../protocols/packet/visit-records.ts'

interface Table {
  readonly name: string
  /** What tells apart whom or what a record is about, within the van. */
  readonly token: readonly string[]
  /** The other columns, with their types. */
  readonly columns: readonly string[]
  readonly indexes: readonly string[]
}

const tables: { readonly [K in VisitRecordKind]: Table } = {
  patient: {
    name: 'patient',
    token: ['patient'],
    columns: [
      'patient_id TEXT NOT NULL',
      'name TEXT NOT NULL',
      'nik TEXT',
      'birth_date TEXT',
      'sex TEXT',
      'other_ids TEXT NOT NULL',
    ],
    indexes: [],
  },
  visit: {
    name: 'visit',
    token: ['visit'],
    columns: [
      'patient TEXT NOT NULL',
      'state TEXT NOT NULL',
      'devices TEXT NOT NULL',
      'opened_utc_ms REAL',
      'reason TEXT NOT NULL',
    ],
    indexes: ['patient'],
  },
  // `order` is a word of SQL.
  order: {
    name: 'imaging_order',
    token: ['imaging_order'],
    columns: [
      'visit TEXT NOT NULL',
      'accession_number TEXT NOT NULL',
      'study_instance_uid TEXT NOT NULL',
      'modality TEXT NOT NULL',
      'description TEXT NOT NULL',
      'code TEXT',
      'station_ae_title TEXT',
      'requested_by TEXT NOT NULL',
      'scheduled_utc_ms REAL',
      'state TEXT NOT NULL',
      'reason TEXT NOT NULL',
      'other_ids TEXT NOT NULL',
    ],
    indexes: ['visit', 'accession_number', 'study_instance_uid'],
  },
  identity: {
    name: 'image_identity',
    token: ['image_sha256', 'sop_instance_uid'],
    columns: [
      'state TEXT NOT NULL',
      'visit TEXT',
      'imaging_order TEXT',
      'coerced TEXT',
      'findings TEXT NOT NULL',
      'reason TEXT NOT NULL',
    ],
    indexes: ['image_sha256'],
  },
  procedure: {
    name: 'procedure_step',
    token: ['sop_instance_uid'],
    columns: [
      'device TEXT NOT NULL',
      'state TEXT NOT NULL',
      'imaging_order TEXT',
      'accession_number TEXT NOT NULL',
      'study_instance_uid TEXT NOT NULL',
      'modality TEXT NOT NULL',
      'started_text TEXT NOT NULL',
      'ended_text TEXT NOT NULL',
      'series TEXT NOT NULL',
      'discontinuation_code TEXT NOT NULL',
      'findings TEXT NOT NULL',
    ],
    indexes: ['imaging_order'],
  },
}

const placeColumns = [
  'packet_id INTEGER NOT NULL',
  'position INTEGER NOT NULL',
  'van TEXT NOT NULL',
  'epoch TEXT NOT NULL',
  'seq INTEGER NOT NULL',
  'boot TEXT NOT NULL',
  'at_ms REAL NOT NULL',
  'utc_ms REAL',
  'uncertainty_ms REAL',
  'source TEXT NOT NULL',
  'simulated INTEGER NOT NULL',
  'decided_by TEXT NOT NULL',
]

function columnsOf({ token, columns }: Table): readonly string[] {
  return [...placeColumns, ...token.map((name) => `${name} TEXT NOT NULL`), ...columns]
}

function schemaOf(table: Table): string {
  const { name, token, indexes } = table
  const places = ['epoch', 'seq', 'position']
  const same = token.map((column) => `n.${column} = o.${column}`).join(' AND ')
  const placeIn = (alias: string) => places.map((place) => `${alias}.${place}`).join(', ')
  return `
CREATE TABLE ${name} (
  ${columnsOf(table).join(',\n  ')},
  PRIMARY KEY (packet_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX ${name}_token ON ${name} (${[...token, 'van', ...places].join(', ')});
${indexes.map((column) => `CREATE INDEX ${name}_by_${column} ON ${name} (${column});`).join('\n')}
CREATE VIEW ${name}_now AS
SELECT o.* FROM ${name} o WHERE NOT EXISTS (
  SELECT 1 FROM ${name} n
  WHERE ${same} AND n.van = o.van AND (${placeIn('n')}) > (${placeIn('o')}));
`
}

export const visitTables = Object.values(tables).map(schemaOf).join('')

/** Name and columns of the table for records of a kind, in the order of `visitRow`. */
export function visitTable(kind: VisitRecordKind): {
  readonly name: string
  readonly columns: string
} {
  const table = tables[kind]
  const names = columnsOf(table).map((column) => column.slice(0, column.indexOf(' ')))
  return { name: table.name, columns: names.join(', ') }
}

type Column = string | number | null

export function visitRow(
  place: readonly [packetId: number, position: number],
  { van, epoch, seq, boot }: PacketHeader,
  record: VisitRecord,
): readonly Column[] {
  const { atMs, utcMs, uncertaintyMs, source, simulated, by } = record
  const stamps = [atMs, utcMs, uncertaintyMs, source, simulated ? 1 : 0, by]
  return [...place, van, epoch, seq, boot, ...stamps, ...ownColumns(record)]
}

function ownColumns(record: VisitRecord): readonly Column[] {
  switch (record.kind) {
    case 'patient': {
      const { patient, patientId, name, nik, birthDate, sex, otherIds } = record
      return [patient, patientId, name, nik, birthDate, sex, JSON.stringify(otherIds)]
    }
    case 'visit': {
      const { visit, patient, state, devices, openedUtcMs, reason } = record
      return [visit, patient, state, JSON.stringify(devices), openedUtcMs, reason]
    }
    case 'order':
      return [
        record.order,
        record.visit,
        record.accessionNumber,
        record.studyInstanceUid,
        record.modality,
        record.description,
        record.code === null ? null : JSON.stringify(record.code),
        record.stationAeTitle,
        record.requestedBy,
        record.scheduledUtcMs,
        record.state,
        record.reason,
        JSON.stringify(record.otherIds),
      ]
    case 'identity': {
      const { of, sopInstanceUid, state, visit, order, coerced, findings, reason } = record
      const file = coerced === null ? null : JSON.stringify(coerced)
      return [of, sopInstanceUid, state, visit, order, file, JSON.stringify(findings), reason]
    }
    case 'procedure':
      return [
        record.sopInstanceUid,
        record.device,
        record.state,
        record.order,
        record.accessionNumber,
        record.studyInstanceUid,
        record.modality,
        record.startedText,
        record.endedText,
        JSON.stringify(record.series),
        record.discontinuationCode,
        JSON.stringify(record.findings),
      ]
  }
}
