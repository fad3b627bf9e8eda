/**
 * Bayer and Ascensia Contour glucose meters: the meter is the sender of an ASTM dialogue, inside of
 * USB reports or over the serial line of older ones. Reading erases nothing.
 */
import { astmFrameLimitBytes, scanAstm, type AstmPacket } from '../protocols/astm/frame.ts'
import { parseAstm, type AstmMessage } from '../protocols/astm/records.ts'
import { Framer } from '../protocols/bytes/framer.ts'
import {
  contourReportBytes,
  encodeContourReport,
  scanContourReport,
} from '../protocols/contour/report.ts'
import {
  readContourHeader,
  readContourResult,
  type ContourHeader,
  type ContourResult,
} from '../protocols/contour/records.ts'
import { mgPerDlOf } from '../protocols/vocabulary/convert.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { polling, type Ask } from './asking.ts'
import { storedDrop } from './blood-drop.ts'
import { contourHeaderIn, ContourLine } from './contour-line.ts'
import type { Driver, Session } from './driver.ts'
import { deviceClock, Presence, Stored, type StoredResult } from './stored.ts'

const card = {
  id: 'contour',
  label: 'Bayer, Ascensia Contour USB, Next, Next One, Plus One glucose meter',
  source:
    'The drivers of glucometerutils and of the Tidepool uploader; one header and one result of ' +
    'real meters, which they print',
  evidence: 'captured',
  confidence: 'high',
  links: [
    {
      kind: 'hid',
      usb: [
        '1a79:6002',
        '1a79:6200',
        '1a79:6210',
        '1a79:6300',
        '1a79:7350',
        '1a79:7410',
        '1a79:7800',
        '1a79:7900',
        '1a79:7950',
      ],
      carries: 'reports',
      lines: [],
    },
    {
      kind: 'serial',
      lines: [{ baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 }],
      usb: ['0403:6001', '1a79:6001'],
      splits: 'bytes',
    },
  ],
  asks: 'harmless',
  waves: [],
  streams: ['measurement', 'event'],
  // The meter speaks only while it is plugged in.
  silentAfterMs: null,
} as const satisfies Omit<Driver, 'session'>

const rules = {
  ...card,
  answerWithinMs: 5_000,
  tries: 1,
  lateWithinMs: 0,
  againAfterMs: 30_000,
  remember: (): Memory => ({ stored: new Stored(), presence: new Presence(), serialNumber: '' }),
}

interface Memory {
  readonly stored: Stored
  readonly presence: Presence
  /** Of the last talk; empty before the first. */
  serialNumber: string
}

const overHid = polling({
  ...rules,
  scan: scanContourReport,
  packetLimitBytes: contourReportBytes,
  talk: (ask, memory) =>
    read(new ContourLine({ ask: inReports(ask), carried: encodeContourReport }), memory),
})

const overSerial = polling({
  ...rules,
  scan: scanAstm,
  packetLimitBytes: astmFrameLimitBytes,
  talk: (ask, memory) => read(new ContourLine({ ask, carried: (bytes) => bytes }), memory),
})

/** The frames lie across reports, several in one or one in several. */
function inReports(ask: Ask<Uint8Array>): Ask<AstmPacket> {
  const framer = new Framer(scanAstm, astmFrameLimitBytes)
  const heard: AstmPacket[] = []
  return function* (question, isAnswer = () => true) {
    let due = question
    for (;;) {
      if (due === null) {
        const found = heard.findIndex(isAnswer)
        if (found >= 0) return heard.splice(0, found + 1).at(-1) ?? null
        heard.length = 0
      }
      const piece: Uint8Array | null = yield* ask(due)
      due = null
      if (piece === null) return null
      for (const one of framer.feed(piece, 0)) {
        if (one.kind === 'noise') yield one
        else heard.push(one.packet)
      }
    }
  }
}

export const contour: Driver = {
  ...card,
  session: (over) => (over === 'serial' ? overSerial : overHid).session(),
}

/** For a meter that does not say at the beginning who it is. */
const somebody = 'somebody'

function* read(line: ContourLine, memory: Memory): Session {
  const greeting = yield* line.begin()
  const first = greeting === null ? null : contourHeaderIn(greeting)
  const who = greeting === null ? null : placeOf(first)
  if (!memory.presence.isDue(who) || who === null) return
  const { text, isWhole } = yield* line.records()
  const message = parseAstm(text)
  const header = message.ok ? readContourHeader(message.value) : null
  if (!message.ok || header === null) return
  yield* introduce(header, memory)
  const isStored = yield* memory.stored.say(storedOf(message.value, header.serialNumber))
  if (isWhole && isStored) memory.presence.wasRead(who)
}

/** Which meter, and how many results it has. */
function placeOf(header: ContourHeader | null): string {
  return header === null ? somebody : `${header.serialNumber} ${header.count}`
}

function* introduce(header: ContourHeader, memory: Memory): Session {
  const { product, serialNumber, versions, clock } = header
  if (memory.serialNumber === serialNumber) return
  memory.serialNumber = serialNumber
  const firmware = versions === '' ? null : versions
  yield { kind: 'identity', model: `Contour ${product}`, serialNumber, firmware }
  if (clock !== null) yield deviceClock(clock)
}

/** In the order of the memory, which begins with the oldest or the newest, as the model has it. */
function storedOf(message: AstmMessage, serialNumber: string): readonly StoredResult[] {
  return message.records.flatMap((record) => {
    const result = readContourResult(message, record)
    return result === null ? [] : [dropOf(result, serialNumber)]
  })
}

const referenceTerms = {
  'whole-blood': terms.glucose,
  plasma: terms.glucosePlasma,
  deproteinised: terms.glucoseUnspecified,
  'not-said': terms.glucoseUnspecified,
} as const

function dropOf(result: ContourResult, serialNumber: string): StoredResult {
  const { value, unit, reference, beyond, isControl, meal, marks, time } = result
  const number = Number(value)
  const inMgPerDl = unit === 'mg/dL' ? number : mgPerDlOf(number, 'glucose')
  const isAsShown = unit === 'mg/dL' && beyond === null
  return storedDrop('contour', serialNumber, {
    term: referenceTerms[reference],
    value: beyond === null ? inMgPerDl : null,
    beyond,
    isControl,
    meal,
    deviceTime: time,
    words: {
      ...(isAsShown ? {} : { asShown: `${value} ${unit}` }),
      ...(reference === 'deproteinised' ? { reference } : {}),
      ...(marks === '' ? {} : { marks }),
    },
  })
}
