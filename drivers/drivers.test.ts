/** The three shapes of a driver, with devices that exist only here, and what a person types. */
import t from 'tap'
import { latin1Bytes, latin1Text } from '../protocols/bytes/bytes.ts'
import { incomplete, noise, packet, type Scan } from '../protocols/bytes/scan.ts'
import { asking, type Ask, type Asking } from './asking.ts'
import type { Driver, Heard, Said, Session, Want } from './driver.ts'
import { driverOf, drivers, driverTable } from './index.ts'
import { receiving } from './receiving.ts'
import { stGsScale } from './st-gs-scale.ts'
import { streaming, type Reader, type Streaming } from './streaming.ts'

/** Words that end by a full stop. `!` is no word. */
function scanWord(bytes: Uint8Array): Scan<string> {
  if (bytes[0] === 0x21) return noise('no word', 1)
  const end = bytes.indexOf(0x2e)
  return end === -1 ? incomplete : packet(latin1Text(bytes.subarray(0, end)), end + 1)
}

const card = {
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
} as const satisfies Omit<Driver, 'session'>

function event(code: string): Said {
  return { kind: 'event', code, level: 'info', active: null }
}

/** Runs a session by hand: every answer to a `listen` is given by the test. */
class Hand {
  readonly #session: Session
  nowMs = 0
  /** What it listens for; null when it has ended. */
  listensMs: number | null = null

  constructor(session: Session) {
    this.#session = session
  }

  start(): string[] {
    return this.#until(undefined)
  }

  bytes(text: string, afterMs = 0): string[] {
    this.nowMs += afterMs
    return this.#until({ kind: 'bytes', bytes: latin1Bytes(text), atMs: this.nowMs })
  }

  silence(afterMs = this.listensMs ?? 0): string[] {
    this.nowMs += afterMs
    return this.#until({ kind: 'silence', atMs: this.nowMs })
  }

  /** Resumes a `listen` with nothing, as a careless interpreter could. */
  nothing(): string[] {
    return this.#until(undefined)
  }

  #until(heard: Heard | undefined): string[] {
    const wants: string[] = []
    for (let next = this.#session.next(heard); ; next = this.#session.next(undefined)) {
      this.listensMs = null
      if (next.done === true) return wants
      if (next.value.kind === 'listen') {
        this.listensMs = next.value.ms
        return wants
      }
      wants.push(shown(next.value))
    }
  }
}

function shown(want: Want): string {
  switch (want.kind) {
    case 'send':
      return `send ${latin1Text(want.bytes)} (${want.why})`
    case 'noise':
      return `noise ${latin1Text(want.bytes)} (${want.reason})`
    case 'packet':
      return `packet ${want.atMs}`
    case 'event':
      return want.code
    default:
      return want.kind
  }
}

class Words implements Reader<string> {
  #last = '';

  *packet(word: string, atMs: number): Generator<Said, void, undefined> {
    this.#last = word
    yield event(`${word}@${atMs}`)
  }

  *pause(): Generator<{ said: Said; atMs: number }, void, undefined> {
    yield { said: event(`after ${this.#last}`), atMs: 1 }
  }
}

const streamed: Streaming<string> = {
  ...card,
  scan: scanWord,
  packetLimitBytes: 16,
  pausedAfterMs: 200,
  opening: null,
  read: () => new Words(),
}

t.test('streaming: stamps a packet with its first byte, and tells the pause once', async (t) => {
  const hand = new Hand(streaming(streamed).session())
  t.strictSame(hand.start(), [])
  t.equal(hand.listensMs, 60_000)
  t.strictSame(hand.bytes('he', 1_000), [])
  t.equal(hand.listensMs, 200)
  t.strictSame(hand.bytes('llo.wor', 150), ['packet 1000', 'hello@1000'])
  t.strictSame(hand.silence(199), [], 'a silence that was too short is none')
  t.equal(hand.listensMs, 1)
  t.strictSame(hand.silence(), ['noise wor (cut short)', 'packet 1', 'after hello'])
  t.equal(hand.listensMs, 60_000)
  t.strictSame(hand.silence(), [], 'the pause goes on')
  t.strictSame(hand.nothing(), [], 'and nothing is nothing')
})

