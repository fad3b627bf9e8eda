import t from 'tap'
import type { Heard, Session, Want } from '../../../drivers/driver.ts'
import { latin1Bytes, latin1Text } from '../../../protocols/bytes/bytes.ts'
import { monotonicMs } from '../../../protocols/world/clock.ts'
import { retold, type Past } from './retell.ts'

const value = { code: 'MDC_TEMP', value: 36.5, unit: 'Cel' } as const

/** Opens with a question, answers each packet, and says a measurement for each `m`. */
function* talker(): Session {
  yield { kind: 'send', bytes: latin1Bytes('hello'), why: 'open' }
  for (;;) {
    const heard: Heard | undefined = yield { kind: 'listen', ms: 500 }
    if (heard === undefined) return
    if (heard.kind === 'silence') {
      yield { kind: 'event', code: 'silence', level: 'info', active: null }
      continue
    }
    if (heard.kind !== 'bytes') continue
    for (const letter of latin1Text(heard.bytes)) {
      if (letter === 'x') return
      if (letter !== 'n') yield { kind: 'packet', atMs: heard.atMs }
      yield { kind: 'measurement', values: [value], qualifiers: { letter } }
      if (letter === 'c') {
        const answer: Heard | undefined = yield { kind: 'commit' }
        const isStored = answer?.kind === 'committed' && answer.isStored
        yield { kind: 'send', bytes: latin1Bytes(isStored ? 'ack' : 'nak'), why: 'answer' }
      }
    }
  }
}

function past(wasAsked: boolean, ...said: readonly (readonly [number, string])[]): Past {
  const pieces = said.map(([atMs, text]) => ({
    atMs: monotonicMs(atMs),
    bytes: latin1Bytes(text),
  }))
  return { pieces, beganMs: 1_000, wasAsked }
}

/** Runs until the session waits for what is heard now, at 10 s; what was said, with its times. */
function told(session: Session, nowMs = 10_000) {
  const lines: string[] = []
  const sent: string[] = []
  let causeMs = nowMs
  let waitsMs: number | null = null
  const run = (first: Heard | undefined): void => {
    let heard = first
    for (let wants = 0; wants < 10_000; wants++) {
      const step = session.next(heard)
      heard = undefined
      if (step.done === true) return
      const want: Want = step.value
      if (want.kind === 'packet') causeMs = nowMs + want.atMs
      else if (want.kind === 'send') sent.push(latin1Text(want.bytes))
      else if (want.kind === 'commit') heard = { kind: 'committed', isStored: true, atMs: 0 }
      else if (want.kind === 'measurement') {
        lines.push(`${want.qualifiers?.['letter']} at ${causeMs}`)
      } else if (want.kind === 'event') lines.push(`${want.code} at ${causeMs}`)
      else if (want.kind === 'listen') {
        if (want.ms > 0) {
          waitsMs = want.ms
          return
        }
        heard = { kind: 'silence', atMs: 0 }
      }
    }
    throw new Error('it never waits')
  }
  run(undefined)
  return {
    lines,
    sent,
    waitsMs: () => waitsMs,
    hear: (text: string, atMs: number) => {
      causeMs = nowMs + atMs
      run({ kind: 'bytes', bytes: latin1Bytes(text), atMs })
    },
  }
}

const begin = (of: Past) => retold(talker(), of, () => 10_000)

t.test('retold: what was said comes with its times, and the silences between', async (t) => {
  const one = told(begin(past(true, [1_200, 'm'], [2_300, 'n'])))
  t.strictSame(one.lines.slice(0, 4), [
    'm at 1200',
    'silence at 1700',
    'silence at 2200',
    'n at 2300',
  ])
  // Each half second of silence since then, up to now.
  t.equal(one.lines.length, 4 + 15)
  t.equal(one.lines.at(-1), 'silence at 9800')
  t.equal(one.waitsMs(), 300, 'it goes on waiting where it would')
  one.hear('m', 120)
  t.equal(one.lines.at(-1), 'm at 10120')
})

t.test('retold: only what opens a dialogue is sent about the past, and only once', async (t) => {
  t.strictSame(told(begin(past(false, [1_200, 'm']))).sent, ['hello'])
  t.strictSame(told(begin(past(true, [1_200, 'm']))).sent, [], 'it was sent then')
  const one = told(begin(past(false, [1_200, 'mc'])))
  t.strictSame(one.sent, ['hello'], 'an answer comes too late')
  one.hear('c', 50)
  t.strictSame(one.sent, ['hello', 'ack'], 'and now it is in time')
})

t.test('retold: what the device keeps until it is acknowledged is left to it', async (t) => {
  const one = told(begin(past(true, [1_200, 'm'], [1_300, 'c'])))
  t.notOk(one.lines.some((line) => line.startsWith('c')))
  one.hear('c', 50)
  t.equal(one.lines.filter((line) => line.startsWith('c')).length, 1, 'it comes once')
})

t.test('retold: a session that has ended ends; one that breaks off goes on', async (t) => {
  t.strictSame(told(begin(past(true, [1_200, 'mx'], [1_300, 'm']))).lines, ['m at 1200'])
  const all = past(true, ...Array.from({ length: 5_000 }, (_, at) => [1_000 + at, 'm'] as const))
  const broken = begin(all)
  for (let step = 0; step < 2_000; step++) broken.next()
  broken.return()
  const left = all.pieces.length
  t.ok(left > 3_000 && left < 5_000, `${left} are left`)
  const again = told(begin(all))
  t.equal(again.lines.filter((line) => line.startsWith('m')).length, left)
})
