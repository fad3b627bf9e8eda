import t from 'tap'
import type { Record, Rendition } from '../protocols/packet/record.ts'
import { fakeClock } from './clock/fake-clock.ts'
import { journalTrouble } from './errors/journal.ts'
import type { Transcoded } from './imaging/transcode/messages.ts'
import type { Transcoder } from './imaging/transcode/transcoder.ts'
import { imageOf, keepingLog, noise, type Told } from './journal/journal-testing.ts'
import type { Undecided } from './journal/journal.ts'
import { Packing } from './packing.ts'

const made = { path: '/in/packed', sizeBytes: 9, sha256: 'ab'.repeat(32) }
const packed: Transcoded = { kind: 'packed', coding: 'htj2k', file: made }
const asIs: Transcoded = { kind: 'as-is', why: 'because' }

interface Rig {
  readonly packing: Packing
  readonly waiting: Undecided[]
  /** What was done, in order. */
  readonly done: string[]
  readonly records: Rendition[]
  readonly told: Told[]
  full: boolean
  readonly settle: () => Promise<void>
  readonly advance: (ms: number) => Promise<void>
}

/** `outcomes`: of the images in turn; null stands for no transcoder. */
function rigWith(outcomes: readonly Transcoded[] | null, count: number): Rig {
  const clock = fakeClock()
  const done: string[] = []
  const told: Told[] = []
  const records: Rendition[] = []
  const waiting: Undecided[] = Array.from({ length: count }, (_, index) => ({
    device: 'xray-1',
    image: imageOf(index, noise(100, index), `1.${index}`),
    path: `/objects/${index}`,
  }))
  const settledNow = (sha256: string): void => {
    const at = waiting.findIndex(({ image }) => image.object.sha256 === sha256)
    if (at >= 0) waiting.splice(at, 1)
  }
  const remaining = [...(outcomes ?? [])]
  const transcoder: Transcoder = {
    async transcode({ path }, preview) {
      preview(0, { ...made, path: `${path}.jpg` })
      return remaining.shift() ?? asIs
    },
    async stop() {
      done.push('stop')
    },
  }
  const rig: Rig = {
    packing: new Packing({
      clock,
      time: { utcOf: () => null },
      transcoder: outcomes === null ? null : transcoder,
      remove: (path) => done.push(`remove ${path}`),
      log: keepingLog(told),
      decided: () => {},
      journal: {
        async undecided(limit) {
          return waiting.slice(0, limit)
        },
        async sendAsIs(sha256) {
          if (rig.full) throw journalTrouble('journal-full')
          const one = waiting.find(({ image }) => image.object.sha256 === sha256)
          if (one !== undefined) done.push(`as-is ${one.path}`)
          settledNow(sha256)
        },
        async adopt(_device: string, record: Record, path: string) {
          if (record.kind !== 'rendition') throw new TypeError('a rendition')
          if (rig.full) throw journalTrouble('journal-full')
          done.push(`${record.role} ${path}`)
          records.push(record)
          if (record.role === 'packed') settledNow(record.of)
          return 'stored'
        },
      },
    }),
    waiting,
    done,
    records,
    told,
    full: false,
    settle: () => clock.advance(1),
    advance: (ms) => clock.advance(ms),
  }
  return rig
}

t.test('packing: previews first, then the packed file or the file itself', async (t) => {
  const rig = rigWith([packed, asIs], 2)
  const [first] = rig.waiting
  rig.packing.nudge()
  await rig.settle()
  t.strictSame(rig.done, [
    'preview /objects/0.jpg',
    'packed /in/packed',
    'preview /objects/1.jpg',
    'as-is /objects/1',
  ])
  t.match(rig.records[0], {
    role: 'preview',
    frame: 0,
    of: first?.image.object.sha256,
    object: { mediaType: 'image/jpeg' },
    simulated: false,
  })
  t.match(rig.records[1], {
    role: 'packed',
    frame: null,
    object: { sizeBytes: 9, mediaType: 'application/vnd.simpul.packed-image' },
  })
})

t.test('packing: a coerced form is packed like its image, which has the previews', async (t) => {
  const rig = rigWith([packed], 1)
  const [one] = rig.waiting
  if (one === undefined) throw new Error('nothing waits')
  const { object, atMs, utcMs, uncertaintyMs, source, simulated } = one.image
  const stamps = { atMs, utcMs, uncertaintyMs, source, simulated }
  const role = { kind: 'rendition', role: 'coerced', of: 'cd'.repeat(32), frame: null } as const
  rig.waiting[0] = { ...one, image: { ...stamps, ...role, object } }
  rig.packing.nudge()
  await rig.settle()
  t.strictSame(rig.done, ['remove /objects/0.jpg', 'packed /in/packed'])
  t.match(rig.records, [{ role: 'packed', of: object.sha256 }])
})

t.test('packing: the oldest of an earlier life goes as it is', async (t) => {
  const rig = rigWith([packed], 2)
  rig.packing.start()
  await rig.settle()
  t.strictSame(rig.done, ['as-is /objects/0', 'preview /objects/1.jpg', 'packed /in/packed'])
})

t.test('packing: without a transcoder everything goes as it is', async (t) => {
  const rig = rigWith(null, 3)
  rig.packing.nudge()
  await rig.settle()
  t.strictSame(rig.done, ['as-is /objects/0', 'as-is /objects/1', 'as-is /objects/2'])
})

t.test('packing: without room it tries again, and loses nothing', async (t) => {
  const rig = rigWith([packed, packed], 1)
  rig.full = true
  rig.packing.nudge()
  await rig.settle()
  t.equal(rig.waiting.length, 1)
  t.strictSame(rig.done, ['remove /objects/0.jpg', 'remove /in/packed'])
  rig.full = false
  await rig.advance(30_000)
  t.equal(rig.waiting.length, 0)
  t.strictSame(rig.done.slice(2), ['preview /objects/0.jpg', 'packed /in/packed'])
})

t.test('packing: what is under way when it stops waits for the next start', async (t) => {
  const rig = rigWith([asIs], 1)
  rig.packing.nudge()
  await rig.packing.stop()
  await rig.settle()
  t.strictSame(
    rig.done.filter((one) => one.startsWith('as-is')),
    [],
  )
  t.equal(rig.waiting.length, 1)
})
