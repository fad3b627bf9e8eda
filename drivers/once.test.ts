/** What a session remembers of what it has said: keys, numbers of a body, and from talk to talk. */
import t from 'tap'
import { latin1Bytes, latin1Text } from '../protocols/bytes/bytes.ts'
import { incomplete, packet, type Scan } from '../protocols/bytes/scan.ts'
import { leaveAlone, polling } from './asking.ts'
import { BodyResults, type BodyResult } from './body-result.ts'
import { cuffMeasured } from './blood-pressure.ts'
import type { CaptureStep } from './capture.ts'
import type { Said } from './driver.ts'
import { Once } from './once.ts'
import { replay } from './replay.ts'

t.test('once: knows a key again, and forgets the oldest of very many', async (t) => {
  const once = new Once()
  t.ok(once.isNew('first'))
  t.notOk(once.isNew('first'))
  for (let key = 0; key < 4_095; key++) once.isNew(String(key))
  t.notOk(once.isNew('first'), 'there is room for 4,096')
  t.ok(once.isNew('one more'))
  t.ok(once.isNew('first'), 'now it is forgotten')
})

const person: BodyResult = {
  weightKg: 58.4,
  heightCm: 165.2,
  bodyMassIndex: 21.4,
  deviceTime: null,
  qualifiers: {},
}

function kinds(said: Iterable<Said>): readonly string[] {
  return Array.from(said, (one) => (one.kind === 'event' ? one.code : one.kind))
}

t.test('body result: the same numbers are one person within seconds, later another', async (t) => {
  const results = new BodyResults(10_000)
  t.strictSame(kinds(results.say(person, 0)), ['measurement'])
  t.strictSame(kinds(results.say(person, 9_999)), ['said-twice'])
  t.strictSame(kinds(results.say(person, 19_998)), ['said-twice'], 'the key is still pressed')
  t.strictSame(kinds(results.say(person, 29_998)), ['measurement'])
  t.strictSame(kinds(results.say({ ...person, weightKg: 58.5 }, 29_999)), ['measurement'])
})

t.test('body result: nothing measured is nothing said', async (t) => {
  const results = new BodyResults(10_000)
  const { qualifiers, deviceTime } = person
  t.strictSame(kinds(results.say({ weightKg: null, qualifiers, deviceTime }, 0)), [])
  t.strictSame(kinds(results.say({ ...person, weightKg: null, bodyMassIndex: null }, 1)), [
    'measurement',
  ])
})

t.test('body result: an index that does not agree is kept and named', async (t) => {
  const implausible = 'MDC_RATIO_MASS_BODY_LEN_SQ'
  for (const [bodyMassIndex, qualifiers] of [
    [21.69, {}],
    [21.71, { implausible }],
  ] as const) {
    const [said] = new BodyResults(0).say({ ...person, bodyMassIndex }, 0)
    t.match(said, { kind: 'measurement' })
    t.strictSame(said?.kind === 'measurement' ? (said.qualifiers ?? {}) : null, qualifiers)
  }
})

t.test('blood pressure: a mean that the device never says is not there at all', async (t) => {
  const result = { systolicMmHg: 121, diastolicMmHg: 78, pulsePerMinute: null, deviceTime: null }
  const without = cuffMeasured(result)
  const absent = cuffMeasured({ ...result, meanMmHg: null })
  t.equal(without.kind === 'measurement' ? without.values.length : 0, 3)
  t.match(absent, { values: [{}, {}, { code: 'MDC_PRESS_BLD_NONINV_MEAN', value: null }, {}] })
  t.match(cuffMeasured({ ...result, meanMmHg: 130 }), {
    qualifiers: { implausible: 'MDC_PRESS_BLD_NONINV_MEAN' },
  })
})

function scanWord(bytes: Uint8Array): Scan<string> {
  const end = bytes.indexOf(0x2e)
  return end === -1 ? incomplete : packet(latin1Text(bytes.subarray(0, end)), end + 1)
}

const counting = polling({
  id: 'invented',
  label: 'Invented',
  source: 'this test',
  evidence: 'inferred',
  confidence: 'low',
  links: [{ kind: 'serial', lines: [], usb: [], splits: 'bytes' }],
  asks: 'nothing',
  waves: [],
  streams: ['event'],
  silentAfterMs: null,
  scan: scanWord,
  packetLimitBytes: 16,
  answerWithinMs: 100,
  tries: 1,
  lateWithinMs: 0,
  againAfterMs: 1_000,
  remember: () => new Once(),
  *talk(ask, said) {
    const word = yield* ask({ bytes: latin1Bytes('?'), why: 'word' })
    yield* leaveAlone(50)
    if (word === null || !said.isNew(word)) return
    yield { kind: 'event', code: word, level: 'info', active: null }
  },
})

function host(text: string): CaptureStep {
  return { kind: 'host', bytes: latin1Bytes(text) }
}

function device(text: string): CaptureStep {
  return { kind: 'device', bytes: latin1Bytes(text) }
}

function event(code: string): CaptureStep {
  return { kind: 'said', said: { kind: 'event', code, level: 'info', active: null } }
}

t.test('polling: remembers from talk to talk, and nothing from session to session', async (t) => {
  const pause: CaptureStep = { kind: 'wait', ms: 60 }
  const talk = [host('?'), device('one.'), pause]
  const steps = [...talk, event('one'), ...talk, host('?'), device('two.'), pause, event('two')]
  t.strictSame(replay(counting, steps, null).problems, [])
  t.strictSame(replay(counting, steps, null).problems, [], 'another session says it again')
})

t.test('polling: what is said while it is left alone is noise', async (t) => {
  const steps = [host('?'), device('one.'), device('more.'), event('one')]
  const { said, noiseBytes } = replay(counting, steps, null)
  t.equal(noiseBytes, 5)
  t.equal(said.length, 1)
})
