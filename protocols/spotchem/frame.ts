/**
 * Arkray SPOTCHEM EL (SE-1520): what it prints, between STX and ETX, without a check sum.
 *
 *   STX 24/10/29 13:08 ID# 1DC042FP   [B. Plasma] Na       131  mmol/L K        9.7  mmol/L ... ETX
 *
 *   yy/mm/dd hh:mm, the number of the specimen, its kind, then name, value and unit of each test
 *
 * Source: a transmission of a real instrument.
 */
import { joinBytes, latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'

const codes = { stx: 0x02, etx: 0x03, eot: 0x04, enq: 0x05 } as const
const lineEnds: readonly number[] = [0x0d, 0x0a]

export const spotchemFrameLimitBytes = 512

export interface SpotchemResult {
  readonly kind: 'frame'
  readonly time: DeviceTime
  readonly specimenId: string
  readonly specimenType: string
  readonly tests: readonly { readonly name: string; readonly text: string; readonly unit: string }[]
}

export type SpotchemPacket =
  | SpotchemResult
  | { readonly kind: 'enquiry' | 'end' | 'filling' }
  | { readonly kind: 'broken'; readonly reason: string; readonly bytes: Uint8Array }

export function scanSpotchem(bytes: Uint8Array): Scan<SpotchemPacket> {
  const first = bytes[0]
  if (first === undefined) return incomplete
  if (first === codes.enq) return packet({ kind: 'enquiry' }, 1)
  if (first === codes.eot) return packet({ kind: 'end' }, 1)
  if (lineEnds.includes(first)) return packet({ kind: 'filling' }, 1)
  if (first === codes.stx) return scanFrame(bytes)
  let end = 1
  while (end < bytes.length && !isBeginning(bytes[end])) end++
  return noise('outside of a frame', end)
}

function scanFrame(bytes: Uint8Array): Scan<SpotchemPacket> {
  const limit = Math.min(bytes.length, spotchemFrameLimitBytes)
  for (let at = 1; at < limit; at++) {
    if (bytes[at] === codes.etx) {
      const found = resultOf(latin1Text(bytes.subarray(1, at)))
      return found === null ? broken('no result', bytes.slice(0, at + 1)) : packet(found, at + 1)
    }
    if (isBeginning(bytes[at])) return broken('frame cut short', bytes.slice(0, at))
  }
  return bytes.length < spotchemFrameLimitBytes
    ? incomplete
    : broken('frame without end', bytes.slice(0, limit))
}

const head = /^\s*(\d\d)\/(\d\d)\/(\d\d)\s+(\d\d):(\d\d)\s+ID#\s*(\S*)\s*\[([^\]]{1,20})\](.*)$/

function resultOf(text: string): SpotchemResult | null {
  const found = head.exec(text.replace(/[\r\n]+/g, ' '))
  if (found === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = found.slice(1, 6).map(Number)
  const time = deviceTimeOf(2_000 + year, month, day, hour, minute)
  const words = (found[8] ?? '').split(/\s+/).filter((word) => word !== '')
  if (time === null || words.length === 0 || words.length % 3 !== 0) return null
  const tests = Array.from({ length: words.length / 3 }, (_, index) => {
    const [name = '', value = '', unit = ''] = words.slice(3 * index, 3 * index + 3)
    return { name, text: value, unit }
  })
  // A name that is a number says that the columns are not where they are taken to be.
  if (tests.some(({ name, unit }) => /^[\d.+-]/.test(name) || !/[A-Za-z%]/.test(unit))) return null
  return {
    kind: 'frame',
    time,
    specimenId: found[6] ?? '',
    specimenType: (found[7] ?? '').trim(),
    tests,
  }
}

function broken(reason: string, bytes: Uint8Array): Scan<SpotchemPacket> {
  return packet({ kind: 'broken', reason, bytes }, bytes.length)
}

function isBeginning(byte: number | undefined): boolean {
  return byte === codes.stx || byte === codes.enq || byte === codes.eot
}

export function encodeSpotchem({
  time,
  specimenId,
  specimenType,
  tests,
}: SpotchemResult): Uint8Array {
  const two = (part: number) => String(part).padStart(2, '0')
  const date = [two(time.year % 100), two(time.month), two(time.day)].join('/')
  const columns = tests
    .map(({ name, text, unit }) => `${name.padEnd(8)}${text.padStart(4)}  ${unit} `)
    .join('')
  const clock = `${two(time.hour)}:${two(time.minute)}`
  const text = `${date} ${clock} ID# ${specimenId}   [${specimenType}] ${columns}`
  return joinBytes([codes.stx], latin1Bytes(text), [codes.etx])
}
