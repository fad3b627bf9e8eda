import * as fc from 'fast-check'
import t from 'tap'
import { joinBytes, viewOf } from '../bytes/bytes.ts'
import { toHex } from '../packet/hex.ts'
import { beats, ecgOf, twelveNames } from '../ecg/testing.ts'
import {
  decodeHuffman,
  decodeTables,
  defaultTables,
  encodeDefaultTables,
  encodeHuffman,
} from './huffman.ts'
import { bimodalLength, decodeLeads, expandBimodal } from './leads.ts'
import { decodeMeasurements } from './measurements.ts'
import { decodeScp } from './scp-ecg.ts'
import { decodeSections, encodeSections } from './sections.ts'
import { encodeScp } from './write.ts'

function u16(...numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(2 * numbers.length)
  for (const [at, number] of numbers.entries()) viewOf(bytes).setInt16(2 * at, number, true)
  return bytes
}

function u32(...numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * numbers.length)
  for (const [at, number] of numbers.entries()) viewOf(bytes).setUint32(4 * at, number, true)
  return bytes
}

function encoded(ecg: Parameters<typeof encodeScp>[0]): Uint8Array {
  const bytes = encodeScp(ecg)
  if (!bytes.ok) throw new Error(bytes.reason)
  return bytes.value
}

t.test('scp-ecg: what is written comes back', async (t) => {
  const lead = fc.array(fc.integer({ min: -32_768, max: 32_767 }), { minLength: 3, maxLength: 40 })
  fc.assert(
    fc.property(
      fc.array(lead, { minLength: 1, maxLength: 12 }),
      fc.constantFrom(250, 500, 600, 1_000),
      fc.integer({ min: 1, max: 65_535 }),
      (leads, hz, nanovolts) => {
        const length = Math.min(...leads.map((one) => one.length))
        const samples = leads.map((one) => Int32Array.from(one.slice(0, length)))
        const ecg = ecgOf(samples, { hz, nanovolts })
        t.strictSame(decodeScp(encoded(ecg)), { ok: true, value: ecg })
      },
    ),
    { numRuns: 100 },
  )
  t.ok(encoded(ecgOf(beats(12, 5_000))).length < 45_000, 'and it is smaller')
})

t.test('scp-ecg: the frame is the one of the standard', async (t) => {
  const bytes = encoded(ecgOf(beats(2, 100)))
  const view = viewOf(bytes)
  t.equal(view.getUint32(2, true), bytes.length)
  t.equal(toHex(bytes.subarray(8, 22)), '0000880000001414534350454347')
  t.equal(toHex(bytes.subarray(22, 32)), '00008800000007000000')
  const record = decodeSections(bytes)
  if (!record.ok) throw new Error(record.reason)
  t.strictSame([...record.value.sections.keys()], [1, 2, 3, 6, 7])
  t.ok(record.value.isSound && [...record.value.sections.values()].every((one) => one.isSound))
  const defaults = 'a35602001200000014140000000000001f4e'
  t.ok(toHex(bytes).includes(defaults), 'section 2 is the one that all writers write')
  for (let end = 0; end < bytes.length; end++) t.notOk(decodeScp(bytes.subarray(0, end)).ok)
})

t.test('scp-ecg: a section whose check sum does not fit is not read', async (t) => {
  const bytes = encoded(ecgOf(beats(2, 100)))
  const record = decodeSections(bytes)
  if (!record.ok) throw new Error(record.reason)
  const flipped = (id: number): Uint8Array => {
    const content = record.value.sections.get(id)?.content ?? new Uint8Array(0)
    const changed = bytes.slice()
    const at = content.byteOffset - bytes.byteOffset + content.length - 3
    changed[at] = (changed[at] ?? 0) ^ 0x10
    return changed
  }
  t.strictSame(decodeScp(flipped(6)), { ok: false, reason: 'the check sum of section 6' })
  t.match(decodeScp(flipped(7)), { ok: true, value: { values: [], remarks: ['checksum'] } })
  t.match(decodeScp(flipped(1)), { ok: true, value: { patientId: null, remarks: ['checksum'] } })
})

