/**
 * The line that a Masimo oximeter sends once a second in its mode ASCII 1, CR LF at its end:
 *
 *   MM/DD/YY HH:MM:SS SN=nnnnnnnnnn SPO2=ddd% BPM=ddd PI=dd.dd% SPCO=dd.d% .. ALARM=xxxx EXC=xxxxxx
 *
 * Models differ in their keys, so it is read by key and never by column; a value of dashes is none.
 * EXC is a mask in hexadecimal, see `exceptions`. There is no check sum.
 *
 * Source: lines captured from Rad-8 and Radical-7; operator's manual of the Rad-8; bits of EXC from
 * Masimo's description of its trend files.
 */
import { latin1Bytes } from '../bytes/bytes.ts'
import { beginsLike, endsBehind, notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'

/** What of a line is a number: SpO2, pulse rate, perfusion, SpCO, SpMet, SpHb, SpOC, PVI. */
export const masimoKeys = ['SPO2', 'BPM', 'PI', 'SPCO', 'SPMET', 'SPHB', 'SPOC', 'PVI'] as const

export type MasimoKey = (typeof masimoKeys)[number]

export interface MasimoLine {
  /** null when the clock shows no date. */
  readonly deviceTime: DeviceTime | null
  readonly serialNumber: string | null
  /** Only what the model says; null when it says that it has no value. */
  readonly numbers: { readonly [key in MasimoKey]?: number | null }
  /** A mask of `exceptions`. */
  readonly exceptions: number
}

export const exceptions = {
  noSensor: 0x001,
  defectiveSensor: 0x002,
  lowPerfusion: 0x004,
  pulseSearch: 0x008,
  interference: 0x010,
  sensorOff: 0x020,
  ambientLight: 0x040,
  unknownSensor: 0x080,
  lowSignal: 0x400,
} as const

export const masimoLineLimitBytes = 222

export const scanMasimo = textScanner<MasimoLine>({
  mayBegin: beginsLike('##/##/## ##:##:## '),
  lengthOf: endsBehind('\n'),
  limitBytes: masimoLineLimitBytes,
  read: readLine,
})

const form = /^(\d\d)\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d) ([ -~]+)\r?\n$/

function readLine(text: string): Decoded<MasimoLine> {
  const found = form.exec(text)
  if (found === null) return notAFrame('no line')
  const [month, day, year, hour, minute, second] = found.slice(1, 7).map(Number)
  const fields = new Map<string, string>()
  for (const word of (found[7] ?? '').trim().split(/ +/)) {
    const [key = '', value, more] = word.split('=')
    if (value === undefined || more !== undefined) return notAFrame('no key and value')
    fields.set(key, value)
  }
  const exceptionText = fields.get('EXC') ?? ''
  if (!/^[0-9A-Fa-f]{3,8}$/.test(exceptionText)) return notAFrame('no EXC')
  if (!fields.has('SPO2') || !fields.has('BPM')) return notAFrame('no SPO2 or BPM')
  const numbers: { [key in MasimoKey]?: number | null } = {}
  for (const key of masimoKeys) {
    const value = fields.get(key)
    if (value === undefined) continue
    const number = readNumber(value)
    if (number === undefined) return notAFrame(`no number of ${key}`)
    numbers[key] = number
  }
  if ((numbers.SPO2 ?? 0) > 100) return notAFrame('no saturation')
  const serial = fields.get('SN') ?? ''
  return {
    ok: true,
    value: {
      deviceTime: deviceTimeOf(
        2_000 + (year ?? NaN),
        month ?? NaN,
        day ?? NaN,
        hour ?? NaN,
        minute ?? NaN,
        second ?? NaN,
      ),
      serialNumber: /^\d+$/.test(serial) ? serial : null,
      numbers,
      exceptions: Number.parseInt(exceptionText, 16),
    },
  }
}

/** undefined for what is neither a number nor a value of dashes. */
function readNumber(text: string): number | null | undefined {
  if (/^[+-]?-+(\.-+)?%?$/.test(text)) return null
  return /^\d+(\.\d+)?%?$/.test(text) ? Number.parseFloat(text) : undefined
}

/** As a Rad-8 would write it, with the keys that are there. */
export function encodeMasimo(line: MasimoLine): Uint8Array {
  const time = line.deviceTime
  const [date, clock] =
    time === null
      ? [
          [0, 0, 0],
          [0, 0, 0],
        ]
      : [
          [time.month, time.day, time.year % 100],
          [time.hour, time.minute, time.second ?? 0],
        ]
  const numbers = masimoKeys.flatMap((key) => {
    const value = line.numbers[key]
    return value === undefined ? [] : [`${key}=${value ?? '---'}`]
  })
  const words = [
    date.map(two).join('/'),
    clock.map(two).join(':'),
    `SN=${line.serialNumber ?? '----------'}`,
    ...numbers,
    'ALARM=0000',
    `EXC=${line.exceptions.toString(16).toUpperCase().padStart(6, '0')}`,
  ]
  return latin1Bytes(`${words.join(' ')}\r\n`)
}

function two(part: number): string {
  return String(part).padStart(2, '0')
}
