/** Numbers, times and sizes as people write them in the two languages. */
import type { Language } from '../both.ts'
import type { Zone } from '../wire.ts'
import { sayIn } from './words.ts'

const secondMs = 1_000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** A measured value: never rounded away, except for what a float adds of its own. */
export function formatValue(value: number, language: Language): string {
  return pointed(String(Number(value.toFixed(3))), language)
}

/** Exactly so many decimals. */
export function formatFixed(value: number, decimals: number, language: Language): string {
  return pointed(value.toFixed(decimals), language)
}

/** A count, with separators for thousands. */
export function formatCount(count: number, language: Language): string {
  const separator = language === 'id' ? '.' : ','
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, separator)
}

export function formatBytes(bytes: number, language: Language): string {
  const names = ['B', 'kB', 'MB', 'GB', 'TB']
  let size = bytes
  let step = 0
  while (size >= 999.5 && step < names.length - 1) {
    size /= 1_000
    step += 1
  }
  const decimals = step > 0 && size < 9.95 ? 1 : 0
  return `${formatFixed(size, decimals, language)} ${names[step] ?? ''}`
}

/** A share of one as a percentage: small ones are not rounded to nothing. */
export function formatShare(share: number, language: Language): string {
  if (share > 0 && share < 0.001) return `< ${formatFixed(0.1, 1, language)}%`
  return `${formatFixed(share * 100, share < 0.1 ? 1 : 0, language)}%`
}

/** One or two units, rounded down: `3 mnt`, `2 jam 5 mnt`, `4 hari`. */
export function formatDuration(ms: number, language: Language): string {
  const say = sayIn(language)
  const whole = Math.max(0, ms)
  if (whole < minuteMs) return `${Math.floor(whole / secondMs)} ${say('unit-seconds')}`
  if (whole < hourMs) return `${Math.floor(whole / minuteMs)} ${say('unit-minutes')}`
  if (whole < dayMs) {
    const minutes = Math.floor((whole % hourMs) / minuteMs)
    const hours = `${Math.floor(whole / hourMs)} ${say('unit-hours')}`
    return minutes === 0 ? hours : `${hours} ${minutes} ${say('unit-minutes')}`
  }
  const days = `${formatCount(Math.floor(whole / dayMs), language)} ${say('unit-days')}`
  const hours = Math.floor((whole % dayMs) / hourMs)
  return hours === 0 || whole >= 10 * dayMs ? days : `${days} ${hours} ${say('unit-hours')}`
}

/** Seconds with one decimal, for what is shorter than a person counts. */
export function formatSeconds(ms: number, language: Language): string {
  const seconds = formatFixed(Math.max(0, ms) / secondMs, 1, language)
  return `${seconds} ${sayIn(language)('unit-seconds')}`
}

/** A half width of time: in ms, s or min, rounded up, since it is a bound. */
export function formatUncertainty(ms: number, language: Language): string {
  if (ms < secondMs) return `${Math.max(1, Math.ceil(ms))} ms`
  if (ms < 10 * secondMs) {
    return formatSeconds(Math.ceil(ms / 100) * 100, language)
  }
  return formatDuration(Math.ceil(ms / secondMs) * secondMs, language)
}

/** How long ago, in words. */
export function formatAge(ms: number, language: Language): string {
  const say = sayIn(language)
  return ms < 1_500 ? say('just-now') : say('ago', { duration: formatDuration(ms, language) })
}

/** `14:03:10`, for a list whose heading names the zone. */
export function formatSecond(utcMs: number, zone: Zone): string {
  const local = new Date(utcMs + zone.offsetMinutes * minuteMs)
  const parts = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()]
  return parts.map((part) => padded(part)).join(':')
}

/** `14:03 WIB` */
export function formatClock(utcMs: number, zone: Zone): string {
  return `${formatSecond(utcMs, zone).slice(0, 5)} ${zone.name}`
}

const englishMonths = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** `05-03-2026` in Indonesian, `5 Mar 2026` in English. */
export function formatDate(utcMs: number, zone: Zone, language: Language): string {
  const local = new Date(utcMs + zone.offsetMinutes * minuteMs)
  const [day, month, year] = [local.getUTCDate(), local.getUTCMonth(), local.getUTCFullYear()]
  return language === 'id'
    ? `${padded(day)}-${padded(month + 1)}-${year}`
    : `${day} ${englishMonths[month] ?? ''} ${year}`
}

/** A day without a time, `YYYY-MM-DD`: `05-03-2026` in Indonesian, `5 Mar 2026` in English. */
export function formatDay(day: string, language: Language): string {
  return formatDate(Date.parse(`${day}T00:00:00Z`), { name: 'UTC', offsetMinutes: 0 }, language)
}

/** As people say an age: in years, of small children in months, of newborns in days. */
export function formatAgeOf(birthDate: string, today: string, language: Language): string {
  const say = sayIn(language)
  const part = (text: string, from: number, to: number) => Number(text.slice(from, to))
  const isBefore = today.slice(8) < birthDate.slice(8)
  const months =
    (part(today, 0, 4) - part(birthDate, 0, 4)) * 12 +
    (part(today, 5, 7) - part(birthDate, 5, 7)) -
    (isBefore ? 1 : 0)
  if (months >= 24) return `${Math.floor(months / 12)} ${say('unit-years')}`
  if (months >= 1) return `${months} ${say('unit-months')}`
  const days = Math.max(0, Math.round((Date.parse(today) - Date.parse(birthDate)) / dayMs))
  return `${days} ${say('unit-days')}`
}

function padded(part: number): string {
  return String(part).padStart(2, '0')
}

function pointed(text: string, language: Language): string {
  return language === 'id' ? text.replace('.', ',') : text
}