t.test('scp-ecg: refuses to write what the format cannot hold', async (t) => {
  const lead = Int32Array.of(1, 2, 3)
  const of = (samples: readonly Int32Array[], more = {}) => encodeScp(ecgOf(samples, more))
  t.match(of([Int32Array.of(1, 40_000, 2)]), { ok: false, reason: /16 bits/ })
  t.match(of([lead], { nanovolts: 1.5 }), { ok: false, reason: /whole number of nanovolts/ })
  t.match(encodeScp({ ...ecgOf([lead]), recordedAt: null }), { ok: false, reason: /time/ })
  const long = Int32Array.from({ length: 40_000 }, (_, at) => (at % 2 === 0 ? 30_000 : -30_000))
  t.match(of([long]), { ok: false, reason: /more than the 65535 bytes/ })
  const steep = Int32Array.of(-32_768, 32_767, -32_768)
  t.ok(of([steep]).ok, 'with plain samples when no difference fits')
})

t.test('scp-ecg: codes of the default table', async (t) => {
  const bits = (value: number): string =>
    [...encodeHuffman(Int32Array.of(value))].map((one) => one.toString(2).padStart(8, '0')).join('')
  t.match(bits(0), /^0/)
  t.match(bits(1), /^100/)
  t.match(bits(-2), /^1101/)
  t.match(bits(8), /^1111111100/)
  t.match(bits(-9), /^111111111011110111/)
  t.match(bits(-300), /^11111111111111111011010100/)
  const stream = Uint8Array.of(0xdd, 0x2b, 0x3b, 0x93)
  const differences = [-2, -2, 0, 0, -1, 0, 2, -3]
  t.strictSame([...decodeHuffman(stream, defaultTables, 8)], differences, 'an ELI250')
})

t.test('scp-ecg: codes of its own, which switch from table to table', async (t) => {
  const code = (bits: number, whole: number, mode: number, base: number, prefix: number) =>
    joinBytes([bits, whole, mode], u16(base), u32(prefix))
  const content = joinBytes(
    u16(2, 3),
    code(1, 1, 1, 0, 0),
    code(2, 2, 1, 1, 0b01),
    code(2, 2, 0, 2, 0b11),
    u16(2),
    code(1, 5, 1, 0, 0),
    code(1, 1, 0, 1, 1),
  )
  const tables = decodeTables(content)
  if (!tables.ok) throw new Error(tables.reason)
  // 0 | 10 | 11 | 0 0111 | 0 1111 | 1 | 10
  const stream = Uint8Array.of(0b0101_1001, 0b1101_1111, 0b1000_0000)
  t.strictSame([...decodeHuffman(stream, tables.value, 5)], [0, 1, 7, -1, 1])
  t.strictSame([...decodeHuffman(stream.subarray(0, 1), tables.value, 5)], [0, 1], 'cut short')
  for (let end = 0; end < content.length; end++) {
    t.notOk(decodeTables(content.subarray(0, end)).ok, `${end}`)
  }
  t.match(decodeTables(joinBytes(u16(1, 1), code(0, 0, 1, 0, 0))), { ok: false, reason: /cannot/ })
  t.match(decodeTables(joinBytes(u16(1, 1), code(1, 1, 0, 9, 0))), { ok: false, reason: /cannot/ })
  t.match(decodeTables(u16(400)), { ok: false, reason: /400 tables/ })
})

t.test('scp-ecg: no table, and places that count from 0', async (t) => {
  const samples = Int32Array.of(-3, 500, 7)
  const rhythm = joinBytes(u16(183, 1_000), [0, 0], u16(6), u16(...samples))
  const header = Uint8Array.of(2, 2, 0, 0x41, 0, 255, 0, 0)
  const leads = joinBytes([1, 4], u32(0, 3), [2])
  const bytes = encodeSections(
    new Map([
      [1, header],
      [3, leads],
      [6, rhythm],
    ]),
  )
  t.match(decodeScp(bytes), {
    ok: true,
    value: {
      patientId: 'A',
      recordedAt: null,
      parts: [{ leads: [{ code: 'MDC_ECG_ELEC_POTL_II', lsb: 0.000183 }], samples: [samples] }],
    },
  })
  const longer = joinBytes([1, 4], u32(1, 9), [2])
  t.match(
    decodeScp(
      encodeSections(
        new Map([
          [1, header],
          [3, longer],
          [6, rhythm],
        ]),
      ),
    ),
    {
      ok: true,
      value: { remarks: ['shortened'], parts: [{ samples: [samples] }] },
    },
  )
})

