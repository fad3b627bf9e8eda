import t from 'tap'
import { existsSync, readFileSync, rmSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Session } from '../../drivers/driver.ts'
import { memoryLog } from '../health/log.ts'
import { linesFile } from '../links/lines-file.ts'
import { KnownResults, knownMax } from './known-results.ts'
import type { Item } from './said-items.ts'
import { testDriver, testVan } from './session-testing.ts'

const { log } = memoryLog()
const deviceTime = { year: 2026, month: 12, day: 1, hour: 7, minute: 30, second: null }

/**
 * A meter whose memory is read at each connection: a letter is a result, a digit the number of the
 * meter, an exclamation mark a result without a name. A full stop asks whether all is stored.
 */
function* memory(): Session {
  for (;;) {
    const heard = yield { kind: 'listen', ms: 60_000 }
    if (heard?.kind !== 'bytes') continue
    yield { kind: 'packet', atMs: heard.atMs }
    for (const letter of Buffer.from(heard.bytes).toString()) {
      const values = [{ code: 'MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD', value: 100, unit: 'mg/dL' }]
      if (/\d/.test(letter)) {
        yield { kind: 'identity', model: null, serialNumber: letter, firmware: null }
      } else if (letter === '.') {
        const answer = yield { kind: 'commit' }
        const isStored = answer?.kind === 'committed' && answer.isStored
        yield { kind: 'send', bytes: Buffer.from(isStored ? '+' : '-'), why: 'told' }
      } else if (letter === '!') {
        yield { kind: 'measurement', values, deviceTime }
      } else {
        yield { kind: 'measurement', values, deviceTime, qualifiers: { record: letter } }
      }
    }
  }
}

/** Says `text` in a session of its own, and answers the names of what was stored. */
async function plugged(text: string, known: KnownResults, refuses: string | null = null) {
  const stored: string[] = []
  const van = testVan({
    driver: testDriver(memory, { silentAfterMs: null }),
    known,
    sink: {
      record: async (_device, record) => {
        if (record.kind !== 'measurement') return
        const name = record.qualifiers['record'] ?? '!'
        if (name === refuses) throw new Error('no room')
        stored.push(name)
      },
    },
  })
  van.session.start()
  await van.clock.settle()
  van.say(text)
  await van.clock.settle()
  await van.session.stop()
  await known.saved()
  return { stored: stored.join(''), told: van.plug.heard.map(String).join('') }
}

t.test('known results: a memory that is read again is stored once', async (t) => {
  const known = KnownResults.forgetful(log)
  t.match(await plugged('abc.', known), { stored: 'abc' })
  const again = await plugged('abcd.', known)
  t.equal(again.stored, 'd')
  t.equal(again.told, String(Buffer.from('+')), 'what is stored already is stored')
})

t.test('known results: a restart knows them too', async (t) => {
  const file = linesFile(join(t.testdir({}), 'results.seen'))
  await plugged('abc', await KnownResults.open(file, log))
  t.equal((await plugged('abcd', await KnownResults.open(file, log))).stored, 'd')
})

t.test('known results: only what is stored is known', async (t) => {
  const known = KnownResults.forgetful(log)
  const first = await plugged('abc.', known, 'b')
  t.match(first, { stored: 'ac', told: String(Buffer.from('-')) })
  t.match(await plugged('abc.', known), { stored: 'b' })
})

t.test('known results: two meters at one place are two', async (t) => {
  const known = KnownResults.forgetful(log)
  await plugged('1ab', known)
  t.equal((await plugged('2ab', known)).stored, 'ab')
  t.equal((await plugged('1ab', known)).stored, '')
})

t.test('known results: without a name, the same twice are two results', async (t) => {
  const known = KnownResults.forgetful(log)
  t.equal((await plugged('!!', known)).stored, '!!')
  t.equal((await plugged('!', known)).stored, '!')
  const stamped = { atMs: 1, utcMs: null, uncertaintyMs: null, source: 'device' } as const
  const timeless: Item = {
    kind: 'measurement',
    values: [],
    deviceTime: null,
    qualifiers: { record: '1' },
    simulated: false,
    ...stamped,
  }
  t.equal(known.keyOf('one', null, timeless), null)
  t.equal(known.keyOf('one', null, { ...timeless, kind: 'numerics' } as unknown as Item), null)
  const timed = { ...timeless, deviceTime }
  const key = known.keyOf('one', null, timed)
  t.equal(known.keyOf('one', null, { ...timed, atMs: 9, utcMs: 5, uncertaintyMs: 1 }), key)
  t.not(known.keyOf('other', null, timed), key)
  t.not(known.keyOf('one', null, { ...timed, qualifiers: { record: '2' } }), key)
})

t.test('known results: so many, and the file does not grow for ever', async (t) => {
  const path = join(t.testdir({}), 'results.seen')
  const known = await KnownResults.open(linesFile(path), log)
  const key = (number: number) => number.toString(16).padStart(32, '0')
  for (let batch = 0; batch < 50; batch++) {
    for (let one = 0; one < 1_000; one++) known.stored(key(batch * 1_000 + one))
    await known.saved()
  }
  t.equal(known.find(key(0)), null)
  t.match(known.find(key(49_999)), { state: 'stored' })
  t.ok(readFileSync(path, 'latin1').split('\n').length <= knownMax + 10_000)
  const next = await KnownResults.open(linesFile(path), log)
  t.match(next.find(key(49_999)), { state: 'stored' })
})

t.test('known results: a disk that refuses is told, and tried again with the next', async (t) => {
  const folder = t.testdir({ data: {} })
  const path = join(folder, 'data', 'results.seen')
  const memory = memoryLog()
  const known = await KnownResults.open(linesFile(path), memory.log)
  rmSync(join(folder, 'data'), { recursive: true })
  known.stored('a'.repeat(32))
  await known.saved()
  t.match(memory.lines, [{ level: 'error', message: 'what devices have stored is not saved' }])
  mkdirSync(join(folder, 'data'))
  known.stored('b'.repeat(32))
  await known.saved()
  t.equal(readFileSync(path, 'latin1').trim().split('\n').length, 2)
  const unreadable = await KnownResults.open(linesFile(folder), memory.log)
  t.equal(unreadable.find('a'.repeat(32)), null)
  t.notOk(existsSync(`${path}.new`))
})
