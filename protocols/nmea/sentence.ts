/**
 * NMEA 0183: the sentences of a satellite receiver, each with the exclusive or of everything
 * between `$` and `*` in two hexadecimal digits, and CR LF at its end:
 *
 *   $ttRMC,hhmmss.sss,status,ddmm.mmmm,N|S,dddmm.mmmm,E|W,knots,course,ddmmyy,,,mode*hh
 *   $ttGGA,hhmmss.sss,ddmm.mmmm,N|S,dddmm.mmmm,E|W,quality,satellites,HDOP,altitude,M,geoid,M,,*hh
 *
 * tt is the system, such as GP, GL, GA, GB, or GN for several together. An empty field is unknown.
 * A sentence without a check sum is not read. The standard has 82 characters at most; receivers
 * with more decimals send more.
 *
 * Source: NMEA 0183 as open readers use it; logs of two receivers, 7,531 sentences.
 */
import { latin1Bytes } from '../bytes/bytes.ts'
import { xorOf } from '../bytes/checksum.ts'
import { beginsWith, endsBehind, notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'
import { deviceTimeOf } from '../packet/device-time.ts'

export interface NmeaPosition {
  /** WGS 84, north positive. */
  readonly latitudeDeg: number
  /** East positive. */
  readonly longitudeDeg: number
}

export interface NmeaDate {
  readonly year: number
  readonly month: number
  readonly day: number
}

/** The recommended minimum (RMC): position, movement and date. */
export interface NmeaMinimum {
  readonly kind: 'minimum'
  readonly talker: string
  /** UTC, in milliseconds since midnight. */
  readonly timeMs: number | null
  /** The receiver vouches for what it says. */
  readonly isValid: boolean
  readonly position: NmeaPosition | null
  readonly speedKnots: number | null
  /** From true north. */
  readonly courseDeg: number | null
  readonly date: NmeaDate | null
  /**
   * A autonomous, D differential, E estimated, N none, R or F real-time kinematic; null: unsaid.
   */
  readonly mode: string | null
}

/** The fix (GGA): position, its quality and the altitude. */
export interface NmeaFix {
  readonly kind: 'fix'
  readonly talker: string
  readonly timeMs: number | null
  readonly position: NmeaPosition | null
  /** 0 none, 1 satellites, 2 differential, 4 kinematic, 5 kinematic float, 6 dead reckoning. */
  readonly quality: number
  readonly satellites: number | null
  /** HDOP. */
  readonly dilution: number | null
  /** Above the mean sea level. */
  readonly altitudeM: number | null
}

export type NmeaSentence =
  | NmeaMinimum
  | NmeaFix
  /** Whole, and about something else. Without `$`, check sum and end. */
  | { readonly kind: 'other'; readonly text: string }

export const nmeaLimitBytes = 128

export const scanNmea = textScanner<NmeaSentence>({
  mayBegin: beginsWith('$'),
  lengthOf: endsBehind('\n'),
  limitBytes: nmeaLimitBytes,
  read: readSentence,
})

const form = /^\$([ -#%-)+-~]{5,})\*([0-9A-Fa-f]{2})\r?\n$/

function readSentence(whole: string): Decoded<NmeaSentence> {
  const found = form.exec(whole)
  const [, text = '', check = ''] = found ?? []
  if (found === null) return notAFrame('no sentence')
  if (xorOf(latin1Bytes(text)) !== Number.parseInt(check, 16)) return notAFrame('wrong check sum')
  const [name = '', ...fields] = text.split(',')
  const talker = name.slice(0, -3)
  if (/^[A-Z]{2}RMC$/.test(name) && fields.length >= 9) {
    return { ok: true, value: minimumOf(talker, fields) }
  }
  if (/^[A-Z]{2}GGA$/.test(name) && fields.length >= 10) {
    return { ok: true, value: fixOf(talker, fields) }
  }
  return { ok: true, value: { kind: 'other', text } }
}

function minimumOf(talker: string, fields: readonly string[]): NmeaMinimum {
  const [time, status, lat, ns, lon, ew, speed, course, date, , , mode = ''] = fields
  const courseDeg = numberOf(course)
  return {
    kind: 'minimum',
    talker,
    timeMs: timeOf(time),
    isValid: status === 'A',
    position: positionOf(lat, ns, lon, ew),
    speedKnots: numberOf(speed),
    // 999.9 is what some receivers write for none.
    courseDeg: courseDeg !== null && courseDeg <= 360 ? courseDeg : null,
    date: dateOf(date),
    mode: mode === '' ? null : mode,
  }
}

function fixOf(talker: string, fields: readonly string[]): NmeaFix {
  const [time, lat, ns, lon, ew, quality, satellites, dilution, altitude, unit] = fields
  return {
    kind: 'fix',
    talker,
    timeMs: timeOf(time),
    position: positionOf(lat, ns, lon, ew),
    quality: numberOf(quality) ?? 0,
    satellites: numberOf(satellites),
    dilution: numberOf(dilution),
    altitudeM: unit === 'M' ? numberOf(altitude) : null,
  }
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^-?\d{1,6}(\.\d{0,6})?$/.test(text) ? Number(text) : null
}

function timeOf(text: string | undefined): number | null {
  const found = /^(\d\d)(\d\d)(\d\d)(\.\d{1,6})?$/.exec(text ?? '')
  if (found === null) return null
  const [hour = 0, minute = 0, second = 0] = found.slice(1, 4).map(Number)
  if (hour > 23 || minute > 59 || second > 60) return null
  return ((hour * 60 + minute) * 60 + second) * 1_000 + Math.round(Number(found[4] ?? 0) * 1_000)
}

function dateOf(text: string | undefined): NmeaDate | null {
  const found = /^(\d\d)(\d\d)(\d\d)$/.exec(text ?? '')
  if (found === null) return null
  const [day = 0, month = 0, year = 0] = found.slice(1).map(Number)
  const date = { year: 2_000 + year, month, day }
  return deviceTimeOf(date.year, month, day, 0, 0) === null ? null : date
}

function positionOf(
  lat: string | undefined,
  ns: string | undefined,
  lon: string | undefined,
  ew: string | undefined,
): NmeaPosition | null {
  const latitudeDeg = degreesOf(/^(\d\d)(\d\d(?:\.\d{1,10})?)$/, lat, ns, ['N', 'S'], 90)
  const longitudeDeg = degreesOf(/^(\d{3})(\d\d(?:\.\d{1,10})?)$/, lon, ew, ['E', 'W'], 180)
  return latitudeDeg === null || longitudeDeg === null ? null : { latitudeDeg, longitudeDeg }
}

/** A centimetre: the last digits of more are those of the division. */
const decimals = 1e7

function degreesOf(
  form: RegExp,
  text: string | undefined,
  side: string | undefined,
  [positive, negative]: readonly [string, string],
  limitDeg: number,
): number | null {
  const found = form.exec(text ?? '')
  if (found === null || (side !== positive && side !== negative)) return null
  const minutes = Number(found[2])
  const degrees = Number(found[1]) + minutes / 60
  if (minutes >= 60 || degrees > limitDeg) return null
  // Without the zero, the equator seen from the south would be -0.
  return Math.round((side === negative ? -degrees : degrees) * decimals) / decimals + 0
}

export function encodeNmea(sentence: NmeaSentence): Uint8Array {
  const text = textOf(sentence)
  const check = xorOf(latin1Bytes(text)).toString(16).toUpperCase().padStart(2, '0')
  return latin1Bytes(`$${text}*${check}\r\n`)
}

function textOf(sentence: NmeaSentence): string {
  switch (sentence.kind) {
    case 'minimum': {
      const { talker, timeMs, isValid, position, speedKnots, courseDeg, date, mode } = sentence
      const day = date === null ? '' : [date.day, date.month, date.year % 100].map(two).join('')
      return [
        `${talker}RMC`,
        timeText(timeMs),
        isValid ? 'A' : 'V',
        ...positionText(position),
        speedKnots ?? '',
        courseDeg ?? '',
        day,
        '',
        '',
        ...(mode === null ? [] : [mode]),
      ].join(',')
    }
    case 'fix': {
      const { talker, timeMs, position, quality, satellites, dilution, altitudeM } = sentence
      const numbers = [quality, satellites ?? '', dilution ?? '', altitudeM ?? '', 'M']
      const fields = [timeText(timeMs), ...positionText(position), ...numbers]
      return [`${talker}GGA`, ...fields, '', 'M', '', ''].join(',')
    }
    case 'other':
      return sentence.text
  }
}

function timeText(timeMs: number | null): string {
  if (timeMs === null) return ''
  const seconds = Math.trunc(timeMs / 1_000)
  const clock = [Math.trunc(seconds / 3_600), Math.trunc(seconds / 60) % 60, seconds % 60]
  return `${clock.map(two).join('')}.${String(timeMs % 1_000).padStart(3, '0')}`
}

function positionText(position: NmeaPosition | null): readonly string[] {
  if (position === null) return ['', '', '', '']
  const { latitudeDeg, longitudeDeg } = position
  return [
    degreesText(latitudeDeg, 2),
    latitudeDeg < 0 ? 'S' : 'N',
    degreesText(longitudeDeg, 3),
    longitudeDeg < 0 ? 'W' : 'E',
  ]
}

function degreesText(signed: number, digits: number): string {
  const degrees = Math.trunc(Math.abs(signed))
  const minutes = ((Math.abs(signed) - degrees) * 60).toFixed(6)
  return `${String(degrees).padStart(digits, '0')}${minutes.padStart(9, '0')}`
}

function two(part: number): string {
  return String(part).padStart(2, '0')
}
