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
import { enquiryScanner } from '../bytes/enquiry.ts'
import { decoded, undecoded } from '../packet/decoded.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'

const codes = { stx: 0x02, etx: 0x03 } as const

export const spotchemFrameLimitBytes = 512

export interface SpotchemResult {
  readonly kind: 'frame'
  readonly time: DeviceTime
  readonly specimenId: string
  readonly specimenType: string
  readonly tests: readonly { readonly name: string; readonly text: string; readonly unit: string }[]
}

export const scanSpotchem = enquiryScanner<SpotchemResult>({
  endByte: codes.etx,
  behindEnd: 0,
  limitBytes: spotchemFrameLimitBytes,
  read: (frame) => {
    const result = resultOf(latin1Text(frame.subarray(1, -1)))
    return result === null ? undecoded('no result') : decoded(result)
  },
})

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
