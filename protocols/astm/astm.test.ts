import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { Framer } from '../bytes/framer.ts'
import {
  astmFrameLimitBytes,
  encodeAstm,
  framesOf,
  scanAstm,
  type AstmFrame,
  type AstmPacket,
} from './frame.ts'
import {
  astmIdle,
  receiveAstm,
  silentAstm,
  told,
  type AstmState,
  type AstmStep,
} from './receiver.ts'
import {
  encodeAstmRecords,
  escape,
  headerBeginning,
  parseAstm,
  unescape,
  usualDelimiters,
} from './records.ts'
import { readTransmission, timeOf } from './transmission.ts'

holdsWhatScannersPromise<AstmFrame>('astm frame', {
  scan: scanAstm as never,
  // Without the line end, which no frame needs.
  encode: (frame) => encodeAstm(frame).slice(0, -2),
  packets: plain<AstmFrame>({
    kind: fc.constant('frame'),
    number: fc.nat(7),
    text: fc.stringMatching(/^[ -~\r]{0,60}$/),
    end: fc.constantFrom('more', 'last'),
  }),
  limitBytes: astmFrameLimitBytes,
})

t.test('astm frame: the check sums of the standard and of a real instrument', async (t) => {
  const frame = (number: number, text: string, end: AstmFrame['end']) =>
    latin1Text(encodeAstm({ kind: 'frame', number, text, end }))
  t.equal(frame(2, 'P|1||\r', 'more'), '\x022P|1||\r\x174B\r\n')
  t.equal(frame(5, 'L|1|N\r', 'last'), '\x025L|1|N\r\x0308\r\n')
  t.equal(frame(4, 'R|1|^^^GLU|5.9|mmol/L||N||F||||20250314094000\r', 'last').slice(-4), 'B7\r\n')
})

function scanned(text: string): readonly AstmPacket[] {
  const framer = new Framer(scanAstm, astmFrameLimitBytes)
  const framed = [...framer.feed(latin1Bytes(text), 0), ...framer.pause()]
  return framed.flatMap((one) => (one.kind === 'packet' ? [one.packet] : []))
}

t.test('astm frame: every line end of real instruments, and none at all', async (t) => {
  for (const end of ['\r\n', '\r', '\n', '']) {
    const found = scanned(`\x025L|1|N\r\x0308${end}\x04`).filter(({ kind }) => kind !== 'line-end')
    t.match(found, [{ kind: 'frame', number: 5, text: 'L|1|N\r' }, { kind: 'end' }])
  }
})

t.test('astm frame: a broken one is told, and what follows is still found', async (t) => {
  const kinds = (text: string) =>
    scanned(text)
      .filter(({ kind }) => kind !== 'line-end')
      .map((one) => (one.kind === 'broken' ? one.reason : one.kind))
  t.strictSame(kinds('\x025L|1|N\r\x0309\r\n\x04'), ['check sum', 'end'])
  t.strictSame(kinds('\x025L|1|N\r\x03zz\r\n\x04'), ['no check sum', 'end'])
  t.strictSame(kinds('\x025L|1\x025L|1|N\r\x0308'), ['frame cut short', 'frame'])
  t.strictSame(kinds('\x025L|1|N\x04'), ['frame cut short', 'end'])
  t.strictSame(kinds('\x02\x0303'), ['no frame number'])
  t.strictSame(kinds('\x028L\r\x03D2'), ['check sum'])
  t.strictSame(kinds(`\x021${'x'.repeat(astmFrameLimitBytes)}\x05`), [
    'frame without end',
    'enquiry',
  ])
  t.throws(() => encodeAstm({ kind: 'frame', number: 1, text: 'a\x03', end: 'last' }), RangeError)
  t.throws(() => encodeAstm({ kind: 'broken', reason: '', bytes: Uint8Array.of(2) }), RangeError)
})

const message = [
  'H|\\^&|||GATEWAY|||||||P|LIS2-A2|20250314094100\r',
  'P|1|||MRN001\r',
  'O|1|S0001||^^^GLU\r',
  'R|1|^^^GLU|5.9|mmol/L||N||F||||20250314094000\r',
  'L|1|N\r',
]

