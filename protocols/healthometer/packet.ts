/**
 * What the scales of Health o meter Professional and Rice Lake (140, 160, 350) print.
 *
 *   escape   ESC R, ESC I id, ESC W nnn.nn, ESC H nnn.nn, ESC T nnn.nn, ESC B nnn.n, ESC N m|c,
 *            ESC E, without the commas
 *   printed  "     10.0 lb Gross " CR LF
 *
 *   R  a reading begins      W  weight, all nines: out of range     B  body mass index, kg/m2
 *   I  a person's number,    H  height                              N  m: kg and cm, c: lb and in
 *      never read            T  tare that was already taken off     E  end
 *
 * The Rice Lake 160 leaves the point out: then the last digit is tenths. There is no check sum; the
 * body mass index is the only thing that ties the numbers together.
 *
 * Source: manuals of Health o meter ProPlus and 1100KL, Rice Lake 160-10-7N, 350-10, 140-10-7N.
 * They do not agree in the order of the elements, so that none is expected.
 */
import { latin1Bytes } from '../bytes/bytes.ts'
import { endsBehind, notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'

export type BodyUnits = 'metric' | 'us'

export interface HealthometerPacket {
  readonly format: 'escape' | 'printed'
  readonly units: BodyUnits
  /** In kg or lb. null: not measured, or out of range. */
  readonly weight: number | null
  readonly isOutOfRange: boolean
  /** In cm or in. null: not measured. */
  readonly height: number | null
  /** In kg or lb; already taken off. */
  readonly tare: number | null
  readonly bodyMassIndex: number | null
  readonly load: 'gross' | 'net' | null
}

export const healthometerLimitBytes = 256

const esc = '\u001b'
const begin = `${esc}R`
const escapeEnds = endsBehind(`${esc}E`)
const lineEnds = endsBehind('\r\n')
/** A weight in nine columns, and each first part of such a line. */
const printedBegin = /^ {0,8}$|^(?= *-?[\d.]*)[ \-\d.]{1,9}$|^[ \-\d.]{9} (?:$|[lk])/
const printed = /^( *-?\d{1,4}\.?\d{0,2}) (lb|kg) (Gross|Net {2})[ ]{0,3}\r\n$/

export const scanHealthometer = textScanner<HealthometerPacket>({
  mayBegin: (text) =>
    begin.startsWith(text) || text.startsWith(begin) || printedBegin.test(text.slice(0, 11)),
  lengthOf: (text) => (text.startsWith(esc) ? escapeEnds(text) : lineEnds(text)),
  limitBytes: healthometerLimitBytes,
  read: (text) => (text.startsWith(esc) ? readEscape(text) : readPrinted(text)),
})

function readEscape(text: string): Decoded<HealthometerPacket> {
  const elements = new Map<string, string>()
  for (const element of text.split(esc).slice(1)) {
    const letter = element.slice(0, 1)
    if (elements.has(letter)) return notAFrame('element comes twice')
    elements.set(letter, element.slice(1))
  }
  const unit = elements.get('N')
  if (unit !== 'm' && unit !== 'c') return notAFrame('no unit')
  const [weight, height, tare, index] = ['W', 'H', 'T', 'B'].map((letter) =>
    numberIn(elements.get(letter)),
  )
  if (weight === undefined || height === undefined || tare === undefined || index === undefined) {
    return notAFrame('no number in an element')
  }
  const isOutOfRange = weight !== null && weight >= 999.9
  return {
    ok: true,
    value: {
      format: 'escape',
      units: unit === 'm' ? 'metric' : 'us',
      weight: isOutOfRange ? null : weight,
      isOutOfRange,
      height,
      tare,
      bodyMassIndex: index,
      load: null,
    },
  }
}

/** null when the element is absent or zero, undefined when it is no number. */
function numberIn(text: string | undefined): number | null | undefined {
  if (text === undefined) return null
  const digits = text.trim()
  if (!/^\d{1,3}\.\d{1,2}$|^\d{3,5}$/.test(digits)) return undefined
  const number = digits.includes('.') ? Number(digits) : Number(digits) / 10
  return number === 0 ? null : number
}

function readPrinted(text: string): Decoded<HealthometerPacket> {
  const found = printed.exec(text)
  const [, digits = '', unit = '', mode = ''] = found ?? []
  if (digits.length !== 9) return notAFrame('no printed weight')
  const weight = Number(digits)
  return {
    ok: true,
    value: {
      format: 'printed',
      units: unit === 'kg' ? 'metric' : 'us',
      weight: weight > 0 ? weight : null,
      isOutOfRange: false,
      height: null,
      tare: null,
      bodyMassIndex: null,
      load: mode === 'Gross' ? 'gross' : 'net',
    },
  }
}

/** Without the number of a person. */
export function encodeHealthometer(packet: HealthometerPacket): Uint8Array {
  const { weight, height, tare, bodyMassIndex } = packet
  if (packet.format === 'printed') {
    const digits = (weight ?? 0).toFixed(1).padStart(9)
    const unit = packet.units === 'metric' ? 'kg' : 'lb'
    return latin1Bytes(`${digits} ${unit} ${packet.load === 'net' ? 'Net  ' : 'Gross'} \r\n`)
  }
  const elements = [
    ['R', ''],
    ['W', fixed(packet.isOutOfRange ? 999.99 : weight, 2)],
    ['H', fixed(height, 2)],
    ['T', fixed(tare, 2)],
    ['B', fixed(bodyMassIndex, 1)],
    ['N', packet.units === 'metric' ? 'm' : 'c'],
    ['E', ''],
  ]
  return latin1Bytes(elements.map(([letter, text]) => `${esc}${letter}${text}`).join(''))
}

function fixed(value: number | null, decimals: number): string {
  return (value ?? 0).toFixed(decimals).padStart(4 + decimals, '0')
}
