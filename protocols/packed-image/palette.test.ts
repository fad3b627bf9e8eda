import t from 'tap'
import { paletteOf, type PaletteTable } from './palette.ts'

function table(count: number, first: number, bits: number, data: readonly number[]): PaletteTable {
  const descriptor = new Uint8Array(6)
  const view = new DataView(descriptor.buffer)
  view.setUint16(0, count, true)
  view.setInt16(2, first, true)
  view.setUint16(4, bits, true)
  return { descriptor, data: Uint8Array.from(data) }
}

t.test('palette: entries of one byte, of two, and of two that say one', async (t) => {
  const asBytes = table(3, 0, 8, [1, 2, 3, 0])
  const asWords = table(3, 0, 16, [0xff, 1, 0xff, 2, 0xff, 3])
  const lowWords = table(3, 0, 16, [1, 0, 2, 0, 3, 0])
  const byteWords = table(3, 0, 8, [1, 9, 2, 9, 3, 9])
  for (const one of [asBytes, asWords, lowWords, byteWords]) {
    const colours = Uint8Array.of(1, 2, 3)
    t.match(paletteOf(one, one, one, false), { first: 0, red: colours, blue: colours })
  }
})

t.test('palette: the first value has a sign where pixels have', async (t) => {
  const one = table(1, -5, 8, [7])
  t.equal(paletteOf(one, one, one, true)?.first, -5)
  t.equal(paletteOf(one, one, one, false)?.first, 65_531)
})

t.test('palette: 0 entries are 65,536', async (t) => {
  const one = { ...table(0, 0, 16, []), data: new Uint8Array(131_072).fill(4) }
  t.equal(paletteOf(one, one, one, false)?.green.length, 65_536)
})

t.test('palette: what does not fit is none', async (t) => {
  const good = table(2, 0, 8, [1, 2])
  const cut = { descriptor: good.descriptor.subarray(0, 4), data: good.data }
  for (const other of [
    cut,
    table(3, 0, 8, [1, 2]),
    table(2, 0, 12, [1, 2, 3, 4]),
    table(1, 0, 8, [1]),
  ]) {
    t.equal(paletteOf(good, good, other, false), null)
  }
})