t.test('streaming: two sessions share nothing', async (t) => {
  const driver = streaming({ ...streamed, read: () => ({ *packet() {} }) })
  const [one, other] = [new Hand(driver.session()), new Hand(driver.session())]
  t.strictSame([...one.start(), ...other.start()], [])
  t.strictSame(one.bytes('ab'), [])
  t.strictSame(other.bytes('c.'), ['packet 0'])
  t.strictSame(one.bytes('!.'), ['packet 0'])
  t.strictSame(one.silence(200), [], 'a reader that does not care for pauses')
  t.notOk('scan' in driver, 'the card is only a card')
})

t.test(
  'streaming: opens with its commands, spaced, and hears what comes between them',
  async (t) => {
    const commands = ['1', '2'].map((text) => ({ bytes: latin1Bytes(text), why: `step ${text}` }))
    const opening = { commands, spacingMs: 50, againAfterMs: 2_000 }
    const hand = new Hand(streaming({ ...streamed, opening }).session())
    t.strictSame(hand.start(), ['send 1 (step 1)'])
    t.equal(hand.listensMs, 50)
    t.strictSame(hand.bytes('hi.', 20), ['packet 20', 'hi@20'])
    t.equal(hand.listensMs, 30, 'the rest of the spacing')
    t.strictSame(hand.silence(), ['send 2 (step 2)'])
    t.strictSame(hand.silence(), [], 'now it listens')
    t.equal(hand.listensMs, 120, 'the pause behind the first packet comes first')
    t.strictSame(hand.silence(), ['packet 1', 'after hi'])
    t.equal(hand.listensMs, 1_880)
    t.strictSame(hand.silence(), ['send 1 (step 1)'], 'two seconds after the last command')
  },
)

t.test('streaming: rubbish is no packet, so that the opening is sent again', async (t) => {
  const commands = [{ bytes: latin1Bytes('1'), why: 'start' }]
  const opening = { commands, spacingMs: 0, againAfterMs: 2_000 }
  const hand = new Hand(streaming({ ...streamed, opening }).session())
  hand.start()
  for (let ms = 0; ms < 1_900; ms += 100) t.strictSame(hand.bytes('!', 100).slice(1), [])
  t.match(hand.bytes('!', 100), ['send 1 (start)'])
})

t.test('streaming: filling is neither noise nor a sign that we understand', async (t) => {
  const driver = streaming({ ...streamed, isFilling: (word) => word === '' })
  const hand = new Hand(driver.session())
  hand.start()
  t.strictSame(hand.bytes('..', 100), [])
  t.strictSame(hand.bytes('.hi.', 100), ['packet 200', 'hi@200'])
  const scale = new Hand(stGsScale.session())
  scale.start()
  t.strictSame(scale.bytes('\0\r\n\0'), [], 'a scale that is heard at a wrong speed')
})

const asked: Asking<string> = {
  ...card,
  scan: scanWord,
  packetLimitBytes: 16,
  answerWithinMs: 100,
  tries: 2,
  lateWithinMs: 300,
  againAfterMs: null,
  *talk(ask) {
    const name = yield* ask({ bytes: latin1Bytes('name?'), why: 'who' })
    yield event(`name ${name}`)
    const age = yield* ask({ bytes: latin1Bytes('age?'), why: 'how old' }, (word) => word !== 'hm')
    yield event(`age ${age}`)
  },
}

t.test('asking: throws away what came before the question', async (t) => {
  const hand = new Hand(asking(asked).session())
  t.strictSame(hand.start(), [])
  t.equal(hand.listensMs, 0, 'asks only for what is already there')
  t.strictSame(hand.bytes('old.'), ['noise old. (not asked for)'])
  t.strictSame(hand.silence(), ['send name? (who)'])
  t.equal(hand.listensMs, 100)
  t.strictSame(hand.bytes('b', 30), [])
  t.equal(hand.listensMs, 70)
  t.strictSame(hand.bytes('ob.late', 10), ['packet 30', 'name bob'])
  t.strictSame(hand.silence(), ['send age? (how old)'], 'what followed the answer is forgotten')
  t.strictSame(hand.bytes('hm.7.', 5), ['packet 45', 'age 7'], 'and what is no answer')
  t.equal(hand.listensMs, null, 'one talk, and it is over')
})

t.test('asking: asks again only when the late answer cannot come any more', async (t) => {
  const hand = new Hand(asking(asked).session())
  hand.start()
  t.strictSame(hand.silence(), ['send name? (who)'])
  t.strictSame(hand.bytes('bo', 90), [])
  t.strictSame(hand.silence(), ['noise bo (cut short)'])
  t.equal(hand.listensMs, 300)
  t.strictSame(hand.bytes('bob.', 100), ['noise bob. (not asked for)'], 'too late')
  t.equal(hand.listensMs, 300)
  t.strictSame(hand.silence(), ['send name? (who)'])
  t.strictSame(hand.silence(), ['name null'], 'two tries')
  t.strictSame(hand.silence(), ['send age? (how old)'])
})

