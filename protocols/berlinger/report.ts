/**
 * What the file of a Berlinger logger says: of a Fridge-tag a summary of each day, of a Q-tag a
 * summary of the journey. Both may have a table of every reading behind it.
 *
 * The keys that are read, see tree.ts for the form:
 *
 *   Device, Fw Vers                  Conf: Serial, Zone, Temp unit, Alarm (limits)
 *   Hist: TS Report Creation, 1 (the newest day, not over yet) to n: Date, Min T, TS Min T, Max T,
 *     TS Max T, Avrg T, Alarm 0 (too cold) and 1 (too warm): t Acc minutes, TS A; timeouts of the
 *     sensors: t AccST minutes; Checked: TS AM, TS PM
 *   Res: TS Start, TS Stop, Min T, Max T, Avrg T, MKT, Run Number, Alarm 1 to 5: TS S, t A, TS A,
 *     TS E, T M; their types in Conf: 1 and 3 too cold, 2 and 4 too warm, 3 and 4 counted together
 *   Sig                              the last line: without it the file was not finished
 *
 * All times are the logger's own. `--.-` is no sensor. The signature is not verified.
 *
 * Source: files of four loggers; two open readers.
 */
import type { Decoded } from '../packet/decoded.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'
import { fieldOf, groupOf, parseTree, type TreeLine } from './tree.ts'

/** How a limit was kept on one day. */
export interface LoggerLimit {
  readonly limitCel: number | null
  /** So long it may be beyond the limit before the logger alarms. */
  readonly allowedMinutes: number | null
  readonly minutesBeyond: number | null
  /** When the logger alarmed, `HH:MM`; null: it did not. */
  readonly alarmAt: string | null
}

export interface LoggerDay {
  /** Its beginning, on the logger's own clock. */
  readonly date: DeviceTime
  readonly lowestCel: number | null
  /** `HH:MM`. */
  readonly lowestAt: string | null
  readonly highestCel: number | null
  readonly highestAt: string | null
  readonly meanCel: number | null
  readonly low: LoggerLimit
  readonly high: LoggerLimit
  readonly blindMinutes: number | null
  /** When somebody looked at it, `HH:MM`. */
  readonly checkedAm: string | null
  readonly checkedPm: string | null
}

export interface LoggerBreach {
  readonly side: 'low' | 'high'
  readonly counts: 'consecutive' | 'cumulative'
  readonly limitCel: number | null
  readonly allowedMinutes: number | null
  readonly minutes: number | null
  readonly since: DeviceTime | null
  /** null: it had not ended when the logger was stopped, or it counts together. */
  readonly until: DeviceTime | null
  readonly worstCel: number | null
}

export interface LoggerRun {
  readonly number: string | null
  readonly start: DeviceTime
  readonly stop: DeviceTime | null
  readonly lowestCel: number | null
  readonly highestCel: number | null
  readonly meanCel: number | null
  /** Mean kinetic temperature. */
  readonly kineticMeanCel: number | null
  readonly breaches: readonly LoggerBreach[]
}

export interface LoggerReading {
  readonly at: DeviceTime
  /** null: no sensor. */
  readonly temperatureCel: number | null
  readonly isBeyond: boolean
}

export interface LoggerReport {
  readonly model: string
  readonly serialNumber: string
  readonly firmware: string | null
  /** Hours from UTC; null: not set. */
  readonly zoneHours: number | null
  readonly createdAt: DeviceTime | null
  /** The newest first; it is not over yet. */
  readonly days: readonly LoggerDay[]
  readonly run: LoggerRun | null
  readonly readings: readonly LoggerReading[]
}

const daysMax = 366
const breachesMax = 100

export function readLoggerReport(bytes: Uint8Array): Decoded<LoggerReport> {
  const tree = parseTree(bytes)
  if (!tree.ok) return tree
  const lines = tree.value
  const model = fieldOf(lines, 'Device')
  const conf = groupOf(lines, 'Conf')
  const serialNumber = fieldOf(conf, 'Serial')
  if (model === null || serialNumber === null) return { ok: false, reason: 'no logger' }
  const [last] = lines.at(-1)?.pairs ?? []
  if (last?.[0] !== 'Sig' || !/^[0-9a-f]{32,}$/i.test(last[1])) {
    return { ok: false, reason: 'not finished' }
  }
  if ((fieldOf(conf, 'Temp unit') ?? 'C') !== 'C') return { ok: false, reason: 'not in Celsius' }
  const hist = groupOf(lines, 'Hist')
  const days = daysOf(hist, groupOf(conf, 'Alarm'))
  const run = runOf(groupOf(lines, 'Res'), groupOf(conf, 'Alarm'))
  if (days.length === 0 && run === null) return { ok: false, reason: 'nothing was measured' }
  const zone = numberOf(fieldOf(conf, 'Zone'))
  const value = {
    model,
    serialNumber,
    firmware: fieldOf(lines, 'Fw Vers'),
    zoneHours: zone === 0 ? null : zone,
    createdAt: timeOf(fieldOf(hist, 'TS Report Creation')),
    days,
    run,
    readings: readingsOf(lines),
  }
  return { ok: true, value }
}

