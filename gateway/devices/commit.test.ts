import t from 'tap'
import type { Session } from '../../drivers/driver.ts'
import type { Record } from '../../protocols/packet/record.ts'
import { Trouble } from '../errors/trouble.ts'
import { commitLimitMs } from './conversation.ts'
import { expectedForMs, expectedMax } from './repeats.ts'
import type { NewDocument } from './said-items.ts'
import { testDriver, testVan } from './session-testing.ts'

/**
 * A device that hands over results and keeps them until it hears `+`: each letter is a result, a
 * digit a file, and a full stop asks for the acknowledgement. `-` tells it to keep them.
 */
function* handsOver(): Session {
  for (;;) {
    const heard = yield { kind: 'listen', ms: 60_000 }
    if (heard?.kind !== 'bytes') continue
    for (const byte of heard.bytes) {
      const letter = String.fromCharCode(byte)
      yield { kind: 'packet', atMs: heard.atMs }
      if (letter === '.') {
        const answer = yield { kind: 'commit' }
        const isStored = answer?.kind === 'committed' && answer.isStored
        yield { kind: 'send', bytes: Buffer.from(isStored ? '+' : '-'), why: 'acknowledge' }
      } else if (/\d/.test(letter)) {
        const bytes = Uint8Array.of(byte)
        yield { kind: 'document', title: 'Report', mediaType: 'application/pdf', bytes }
      } else {
        const value = { code: 'MDC_PULS_RATE', value: byte, unit: '/min' }
        yield { kind: 'measurement', values: [value], qualifiers: { sample: letter } }
      }
    }
  }
}

const words = { what: 'No room.', todo: 'Make room.' }
const full = new Trouble('journal-full', { en: words, id: words, retriable: true })
const hopeless = new Trouble('journal-refused', { en: words, id: words, retriable: false })

/** A journal that stores, refuses or waits, by the letter of what it is given. */
async function started() {
  const results: string[] = []
  const held: (() => void)[] = []
  const journal = {
    refuse: null as ((name: string) => Trouble | null) | null,
    isSlow: false,
    calls: 0,
  }
  const store = async (name: string): Promise<void> => {
    journal.calls++
    if (journal.isSlow) await new Promise<void>((resolve) => held.push(resolve))
    const why = journal.refuse?.(name) ?? null
    if (why !== null) throw why
    results.push(name)
  }
  const nameOf = (record: Record): string =>
    record.kind === 'measurement' ? (record.qualifiers['sample'] ?? '?') : record.kind
  const van = testVan({
    driver: testDriver(handsOver, { silentAfterMs: null }),
    sink: {
      record: async (_device, record) => {
        if (record.kind !== 'event') await store(nameOf(record))
      },
      document: async (_device, document: NewDocument) =>
        await store(String.fromCharCode(document.bytes[0] ?? 0)),
    },
  })
  van.session.start()
  await van.clock.settle()
  return {
    ...van,
    results,
    journal,
    /** Lets the journal answer what it has. */
    answer: async () => {
      for (const resolve of held.splice(0)) resolve()
      await van.clock.settle()
    },
    hand: async (text: string) => {
      van.say(text)
      await van.clock.settle()
    },
    /** What the device was told. */
    told: () => van.plug.heard.map((bytes) => Buffer.from(bytes).toString()).join(''),
  }
}

t.test('commit: the device hears of it when all is on the disk, and not before', async (t) => {
  const van = await started()
  van.journal.isSlow = true
  await van.hand('ab1.')
  await van.clock.advance(commitLimitMs - 1)
  t.equal(van.told(), '')
  await van.answer()
  t.strictSame(van.results, ['a', 'b', '1'])
  t.equal(van.told(), '+')
  await van.session.stop()
  t.strictSame(van.clock.running(), [])
})

t.test('commit: nothing said is stored at once', async (t) => {
  const van = await started()
  await van.hand('.')
  t.equal(van.told(), '+')
  await van.session.stop()
})

t.test(
  'commit: what a full disk refuses is withdrawn, and stored once when it comes again',
  async (t) => {
    const van = await started()
    van.journal.refuse = () => full
    await van.hand('ab1.')
    t.equal(van.told(), '-')
    t.match(van.session.status(), {
      recordsWaiting: 0,
      recordsLost: 0,
      storeTrouble: { code: 'journal-full' },
    })
    await van.hand('ab1.')
    t.equal(van.told(), '--', 'each time it asks, the disk is asked')
    van.journal.refuse = null
    await van.clock.advance(120_000)
    t.strictSame(van.results, [], 'nothing is tried behind its back')
    await van.hand('ab1.')
    t.equal(van.told(), '--+')
    t.strictSame(van.results, ['a', 'b', '1'])
    t.match(van.session.status(), { recordsWaiting: 0, recordsLost: 0, storeTrouble: null })
    await van.session.stop()
  },
)

