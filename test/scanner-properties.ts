/** What every scanner promises about its own packets, about parts of them and about broken ones. */
import * as fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { joinBytes } from '../protocols/bytes/bytes.ts'
import { Framer } from '../protocols/bytes/framer.ts'
import type { Scanner } from '../protocols/bytes/scan.ts'
import { dice, mutated } from './mutated.ts'

export interface ScannerProperties<Packet> {
  readonly scan: Scanner<Packet>
  readonly encode: (packet: Packet) => Uint8Array
  readonly packets: fc.Arbitrary<Packet>
  readonly limitBytes: number
}

/** Records as literals make them, so that they compare strictly. */
export function plain<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(fields, { noNullPrototype: true })
}

export function holdsWhatScannersPromise<Packet>(
  name: string,
  { scan, encode, packets, limitBytes }: ScannerProperties<Packet>,
): void {
  t.test(`${name}: reads what it writes, and nothing from a part of it`, async (t) => {
    fc.assert(
      fc.property(packets, (packet) => {
        const bytes = encode(packet)
        const expected = { kind: 'packet', packet, length: bytes.length }
        const found = scan(bytes)
        if (!isDeepStrictEqual(found, expected)) t.strictSame(found, expected)
        if (bytes.length > limitBytes) return false
        for (let length = 0; length < bytes.length; length++) {
          if (scan(bytes.subarray(0, length)).kind !== 'incomplete') return false
        }
        return true
      }),
      { numRuns: 150 },
    )
    t.pass()
  })

  t.test(`${name}: broken packets and random bytes never throw and always advance`, async (t) => {
    fc.assert(
      fc.property(fc.array(packets, { minLength: 1, maxLength: 3 }), fc.nat(), (some, start) => {
        return isSound(scan, limitBytes, mutated(joinBytes(...some.map(encode)), dice(start + 1)))
      }),
      { numRuns: 1_500 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => isSound(scan, limitBytes, bytes)),
      { numRuns: 1_500 },
    )
    t.pass()
  })
}

function isSound<Packet>(scan: Scanner<Packet>, limitBytes: number, bytes: Uint8Array): boolean {
  const found = scan(bytes)
  if (found.kind !== 'incomplete' && (found.length < 1 || found.length > bytes.length)) return false
  const framer = new Framer(scan, limitBytes)
  for (const one of [...framer.feed(bytes, 0), ...framer.pause()]) {
    if (one.kind === 'noise' && one.bytes.length === 0) return false
  }
  return true
}
