/**
 * Berlinger Fridge-tag and Q-tag: temperature loggers that travel with vaccine and show up as a
 * disk. The file is kept as it is, with its signature and every reading; a day or a journey of it
 * is one measurement. The newest day is not over, so the next file says it again.
 */
import {
  readLoggerReport,
  type LoggerBreach,
  type LoggerDay,
  type LoggerLimit,
  type LoggerReport,
  type LoggerRun,
} from '../protocols/berlinger/report.ts'
import { treeLimitBytes } from '../protocols/berlinger/tree.ts'
import type { DeviceTime, EventLevel, Words } from '../protocols/packet/record.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import type { Driver, Heard, Said, Session } from './driver.ts'
import { measured, valueOf } from './measured.ts'
import { Stored, type StoredResult } from './stored.ts'

export const fridgeTag: Driver = {
  id: 'fridge-tag',
  label: 'Berlinger Fridge-tag 2, 2 L, UL and Q-tag CLm doc (files of the logger)',
  source: 'Files of four loggers, from the temperature-sensor project of mSupply; two open readers',
  evidence: 'captured',
  confidence: 'high',
  links: [{ kind: 'folder', endings: ['.txt'], limitBytes: treeLimitBytes }],
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'event', 'document'],
  silentAfterMs: null,
  session: readFiles,
}

/** Between two files there is nothing to notice. */
const idleMs = 60_000

function* readFiles(): Session {
  const stored = new Stored()
  for (;;) {
    const heard: Heard | undefined = yield { kind: 'listen', ms: idleMs }
    if (heard?.kind !== 'bytes') continue
    const report = readLoggerReport(heard.bytes)
    if (!report.ok) {
      yield { kind: 'noise', reason: report.reason, bytes: heard.bytes }
      continue
    }
    const { model, serialNumber, firmware } = report.value
    yield { kind: 'packet', atMs: heard.atMs }
    yield { kind: 'identity', model, serialNumber, firmware }
    const mediaType = 'text/plain'
    yield { kind: 'document', title: 'Temperature logger', mediaType, bytes: heard.bytes }
    yield* stored.say(resultsOf(report.value))
  }
}

function resultsOf(report: LoggerReport): readonly StoredResult[] {
  const { days, run } = report
  const oldestFirst = days.map((day, index) => dayResults(report, day, index === 0)).toReversed()
  return [...oldestFirst.flat(), ...(run === null ? [] : runResults(report, run))]
}

function dayResults(report: LoggerReport, day: LoggerDay, isNewest: boolean): StoredResult[] {
  const { serialNumber, createdAt } = report
  const record = `${serialNumber} ${dateText(day.date)}`
  const words: Words = {
    period: isNewest ? 'day-so-far' : 'day',
    ...(isNewest && createdAt !== null ? { until: timeText(createdAt) } : {}),
    ...zoneWords(report),
    ...present({
      lowestAt: day.lowestAt,
      highestAt: day.highestAt,
      checkedAm: day.checkedAm,
      checkedPm: day.checkedPm,
    }),
    ...limitWords('low', day.low),
    ...limitWords('high', day.high),
  }
  const values = [
    valueOf(terms.storageTemperatureLowest, day.lowestCel),
    valueOf(terms.storageTemperatureHighest, day.highestCel),
    valueOf(terms.storageTemperatureMean, day.meanCel),
    valueOf(terms.storageMinutesBelow, day.low.minutesBeyond),
    valueOf(terms.storageMinutesAbove, day.high.minutesBeyond),
    valueOf(terms.storageMinutesBlind, day.blindMinutes),
  ]
  const level = isNewest ? 'alarm' : 'warning'
  return [
    {
      // What is said again later may have grown: only the same is not said twice.
      key: `${record} ${JSON.stringify([values, words])}`,
      said: () => measured(values, { deviceTime: day.date, qualifiers: { record, ...words } }),
    },
    ...dayAlarm('storage-too-cold', level, record, day.low),
    ...dayAlarm('storage-too-warm', level, record, day.high),
  ]
}

function dayAlarm(
  code: string,
  level: EventLevel,
  record: string,
  { alarmAt, limitCel }: LoggerLimit,
): StoredResult[] {
  if (alarmAt === null) return []
  const detail = { record, since: alarmAt, ...present({ limitCel }) }
  return [alarmResult(code, level, detail)]
}

/** Once for each day: how many minutes it has become is in the measurement. */
function alarmResult(code: string, level: EventLevel, detail: Words): StoredResult {
  const key = JSON.stringify([code, detail])
  return { key, said: (): Said => ({ kind: 'event', code, level, active: null, detail }) }
}

function runResults(report: LoggerReport, run: LoggerRun): readonly StoredResult[] {
  const record = `${report.serialNumber} ${run.number ?? '-'} ${timeText(run.start)}`
  const words: Words = {
    period: 'journey',
    ...present({
      until: run.stop === null ? null : timeText(run.stop),
      kineticMeanCel: run.kineticMeanCel,
    }),
    ...zoneWords(report),
  }
  const values = [
    valueOf(terms.storageTemperatureLowest, run.lowestCel),
    valueOf(terms.storageTemperatureHighest, run.highestCel),
    valueOf(terms.storageTemperatureMean, run.meanCel),
  ]
  return [
    {
      key: `${record} ${JSON.stringify([values, words])}`,
      said: () => measured(values, { deviceTime: run.start, qualifiers: { record, ...words } }),
    },
    ...run.breaches.map((breach) => {
      const code = breach.side === 'low' ? 'storage-too-cold' : 'storage-too-warm'
      return alarmResult(code, 'warning', { record, ...breachWords(breach) })
    }),
  ]
}

function breachWords(breach: LoggerBreach): Words {
  const { counts, limitCel, minutes, since, until, worstCel } = breach
  return present({
    counts,
    limitCel,
    minutes,
    since: since === null ? null : timeText(since),
    until: until === null ? null : timeText(until),
    worstCel,
  })
}

function limitWords(side: 'low' | 'high', limit: LoggerLimit): Words {
  const { limitCel, allowedMinutes, alarmAt } = limit
  return present({
    [`${side}LimitCel`]: limitCel,
    [`${side}AllowedMinutes`]: allowedMinutes,
    [`${side}AlarmAt`]: alarmAt,
  })
}

/** Its clock is local time; without a zone, that of the clinic must be meant. */
function zoneWords({ zoneHours }: LoggerReport): Words {
  return { zone: zoneHours === null ? 'not-set' : String(zoneHours) }
}

function present(words: { readonly [name: string]: string | number | null }): Words {
  return Object.fromEntries(
    Object.entries(words).flatMap(([name, value]) =>
      value === null ? [] : [[name, String(value)] as const],
    ),
  )
}

function dateText({ year, month, day }: DeviceTime): string {
  return [year, two(month), two(day)].join('-')
}

function timeText(time: DeviceTime): string {
  return `${dateText(time)}T${two(time.hour)}:${two(time.minute)}`
}

function two(part: number): string {
  return String(part).padStart(2, '0')
}
