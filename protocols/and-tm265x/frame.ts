/** Finds and makes the frames of packet.ts. */
import { joinBytes, latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { xorOf } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'
import type { AndAnswer, AndPacket, AndPulses, AndResult } from './packet.ts'
import { readText, writeText } from './text.ts'

/** The longest frame that is waited for. The longest that was seen has 258 bytes. */
export const andPacketLimitBytes = 1_024
const textLimitBytes = 1_000

const syn = 0x16
const soh = 0x01
const stx = 0x02
const etx = 0x03
const ack = 0x06
const nak = 0x15
const rs = 0x1e

/** Enough SYN before SOH to be sure that the rest is a line at rest and no beginning. */
const synCountMax = 8

export function scanAnd(bytes: Uint8Array): Scan<AndPacket> {
  let at = 0
  while (bytes[at] === syn) at++
  if (at === 0) return hunt(bytes)
  if (at > synCountMax) return noise('filling', at - synCountMax)
  if (at === bytes.length) return incomplete
  if (bytes[at] !== soh) return noise('no frame after SYN', at)
  const address = bytes.subarray(at + 1, at + 3)
  const odd = address.findIndex((byte) => !isPrintable(byte))
  if (odd !== -1) return noise('no address after SOH', at + 1 + odd)
  const kind = bytes[at + 3]
  if (kind === undefined) return incomplete
  if (kind === stx) return scanText(bytes, at + 4, latin1Text(address))
  if (kind !== ack && kind !== nak) return noise('neither data nor answer', at + 3)
  return packet({ kind: 'answer', address: latin1Text(address), accepted: kind === ack }, at + 4)
}

function hunt(bytes: Uint8Array): Scan<AndPacket> {
  const next = bytes.indexOf(syn)
  if (bytes.length === 0) return incomplete
  return noise('no SYN', next === -1 ? bytes.length : next)
}

function scanText(bytes: Uint8Array, from: number, address: string): Scan<AndPacket> {
  let end = from
  for (; end < bytes.length; end++) {
    const byte = bytes[end] ?? etx
    if (byte === etx) break
    // A control byte is never part of a text: the frame broke off and another one may begin here.
    if (!isPrintable(byte) && byte !== rs) return noise('text broken off', end)
    if (end - from >= textLimitBytes) return noise('text without end', end)
  }
  // The check byte may have any value, also that of a control byte.
  const check = bytes[end + 1]
  if (check === undefined) return incomplete
  const text = bytes.subarray(from, end)
  // The byte after ETX is left where it is: when it was lost, it is the beginning of the next
  // frame.
  if (xorOf(text) !== check) return noise('wrong check byte', end + 1)
  const read = readText(latin1Text(text), address)
  if (!read.ok) return noise(read.reason, end + 2)
  return packet(read.value, end + 2)
}

export function encodeAnd(packet: AndResult | AndPulses | AndAnswer): Uint8Array {
  const head = joinBytes([syn, syn, soh], latin1Bytes(packet.address))
  if (packet.kind === 'answer') return joinBytes(head, [packet.accepted ? ack : nak])
  return frame(head, writeText(packet))
}

/**
 * Asks for what was measured already. The command that starts a measurement is understood by
 * `scanAnd` but cannot be made here: inflating a cuff is for the person beside the patient.
 */
export function encodeAndQuestion(what: 'last-result' | 'last-pulses'): Uint8Array {
  const head = joinBytes([syn, syn, soh], latin1Bytes('00'))
  return frame(head, what === 'last-result' ? 'RB' : 'RP')
}

function frame(head: Uint8Array, words: string): Uint8Array {
  const text = latin1Bytes(words)
  return joinBytes(head, [stx], text, [etx, xorOf(text)])
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e
}
