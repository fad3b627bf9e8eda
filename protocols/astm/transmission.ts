/** What a transmission of ASTM E1394 says: whose specimens, which tests, what came of them. */
import type { DeviceTime } from '../packet/record.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import { componentsOf, fieldOf, type AstmMessage, type AstmRecord } from './records.ts'

export interface AstmTransmission {
  /** H-3; empty when the instrument counts nothing. */
  readonly messageId: string
  /** Components of H-5: the name of the instrument, its version, its serial number. */
  readonly sender: readonly string[]
  /** H-12: P production, Q quality control, D debugging, T training; empty when not said. */
  readonly processing: string
  readonly orders: readonly AstmOrder[]
}

/** An order record with the patient above it and the results below it. */
export interface AstmOrder {
  /** P-3, P-4 and P-5, those that are there. */
  readonly patientIds: readonly string[]
  /** Components of O-3. */
  readonly specimen: readonly string[]
  /** Components of O-4: what the instrument calls the specimen, its rack and position. */
  readonly instrumentSpecimen: readonly string[]
  /** O-12: A, N, C; Q for a control. */
  readonly action: string
  /** O-16. */
  readonly specimenType: string
  /** O-23. */
  readonly reported: DeviceTime | null
  readonly results: readonly AstmResult[]
  /** Comments of the instrument upon the order itself. */
  readonly comments: readonly AstmComment[]
}

export interface AstmResult {
  /** Components of R-3. The fourth is the instrument's own code. */
  readonly test: readonly string[]
  /** Components of R-4. */
  readonly value: readonly string[]
  readonly unit: string
  readonly range: string
  /** L, H, LL, HH, <, >, N, A; several are joined by a blank. */
  readonly flags: string
  /**
   * F final, C corrected, P preliminary, V verified by the operator, W questionable, X cannot be
   * done, I pending, N no result (rejected, says Horiba); others are kept.
   */
  readonly status: string
  /** R-13; R-12, when it was started, where the instrument says only that. */
  readonly completed: DeviceTime | null
  readonly comments: readonly AstmComment[]
}

export interface AstmComment {
  /** I: the instrument; P, L: a person or a computer. */
  readonly source: string
  /** Components of C-4. */
  readonly text: readonly string[]
}

export function readTransmission(message: AstmMessage): AstmTransmission {
  const [header] = message.records
  const field = (number: number) => (header === undefined ? '' : fieldOf(message, header, number))
  const orders: Building[] = []
  /** null below a patient: what comes next is not about the order before. */
  let order: Building | null = null
  const begin = (record: AstmRecord): Building => {
    const begun = beginOrder(message, record, patientIds)
    orders.push(begun)
    return begun
  }
  let patientIds: readonly string[] = []
  for (const record of message.records) {
    switch (record.kind) {
      case 'P':
        patientIds = [3, 4, 5].map((number) => fieldOf(message, record, number))
        patientIds = patientIds.filter((id) => id !== '')
        order = null
        break
      case 'O':
        order = begin(record)
        break
      case 'R':
        order ??= begin(noOrder)
        order.results.push({ ...readResult(message, record), comments: [] })
        break
      case 'C': {
        const above = order?.results.at(-1)?.comments ?? order?.comments
        above?.push({
          source: fieldOf(message, record, 3),
          text: componentsOf(message, record, 4),
        })
        break
      }
    }
  }
  return {
    messageId: field(3),
    sender: header === undefined ? [] : componentsOf(message, header, 5),
    processing: field(12).slice(0, 1).toUpperCase(),
    orders,
  }
}

interface Building extends AstmOrder {
  readonly results: (AstmResult & { readonly comments: AstmComment[] })[]
  readonly comments: AstmComment[]
}

/** For results without an order above them. */
const noOrder: AstmRecord = { kind: 'O', fields: [] }

function beginOrder(
  message: AstmMessage,
  record: AstmRecord,
  patientIds: readonly string[],
): Building {
  return {
    patientIds,
    specimen: componentsOf(message, record, 3),
    instrumentSpecimen: componentsOf(message, record, 4),
    action: fieldOf(message, record, 12).toUpperCase(),
    specimenType: fieldOf(message, record, 16),
    reported: timeOf(fieldOf(message, record, 23)),
    results: [],
    comments: [],
  }
}

function readResult(message: AstmMessage, record: AstmRecord): Omit<AstmResult, 'comments'> {
  const flags = (record.fields[6] ?? '').split(message.delimiters.repeat)
  return {
    test: componentsOf(message, record, 3),
    value: componentsOf(message, record, 4),
    unit: fieldOf(message, record, 5),
    range: componentsOf(message, record, 6)[0] ?? '',
    flags: flags
      .map((flag) => flag.trim())
      .filter((flag) => flag !== '')
      .join(' '),
    status: fieldOf(message, record, 9).toUpperCase(),
    completed: timeOf(fieldOf(message, record, 13)) ?? timeOf(fieldOf(message, record, 12)),
  }
}

/** YYYYMMDDhhmmss, or without the seconds; a date alone is no time. null for anything else. */
export function timeOf(text: string): DeviceTime | null {
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?/.exec(text)
  if (found === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = found.slice(1, 6).map(Number)
  const second = found[6] === undefined ? null : Number(found[6])
  return deviceTimeOf(year, month, day, hour, minute, second)
}
