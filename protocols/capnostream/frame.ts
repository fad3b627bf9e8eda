/**
 * Oridion Capnostream 20 and 20p, the same frame both ways:
 *
 *   85 LEN CODE payload CHK     LEN counts code and payload; CHK is the exclusive or of all from
 *                               LEN to the payload; behind the 85 that begins it, 80 is sent as
 *                               80 00 and 85 as 80 05
 *
 *   unit to host
 *   00  wave: [0] number of the message, [1] [2] CO2 in mmHg and 1/256 of it, [3] status
 *   01  numbers, see numbers.ts     04  version, date, serial number as text
 *
 *   host to unit, without payload
 *   01 enable   04 start   06 the link is alive, every 5 s
 *
 * Settings, alarm limits and the identity of a patient can be sent too; here they are not.
 *
 * Source: the reader of OpenICE, which was used with real units.
 */
import { joinBytes, latin1Bytes, latin1Text, nextByte } from '../bytes/bytes.ts'
import { xorOf } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'
import { numbersPayload, readNumbers, type CapnostreamNumbers } from './numbers.ts'

export interface CapnostreamWave {
  readonly kind: 'wave'
  /** 0 to 255, and on with 0. */
  readonly number: number
  /** In steps of 1/256 mmHg. */
  readonly co2Steps: number
  /** Bits of `waveFlags`. */
  readonly status: number
}

export const waveFlags = {
  invalid: 0x01,
  initialising: 0x02,
  occlusion: 0x04,
  endOfBreath: 0x08,
  selfMaintenance: 0x10,
  purging: 0x20,
  noFilterLine: 0x40,
  malfunction: 0x80,
} as const

export interface CapnostreamIdentity {
  readonly kind: 'identity'
  readonly version: string
  readonly serialNumber: string
}

export type CapnostreamPacket =
  | CapnostreamWave
  | CapnostreamNumbers
  | CapnostreamIdentity
  | { readonly kind: 'other'; readonly code: number; readonly payload: Uint8Array }

export type CapnostreamCommand = 'enable' | 'start' | 'alive'

/** Twice as long as the longest frame, in which every byte is escaped. */
export const capnostreamLimitBytes = 2 * 257 + 1

const start = 0x85
const escape = 0x80
const codes = { wave: 0x00, numbers: 0x01, identity: 0x04 } as const
const commands: { readonly [command in CapnostreamCommand]: number } = {
  enable: 0x01,
  start: 0x04,
  alive: 0x06,
}

export function scanCapnostream(bytes: Uint8Array): Scan<CapnostreamPacket> {
  if (bytes.length === 0) return incomplete
  if (bytes[0] !== start) {
    return noise(
      'no beginning',
      nextByte(bytes, (byte) => byte === start),
    )
  }
  const plain: number[] = []
  for (let at = 1; ;) {
    const byte = bytes[at]
    if (byte === undefined) return incomplete
    if (byte === start) return noise('cut short', at)
    const more = bytes[at + 1]
    if (byte === escape && more === undefined) return incomplete
    if (byte === escape && more !== 0x00 && more !== 0x05) return noise('no escape', at)
    plain.push(byte === escape ? byte + (more ?? 0) : byte)
    at += byte === escape ? 2 : 1
    const [length = 0] = plain
    if (length < 1) return noise('impossible length', at)
    if (plain.length < length + 2) continue
    const counted = Uint8Array.from(plain.slice(0, -1))
    if (xorOf(counted) !== plain.at(-1)) return noise('wrong check sum', at)
    return packet(readPacket(counted[1] ?? 0, counted.slice(2)), at)
  }
}

function readPacket(code: number, payload: Uint8Array): CapnostreamPacket {
  const other = { kind: 'other', code, payload } as const
  if (code === codes.numbers) return readNumbers(payload) ?? other
  if (code === codes.wave && payload.length === 4) {
    const [number = 0, whole = 0, fraction = 0, status = 0] = payload
    return { kind: 'wave', number, co2Steps: whole * 256 + fraction, status }
  }
  if (code === codes.identity) {
    const found = /^V(\S{1,10}) +\S+ +(\S{1,20}) *$/.exec(latin1Text(payload))
    const [, version, serialNumber] = found ?? []
    if (version !== undefined && serialNumber !== undefined) {
      return { kind: 'identity', version, serialNumber }
    }
  }
  return other
}

export function encodeCapnostream(packet: CapnostreamPacket): Uint8Array {
  switch (packet.kind) {
    case 'wave': {
      const { number, co2Steps, status } = packet
      return frame(codes.wave, Uint8Array.of(number, co2Steps >> 8, co2Steps & 0xff, status))
    }
    case 'numbers':
      return frame(codes.numbers, numbersPayload(packet))
    case 'identity': {
      const text = `V${packet.version} 02/24/2008 ${packet.serialNumber}  `
      return frame(codes.identity, latin1Bytes(text))
    }
    case 'other':
      return frame(packet.code, packet.payload)
  }
}

export function encodeCapnostreamCommand(command: CapnostreamCommand): Uint8Array {
  return frame(commands[command], new Uint8Array(0))
}

function frame(code: number, payload: Uint8Array): Uint8Array {
  const counted = joinBytes([payload.length + 1, code], payload)
  const escaped: number[] = []
  for (const byte of [...counted, xorOf(counted)]) {
    if (byte === escape || byte === start) escaped.push(escape, byte - escape)
    else escaped.push(byte)
  }
  return Uint8Array.of(start, ...escaped)
}