function daysOf(hist: readonly TreeLine[], limits: readonly TreeLine[]): readonly LoggerDay[] {
  return hist
    .filter(({ pairs }) => /^\d{1,3}$/.test(pairs[0]?.[0] ?? ''))
    .slice(0, daysMax)
    .flatMap(({ below }) => {
      const date = timeOf(`${fieldOf(below, 'Date')} 00:00`)
      if (date === null) return []
      const alarms = groupOf(below, 'Alarm')
      const checked = groupOf(below, 'Checked')
      const outside = groupOf(below, 'Ext Sensor timeout')
      const blind = outside.length > 0 ? outside : groupOf(below, 'Int Sensor timeout')
      return [
        {
          date,
          lowestCel: numberOf(fieldOf(below, 'Min T')),
          lowestAt: clockOf(fieldOf(below, 'TS Min T')),
          highestCel: numberOf(fieldOf(below, 'Max T')),
          highestAt: clockOf(fieldOf(below, 'TS Max T')),
          meanCel: numberOf(fieldOf(below, 'Avrg T')),
          low: limitOf(groupOf(alarms, '0'), groupOf(limits, '0')),
          high: limitOf(groupOf(alarms, '1'), groupOf(limits, '1')),
          blindMinutes: numberOf(fieldOf(blind, 't AccST')),
          checkedAm: clockOf(fieldOf(checked, 'TS AM')),
          checkedPm: clockOf(fieldOf(checked, 'TS PM')),
        },
      ]
    })
}

function limitOf(alarm: readonly TreeLine[], limit: readonly TreeLine[]): LoggerLimit {
  return {
    limitCel: numberOf(fieldOf(limit, 'T AL')),
    allowedMinutes: numberOf(fieldOf(limit, 't AL')),
    minutesBeyond: numberOf(fieldOf(alarm, 't Acc')),
    alarmAt: clockOf(fieldOf(alarm, 'TS A')),
  }
}

function runOf(result: readonly TreeLine[], limits: readonly TreeLine[]): LoggerRun | null {
  const start = timeOf(fieldOf(result, 'TS Start'))
  if (start === null) return null
  return {
    number: fieldOf(result, 'Run Number'),
    start,
    stop: timeOf(fieldOf(result, 'TS Stop')),
    lowestCel: numberOf(fieldOf(result, 'Min T')),
    highestCel: numberOf(fieldOf(result, 'Max T')),
    meanCel: numberOf(fieldOf(result, 'Avrg T')),
    kineticMeanCel: numberOf(fieldOf(result, 'MKT')),
    breaches: groupOf(result, 'Alarm')
      .flatMap(({ pairs, below }) => breachesOf(below, groupOf(limits, pairs[0]?.[0] ?? '')))
      .slice(0, breachesMax),
  }
}

function breachesOf(
  lines: readonly TreeLine[],
  limit: readonly TreeLine[],
): readonly LoggerBreach[] {
  const type = fieldOf(limit, 'Type') ?? ''
  if (!/^[1-4]$/.test(type)) return []
  return lines.map((line) => ({
    side: type === '1' || type === '3' ? 'low' : 'high',
    counts: type === '1' || type === '2' ? 'consecutive' : 'cumulative',
    limitCel: numberOf(fieldOf(limit, 'T AL')),
    allowedMinutes: numberOf(fieldOf(limit, 't AL')),
    minutes: numberOf(fieldOf([line], 't A')),
    since: timeOf(fieldOf([line], 'TS S')),
    until: timeOf(fieldOf([line], 'TS E')),
    worstCel: numberOf(fieldOf([line], 'T M')),
  }))
}

function readingsOf(lines: readonly TreeLine[]): readonly LoggerReading[] {
  const table = lines.find(({ pairs }) => pairs[0]?.[0] === 'Data')?.rows ?? []
  return table.flatMap(([time = '', temperature = '', beyond = '']) => {
    const at = timeOf(time)
    if (at === null) return []
    return [{ at, temperatureCel: numberOf(temperature), isBeyond: beyond === 'x' }]
  })
}

function numberOf(text: string | null): number | null {
  return text !== null && /^[+-]?\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : null
}

function clockOf(text: string | null): string | null {
  return text !== null && /^([01]\d|2[0-3]):[0-5]\d$/.test(text) ? text : null
}

function timeOf(text: string | null): DeviceTime | null {
  const found = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d)$/.exec(text ?? '')
  if (found === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = found.slice(1).map(Number)
  return deviceTimeOf(year, month, day, hour, minute)
}
