/**
 * SCSI over USB mass storage, bulk only: each command goes out in a wrapper, its data follows one
 * way, and a status wrapper ends it.
 *
 *     CBW  55 53 42 43  tag (4)  data length (4)  flags (1, 80: to the host)  unit (1)
 *          length (1)  block (16)
 *     CSW  55 53 42 53  tag (4)  not used of the length (4)
 *          status (1: 0 passed, 1 failed, 2 phase error)
 *
 * Numbers are little endian. A device that cannot go on halts an endpoint, and its status is read
 * once that is cleared; when nothing helps, it is reset.
 *
 * Source: Universal Serial Bus Mass Storage Class, Bulk-Only Transport 1.0, sections 5, 6 and 3.1.
 */
import { noBytes } from '../bytes/bytes.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import type { ScsiAnswer, ScsiRequest } from './scsi.ts'

export const commandWrapperBytes = 31
export const statusWrapperBytes = 13

const commandSignature = 0x43_42_53_55
const statusSignature = 0x53_42_53_55

export interface CommandWrapper {
  readonly tag: number
  readonly request: ScsiRequest
}

export function encodeCommandWrapper({ tag, request }: CommandWrapper): Uint8Array {
  const { block, wantedBytes, data } = request
  const wrapper = new Uint8Array(commandWrapperBytes)
  const view = new DataView(wrapper.buffer)
  view.setUint32(0, commandSignature, true)
  view.setUint32(4, tag, true)
  view.setUint32(8, Math.max(wantedBytes, data.length), true)
  view.setUint8(12, wantedBytes > 0 ? 0x80 : 0)
  view.setUint8(14, block.length)
  wrapper.set(block, 15)
  return wrapper
}

/** The data is not in the wrapper: it follows. */
export function decodeCommandWrapper(bytes: Uint8Array): Decoded<CommandWrapper> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length !== commandWrapperBytes || view.getUint32(0, true) !== commandSignature) {
    return undecoded('no command wrapper')
  }
  const length = view.getUint8(14)
  if (length < 1 || length > 16) return undecoded(`a block of ${length} bytes`)
  const isIn = (view.getUint8(12) & 0x80) !== 0
  const dataBytes = view.getUint32(8, true)
  const block = bytes.slice(15, 15 + length)
  const request = { block, wantedBytes: isIn ? dataBytes : 0, data: noBytes }
  return decoded({ tag: view.getUint32(4, true), request })
}

export interface StatusWrapper {
  readonly tag: number
  readonly unusedBytes: number
  readonly status: 'passed' | 'failed' | 'phase-error'
}

const statuses = ['passed', 'failed', 'phase-error'] as const

export function encodeStatusWrapper({ tag, unusedBytes, status }: StatusWrapper): Uint8Array {
  const wrapper = new Uint8Array(statusWrapperBytes)
  const view = new DataView(wrapper.buffer)
  view.setUint32(0, statusSignature, true)
  view.setUint32(4, tag, true)
  view.setUint32(8, unusedBytes, true)
  view.setUint8(12, statuses.indexOf(status))
  return wrapper
}

export function decodeStatusWrapper(bytes: Uint8Array): Decoded<StatusWrapper> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length !== statusWrapperBytes || view.getUint32(0, true) !== statusSignature) {
    return undecoded('no status wrapper')
  }
  const status = statuses[view.getUint8(12)]
  if (status === undefined) return undecoded(`status ${view.getUint8(12)}`)
  return decoded({ tag: view.getUint32(4, true), unusedBytes: view.getUint32(8, true), status })
}

/** What has to be done on the wire, one step at a time. */
export type BulkStep =
  | { readonly kind: 'write'; readonly bytes: Uint8Array }
  /** Ends earlier with a short packet. */
  | { readonly kind: 'read'; readonly bytes: number }
  | { readonly kind: 'clear-halt'; readonly direction: 'in' | 'out' }
  /** Class request ff, and then both endpoints are cleared. */
  | { readonly kind: 'reset' }

/** What came of it. A halted endpoint is no end: it is how a device says no. */
export type BulkDone =
  | { readonly kind: 'done' }
  | { readonly kind: 'heard'; readonly bytes: Uint8Array }
  | { readonly kind: 'halted' }

/** `why` null: it was carried out, well or badly as `answer` says. */
export type BulkOutcome =
  | { readonly answer: ScsiAnswer }
  | { readonly answer: null; readonly why: string }

/**
 * Carries out one command. Each step is resumed with what came of it; a wire that is gone is not
 * told. `tag` must not be that of the command before.
 */
export function* bulkOnly(
  tag: number,
  request: ScsiRequest,
): Generator<BulkStep, BulkOutcome, BulkDone> {
  const written = yield { kind: 'write', bytes: encodeCommandWrapper({ tag, request }) }
  if (written.kind === 'halted') return yield* recover('the command was refused')
  let data: Uint8Array = noBytes
  if (request.wantedBytes > 0) {
    const heard = yield { kind: 'read', bytes: request.wantedBytes }
    if (heard.kind === 'heard') data = heard.bytes
    else yield { kind: 'clear-halt', direction: 'in' }
  } else if (request.data.length > 0) {
    const sent = yield { kind: 'write', bytes: request.data }
    if (sent.kind === 'halted') yield { kind: 'clear-halt', direction: 'out' }
  }
  const status = yield* readStatus()
  if (!status.ok) return yield* recover(status.reason)
  if (status.value.tag !== tag) return yield* recover('the status of another command')
  if (status.value.status === 'phase-error') return yield* recover('a phase error')
  return { answer: { isGood: status.value.status === 'passed', data } }
}

/** A halt before the status is cleared once, and then it is there. */
function* readStatus(): Generator<BulkStep, Decoded<StatusWrapper>, BulkDone> {
  for (let tries = 0; tries < 2; tries++) {
    const heard = yield { kind: 'read', bytes: statusWrapperBytes }
    if (heard.kind === 'heard') return decodeStatusWrapper(heard.bytes)
    yield { kind: 'clear-halt', direction: 'in' }
  }
  return undecoded('no status')
}

function* recover(why: string): Generator<BulkStep, BulkOutcome, BulkDone> {
  yield { kind: 'reset' }
  return { answer: null, why }
}
