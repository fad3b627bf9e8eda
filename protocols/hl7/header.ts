/** The head of an HL7 message, and the answer to it. */
import type { DeviceTime } from '../packet/record.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import {
  componentsOf,
  encodingCharacters,
  escaped,
  firstPart,
  rawField,
  type Hl7Message,
  type Segment,
} from './er7.ts'

export interface MessageHead {
  /** Components of MSH-3: for IHE PCD a name, an EUI-64 and its type. */
  readonly application: readonly string[]
  /** MSH-4. */
  readonly facility: string
  /** MSH-9: `ORU^R01`, and the structure behind it where the sender names it. */
  readonly type: string
  readonly trigger: string
  /** MSH-10. */
  readonly controlId: string
  /** MSH-11: P production, T training, D debugging. */
  readonly processing: string
  /** MSH-12. */
  readonly version: string
  /** MSH-15 and MSH-16: when the sender wants to hear that it arrived, and what came of it. */
  readonly acceptAck: AckCondition
  readonly applicationAck: AckCondition
}

/** Table 0155; empty when not said. */
export type AckCondition = 'AL' | 'NE' | 'ER' | 'SU' | ''

export function headOf(message: Hl7Message): MessageHead {
  const [header] = message.segments
  const [type = '', trigger = ''] = componentsOf(message, header, 9)
  return {
    application: componentsOf(message, header, 3),
    facility: firstPart(message, header, 4),
    type,
    trigger,
    controlId: rawField(header, 10),
    processing: firstPart(message, header, 11),
    version: firstPart(message, header, 12),
    acceptAck: conditionOf(rawField(header, 15)),
    applicationAck: conditionOf(rawField(header, 16)),
  }
}

function conditionOf(text: string): AckCondition {
  const known: readonly AckCondition[] = ['AL', 'NE', 'ER', 'SU']
  return known.find((one) => one === text.trim().toUpperCase()) ?? ''
}

/** `taken`: on the disk. `kept-out`: the disk did not take it. `wrong`: nothing we understand. */
export type AckOutcome = 'taken' | 'kept-out' | 'wrong'

const acceptCodes = { taken: 'CA', 'kept-out': 'CE', wrong: 'CR' } as const
const applicationCodes = { taken: 'AA', 'kept-out': 'AE', wrong: 'AR' } as const

/**
 * The codes to answer with, in their order (section 2.9.2). Original mode, in which neither field
 * is filled, wants one application answer; in enhanced mode each is sent when its field asks.
 */
export function ackCodes(
  { acceptAck, applicationAck }: MessageHead,
  outcome: AckOutcome,
): readonly string[] {
  if (acceptAck === '' && applicationAck === '') return [applicationCodes[outcome]]
  const wanted = (condition: AckCondition) =>
    condition === 'AL' || condition === (outcome === 'taken' ? 'SU' : 'ER')
  return [
    ...(wanted(acceptAck) ? [acceptCodes[outcome]] : []),
    ...(wanted(applicationAck) ? [applicationCodes[outcome]] : []),
  ]
}

const versionUsual = '2.5.1'
/** MSH-10 had 20 characters until 2.7. */
const controlIdMax = 20

/**
 * The answer, in the separators of the message. Its time is that of the message: the answer is made
 * at once, and the sender's clock is the one that the sender can compare it with.
 */
export function ackMessage(message: Hl7Message, code: string, ownId: string): Hl7Message {
  const { encoding } = message
  const [asked] = message.segments
  const { trigger, controlId, processing, version } = headOf(message)
  const type = ['ACK', trigger, 'ACK'].map((part) => escaped(part, encoding))
  const header: Segment = {
    name: 'MSH',
    fields: [
      'MSH',
      encoding.field,
      encodingCharacters(encoding),
      'SIMPUL',
      '',
      asked.fields[3] ?? '',
      asked.fields[4] ?? '',
      asked.fields[7] ?? '',
      '',
      (trigger === '' ? ['ACK'] : type).join(encoding.component),
      ownId.slice(0, controlIdMax),
      processing === '' ? 'P' : processing,
      version === '' ? versionUsual : version,
    ],
  }
  const answer: Segment = { name: 'MSA', fields: ['MSA', code, controlId] }
  return { encoding, segments: [header, answer] }
}

/** YYYYMMDDhhmm[ss[.ssss]][+zzzz]; the zone is left out. null for a date alone or anything else. */
export function hl7Time(text: string): DeviceTime | null {
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.\d+)?(?:[+-]\d{4})?$/.exec(text)
  if (found === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = found.slice(1, 6).map(Number)
  const second = found[6] === undefined ? null : Number(found[6])
  return deviceTimeOf(year, month, day, hour, minute, second)
}
