/**
 * The clocks of an agent.
 *
 *   AbsoluteTime 8 bytes     BCD: century year month day hour minute second 1/100 s, local, no zone
 *   RelativeTime u32         ticks of 125 us since the agent's own beginning
 *   HighResRelativeTime u64  microseconds
 *   BaseOffsetTime 8 bytes   u32 seconds since 1900-01-01 UTC | u16 fraction / 65536 | i16 minutes
 *
 * All zero is "no clock". Ticks count seconds in some pens that declare a resolution of one second,
 * so that they are noted and never interpreted.
 */
import { joinBytes } from '../bytes/bytes.ts'
import type { DeviceTime } from '../packet/record.ts'
import { MderReader, u16, u32 } from './mder.ts'

export const ticksPerMs = 8

/** Local time of the device, with what our records do not keep: two readings of one second. */
export interface AgentTime extends DeviceTime {
  readonly second: number
  readonly hundredths: number
  /** Minutes east of UTC; null when the device does not say. */
  readonly offsetMinutes: number | null
}

const epoch1900Ms = Date.UTC(1900, 0, 1)

/** null when it is all zero, no BCD, or no day of the calendar. */
export function readAbsoluteTime(reader: MderReader): AgentTime | null {
  const parts = Array.from(reader.take(8), bcd)
  const [century, year, month, day, hour, minute, second, hundredths] = parts
  if (century === undefined || year === undefined || month === undefined) return null
  if (day === undefined || hour === undefined || minute === undefined) return null
  if (second === undefined || hundredths === undefined || parts.includes(-1)) return null
  const time: AgentTime = {
    year: century * 100 + year,
    month,
    day,
    hour,
    minute,
    second,
    hundredths,
    offsetMinutes: null,
  }
  return isTime(time) ? time : null
}

export function encodeAbsoluteTime(
  time: DeviceTime & { readonly hundredths?: number },
): Uint8Array {
  const { year, month, day, hour, minute, second, hundredths } = time
  const parts = [Math.trunc(year / 100), year % 100, month, day, hour, minute]
  return Uint8Array.from(
    [...parts, second ?? 0, hundredths ?? 0],
    (part) => (Math.trunc(part / 10) << 4) | (part % 10),
  )
}

/** null when it is zero. */
export function readBaseOffsetTime(reader: MderReader): AgentTime | null {
  const [seconds, fraction, offsetMinutes] = [reader.u32(), reader.u16(), reader.i16()]
  if (seconds === 0) return null
  const ms = epoch1900Ms + (seconds + offsetMinutes * 60) * 1_000
  return { ...atMs(ms + Math.floor((fraction / 65_536) * 100) * 10), offsetMinutes }
}

export interface Stamp {
  readonly time: AgentTime | null
  /** There are bytes, and they are no time. */
  readonly isBroken: boolean
}

/** A time stamp of 8 bytes, which may be all zero, or broken. */
export function readStamp(
  reader: MderReader,
  read: (reader: MderReader) => AgentTime | null,
): Stamp {
  const bytes = reader.take(8)
  const time = read(new MderReader(bytes))
  return { time, isBroken: time === null && bytes.some((byte) => byte !== 0) }
}

/** Of a time with an offset. */
export function encodeBaseOffsetTime(time: AgentTime): Uint8Array {
  const { offsetMinutes } = time
  const localSeconds = (msOf({ ...time, hundredths: 0 }) - epoch1900Ms) / 1_000
  return joinBytes(
    u32(localSeconds - (offsetMinutes ?? 0) * 60),
    u16(Math.ceil((time.hundredths / 100) * 65_536)),
    u16((offsetMinutes ?? 0) & 0xffff),
  )
}

/** The time that is so many ticks later, by the same clock. */
export function later(time: AgentTime, ticks: number): AgentTime {
  return { ...atMs(msOf(time) + ticks / ticksPerMs), offsetMinutes: time.offsetMinutes }
}

/** For agents: the time that a clock without a zone shows at so many ms since 1970. */
export function agentTimeOf(localMs: number): AgentTime {
  return { ...atMs(localMs), offsetMinutes: null }
}

/** What our records keep of it. */
export function deviceTimeOf(time: AgentTime): DeviceTime {
  const { year, month, day, hour, minute, second } = time
  return { year, month, day, hour, minute, second }
}

/** `2026-11-22T03:36:45.50`. */
export function timeText(time: AgentTime): string {
  const two = (part: number): string => String(part).padStart(2, '0')
  const { year, month, day, hour, minute, second, hundredths } = time
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`
  return `${date}T${two(hour)}:${two(minute)}:${two(second)}.${two(hundredths)}`
}

/** -1 for what is no pair of digits. */
function bcd(byte: number): number {
  const [high, low] = [byte >> 4, byte & 0xf]
  return high > 9 || low > 9 ? -1 : high * 10 + low
}

function msOf({ year, month, day, hour, minute, second, hundredths }: AgentTime): number {
  // A year below 100 is one of the twentieth century to Date.UTC.
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second, hundredths * 10)
  return date.getTime()
}

function atMs(ms: number): Omit<AgentTime, 'offsetMinutes'> {
  const date = new Date(ms)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    hundredths: Math.floor(date.getUTCMilliseconds() / 10),
  }
}

/** A day that is not in the calendar comes back as another one. */
function isTime(time: AgentTime): boolean {
  const again = atMs(msOf(time))
  return timeText({ ...again, offsetMinutes: null }) === timeText(time)
}
