/**
 * What is said while associated: requests ("remote operation invoke") and their answers.
 *
 *   invoke-id u16 | choice u16 | length u16 | body
 *
 *   0100 event report              0101 confirmed    0201 its answer
 *   0103 get                                         0203
 *   0104 set                       0105 confirmed    0205
 *   0106 action                    0107 confirmed    0207
 *   0300 error (roer)              0400 reject (rorj)
 *
 * An answer repeats the invoke-id of its request. Agents reuse theirs, and say them unconfirmed all
 * with the same one.
 */
import { joinBytes } from '../bytes/bytes.ts'
import {
  encodeAttribute,
  list,
  MderReader,
  octets,
  readAttribute,
  u16,
  u32,
  type Attribute,
} from './mder.ts'

export interface Data {
  readonly invoke: number
  readonly message: Message
}

export type Message =
  | {
      readonly kind: 'event-report'
      readonly isConfirmed: boolean
      readonly handle: number
      readonly eventTime: number
      readonly eventType: number
      readonly info: Uint8Array
    }
  | {
      readonly kind: 'event-answer'
      readonly handle: number
      readonly eventTime: number
      readonly eventType: number
      readonly info: Uint8Array
    }
  /** No attributes: all of them. */
  | { readonly kind: 'get'; readonly handle: number; readonly attributes: readonly number[] }
  | {
      readonly kind: 'get-answer'
      readonly handle: number
      readonly attributes: readonly Attribute[]
    }
  | {
      readonly kind: 'set'
      readonly isConfirmed: boolean
      readonly handle: number
      readonly changes: readonly { readonly operator: number; readonly attribute: Attribute }[]
    }
  | {
      readonly kind: 'set-answer'
      readonly handle: number
      readonly attributes: readonly Attribute[]
    }
  | {
      readonly kind: 'action'
      readonly isConfirmed: boolean
      readonly handle: number
      readonly action: number
      readonly info: Uint8Array
    }
  | {
      readonly kind: 'action-answer'
      readonly handle: number
      readonly action: number
      readonly info: Uint8Array
    }
  | { readonly kind: 'error'; readonly error: number; readonly parameter: Uint8Array }
  | { readonly kind: 'reject'; readonly problem: number }

const choices = {
  eventReport: 0x0100,
  confirmedEventReport: 0x0101,
  get: 0x0103,
  set: 0x0104,
  confirmedSet: 0x0105,
  action: 0x0106,
  confirmedAction: 0x0107,
  eventAnswer: 0x0201,
  getAnswer: 0x0203,
  setAnswer: 0x0205,
  actionAnswer: 0x0207,
  error: 0x0300,
  reject: 0x0400,
} as const

export type DataRead =
  | { readonly ok: true; readonly value: Data }
  | { readonly ok: false; readonly reason: string; readonly invoke: number | null }

export function readData(bytes: Uint8Array): DataRead {
  const outer = new MderReader(bytes)
  const [invoke, choice, body] = [outer.u16(), outer.u16(), outer.octets()]
  if (!outer.isWhole) return { ok: false, reason: 'a data APDU cut short', invoke: null }
  const reader = new MderReader(body)
  const message = readMessage(choice, reader)
  if (message === null) return { ok: false, reason: 'an operation that there is not', invoke }
  if (!reader.isWhole) return { ok: false, reason: 'an operation cut short', invoke }
  return { ok: true, value: { invoke, message } }
}

function readMessage(choice: number, reader: MderReader): Message | null {
  switch (choice) {
    case choices.eventReport:
    case choices.confirmedEventReport: {
      const isConfirmed = choice === choices.confirmedEventReport
      return { kind: 'event-report', isConfirmed, ...readEvent(reader) }
    }
    case choices.eventAnswer:
      return { kind: 'event-answer', ...readEvent(reader) }
    case choices.get:
      return { kind: 'get', handle: reader.u16(), attributes: reader.list((one) => one.u16()) }
    case choices.getAnswer:
      return { kind: 'get-answer', handle: reader.u16(), attributes: reader.list(readAttribute) }
    case choices.set:
    case choices.confirmedSet:
      return {
        kind: 'set',
        isConfirmed: choice === choices.confirmedSet,
        handle: reader.u16(),
        changes: reader.list((one) => ({ operator: one.u16(), attribute: readAttribute(one) })),
      }
    case choices.setAnswer:
      return { kind: 'set-answer', handle: reader.u16(), attributes: reader.list(readAttribute) }
    case choices.action:
    case choices.confirmedAction: {
      const isConfirmed = choice === choices.confirmedAction
      return { kind: 'action', isConfirmed, ...readAction(reader) }
    }
    case choices.actionAnswer:
      return { kind: 'action-answer', ...readAction(reader) }
    case choices.error:
      return { kind: 'error', error: reader.u16(), parameter: reader.octets() }
    case choices.reject:
      return { kind: 'reject', problem: reader.u16() }
    default:
      return null
  }
}

function readEvent(reader: MderReader) {
  const [handle, eventTime, eventType] = [reader.u16(), reader.u32(), reader.u16()]
  return { handle, eventTime, eventType, info: reader.octets() }
}

function readAction(reader: MderReader) {
  return { handle: reader.u16(), action: reader.u16(), info: reader.octets() }
}

export function encodeData({ invoke, message }: Data): Uint8Array {
  const [choice, body] = encodeMessage(message)
  return joinBytes(u16(invoke), u16(choice), octets(body))
}

function encodeMessage(message: Message): readonly [number, Uint8Array] {
  switch (message.kind) {
    case 'event-report': {
      const { isConfirmed } = message
      const choice = isConfirmed ? choices.confirmedEventReport : choices.eventReport
      return [choice, encodeEvent(message)]
    }
    case 'event-answer':
      return [choices.eventAnswer, encodeEvent(message)]
    case 'get':
      return [choices.get, joinBytes(u16(message.handle), list(message.attributes.map(u16)))]
    case 'get-answer':
      return [choices.getAnswer, encodeAttributes(message)]
    case 'set': {
      const changes = message.changes.map(({ operator, attribute }) =>
        joinBytes(u16(operator), encodeAttribute(attribute)),
      )
      const choice = message.isConfirmed ? choices.confirmedSet : choices.set
      return [choice, joinBytes(u16(message.handle), list(changes))]
    }
    case 'set-answer':
      return [choices.setAnswer, encodeAttributes(message)]
    case 'action': {
      const choice = message.isConfirmed ? choices.confirmedAction : choices.action
      return [choice, encodeAction(message)]
    }
    case 'action-answer':
      return [choices.actionAnswer, encodeAction(message)]
    case 'error':
      return [choices.error, joinBytes(u16(message.error), octets(message.parameter))]
    case 'reject':
      return [choices.reject, u16(message.problem)]
  }
}

function encodeEvent(event: {
  readonly handle: number
  readonly eventTime: number
  readonly eventType: number
  readonly info: Uint8Array
}): Uint8Array {
  const { handle, eventTime, eventType, info } = event
  return joinBytes(u16(handle), u32(eventTime), u16(eventType), octets(info))
}

function encodeAttributes(answer: {
  readonly handle: number
  readonly attributes: readonly Attribute[]
}): Uint8Array {
  return joinBytes(u16(answer.handle), list(answer.attributes.map(encodeAttribute)))
}

function encodeAction(action: {
  readonly handle: number
  readonly action: number
  readonly info: Uint8Array
}): Uint8Array {
  return joinBytes(u16(action.handle), u16(action.action), octets(action.info))
}
