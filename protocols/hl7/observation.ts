/** OBX: one observation of a monitor, a pump or an analyser. */
import type { DeviceTime } from '../packet/record.ts'
import { hl7Time } from './header.ts'
import {
  componentsOf,
  firstPart,
  partsOf,
  plain,
  rawField,
  repetitionsOf,
  type Hl7Message,
  type Segment,
} from './er7.ts'

export interface Observation {
  /** OBX-2: NM number, ST text, SN comparator and number, CE and CWE coded; empty: a container. */
  readonly type: string
  /** OBX-3: code, text, coding system, and the same again in another system. */
  readonly code: readonly string[]
  /** OBX-4: for IHE PCD device, part, channel and metric, with dots between. */
  readonly place: string
  /** OBX-5 as people read it: the text of a code, comparator and number together. */
  readonly text: string
  /** OBX-6: as `code`. */
  readonly unit: readonly string[]
  /** OBX-7. */
  readonly range: string
  /** OBX-8. */
  readonly flags: readonly string[]
  /** OBX-11: F final, R not verified, P preliminary, C corrected, X, D, N, I, W no result. */
  readonly status: string
  /** OBX-14, and OBX-19 for an analyser. */
  readonly observed: DeviceTime | null
  readonly analysed: DeviceTime | null
  /** OBX-17: texts of the method, such as APERIODIC. */
  readonly method: readonly string[]
}

export function observationOf(message: Hl7Message, segment: Segment): Observation {
  const type = firstPart(message, segment, 2).toUpperCase()
  return {
    type,
    code: componentsOf(message, segment, 3),
    place: rawField(segment, 4).trim(),
    text: valueText(message, segment, type),
    unit: componentsOf(message, segment, 6),
    range: plain(rawField(segment, 7), message.encoding),
    flags: repetitionsOf(message, rawField(segment, 8)).map((one) =>
      (partsOf(message, one)[0] ?? '').trim().toUpperCase(),
    ),
    status: firstPart(message, segment, 11).toUpperCase(),
    observed: hl7Time(firstPart(message, segment, 14)),
    analysed: hl7Time(firstPart(message, segment, 19)),
    method: repetitionsOf(message, rawField(segment, 17)).flatMap((one) => partsOf(message, one)),
  }
}

function valueText(message: Hl7Message, segment: Segment, type: string): string {
  const raw = rawField(segment, 5)
  const parts = partsOf(message, repetitionsOf(message, raw)[0] ?? '').map((part) => part.trim())
  const [first = '', second = ''] = parts
  switch (type) {
    case 'CE':
    case 'CWE':
    case 'CNE':
    case 'CF':
      return second || first
    case 'SN':
      return parts.join('')
    case 'NM':
      return first
    default:
      return plain(raw, message.encoding).trim()
  }
}

/** A container says only what stands in it. */
export function isContainer({ type, text, status }: Observation): boolean {
  return text === '' && (type === '' || status === 'X' || status === '')
}

const noResult = ['X', 'D', 'N', 'I', 'W']

/** The sender takes it back, or has no result. */
export function isWithoutResult({ status }: Observation): boolean {
  return noResult.includes(status)
}
