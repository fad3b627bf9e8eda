/** TaiDoc meters under their many names. What a meter measures is known by its model. */
import {
  scanTaidoc,
  taidocLimitBytes,
  taidocQuestion,
  taidocQuestions,
  taidocReady,
  taidocScaleQuestion,
  type TaidocPacket,
  type TaidocQuestion,
} from '../protocols/taidoc/frame.ts'
import {
  readTaidocCount,
  readTaidocModel,
  readTaidocSaturation,
  readTaidocTime,
  readTaidocWeighing,
  taidocSerial,
} from '../protocols/taidoc/record.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { leaveAlone, polling, type Ask, type Talk } from './asking.ts'
import type { Session } from './driver.ts'
import { Live } from './live.ts'
import { valueOf } from './measured.ts'
import { KnownMemory, readNumbered } from './memory.ts'
import { deviceClock, type Stored, type StoredResult } from './stored.ts'
import {
  dropOf,
  pressureOf,
  temperatureOf,
  weighingOf,
  type MeterRecord,
} from './taidoc-results.ts'

/** More than the memory of any of them. */
const recordsMax = 1_000
const recordTries = 3
const drainMs = 300
const saturationEveryMs = 1_000

type Family = 'drop' | 'pressure' | 'temperature' | 'saturation' | 'scale'

/** Models that the sources name. What another one means by its bytes, nobody can know. */
const families: readonly (readonly [RegExp, Family])[] = [
  [/^4[12]\d\d$/, 'drop'],
  [/^(3128|3132|3140)$/, 'pressure'],
  [/^(1035|1241|1261)$/, 'temperature'],
  [/^(8201|8255)$/, 'saturation'],
  [/^25\d\d$/, 'scale'],
]

interface Memory {
  readonly known: KnownMemory
  readonly live: Live
  /** The meter of the last talk. */
  serialNumber: string | null
}

export const taidoc = polling({
  id: 'taidoc',
  label: 'TaiDoc, FORA, GlucoRx Nexus meters: glucose, blood pressure, temperature, SpO2, weight',
  source:
    'glucometer-protocols, TD-42xx; the drivers of glucometerutils and of the Tidepool uploader; ' +
    'for what is no glucose only the Android library of advmeds',
  evidence: 'documented',
  confidence: 'medium-high',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 19_200, dataBits: 8, parity: 'none', stopBits: 1 }],
      usb: ['067b:2303', '10c4:ea60'],
      splits: 'bytes',
    },
    {
      kind: 'hid',
      usb: ['10c4:ea80'],
      carries: 'cp2110',
      lines: [{ baud: 19_200, dataBits: 8, parity: 'none', stopBits: 1 }],
    },
  ],
  asks: 'harmless',
  waves: [],
  streams: ['measurement', 'numerics', 'event'],
  // A meter is switched on by its button, or by a strip.
  silentAfterMs: null,

  scan: scanTaidoc,
  packetLimitBytes: taidocLimitBytes,
  answerWithinMs: 1_000,
  // An answer does not say to which record: it is asked again together with what belongs to it.
  tries: 1,
  lateWithinMs: 0,
  againAfterMs: 5_000,
  remember: (): Memory => ({ known: new KnownMemory(), live: new Live(), serialNumber: null }),
  *talk(ask, memory) {
    if (!(yield* isThere(ask))) return
    const model = readTaidocModel((yield* answerTo(ask, 'model')) ?? noAnswer)
    const low = yield* answerTo(ask, 'serialLow')
    const high = low === null ? null : yield* answerTo(ask, 'serialHigh')
    if (model === null || low === null || high === null) return
    const family = families.find(([pattern]) => pattern.test(model))?.[1] ?? null
    const serialNumber = taidocSerial(low, high)
    if (memory.serialNumber !== serialNumber) {
      memory.serialNumber = serialNumber
      yield { kind: 'identity', model: `TD-${model}`, serialNumber, firmware: null }
      const time = readTaidocTime((yield* answerTo(ask, 'clock')) ?? noAnswer)
      if (time !== null) yield deviceClock(time)
      if (family === null) yield unknownModel(model)
    }
    if (family === 'saturation') yield* watchSaturation(ask, memory.live)
    else if (family === 'scale') yield* readScale(ask, serialNumber, memory.known.stored)
    else if (family !== null) yield* readMemory(ask, readers[family], memory.known, serialNumber)
  },
})

/** Neither digits nor a date. */
const noAnswer = new Uint8Array(4).fill(0xff)

const readers = { drop: dropOf, pressure: pressureOf, temperature: temperatureOf } as const

function unknownModel(model: string) {
  return {
    kind: 'event',
    code: 'value-not-understood',
    level: 'warning',
    active: null,
    detail: { model },
  } as const
}

/** A meter that was just switched on may answer by saying that it is ready. */
function* isThere(ask: Ask<TaidocPacket>): Talk<boolean> {
  const greetings = [taidocQuestions.connect, taidocQuestions.model, taidocReady]
  const answer = yield* ask(
    { bytes: taidocQuestion('connect'), why: 'are you there' },
    (one) => one.kind === 'answer' && greetings.includes(one.command),
  )
  return answer !== null
}

function* answerTo(
  ask: Ask<TaidocPacket>,
  question: TaidocQuestion,
  record = 0,
): Talk<Uint8Array | null> {
  const command = taidocQuestions[question]
  const answer = yield* ask(
    { bytes: taidocQuestion(question, record), why: question },
    (one) => one.kind === 'answer' && one.command === command,
  )
  return answer?.kind === 'answer' ? answer.data : null
}

function* readMemory(
  ask: Ask<TaidocPacket>,
  read: (record: MeterRecord, serialNumber: string) => StoredResult | null,
  known: KnownMemory,
  serialNumber: string,
): Session {
  const memory = {
    *count(): Talk<number | null> {
      const counted = yield* answerTo(ask, 'count')
      return counted === null ? null : readTaidocCount(counted)
    },
    result: (number: number) => recordOf(ask, number),
    storedOf: (record: MeterRecord) => read(record, serialNumber),
  }
  yield* readNumbered(memory, known, serialNumber, recordsMax)
}

/** null when it stays broken. */
function* recordOf(ask: Ask<TaidocPacket>, number: number): Talk<MeterRecord | null> {
  for (let tried = 0; tried < recordTries; tried++) {
    const time = yield* answerTo(ask, 'recordTime', number)
    const value = time === null ? null : yield* answerTo(ask, 'recordValue', number)
    if (time !== null && value !== null) return { time, value }
    yield* leaveAlone(drainMs)
  }
  return null
}

/** Once a second, for as long as it answers. */
function* watchSaturation(ask: Ask<TaidocPacket>, live: Live): Session {
  for (;;) {
    const data = yield* answerTo(ask, 'saturation')
    if (data === null) return
    const { saturationPercent, pulsePerMinute } = readTaidocSaturation(data)
    const values = [
      valueOf(terms.saturation, saturationPercent),
      valueOf(terms.oximeterPulse, pulsePerMinute),
    ]
    for (const said of live.say('saturation', values)) yield said
    yield* leaveAlone(saturationEveryMs)
  }
}

function* readScale(ask: Ask<TaidocPacket>, serialNumber: string, stored: Stored): Session {
  const answer = yield* ask(
    { bytes: taidocScaleQuestion, why: 'last weighing' },
    (one) => one.kind === 'scale',
  )
  if (answer?.kind !== 'scale') return
  const weighing = weighingOf(readTaidocWeighing(answer.bytes), serialNumber)
  if (weighing !== null) yield* stored.say([weighing])
}
