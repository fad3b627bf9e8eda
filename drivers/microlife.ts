/** Microlife BP A6 PC, WatchBP, BPA and Aponorm: the memory of a monitor for the upper arm. */
import {
  microlifeLimitBytes,
  microlifePayload,
  microlifeQuestion,
  microlifeReport,
  scanMicrolife,
  type MicrolifeRecord,
} from '../protocols/microlife/reply.ts'
import { timeKey } from '../protocols/packet/device-time.ts'
import { polling } from './asking.ts'
import { cuffMeasured } from './blood-pressure.ts'
import type { Driver, Heard, Session } from './driver.ts'
import { Once } from './once.ts'

const usb = ['04b4:5500']
const lines = [{ baud: 19_200, dataBits: 8, parity: 'none', stopBits: 1 }] as const

const overSerial = polling({
  id: 'microlife',
  label: 'Microlife BP A6 PC / WatchBP / BPA, Aponorm blood pressure monitor',
  source: 'A published study with captures of a BP A6 PC, and an independent driver',
  evidence: 'captured',
  confidence: 'high',
  links: [
    // Linux makes a serial line of its bridge.
    { kind: 'serial', lines, usb, splits: 'bytes' },
    { kind: 'hid', usb, carries: 'reports', lines: [] },
  ],
  asks: 'harmless',
  waves: [],
  streams: ['measurement'],
  // Until a person switches it to PC, it does not answer.
  silentAfterMs: null,

  scan: scanMicrolife,
  packetLimitBytes: microlifeLimitBytes,
  // The whole memory comes as one answer.
  answerWithinMs: 10_000,
  tries: 3,
  lateWithinMs: 300,
  againAfterMs: 15_000,
  remember: () => new Once(),
  *talk(ask, said) {
    const records = yield* ask({ bytes: microlifeQuestion, why: 'read all' })
    if (records !== null) yield* sayNew(records, said)
  },
})

/**
 * Whether the newest comes first or last nobody has said, so a place in the memory names no record.
 * Without a clock, equal numbers are told apart by how many of them there are.
 */
function* sayNew(records: readonly MicrolifeRecord[], said: Once): Session {
  const counts = new Map<string, number>()
  for (const record of records) {
    const { deviceTime, systolicMmHg, diastolicMmHg, pulsePerMinute } = record
    const numbers = `${systolicMmHg} ${diastolicMmHg} ${pulsePerMinute}`
    const same = `${timeKey(deviceTime)} ${numbers}`
    const count = (counts.get(same) ?? 0) + 1
    counts.set(same, count)
    const name = count === 1 ? same : `${same} ${count}`
    if (!said.isNew(name)) continue
    yield cuffMeasured(record, { from: 'memory', record: name })
  }
}

/** The same session behind the bridge, when it is reached by its reports. */
function* behindBridge(session: Session): Session {
  let heard: Heard | undefined
  for (;;) {
    const next = session.next(heard)
    if (next.done === true) return
    const want = next.value
    heard = yield want.kind === 'send' ? { ...want, bytes: microlifeReport(want.bytes) } : want
    if (heard?.kind === 'bytes') heard = { ...heard, bytes: microlifePayload(heard.bytes) }
  }
}

export const microlife: Driver = {
  ...overSerial,
  session: (over) => (over === 'hid' ? behindBridge(overSerial.session()) : overSerial.session()),
}
