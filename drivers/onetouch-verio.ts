/**
 * LifeScan OneTouch Verio and Select Plus. The Verio IQ has a serial bridge. The later ones look
 * like a disk: a question is written to a sector and its answer is read from the same sector. To a
 * real disk that would destroy what is there, so nothing is written before the device has said that
 * it is by LifeScan.
 */
import {
  encodeLifescan,
  lifescanLimitBytes,
  scanLifescan,
  type LifescanFrame,
} from '../protocols/lifescan/frame.ts'
import {
  isLifescanAnswer,
  lifescanData,
  lifescanMessage,
  type LifescanModel,
  type LifescanQuestion,
} from '../protocols/lifescan/message.ts'
import { incomplete, noise, packet, type Scan } from '../protocols/bytes/scan.ts'
import {
  decodeInquiry,
  decodeScsiAnswer,
  encodeScsiRequest,
  scsiInquiry,
  scsiRead,
  scsiWrite,
  type ScsiAnswer,
  type ScsiRequest,
} from '../protocols/usb/scsi.ts'
import { leaveAlone, polling, type Ask, type Talk } from './asking.ts'
import type { Driver } from './driver.ts'
import { newMeterMemory, readLifescanMeter } from './lifescan-meter.ts'

const questionTries = 3
const drainMs = 200
const vendorName = 'LifeScan'
/** Where the meter listens. */
const questionSector = 3
const sectorBytes = 512
/** A status and a sector. */
const answerLimitBytes = 1 + sectorBytes

const card = {
  id: 'onetouch-verio',
  label: 'LifeScan OneTouch Verio IQ, Verio, Select Plus, Select Plus Flex glucose meter',
  source:
    'glucometer-protocols, OneTouch Verio 2015 and Verio IQ; two published drivers; no capture of ' +
    'one was available',
  evidence: 'documented',
  confidence: 'medium-high',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 38_400, dataBits: 8, parity: 'none', stopBits: 1 }],
      usb: ['10c4:85a7'],
      splits: 'bytes',
    },
    {
      kind: 'usb',
      usb: ['2766:0000', '2766:0004', '2766:000c', '2766:000e', '2766:1000', '2766:1004'],
      carries: 'scsi',
    },
  ],
  asks: 'harmless',
  waves: [],
  streams: ['measurement', 'event'],
  silentAfterMs: null,
} as const satisfies Omit<Driver, 'session'>

const rules = { ...card, tries: 1, lateWithinMs: 0, againAfterMs: 5_000 } as const

const overSerial = polling({
  ...rules,
  scan: scanLifescan,
  packetLimitBytes: lifescanLimitBytes,
  answerWithinMs: 1_000,
  remember: newMeterMemory,
  *talk(ask, memory) {
    const asked = (question: LifescanQuestion) => askSerial(ask, question)
    yield* readLifescanMeter('verio-iq', asked, memory)
  },
})

function* askSerial(ask: Ask<LifescanFrame>, question: LifescanQuestion): Talk<Uint8Array | null> {
  const bytes = questionBytes('verio-iq', question)
  for (let tried = 0; tried < questionTries; tried++) {
    if (tried > 0) yield* leaveAlone(drainMs)
    const isAnswer = (frame: LifescanFrame) => dataOf('verio-iq', question, frame) !== null
    const frame = yield* ask({ bytes, why: question.kind }, isAnswer)
    if (frame !== null) return dataOf('verio-iq', question, frame)
  }
  return null
}

function questionBytes(model: LifescanModel, question: LifescanQuestion): Uint8Array {
  return encodeLifescan({ control: 0, message: lifescanMessage(model, question) })
}

function dataOf(
  model: LifescanModel,
  question: LifescanQuestion,
  frame: LifescanFrame,
): Uint8Array | null {
  const data = lifescanData(model, frame)
  return data !== null && isLifescanAnswer(model, question.kind, data) ? data : null
}

const overDisk = polling({
  ...rules,
  scan: scanScsiAnswer,
  packetLimitBytes: answerLimitBytes,
  answerWithinMs: 5_000,
  remember: () => ({ ...newMeterMemory(), isRefused: false }),
  *talk(ask, memory) {
    const vendor = yield* vendorOf(ask)
    if (vendor !== null && vendor !== vendorName && !memory.isRefused) {
      memory.isRefused = true
      yield { kind: 'event', code: 'not-this-device', level: 'warning', active: null }
    }
    if (vendor !== vendorName) return
    yield* readLifescanMeter('verio', (question) => askDisk(ask, question), memory)
  },
})

/** Each answer is heard whole. */
function scanScsiAnswer(bytes: Uint8Array): Scan<ScsiAnswer> {
  if (bytes.length === 0) return incomplete
  const answer = decodeScsiAnswer(bytes)
  return answer.ok ? packet(answer.value, bytes.length) : noise(answer.reason, bytes.length)
}

function* scsi(ask: Ask<ScsiAnswer>, request: ScsiRequest, why: string): Talk<Uint8Array | null> {
  const answer = yield* ask({ bytes: encodeScsiRequest(request), why })
  return answer?.isGood === true ? answer.data : null
}

function* vendorOf(ask: Ask<ScsiAnswer>): Talk<string | null> {
  const data = yield* scsi(ask, scsiInquiry(), 'who are you')
  const identity = data === null ? null : decodeInquiry(data)
  return identity?.ok === true ? identity.value.vendor : null
}

function* askDisk(ask: Ask<ScsiAnswer>, question: LifescanQuestion): Talk<Uint8Array | null> {
  const sector = new Uint8Array(sectorBytes)
  sector.set(questionBytes('verio', question))
  for (let tried = 0; tried < questionTries; tried++) {
    const written = yield* scsi(ask, scsiWrite(questionSector, sector), question.kind)
    if (written === null) continue
    const bytes = yield* scsi(ask, scsiRead(questionSector, 1), 'answer')
    const found = bytes === null ? null : scanLifescan(bytes)
    const data = found?.kind === 'packet' ? dataOf('verio', question, found.packet) : null
    if (data !== null) return data
    if (bytes !== null) yield { kind: 'noise', reason: 'no answer in the sector', bytes }
  }
  return null
}

export const onetouchVerio: Driver = {
  ...card,
  session: (over) => (over === 'usb' ? overDisk : overSerial).session(),
}
