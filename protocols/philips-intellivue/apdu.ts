/**
 * Philips IntelliVue, Data Export: the messages, the same over a serial line and over UDP.
 * Everything is big endian.
 *
 *   0E accepted   0C refused   19 aborted   0A released       the first byte of an association
 *
 *   E1 00 00 02 | type u16, length u16 | [state u8, count u8] | invoke id u16
 *   | command u16, length u16
 *   type 1 invoke, 2 result, 3 error, 5 linked result, which has a state: 1 first, 2 middle, 3 last
 *   command 1 event, 3 get, 5 set, 7 action; the event 0D06 tells that the monitor is ready
 *
 *   action 0C16 or F13B (with a sequence number), in a result
 *   class, context, handle u16 | action u16 | length u16 | poll number u16 | [sequence u16] |
 *   relative time u32 in 1/8 ms | absolute time, 8 bytes BCD | polled partition, code u16 |
 *   group u16 | list of {context u16 | list of {handle u16 | list of {attribute u16 |
 *   length u16 | value}}}
 *   a list is count u16, length u16, elements
 *
 * Source: a whole dialogue with an MP20 in demo mode, Philips data export as three independent
 * clients use it.
 */
import { joinBytes } from '../bytes/bytes.ts'
import { list, MderReader, octets, u16, u32 } from '../ieee11073/mder.ts'

export interface Attribute {
  readonly id: number
  readonly value: Uint8Array
}

/** One thing that the monitor measures, and what it says about it now. */
export interface Observation {
  readonly context: number
  readonly handle: number
  readonly attributes: readonly Attribute[]
}

export interface PollResult {
  readonly kind: 'poll'
  readonly invokeId: number
  /** A large answer comes in pieces, each of them whole for itself. */
  readonly piece: 'first' | 'middle' | 'last' | 'only'
  readonly pollNumber: number
  /** null in the answer to a single poll. */
  readonly sequence: number | null
  /** In steps of 1/8 ms. */
  readonly relativeTime: number
  /** 6 numbers, 9 waves. */
  readonly polled: number
  readonly observations: readonly Observation[]
}

export type IntellivueApdu =
  | { readonly kind: 'accepted' | 'refused' | 'aborted' | 'released'; readonly bytes: Uint8Array }
  /** The monitor is ready, and waits for an answer. */
  | {
      readonly kind: 'ready'
      readonly invokeId: number
      readonly attributes: readonly Attribute[]
    }
  | PollResult
  | { readonly kind: 'error'; readonly invokeId: number; readonly code: number }
  /** A message that says nothing we need, such as what became of a setting. */
  | { readonly kind: 'other'; readonly bytes: Uint8Array }
  /** No message of the data export. */
  | { readonly kind: 'unknown'; readonly bytes: Uint8Array }

export const polledNumbers = 6
export const polledWaves = 9

/** What was agreed on at the beginning, and a frame around it. */
export const apduLimitBytes = 1_500

const associations = {
  0x0e: 'accepted',
  0x0c: 'refused',
  0x19: 'aborted',
  0x0a: 'released',
} as const

const session = [0xe1, 0x00, 0x00, 0x02] as const
const types = { invoke: 1, result: 2, error: 3, linked: 5 } as const
const event = 1
const action = 7
const mdsClass = 0x0021
const mdsCreated = 0x0d06
const singlePoll = 0x0c16
const extendedPoll = 0xf13b
const pieces = ['first', 'middle', 'last'] as const

/** What nobody has described, and what does not fit its own lengths, is `unknown`. */
export function readApdu(bytes: Uint8Array): IntellivueApdu {
  const kind = associations[(bytes[0] ?? 0) as keyof typeof associations]
  if (kind !== undefined) return { kind, bytes }
  return readSession(bytes) ?? { kind: 'unknown', bytes }
}

function readSession(bytes: Uint8Array): IntellivueApdu | null {
  const reader = new MderReader(bytes)
  if (session.some((byte) => reader.u8() !== byte)) return null
  const type = reader.u16()
  const body = new MderReader(reader.octets())
  // A real monitor has sent four bytes more behind an error.
  if (!reader.isWhole) return null
  let piece: PollResult['piece'] = 'only'
  if (type === types.linked) {
    const found = pieces[body.u8() - 1]
    if (found === undefined) return null
    piece = found
    body.u8()
  }
  const invokeId = body.u16()
  if (type === types.error) {
    const code = body.u16()
    return body.isWhole ? { kind: 'error', invokeId, code } : null
  }
  const command = body.u16()
  const content = new MderReader(body.octets())
  if (!body.isWhole) return null
  if (type === types.invoke && command === event) return readEvent(invokeId, content)
  const isResult = type === types.result || type === types.linked
  if (!isResult) return null
  return command === action ? readPoll(invokeId, piece, content) : { kind: 'other', bytes }
}

