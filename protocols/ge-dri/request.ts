/** What the host asks of a monitor: numbers every few seconds, and waves. See frame.ts. */
import { encodeDri, physiological, waveform } from './frame.ts'

/** Displayed values, where 2 and 3 are trends. */
const displayed = 1
/** The basic and the three extended classes: what every known client asks for. */
const allClasses = 0x0e

/** Values that the monitor shows, every `everySeconds`. 0 ends it. */
export function encodeNumbersRequest(level: number, everySeconds: number): Uint8Array {
  const bytes = new Uint8Array(9)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, displayed)
  view.setInt16(1, everySeconds, true)
  view.setUint32(3, allClasses, true)
  return request(level, physiological, bytes)
}

/**
 * `types` as in wave.ts, at most eight. All of them together may have 600 samples a second; the
 * monitor leaves out what does not fit. A new request replaces the one before.
 */
export function encodeWavesRequest(level: number, types: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(32)
  bytes.set(types.slice(0, 8), 4)
  if (types.length < 8) bytes[4 + types.length] = 0xff
  return request(level, waveform, bytes)
}

function request(level: number, mainType: number, bytes: Uint8Array): Uint8Array {
  const parts = [{ type: 0, bytes }]
  return encodeDri({ number: 0, level, plugId: 0, unixSeconds: 0, mainType, parts })
}