t.test('scp-ecg: leads that follow upon others are parts of their own', async (t) => {
  const rhythm = joinBytes(u16(1_000, 2_000), [0, 0], u16(4, 4, 6), u16(1, 2, 3, 4, 5, 6, 7))
  const leads = joinBytes([3, 0x10], u32(1, 2), [1], u32(1, 2), [2], u32(3, 5), [3])
  t.match(
    decodeScp(
      encodeSections(
        new Map([
          [3, leads],
          [6, rhythm],
        ]),
      ),
    ),
    {
      ok: true,
      value: {
        remarks: [],
        parts: [
          { samples: [Int32Array.of(1, 2), Int32Array.of(3, 4)] },
          { leads: [{ code: 'MDC_ECG_ELEC_POTL_V1' }], samples: [Int32Array.of(5, 6, 7)] },
        ],
      },
    },
  )
})

t.test('scp-ecg: sizes that cannot be are refused before anything is made of them', async (t) => {
  t.match(decodeLeads(joinBytes([1, 4], u32(1, 0xffff_ffff), [1])), {
    ok: false,
    reason: /more than 4000000 samples/,
  })
  t.match(decodeLeads(Uint8Array.of(200, 0)), { ok: false, reason: /200 leads/ })
  t.match(decodeLeads(joinBytes([1, 4], u32(5, 4), [1])), { ok: false, reason: /without samples/ })
})

t.test('scp-ecg: high compression is undone', async (t) => {
  t.strictSame(
    [...expandBimodal(Int32Array.of(0, 8), 8, [], 4)],
    [0, 0, 1, 3, 5, 7, 8, 8],
    'a line from the middle of one group to the middle of the next',
  )
  t.equal(bimodalLength(100, [{ from: 41, to: 60 }], 4), 40)
  const reference = Int32Array.from({ length: 20 }, (_, at) => at * at)
  const residue = Int32Array.from({ length: 40 }, (_, at) => (at < 10 ? 3 : at < 30 ? at : -2))
  const stream = encodeHuffman(residue)
  const beat = encodeHuffman(reference)
  const bytes = encodeSections(
    new Map([
      [1, Uint8Array.of(255, 0, 0)],
      [2, encodeDefaultTables()],
      [3, joinBytes([1, 0x0d], u32(1, 100), [7])],
      [4, joinBytes(u16(40, 11, 1, 0), u32(41, 51, 60), u32(41, 60))],
      [5, joinBytes(u16(5_000, 2_000), [0, 0], u16(beat.length), beat)],
      [6, joinBytes(u16(20_000, 8_000), [0, 1], u16(stream.length), stream)],
    ]),
  )
  const expected = Int32Array.from({ length: 100 }, (_, at) => {
    if (at < 40) return 12
    return at < 60 ? 4 * (at - 30) + (at - 40) ** 2 : -8
  })
  t.match(decodeScp(bytes), {
    ok: true,
    value: {
      remarks: ['lossy'],
      parts: [
        { rate: { samples: 500, perMs: 1_000 }, leads: [{ lsb: 0.005 }], samples: [expected] },
      ],
    },
  })
})

t.test('scp-ecg: what was not measured is absent', async (t) => {
  const none = joinBytes([1, 0], u16(29_999, 29_999, ...Array.from({ length: 5 }, () => 29_999)))
  const noAxes = joinBytes(none, u16(999, 999, 999), u16(0), u16(0, 29_999, 29_998), [0])
  t.strictSame(decodeMeasurements(noAxes), { values: [], qualifiers: {} })
  for (let end = 0; end < noAxes.length; end++) {
    t.strictSame(decodeMeasurements(noAxes.subarray(0, end)).values, [])
  }
  const spikes = joinBytes([0, 1], u16(900, 0), new Uint8Array(10), u16(2), [0, 0], u16(66, 0, 0))
  t.match(decodeMeasurements(spikes).values, [{ value: 66 }, { value: 900 }])
})

t.test('scp-ecg: leads keep their numbers', async (t) => {
  const names = [...twelveNames, 'V7', 'V8', 'V9', 'V3R', 'X', 'ECG']
  const samples = names.map((_, at) => Int32Array.of(at, at, at))
  t.strictSame(decodeScp(encoded(ecgOf(samples, { names }))), {
    ok: true,
    value: ecgOf(samples, { names }),
  })
})