t.test(
  'commit: what is on the disk already is not stored again when all comes again',
  async (t) => {
    const van = await started()
    van.journal.refuse = (name) => (name === 'b' ? full : null)
    await van.hand('abc.')
    t.equal(van.told(), '-')
    t.strictSame(van.results, ['a', 'c'])
    await van.hand('abc.')
    t.equal(van.told(), '--', 'and again')
    van.journal.refuse = null
    await van.hand('abc.')
    t.equal(van.told(), '--+')
    t.strictSame(van.results, ['a', 'c', 'b'])
    await van.hand('abc.')
    t.strictSame(van.results, ['a', 'c', 'b', 'a', 'b', 'c'], 'each takes one repetition, no more')
    await van.session.stop()
  },
)

t.test('commit: what cannot go to the hospital at all is not acknowledged', async (t) => {
  const van = await started()
  van.journal.refuse = (name) => (name === 'b' ? hopeless : null)
  await van.hand('ab.')
  t.equal(van.told(), '-')
  t.match(van.session.status(), { recordsWaiting: 0, recordsLost: 1 })
  van.journal.refuse = null
  await van.hand('a.')
  t.equal(van.told(), '-+')
  t.strictSame(van.results, ['a'])
  await van.session.stop()
})

t.test('commit: what a slow journal stores too late is not stored again', async (t) => {
  const van = await started()
  van.journal.isSlow = true
  await van.hand('a1.')
  await van.clock.advance(commitLimitMs)
  t.equal(van.told(), '-', 'a device does not wait for ever')
  van.journal.isSlow = false
  await van.answer()
  t.strictSame(van.results, ['a', '1'])
  await van.hand('a.')
  t.equal(van.told(), '-+')
  t.strictSame(van.results, ['a', '1'])
  await van.session.stop()
})

t.test('commit: what a slow journal refuses too late is not tried again', async (t) => {
  const van = await started()
  van.journal.isSlow = true
  van.journal.refuse = () => full
  await van.hand('a.')
  await van.clock.advance(commitLimitMs)
  await van.answer()
  van.journal.isSlow = false
  van.journal.refuse = null
  await van.clock.advance(120_000)
  t.strictSame(van.results, [])
  await van.hand('a.')
  t.strictSame(van.results, ['a'])
  t.equal(van.told(), '-+')
  await van.session.stop()
})

t.test('commit: a device that was unplugged before its answer says all of it again', async (t) => {
  const van = await started()
  van.journal.isSlow = true
  await van.hand('ab.')
  van.plug.unplug()
  await van.answer()
  t.strictSame(van.results, ['a', 'b'])
  van.journal.isSlow = false
  van.plug.plugIn()
  await van.clock.advance(60_000)
  await van.hand('abc.')
  t.strictSame(van.results, ['a', 'b', 'c'])
  t.equal(van.told(), '+')
  await van.session.stop()
})

t.test('commit: who stops in the middle answers first', async (t) => {
  const van = await started()
  van.journal.isSlow = true
  await van.hand('ab.')
  const stopping = van.session.stop()
  await van.clock.settle()
  t.ok(van.plug.isOpen)
  await van.answer()
  await stopping
  t.equal(van.told(), '+')
  t.strictSame(van.results, ['a', 'b'])
  t.strictSame(van.clock.running(), [])
})

t.test('commit: but not for ever', async (t) => {
  const van = await started()
  van.journal.isSlow = true
  await van.hand('a.')
  const stopping = van.session.stop()
  await van.clock.advance(5_000)
  t.notOk(van.plug.isOpen)
  await van.answer()
  await stopping
  t.equal(van.told(), '')
})

t.test('commit: after long enough, the same is a new result', async (t) => {
  const van = await started()
  van.journal.refuse = (name) => (name === 'b' ? full : null)
  await van.hand('ab.')
  van.journal.refuse = null
  await van.clock.advance(expectedForMs)
  await van.hand('ab.')
  t.strictSame(van.results, ['a', 'a', 'b'])
  await van.session.stop()
})

t.test('commit: of very much, only so much is expected again', async (t) => {
  const van = await started()
  van.journal.refuse = (name) => (name === 'b' ? full : null)
  await van.hand(`${'a'.repeat(expectedMax + 10)}b.`)
  van.journal.refuse = null
  await van.hand(`${'a'.repeat(expectedMax + 10)}.`)
  t.equal(van.results.length, expectedMax + 10 + 10)
  await van.session.stop()
})

t.test("commit: the gateway's own events do not hold it up and are not withdrawn", async (t) => {
  const stored: string[] = []
  let refuses = true
  const van = testVan({
    driver: testDriver(handsOver, { silentAfterMs: null }),
    sink: {
      record: async (_device, record) => {
        if (refuses) throw full
        stored.push(record.kind === 'event' ? record.code : record.kind)
      },
    },
  })
  van.session.start()
  await van.clock.settle()
  van.say('a.')
  await van.clock.settle()
  t.match(van.session.status(), { recordsWaiting: 1 }, 'that it was connected')
  refuses = false
  await van.clock.advance(60_000)
  t.strictSame(stored, ['connected'])
  await van.session.stop()
})