/** Runs the receiver as a driver does; `isStored` answers what it delivers. */
function received(heard: readonly AstmPacket[], isStored: (times: number) => boolean = () => true) {
  let state: AstmState = astmIdle
  const answers: string[] = []
  const messages: string[] = []
  let abandoned = 0
  for (const one of heard) {
    const step: AstmStep = receiveAstm(state, one)
    state = step.state
    if (step.isAbandoned) abandoned++
    if (step.message !== null) messages.push(step.message)
    if (step.answer === 'when-stored') {
      const stored = isStored(messages.length)
      state = told(state, stored)
      answers.push(stored ? 'accept' : 'refuse')
    } else if (step.answer !== 'none') answers.push(step.answer)
  }
  return { answers: answers.join(' '), messages, abandoned, state }
}

const enquiry: AstmPacket = { kind: 'enquiry' }
const end: AstmPacket = { kind: 'end' }
const brokenOne: AstmPacket = { kind: 'broken', reason: 'check sum', bytes: Uint8Array.of(2) }

t.test('astm receiver: one message, in every layout that instruments use', async (t) => {
  const whole = message.join('')
  const layouts = ['one-frame', 'record-a-frame', { textBytesMax: 7 }] as const
  for (const layout of layouts) {
    const frames = framesOf(message, layout)
    const { answers, messages } = received([enquiry, ...frames, end])
    t.strictSame(messages, [whole])
    t.equal(answers, 'accept'.concat(' accept'.repeat(frames.length)))
    // Some end each record by ETX, as if each were the last.
    const all = frames.map((frame) => ({ ...frame, end: 'last' as const }))
    t.strictSame(received([enquiry, ...all, end]).messages, [whole])
  }
})

t.test('astm receiver: a sender that did not hear our ACK is not stored twice', async (t) => {
  const frames = framesOf(message, 'record-a-frame')
  const doubled = frames.flatMap((frame) => [frame, frame])
  t.strictSame(received([enquiry, ...doubled, end]), {
    ...received([enquiry, ...frames, end]),
    answers: `accept${' accept'.repeat(10)}`,
  })
  const one = framesOf(message, 'one-frame')
  t.equal(received([enquiry, ...one, ...one, ...one, end]).messages.length, 1)
})

t.test(
  'astm receiver: what cannot be stored is refused, and taken when it comes again',
  async (t) => {
    const frames = framesOf(message, 'record-a-frame')
    const last = frames.slice(-1)
    const found = received([enquiry, ...frames, ...last, ...last, end], (times) => times === 3)
    t.equal(found.answers, `accept${' accept'.repeat(4)} refuse refuse accept`)
    t.strictSame(new Set(found.messages), new Set([message.join('')]))
    const one = framesOf(message, 'one-frame')
    t.equal(
      received([enquiry, ...one, ...one, end], (n) => n === 2).answers,
      'accept refuse accept',
    )
    // It gives up: nothing was acknowledged, so it will come whole another time.
    t.strictSame(received([enquiry, ...one, end], () => false).state, astmIdle)
  },
)

t.test('astm receiver: a broken frame is refused until it comes right', async (t) => {
  const [first, second, ...others] = framesOf(message, 'record-a-frame') as [
    AstmFrame,
    AstmFrame,
    ...AstmFrame[],
  ]
  const found = received([enquiry, first, brokenOne, brokenOne, second, ...others, end])
  t.equal(found.answers, `accept accept refuse refuse${' accept'.repeat(4)}`)
  t.strictSame(found.messages, [message.join('')])
  // A frame that is missing: the following ones are refused, and nothing is made of the rest.
  const without = received([enquiry, first, ...others, end])
  t.equal(without.answers, 'accept accept refuse refuse refuse')
  t.match(without, { messages: [], abandoned: 1, state: astmIdle })
})

t.test('astm receiver: says nothing to what it was not asked', async (t) => {
  const [frame] = framesOf(message, 'one-frame') as [AstmFrame]
  t.equal(received([frame]).answers, 'refuse', 'a frame without ENQ')
  t.equal(received([brokenOne, end, { kind: 'accepted' }, { kind: 'line-end' }]).answers, '')
  t.match(received([enquiry, end]), { answers: 'accept', messages: [], abandoned: 0 }, 'keep-alive')
  t.equal(received([enquiry, { ...frame, number: 0 }]).answers, 'accept refuse')
})

