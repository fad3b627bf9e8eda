/** The page is enough to read the codec's packets: a reader that was written from it gives the samples. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { readContainer } from '../protocols/ecg-codec/container.ts'
import {
  chainPacketsMax,
  relationLeadsMax,
  samplesPerByteMax,
  waveLeadsMax,
  waveSamplesMax,
} from '../protocols/ecg-codec/limits.ts'
import { bytesOf, vectorFile } from '../test/waves/vectors.ts'
import type { VectorFile } from '../test/waves/vectors.ts'

/** Debian's Python: its standard library is enough. */
const python = '/usr/bin/python3'
const folder = join(import.meta.dirname, 'waveform-codec')
const page = readFileSync(join(import.meta.dirname, 'waveform-codec.md'), 'utf8')
const kept = JSON.parse(readFileSync(join(folder, 'vectors.json'), 'utf8')) as VectorFile

/** Python takes seconds on an idle machine, and longer beside other tests. */
const patient = { timeout: 100_000 }

/** What the reader in Python says of all packets, by the name of their vector. */
async function readByPython(): Promise<{ [name: string]: unknown[] }> {
  const args = ['-B', join(folder, 'decode.py'), join(folder, 'vectors.json')]
  const { stdout } = await promisify(execFile)(python, args, { maxBuffer: 2 ** 24 })
  return JSON.parse(stdout) as { [name: string]: unknown[] }
}

t.test('waveform codec: the vectors are what the codec writes', async (t) => {
  t.strictSame(kept, vectorFile(), 'run node test/waves/write-vectors.ts')
})

t.test(
  'waveform codec: a reader written from the page gives every sample, and refuses what it must',
  patient,
  async (t) => {
    t.ok(existsSync(python), 'make debian-test installs what is needed')
    const names = [...kept.vectors, ...kept.refused].map(({ name }) => name)
    t.strictSame([...new Set(names)], names, 'no name twice')
    const answers = await readByPython()
    for (const { name, packets } of kept.vectors) {
      const expected = packets.map(({ leads }) => leads)
      t.strictSame(answers[name], expected, name)
    }
    for (const { name, reason, packets } of kept.refused) {
      const kinds = answers[name]?.map((answer) => typeof answer)
      const expected = packets.map((_, at) => (at === packets.length - 1 ? 'string' : 'object'))
      t.strictSame(kinds, expected, `${name}: ${reason}`)
    }
  },
)

t.test('waveform codec: the vectors have every kind, profile and plan', async (t) => {
  const heads = kept.vectors.flatMap(({ packets }) => packets.map(({ hex }) => bytesOf(hex)))
  const kinds = new Set(heads.map(([first = 0]) => first & 0x0f))
  t.strictSame(kinds, new Set([0x00, 0x01, 0x02, 0x04, 0x06, 0x0a]))
  const openings = heads.filter(([first = 0]) => (first & 3) !== 2)
  t.strictSame(new Set(openings.map(([, profile]) => profile)), new Set([0, 1, 2]))
  const plans = openings.flatMap((bytes) => {
    const container = readContainer(bytes)
    const head = container.ok ? container.value.head : null
    return head === null || head.kind === 'next' ? [] : head.plans
  })
  t.strictSame(
    new Set(plans.map(({ kind }) => kind)),
    new Set(['plain', 'lattice', 'constant', 'derived', 'scaled']),
  )
  const relations = plans.flatMap((plan) => (plan.kind === 'derived' ? [plan.relation] : []))
  t.strictSame(new Set(relations.map(({ rounding }) => rounding)), new Set([0, 1, 2, 3, 4]))
  const scales = plans.flatMap((plan) => (plan.kind === 'scaled' ? [plan.scale] : []))
  t.strictSame(new Set(scales.map(({ rounding }) => rounding)), new Set([0, 1, 2]))
})

t.test('waveform codec: the page says the limits of the code', async (t) => {
  for (const words of [
    `1 to ${waveLeadsMax} leads`,
    `at most ${waveSamplesMax}, all leads`,
    `at least a byte for each ${samplesPerByteMax} coded values`,
    `at most ${chainPacketsMax} packets after its key`,
    `the first ${relationLeadsMax})`,
  ])
    t.ok(page.replaceAll('\n', ' ').includes(words), words)
})