function readEvent(invokeId: number, content: MderReader): IntellivueApdu | null {
  content.take(6)
  content.u32()
  if (content.u16() !== mdsCreated) return null
  const report = new MderReader(content.octets())
  report.take(6)
  const attributes = report.list(readAttribute)
  return content.isWhole && report.isWhole ? { kind: 'ready', invokeId, attributes } : null
}

function readPoll(
  invokeId: number,
  piece: PollResult['piece'],
  content: MderReader,
): PollResult | null {
  content.take(6)
  const which = content.u16()
  if (which !== singlePoll && which !== extendedPoll) return null
  const poll = new MderReader(content.octets())
  const pollNumber = poll.u16()
  const sequence = which === extendedPoll ? poll.u16() : null
  const relativeTime = poll.u32()
  poll.take(8)
  poll.u16()
  const polled = poll.u16()
  poll.u16()
  const observations = poll.list(readContext).flat()
  if (!content.isWhole || !poll.isWhole) return null
  return { kind: 'poll', invokeId, piece, pollNumber, sequence, relativeTime, polled, observations }
}

function readContext(reader: MderReader): readonly Observation[] {
  const context = reader.u16()
  return reader.list((inner) => ({
    context,
    handle: inner.u16(),
    attributes: inner.list(readAttribute),
  }))
}

function readAttribute(reader: MderReader): Attribute {
  return { id: reader.u16(), value: reader.octets() }
}

export function encodeApdu(apdu: IntellivueApdu): Uint8Array {
  switch (apdu.kind) {
    case 'ready':
      return invoke(types.invoke, apdu.invokeId, event, readyReport(apdu.attributes))
    case 'poll':
      return encodePoll(apdu)
    case 'error':
      return joinBytes(
        session,
        u16(types.error),
        octets(u16(apdu.invokeId), u16(apdu.code), [0, 0]),
      )
    default:
      return apdu.bytes
  }
}

function readyReport(attributes: readonly Attribute[]): Uint8Array {
  const mds = joinBytes(u16(mdsClass), u32(0))
  const report = joinBytes(mds, list(attributes.map(attributeBytes)))
  return joinBytes(mds, u32(0), u16(mdsCreated), octets(report))
}

function encodePoll(poll: PollResult): Uint8Array {
  const contexts = new Map<number, Observation[]>()
  for (const one of poll.observations) {
    const some = contexts.get(one.context)
    if (some === undefined) contexts.set(one.context, [one])
    else some.push(one)
  }
  const body = joinBytes(
    u16(poll.pollNumber),
    ...(poll.sequence === null ? [] : [u16(poll.sequence)]),
    u32(poll.relativeTime),
    new Uint8Array(8).fill(0xff),
    u16(1),
    u16(poll.polled),
    u16(0),
    list(
      [...contexts].map(([context, some]) =>
        joinBytes(u16(context), list(some.map(observationBytes))),
      ),
    ),
  )
  const which = poll.sequence === null ? singlePoll : extendedPoll
  const result = joinBytes(u16(mdsClass), u32(0), u16(which), octets(body))
  const piece = pieces.findIndex((one) => one === poll.piece)
  if (piece === -1) return invoke(types.result, poll.invokeId, action, result)
  const linked = octets([piece + 1, 1], u16(poll.invokeId), u16(action), octets(result))
  return joinBytes(session, u16(types.linked), linked)
}

function observationBytes({ handle, attributes }: Observation): Uint8Array {
  return joinBytes(u16(handle), list(attributes.map(attributeBytes)))
}

function attributeBytes({ id, value }: Attribute): Uint8Array {
  return joinBytes(u16(id), octets(value))
}

function invoke(type: number, invokeId: number, command: number, body: Uint8Array): Uint8Array {
  return joinBytes(session, u16(type), octets(u16(invokeId), u16(command), octets(body)))
}

/** An invoked action of the whole monitor, as every request is one. */
export function encodeAction(invokeId: number, body: Uint8Array): Uint8Array {
  const request = joinBytes(u16(mdsClass), u32(0), u32(0), u16(extendedPoll), octets(body))
  return invoke(types.invoke, invokeId, action, request)
}

/** What the monitor waits for behind `ready`. */
export function encodeReadyResult(invokeId: number): Uint8Array {
  const body = joinBytes(u16(mdsClass), u32(0), u32(0), u16(mdsCreated), u16(0))
  return invoke(types.result, invokeId, event, body)
}

/** Sets one attribute of the whole monitor. Only which waves it exports is ever set. */
export function encodeSet(invokeId: number, attribute: Attribute): Uint8Array {
  const change = joinBytes(u16(0), attributeBytes(attribute))
  const body = joinBytes(u16(mdsClass), u32(0), u32(0), list([change]))
  return invoke(types.invoke, invokeId, 5, body)
}