t.test('asking: an answer that needs the pause to be found is found', async (t) => {
  const hand = new Hand(asking({ ...asked, scan: scanQuoted }).session())
  hand.start()
  t.strictSame(hand.silence(), ['send name? (who)'])
  t.strictSame(hand.bytes('(((bob)', 99), [])
  t.strictSame(hand.silence(), ['noise (( (cut short)', 'packet 99', 'name bob'])
})

/** Letters between brackets. Two opening brackets could be the beginning of something longer. */
function scanQuoted(bytes: Uint8Array): Scan<string> {
  const text = latin1Text(bytes)
  if (text.startsWith('((')) return incomplete
  const found = /^\((\w*)\)/.exec(text)
  return found === null ? incomplete : packet(found[1] ?? '', found[0].length)
}

t.test('asking: a device that never stops talking is asked all the same', async (t) => {
  const hand = new Hand(asking(asked).session())
  hand.start()
  let pieces = 0
  for (; pieces < 1_000; pieces++) {
    if (hand.bytes('x', 1).some((want) => want.startsWith('send'))) break
  }
  t.equal(pieces, 63)
})

t.test('asking: one question can have several packets', async (t) => {
  const hand = new Hand(
    asking({
      ...asked,
      *talk(ask) {
        for (let word = yield* ask({ bytes: latin1Bytes('all?'), why: 'dump' }); word !== null;) {
          yield event(word)
          word = yield* ask(null)
        }
        yield event('end')
      },
    }).session(),
  )
  hand.start()
  hand.silence()
  t.strictSame(hand.bytes('a.b.', 1), ['packet 1', 'a', 'packet 1', 'b'])
  t.strictSame(hand.bytes('c.', 50), ['packet 51', 'c'])
  t.strictSame(hand.bytes('!', 100), ['noise ! (no word)', 'end'])
})

t.test('asking: talks again after its rest, in which nothing is asked for', async (t) => {
  const again = asking({
    ...asked,
    againAfterMs: 1_000,
    *talk(ask: Ask<string>) {
      yield* ask({ bytes: latin1Bytes('?'), why: 'poll' })
    },
  })
  const hand = new Hand(again.session())
  hand.start()
  t.strictSame(hand.silence(), ['send ? (poll)'])
  t.strictSame(hand.bytes('x.', 10), ['packet 10'])
  t.equal(hand.listensMs, 1_000)
  t.strictSame(hand.bytes('y.', 400), ['noise y. (not asked for)'])
  t.equal(hand.listensMs, 600)
  t.strictSame(hand.silence(), [])
  t.equal(hand.listensMs, 0)
  t.strictSame(hand.nothing(), ['send ? (poll)'])
  t.strictSame(hand.nothing(), [], 'resumed with nothing, it gives up this try')
  hand.nothing()
  hand.nothing()
  t.strictSame(hand.nothing(), [])
})

t.test('receiving: reads whole objects, and refuses what is too large', async (t) => {
  const driver = receiving({
    ...card,
    objectLimitBytes: 4,
    read: (object) =>
      object[0] === 0x21
        ? { ok: false, reason: 'no word' }
        : { ok: true, said: [event(latin1Text(object))] },
  })
  const hand = new Hand(driver.session())
  t.strictSame(hand.start(), [])
  t.strictSame(hand.silence(), [])
  t.strictSame(hand.bytes('abcd', 5), ['packet 60005', 'abcd'])
  t.strictSame(hand.bytes('!'), ['noise ! (no word)'])
  t.strictSame(hand.bytes('abcde'), ['noise abcde (larger than its limit)'])
})

t.test('drivers: the table names each once, with its link and its evidence', async (t) => {
  const rows = driverTable()
  t.equal(rows.length, drivers.length)
  t.match(
    rows.find(({ id }) => id === 'and-tm265x'),
    {
      link: 'serial 2400 8N1, 9600 8N1',
      streams: 'measurement, event',
      evidence: 'captured',
      confidence: 'high',
    },
  )
  t.match(rows.at(-1), { id: 'keypad', link: 'keypad' })
  t.equal(driverOf('st-gs-infant-scale')?.label, 'Serial infant scale (ST/US lines)')
  t.equal(driverOf('nothing'), null)
})
