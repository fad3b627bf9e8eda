/**
 * The NIK, the number of a person in the population register of Indonesia.
 *
 *     3602 99 570890 0001
 *     ──┬─ ─┬ ──┬─── ─┬──
 *       │   │   │     └ serial number of the day, from 0001
 *       │   │   └ day, month, year of birth; of a woman the day plus 40
 *       │   └ district in which the person was first registered
 *       └ province and regency of it
 *
 * Source: Government Regulation 37 of 2007 on the population register, article 37. There is no
 * check digit. A NIK is for life, also when birth date or sex are corrected later: what it says of
 * them is a reason to look again, never a reason to refuse.
 */

/** What the digits say. The century is not among it. */
export interface NikSays {
  readonly day: number
  readonly month: number
  readonly yearOfCentury: number
  readonly sex: 'M' | 'F'
  readonly hasKnownProvince: boolean
}

export type NikFault = 'not-16-digits' | 'all-the-same' | 'no-such-day' | 'no-serial'

export type NikRead =
  | { readonly kind: 'nik'; readonly nik: string; readonly says: NikSays }
  | { readonly kind: 'wrong'; readonly fault: NikFault }

const digitsCount = 16
const womanDays = 40

const provinces = new Set(
  '11 12 13 14 15 16 17 18 19 21 31 32 33 34 35 36 51 52 53 61 62 63 64 65 71 72 73 74 75 76 81 82 91 92 93 94 95 96 97'.split(
    ' ',
  ),
)

/** Forgives spaces, dots and dashes between the digits. */
export function readNik(text: string): NikRead {
  const nik = text.replace(/[\s.-]/g, '')
  if (nik.length !== digitsCount || !/^\d+$/.test(nik)) return wrong('not-16-digits')
  if (/^(\d)\1+$/.test(nik)) return wrong('all-the-same')
  const [written, month, yearOfCentury] = [
    nik.slice(6, 8),
    nik.slice(8, 10),
    nik.slice(10, 12),
  ].map(Number) as [number, number, number]
  const isWoman = written > womanDays
  const day = isWoman ? written - womanDays : written
  if (day < 1 || month < 1 || month > 12 || day > longest(month)) return wrong('no-such-day')
  if (nik.endsWith('0000')) return wrong('no-serial')
  const hasKnownProvince = provinces.has(nik.slice(0, 2))
  const sex = isWoman ? 'F' : 'M'
  return { kind: 'nik', nik, says: { day, month, yearOfCentury, sex, hasKnownProvince } }
}

export type NikDoubt = 'birth-date' | 'sex' | 'province'

/**
 * What a person should look at again. `birthDate`: `YYYY-MM-DD`; null, like a `sex` of null or `O`,
 * cannot differ.
 */
export function nikDoubts(
  says: NikSays,
  birthDate: string | null,
  sex: string | null,
): readonly NikDoubt[] {
  const [year, month, day] = birthDate?.split('-').map(Number) ?? []
  const isOfDay =
    year === undefined ||
    (day === says.day && month === says.month && year % 100 === says.yearOfCentury)
  const isOfSex = (sex !== 'M' && sex !== 'F') || sex === says.sex
  return [
    ...(isOfDay ? [] : (['birth-date'] as const)),
    ...(isOfSex ? [] : (['sex'] as const)),
    ...(says.hasKnownProvince ? [] : (['province'] as const)),
  ]
}

/** As it may be shown: `3602**********01`. */
export function maskNik(nik: string): string {
  return `${nik.slice(0, 4)}${'*'.repeat(Math.max(0, nik.length - 6))}${nik.slice(-2)}`
}

/** Of a month in a leap year, since the century is not known. */
function longest(month: number): number {
  if (month === 2) return 29
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

function wrong(fault: NikFault): NikRead {
  return { kind: 'wrong', fault }
}