t.test('astm receiver: a new ENQ and a long silence drop what is half', async (t) => {
  const frames = framesOf(message, 'record-a-frame')
  const half = frames.slice(0, 3)
  const again = received([enquiry, ...half, enquiry, ...frames, end])
  t.strictSame(again.messages, [message.join('')])
  t.equal(again.abandoned, 1)
  const silent = silentAstm(received([enquiry, ...half]).state)
  t.match(silent, { state: astmIdle, isAbandoned: true, answer: 'none' })
  t.equal(silentAstm(astmIdle).isAbandoned, false)
})

t.test('astm receiver: two messages in one transmission, and one without its L', async (t) => {
  const whole = message.join('')
  const two = framesOf([...message, ...message], 'record-a-frame')
  t.strictSame(received([enquiry, ...two, end]).messages, [whole, whole])
  const open = framesOf(message.slice(0, -1), 'record-a-frame')
  t.strictSame(received([enquiry, ...open, end]).messages, [message.slice(0, -1).join('')])
  const noEnd = framesOf(['H|\\^&\r', 'L|1'], 'record-a-frame')
  t.strictSame(received([enquiry, ...noEnd, end]).messages, ['H|\\^&\rL|1'])
})

t.test('astm receiver: a message without end is bounded', async (t) => {
  let state = receiveAstm(astmIdle, enquiry).state
  let refused = 0
  for (let count = 0; count < 40; count++) {
    const text = 'x'.repeat(60_000)
    const step = receiveAstm(state, { kind: 'frame', number: state.expected, text, end: 'more' })
    state = step.state
    if (step.answer === 'refuse') refused++
  }
  t.ok(refused > 20)
  t.ok(state.text.length <= 1_048_576)
})

t.test('astm records: delimiters are those of the message', async (t) => {
  const parsed = parseAstm('H|@^\\|id||Xpert\rR|1|^a^b@c|NOT \\F\\ DETECTED^\rL|1|N\r')
  if (!parsed.ok) throw new Error(parsed.reason)
  t.strictSame(parsed.value.delimiters, { field: '|', repeat: '@', component: '^', escape: '\\' })
  t.match(readTransmission(parsed.value), {
    messageId: 'id',
    sender: ['Xpert'],
    orders: [{ results: [{ test: ['', 'a', 'b'], value: ['NOT | DETECTED', ''] }] }],
  })
  // Sysmex XN doubles the repeat character.
  const doubled = parseAstm('H|\\\\^&|||XN\rL|1\r')
  t.match(doubled, { ok: true, value: { delimiters: usualDelimiters } })
  t.match(parseAstm('H|\\^\rL|1\r'), { ok: true, value: { delimiters: { escape: '' } } })
  for (const text of ['', 'P|1\r', 'H', 'H|', 'H|\\', 'HELLO', 'H|abc|']) {
    t.match(parseAstm(text), { ok: false }, text)
  }
  t.match(parseAstm(`H|\\^&\r${'C\r'.repeat(5_000)}`), { ok: false, reason: /4096/ })
})

t.test('astm records: what is escaped comes back, whatever the delimiters', async (t) => {
  const delimiters = fc.constantFrom(usualDelimiters, {
    field: '|',
    repeat: '@',
    component: '^',
    escape: '\\',
  })
  fc.assert(
    fc.property(fc.stringMatching(/^[ -~\r\n]{0,30}$/), delimiters, (text, delimiters) => {
      t.equal(unescape(escape(text, delimiters), delimiters), text)
    }),
  )
  t.equal(unescape('a&F&b&X0D&c&Z&d&', usualDelimiters), 'a|b\rc&Z&d&')
  t.equal(unescape('a&b', usualDelimiters), 'a&b')
  t.equal(unescape('a&b', { ...usualDelimiters, escape: '' }), 'a&b')
})

