/**
 * What the host says to an IntelliVue: it asks for numbers and waves, and for nothing else.
 *
 * Source: the same bytes in two independent clients; the association was accepted by an MP20.
 */
import { joinBytes, noBytes } from '../bytes/bytes.ts'
import { list, octets, u16, u32 } from '../ieee11073/mder.ts'
import { fromHex } from '../packet/hex.ts'
import { encodeAction, encodeSet, polledNumbers, polledWaves } from './apdu.ts'

const medicalPartition = 1
const wavesForAttribute = 0xf13e
const exportedWaves = 0xf23a
const ticksPerSecond = 8_000

/**
 * Session, presentation and user data of 300 bytes, which nobody builds from parts. In it: numbers,
 * waves, extended polls; the shortest period 500 ms, messages of at most 1,456 bytes.
 */
export const associationRequest: Uint8Array =
  fromHex(
    '0dff01280508130100160102800014020002c1ff01163180a0808001010000a280a003000001a4803080' +
      '020101060452010001308006025101000000003080020102060c2a8648ce14020100000001013080060c' +
      '2a8648ce140201000000020100000000000061803080020101a0806080a180060c2a8648ce1402010000' +
      '0003010000be802880060c2a8648ce140201000000010102010281820080800000004000000000000000' +
      '80000000200000000000000000020064000100288000000000000fa0000005b0000005b0ffffffff6000' +
      '00000001000cf00100088e000000000000000102003400060030000100210000000100010006000000c9' +
      '000100090000003c00010005000000100001002a00000001000100360000000100000000000000000000' +
      '000000000000',
  ) ?? noBytes

export const releaseRequest: Uint8Array =
  fromHex('0918c11661803080020101a08062808001000000000000000000') ?? noBytes

/** All numbers, once. */
export function numbersRequest(invokeId: number, pollNumber: number): Uint8Array {
  return encodeAction(invokeId, poll(pollNumber, polledNumbers, noBytes))
}

/** Waves for so many seconds. */
export function wavesRequest(invokeId: number, pollNumber: number, seconds: number): Uint8Array {
  const period = joinBytes(u16(wavesForAttribute), octets(u32(seconds * ticksPerSecond)))
  return encodeAction(invokeId, poll(pollNumber, polledWaves, period))
}

function poll(pollNumber: number, code: number, attribute: Uint8Array): Uint8Array {
  const attributes = attribute.length === 0 ? [] : [attribute]
  return joinBytes(u16(pollNumber), u16(medicalPartition), u16(code), u16(0), list(attributes))
}

/** Which waves are exported, the most wanted first; the monitor has room for three or four. */
export function exportedWavesRequest(invokeId: number, codes: readonly number[]): Uint8Array {
  const value = list(codes.map((code) => joinBytes(u16(2), u16(code))))
  return encodeSet(invokeId, { id: exportedWaves, value })
}
