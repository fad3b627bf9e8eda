/** The frame around the content of packet.ts: header, length and check sum. */
import { joinBytes } from '../bytes/bytes.ts'
import { sumOf } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'
import { commandContent, readCommand } from './command.ts'
import { packetContent, readContent } from './content.ts'
import type { Pm6750Command, Pm6750Packet } from './packet.ts'

/** N is one byte and does not count the header. */
export const pm6750PacketLimitBytes = 257

const header = [0x55, 0xaa] as const

/** What the module says. */
export function scanPm6750(bytes: Uint8Array): Scan<Pm6750Packet> {
  return scanFrame(bytes, readContent)
}

/** What the host says. A command that is not in `Pm6750Command` is noise. */
export function scanPm6750Command(bytes: Uint8Array): Scan<Pm6750Command> {
  return scanFrame(bytes, readCommand)
}

/**
 * The header can occur inside data, and a broken length can point anywhere. So a frame that is
 * wrong costs one byte, and the search goes on right behind it.
 */
function scanFrame<Packet>(
  bytes: Uint8Array,
  read: (content: Uint8Array) => Packet | null,
): Scan<Packet> {
  if (bytes.length === 0) return incomplete
  if (bytes[0] !== header[0]) return noise('no header', headerAt(bytes))
  if (bytes.length === 1) return incomplete
  if (bytes[1] !== header[1]) return noise('half a header', 1)
  const n = bytes[2]
  if (n === undefined) return incomplete
  if (n < 3) return noise('impossible length', 1)
  if (bytes.length < n + 2) return incomplete
  if (checkOf(bytes.subarray(2, n + 1)) !== bytes[n + 1]) return noise('wrong check sum', 1)
  const found = read(bytes.subarray(3, n + 1))
  // One false header in 256 has a right sum by chance, so this too costs only one byte.
  if (found === null) return noise('content out of range', 1)
  return packet(found, n + 2)
}

/** Where the next header could begin, or the length. */
function headerAt(bytes: Uint8Array): number {
  const at = bytes.indexOf(header[0])
  return at === -1 ? bytes.length : at
}

function checkOf(counted: Uint8Array): number {
  return ~sumOf(counted) & 0xff
}

export function encodePm6750(packet: Pm6750Packet): Uint8Array {
  return frame(packetContent(packet))
}

export function encodePm6750Command(command: Pm6750Command): Uint8Array {
  return frame(commandContent(command))
}

function frame(content: readonly number[]): Uint8Array {
  const counted = joinBytes([content.length + 2], content)
  return joinBytes(header, counted, [checkOf(counted)])
}
