import { writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { seededRandom } from '../../gateway/clock/seeded-random.ts'
import { scanPdu, type Pdv } from '../../protocols/dicom/pdu.ts'
import { Slab } from './slab.ts'

/** Everything that a file becomes on the wire. */
async function valuesOf(path: string, from: number, size: number, fragmentBytes: number) {
  await using handle = await open(path)
  const slab = new Slab(fragmentBytes)
  const values: Pdv[] = []
  for (let at = from; at < size;) {
    const filled = await slab.fill(handle, at, size, 7)
    if (filled === null) throw new Error('it ends early')
    at += filled.dataBytes
    for (let read = 0; read < filled.bytes.length;) {
      const scan = scanPdu(filled.bytes.subarray(read))
      if (scan.kind !== 'packet' || scan.packet.kind !== 'data') throw new Error(scan.kind)
      values.push(...scan.packet.values.map((one) => ({ ...one, bytes: one.bytes.slice() })))
      read += scan.length
    }
  }
  return values
}

t.test(
  'slab: a file becomes fragments, whatever the peer takes and however long it is',
  async (t) => {
    const path = join(t.testdir(), 'file')
    const content = seededRandom(5).bytes(700_000)
    writeFileSync(path, content)
    for (const fragmentBytes of [122, 4_090, 16_378, 131_066]) {
      for (const [from, size] of [
        [0, 700_000],
        [300, 300 + fragmentBytes],
        [300, 301],
        [1, 1 + 2 * fragmentBytes],
      ] as const) {
        const values = await valuesOf(path, from, size, fragmentBytes)
        const data = Buffer.concat(values.map(({ bytes }) => bytes))
        const about = `${from} to ${size} by ${fragmentBytes}`
        t.equal(Buffer.compare(data, content.subarray(from, size)), 0, about)
        t.strictSame(
          values.map(({ last }) => last).indexOf(true),
          values.length - 1,
          `${about}: only the last one ends it`,
        )
        t.ok(values.every(({ contextId, command }) => contextId === 7 && !command))
      }
    }
  },
)

t.test('slab: a file that is shorter than it was is noticed', async (t) => {
  const path = join(t.testdir(), 'file')
  writeFileSync(path, new Uint8Array(1_000))
  await t.rejects(valuesOf(path, 0, 1_001, 122), /it ends early/)
})
