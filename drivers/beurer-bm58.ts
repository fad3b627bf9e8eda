/** Beurer BM58, BM55, BM65: the memory of a monitor for the upper arm. */
import {
  beurerAnswerBytes,
  beurerRecordBytes,
  beurerReport,
  readBeurerRecord,
  scanBeurerAnswer,
  scanBeurerReport,
  type BeurerRecord,
} from '../protocols/beurer-bm58/record.ts'
import { latin1Text } from '../protocols/bytes/bytes.ts'
import { timeKey } from '../protocols/packet/device-time.ts'
import { polling, type Ask, type Talk } from './asking.ts'
import { cuffMeasured } from './blood-pressure.ts'
import type { Driver, Session } from './driver.ts'
import { Once } from './once.ts'

/** More than the memory of any of them. */
const recordsMax = 240
const recordTries = 3

const card = {
  id: 'beurer-bm58',
  label: 'Beurer BM58 / BM55 / BM65, Sanitas blood pressure monitor',
  source: 'Published programs that agree: three for USB HID, two for the serial variant',
  evidence: 'inferred',
  confidence: 'high',
  links: [
    { kind: 'hid', usb: ['0c45:7406'], carries: 'reports', lines: [] },
    {
      kind: 'serial',
      lines: [{ baud: 4_800, dataBits: 8, parity: 'none', stopBits: 1 }],
      usb: ['067b:2303'],
      splits: 'bytes',
    },
  ],
  asks: 'harmless',
  waves: [],
  streams: ['measurement'],
  // Until a person switches it to PC, it does not answer.
  silentAfterMs: null,
} as const satisfies Omit<Driver, 'session'>

const rules = {
  ...card,
  answerWithinMs: 1_000,
  tries: 1,
  lateWithinMs: 500,
  againAfterMs: 5_000,
}

interface Memory {
  readonly said: Once
  hasName: boolean
}

const remember = (): Memory => ({ said: new Once(), hasName: false })

const overHid = polling({
  ...rules,
  scan: scanBeurerReport,
  packetLimitBytes: beurerRecordBytes,
  remember,
  *talk(ask, memory) {
    const ready = yield* ask({ bytes: beurerReport(0xaa), why: 'are you there' })
    if (ready === null) return
    if (!memory.hasName) {
      memory.hasName = true
      const model = yield* nameOf(ask)
      yield { kind: 'identity', model, serialNumber: null, firmware: null }
    }
    const count = yield* ask({ bytes: beurerReport(0xa2), why: 'how many' })
    const records = Math.min(count?.[0] ?? 0, recordsMax)
    for (let number = 1; number <= records; number++) {
      yield* say(yield* recordOf(ask, number), memory.said)
    }
    yield* goodBye(beurerReport)
  },
})

/** The letters of four reports; null when there are none. */
function* nameOf(ask: Ask<Uint8Array>): Talk<string | null> {
  let name = ''
  for (const command of [0xa4, 0xa5, 0xa6, 0xa7]) {
    const letters = yield* ask({ bytes: beurerReport(command), why: 'name' })
    name += latin1Text(letters ?? new Uint8Array(0)).replace(/[^ -~]/g, '')
  }
  return name.trim() || null
}

/** null when it stays broken: the next talk asks for it again. */
function* recordOf(ask: Ask<Uint8Array>, number: number): Talk<BeurerRecord | null> {
  for (let tried = 0; tried < recordTries; tried++) {
    const bytes = yield* ask({ bytes: beurerReport(0xa3, number), why: 'record' })
    if (bytes === null) return null
    const read = readBeurerRecord(bytes)
    if (read.ok) return read.value
    yield { kind: 'noise', reason: read.reason, bytes }
  }
  return null
}

const overSerial = polling({
  ...rules,
  tries: recordTries,
  scan: scanBeurerAnswer,
  packetLimitBytes: 2 * beurerAnswerBytes,
  remember,
  *talk(ask, memory) {
    const isReady = yield* ask(
      { bytes: Uint8Array.of(0xaa), why: 'are you there' },
      ({ kind }) => kind === 'ready',
    )
    if (isReady === null) return
    for (let number = 1; number <= recordsMax; number++) {
      const answer = yield* ask(
        { bytes: Uint8Array.of(0xa3, number), why: 'record' },
        ({ kind }) => kind !== 'ready',
      )
      if (answer === null || answer.kind === 'none') break
      if (answer.kind === 'record') yield* say(answer.record, memory.said)
    }
    yield* goodBye((...command) => Uint8Array.from(command))
  },
})

function* goodBye(bytesOf: (...command: number[]) => Uint8Array): Session {
  yield { kind: 'send', bytes: bytesOf(0xf7), why: 'good bye' }
  yield { kind: 'send', bytes: bytesOf(0xf6), why: 'good bye' }
}

function* say(record: BeurerRecord | null, said: Once): Session {
  if (record === null || !said.isNew(JSON.stringify(record))) return
  const { user, deviceTime, hasMoved, isIrregular } = record
  yield cuffMeasured(record, {
    from: 'memory',
    bank: String(user),
    record: `${user} ${timeKey(deviceTime)}`,
    ...(hasMoved ? { bodyMovement: '1' } : {}),
    ...(isIrregular ? { irregularPulses: '1' } : {}),
  })
}

export const beurerBm58: Driver = {
  ...card,
  session: (over) => (over === 'serial' ? overSerial : overHid).session(),
}
