/**
 * Reads a day as people here write it: day, month, year. Two digits of a year are not enough, and
 * an order of month and day is never guessed.
 */

export type DateRead =
  | { readonly kind: 'empty' }
  /** `2026-04-12` */
  | { readonly kind: 'date'; readonly iso: string }
  | { readonly kind: 'wrong'; readonly code: 'not-a-date' }

const separated = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$/
const together = /^(\d{2})(\d{2})(\d{4})$/

export function readDate(text: string): DateRead {
  const trimmed = text.trim()
  if (trimmed === '') return { kind: 'empty' }
  const found = separated.exec(trimmed) ?? together.exec(trimmed)
  if (found === null) return { kind: 'wrong', code: 'not-a-date' }
  const [day = 0, month = 0, year = 0] = found.slice(1).map(Number)
  if (month < 1 || month > 12 || day < 1 || day > daysIn(month, year)) {
    return { kind: 'wrong', code: 'not-a-date' }
  }
  const two = (part: number) => String(part).padStart(2, '0')
  return { kind: 'date', iso: `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}` }
}

function daysIn(month: number, year: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  if (month === 2) return isLeap ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

/** How many days lie from one ISO date to another; negative when the second comes first. */
export function daysFrom(before: string, after: string): number {
  return dayNumber(after) - dayNumber(before)
}

/** Counts the days of the Gregorian calendar from a day long ago, years beginning in March. */
function dayNumber(iso: string): number {
  const [year = 0, month = 0, day = 0] = iso.split('-').map(Number)
  const years = month > 2 ? year : year - 1
  const months = (month + 9) % 12
  const leaps = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400)
  return years * 365 + leaps + Math.floor((months * 153 + 2) / 5) + day
}
