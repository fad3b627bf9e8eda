/** The clock of a device as it stands in its own bytes: a date, or none. */
import type { DeviceTime } from './record.ts'

/**
 * null when the parts are no date and time, as after a flat battery. `second` is null when the
 * device does not say it.
 */
export function deviceTimeOf(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number | null = null,
): DeviceTime | null {
  const parts = [year, month, day, hour, minute, second ?? 0]
  if (!parts.every((part) => Number.isInteger(part) && part >= 0)) return null
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null
  if (hour > 23 || minute > 59 || (second ?? 0) > 59) return null
  return { year, month, day, hour, minute, second }
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}

/** As a key: two results of the same device at the same instant are one. */
export function timeKey(time: DeviceTime | null): string {
  if (time === null) return 'no time'
  const { year, month, day, hour, minute, second } = time
  return [year, month, day, hour, minute, second ?? '-'].join(' ')
}
