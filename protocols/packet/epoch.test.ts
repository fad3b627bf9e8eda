import * as fc from 'fast-check'
import t from 'tap'
import { holds } from '../../test/wire/holds.ts'
import { isUuid, laterUuidV7, uuidFromBytes, uuidToBytes, uuidV7 } from './epoch.ts'
import { fromHex, toHex } from './hex.ts'

t.test('epoch: text and bytes say the same', async (t) => {
  const text = '017f22e2-79b0-7cc3-98c4-dc0c0c07398f'
  t.equal(toHex(uuidToBytes(text) ?? new Uint8Array()), '017f22e279b07cc398c4dc0c0c07398f')
  t.equal(uuidFromBytes(fromHex('017f22e279b07cc398c4dc0c0c07398f') ?? new Uint8Array()), text)
  const property = fc.property(fc.uuid(), (uuid) => {
    return uuidFromBytes(uuidToBytes(uuid) ?? new Uint8Array()) === uuid
  })
  holds(t, 'any UUID', property)
})

t.test('epoch: only lower case with dashes is a UUID', async (t) => {
  for (const text of [
    '',
    '017F22E2-79B0-7CC3-98C4-DC0C0C07398F',
    '017f22e279b07cc398c4dc0c0c07398f',
    '017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n',
    '{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}',
  ]) {
    t.equal(isUuid(text), false, text)
    t.equal(uuidToBytes(text), null, text)
  }
  t.throws(() => uuidFromBytes(new Uint8Array(15)), RangeError)
})

t.test('epoch: version 7 has the time first, as the example of RFC 9562 A.6', async (t) => {
  // 2022-02-22T19:22:22Z, rand_a 0xcc3, rand_b 0x18c4dc0c0c07398f.
  const random = fromHex('fcc318c4dc0c0c07398f') ?? new Uint8Array()
  t.equal(uuidV7(0x017f_22e2_79b0, random), '017f22e2-79b0-7cc3-98c4-dc0c0c07398f')
})

t.test('epoch: version 7 sorts by time and has its version and variant', async (t) => {
  const ms = fc.nat(2 ** 45)
  const random = fc.uint8Array({ minLength: 10, maxLength: 10 })
  const property = fc.property(ms, ms, random, random, (a, b, randomA, randomB) => {
    const [first, second] = [uuidV7(a, randomA), uuidV7(b, randomB)]
    const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
    return form.test(first) && (a === b || a < b === first < second)
  })
  holds(t, 'any two', property)
})

t.test('epoch: a clock out of range still gives an epoch', async (t) => {
  const random = new Uint8Array(10)
  t.equal(uuidV7(-5, random), '00000000-0000-7000-8000-000000000000')
  t.equal(uuidV7(2 ** 60, random), 'ffffffff-ffff-7000-8000-000000000000')
  t.equal(uuidV7(1.9, random), '00000000-0001-7000-8000-000000000000')
  t.throws(() => uuidV7(0, new Uint8Array(9)), RangeError)
})

t.test('epoch: a new one sorts behind the others, also when the clock went back', async (t) => {
  const random = new Uint8Array(10).fill(7)
  const known = [uuidV7(5_000, random), uuidV7(9_000, random), uuidV7(1_000, random)]
  const sorted = (wallMs: number) => laterUuidV7(wallMs, known, random)
  t.equal(sorted(20_000), uuidV7(20_000, random))
  t.equal(sorted(4_000), uuidV7(9_001, random))
  t.equal(sorted(9_000), uuidV7(9_001, random), 'never the same')
  t.equal(laterUuidV7(4_000, [], random), uuidV7(4_000, random))
})
