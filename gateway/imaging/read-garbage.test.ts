import t from 'tap'
import { collectingReads } from './read-garbage.ts'

const mebibyte = 1_048_576

t.test('read garbage: collected with each mebibyte, however it came', async (t) => {
  let collected = 0
  const read = collectingReads(() => collected++)
  for (let pieces = 0; pieces < 63; pieces++) read(mebibyte / 16)
  t.equal(collected, 3)
  read(mebibyte / 16)
  t.equal(collected, 4)
  read(10 * mebibyte)
  t.equal(collected, 5)
})

t.test('read garbage: nothing is asked of a Node that does not offer it', async (t) => {
  t.equal(globalThis.gc, undefined, 'tests run without the flag')
  t.doesNotThrow(() => collectingReads()(2 * mebibyte))
})