t.test('astm records: come back as they went', async (t) => {
  const field = fc.stringMatching(/^[A-Za-z0-9 .^]{0,12}$/)
  const record = fc
    .tuple(fc.constantFrom('P', 'O', 'R', 'C', 'M', 'L'), fc.array(field, { maxLength: 8 }))
    .map(([kind, fields]) => ({ kind, fields: [kind, ...fields] }))
  fc.assert(
    fc.property(fc.array(record, { maxLength: 20 }), (records) => {
      const header = { kind: 'H', fields: headerBeginning(usualDelimiters) }
      const message = { delimiters: usualDelimiters, records: [header, ...records] }
      const text = encodeAstmRecords(message).join('')
      t.strictSame(parseAstm(text), { ok: true, value: message })
    }),
  )
})

t.test(
  'astm transmission: a comment belongs to what stands above it, a patient to none',
  async (t) => {
    const text = [
      'H|\\^&|7||A^1^S9|||||||Q||20250314094100',
      'R|0|^^^X|1',
      'P|1|p3|p4|p5|Name',
      'C|1|P|Budi',
      'O|1|S1|5^1|^^^GLU|||||||Q||||Serum|||||||20250314094500',
      'C|1|I|Alarm^a',
      'R|1|^^^GLU|5.9|mmol/L|4.0-6.0|H\\A||F||operator||20250314094000',
      'C|1|I|43',
      'P|2',
      'R|1|^^^GLU|6.0|mmol/L',
      'L|1|N',
    ].join('\r')
    const parsed = parseAstm(text)
    if (!parsed.ok) throw new Error(parsed.reason)
    const transmission = readTransmission(parsed.value)
    t.match(transmission, { messageId: '7', sender: ['A', '1', 'S9'], processing: 'Q' })
    t.notMatch(JSON.stringify(transmission), /Budi|Name|operator/)
    t.equal(transmission.orders.length, 3)
    t.match(transmission.orders[1], {
      patientIds: ['p3', 'p4', 'p5'],
      specimen: ['S1'],
      instrumentSpecimen: ['5', '1'],
      action: 'Q',
      specimenType: 'Serum',
      comments: [{ source: 'I', text: ['Alarm', 'a'] }],
      results: [
        {
          test: ['', '', '', 'GLU'],
          value: ['5.9'],
          unit: 'mmol/L',
          range: '4.0-6.0',
          flags: 'H A',
          status: 'F',
          completed: { year: 2025, month: 3, day: 14, hour: 9, minute: 40, second: 0 },
          comments: [{ text: ['43'] }],
        },
      ],
    })
    t.strictSame(transmission.orders[2]?.patientIds, [], 'of nobody, not of the patient before')
  },
)

t.test('astm transmission: times as instruments write them', async (t) => {
  const at = { year: 2024, month: 7, day: 23, hour: 17, minute: 24 }
  t.strictSame(timeOf('20240723172452'), { ...at, second: 52 })
  t.strictSame(timeOf('202407231724'), { ...at, second: null })
  for (const text of ['', '20240723', '19000101', '20241323172452', 'today']) {
    t.equal(timeOf(text), null, text)
  }
})

t.test('astm: changed messages are answered, never thrown', async (t) => {
  const text = message.join('')
  fc.assert(
    fc.property(
      fc.nat(text.length),
      fc.string({ maxLength: 4, unit: 'binary-ascii' }),
      (at, more) => {
        const parsed = parseAstm(text.slice(0, at) + more + text.slice(at + more.length))
        if (parsed.ok) readTransmission(parsed.value)
      },
    ),
    { numRuns: 2_000 },
  )
  t.pass()
})

/** Transmissions of real instruments, which may be read but not copied. */
const samples = join(import.meta.dirname, '../../../shared/samples/local/serial')
const names = [
  'abbott_afinion2',
  'cobas_c111',
  'cobas_c311',
  'dca_vantage',
  'pentra_xlr',
  'sysmex_xp100',
]

t.test('astm: every frame of the real transmissions at hand is right', async (t) => {
  let frames = 0
  for (const name of names) {
    const path = join(samples, `${name}.txt`)
    if (!existsSync(path)) continue
    const found = scanned(latin1Text(readFileSync(path)))
    t.notOk(
      found.some(({ kind }) => kind === 'broken'),
      name,
    )
    frames += found.filter(({ kind }) => kind === 'frame').length
    const { messages, abandoned } = received([enquiry, ...found, end])
    t.equal(messages.length, 1, name)
    t.equal(abandoned, 0)
  }
  t.ok(frames === 0 || frames === 39, `${frames} frames`)
})
