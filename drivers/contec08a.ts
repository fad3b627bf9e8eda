/** Contec 08A and 08C: the memory of a monitor for the upper arm, over USB. */
import {
  contecBpReportBytes,
  encodeContecBpCommand,
  scanContecBp,
  type ContecBpCommand,
  type ContecBpRecord,
  type ContecBpReport,
} from '../protocols/contec08a/report.ts'
import { timeKey } from '../protocols/packet/device-time.ts'
import { polling, type Ask } from './asking.ts'
import { cuffMeasured } from './blood-pressure.ts'
import type { Said, Session } from './driver.ts'
import { Once } from './once.ts'

const users = [1, 2, 3] as const

export const contec08a = polling({
  id: 'contec08a',
  label: 'Contec 08A / 08C blood pressure monitor (USB)',
  source:
    'A published program, and eight published records with what the vendor program shows. None ' +
    'of them is below 128 mm Hg: there the mean decides, or no systolic pressure is said',
  evidence: 'captured',
  confidence: 'medium',
  links: [{ kind: 'hid', usb: ['0483:5750'], carries: 'reports', lines: [] }],
  // Two of its commands are not explained, and many other devices have the same USB ids.
  asks: 'only-when-chosen',
  waves: [],
  streams: ['measurement'],
  silentAfterMs: null,

  scan: scanContecBp,
  packetLimitBytes: contecBpReportBytes,
  answerWithinMs: 1_000,
  tries: 1,
  lateWithinMs: 0,
  againAfterMs: 60_000,
  remember: () => new Once(),
  *talk(ask, said) {
    for (const command of ['hello', 'hello', 'query'] as const) {
      if ((yield* ask(questionOf(command))) === null) return
    }
    for (const user of users) yield* download(ask, user, said)
  },
})

function questionOf(command: ContecBpCommand) {
  const why = typeof command === 'string' ? command : `download user ${command.downloadUser}`
  return { bytes: encodeContecBpCommand(command), why }
}

function* download(ask: Ask<ContecBpReport>, user: 1 | 2 | 3, said: Once): Session {
  const state = yield* ask(questionOf({ downloadUser: user }), ({ kind }) => kind === 'state')
  if (state?.kind !== 'state' || !state.isOn) return
  const header = yield* ask(null, ({ kind }) => kind === 'header')
  if (header?.kind !== 'header') return
  for (let number = 0; number < header.records; number++) {
    // What cannot be a record is left out; the next talk asks for it again.
    const record = yield* ask(null, ({ kind }) => kind === 'record')
    if (record?.kind !== 'record') return
    if (said.isNew(`${user} ${JSON.stringify(record)}`)) yield say(record, user)
  }
}

function say(record: ContecBpRecord, user: number): Said {
  const { deviceTime, systolics, systolicMmHg, pulsePerMinute } = record
  return cuffMeasured(record, {
    from: 'memory',
    bank: String(user),
    record: `${user} ${timeKey(deviceTime)}`,
    ...(systolicMmHg === null ? { systolicUncertain: systolics.join(' or ') } : {}),
    ...(systolicMmHg !== null && systolicMmHg < 128 ? { systolicBy: 'mean' } : {}),
    ...(pulsePerMinute === null ? { pulseUncertain: 'yes' } : {}),
  })
}
