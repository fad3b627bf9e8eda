import * as fc from 'fast-check'
import t from 'tap'
import { holds } from '../../test/wire/holds.ts'
import { sampleRecords } from '../../test/wire/samples.ts'
import { recordsOrder } from '../../test/wire/orders.ts'
import { openTools, sealTools } from '../../test/wire/node-tools.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import { mergeWaveforms } from './merge.ts'
import type { PacketHeader } from './packet.ts'
import type { Waveform } from './record.ts'
import { openPacket, sealPacket } from './seal.ts'
import { outlineOf } from './outline.ts'
import { WavePacker } from './wave-packer.ts'
import { WaveOutliner, WaveReader } from './wave-reader.ts'

const stream = 'ecg-1/waveform'
const blockSamples = 125
const lead = (code: string): Waveform['leads'][number] => ({
  code,
  unit: 'mV',
  lsb: 0.005,
  zero: 0,
})

/** A quarter of a second of two leads at 500 Hz. */
function block(index: number, more: Partial<Waveform> = {}): Waveform {
  const from = index * blockSamples
  const at = (sample: number, scale: number): number =>
    Math.round(scale * (Math.sin(sample / 40) + 0.2 * Math.sin(sample * 7.3)))
  return {
    kind: 'waveform',
    atMs: 1_000 + index * 250,
    utcMs: 1_700_000_000_000 + index * 250,
    uncertaintyMs: 20,
    source: 'device',
    simulated: false,
    wave: 'ecg',
    run: 7,
    firstSample: from,
    rate: { samples: 500, perMs: 1_000 },
    leads: [lead('MDC_ECG_ELEC_POTL_I'), lead('MDC_ECG_ELEC_POTL_II')],
    samples: [200, 300].map((scale) =>
      Int32Array.from({ length: blockSamples }, (_, sample) => at(from + sample, scale)),
    ),
    ...more,
  }
}

const blocks = (from: number, to: number, more: Partial<Waveform> = {}): readonly Waveform[] =>
  Array.from({ length: to - from }, (_, index) => block(from + index, more))

interface Sealed {
  readonly header: PacketHeader
  readonly body: Uint8Array
  readonly bytes: number
}

/** Seals packets as the journal does; the first begins the chain. */
function seal(packets: readonly (readonly Waveform[])[]): readonly Sealed[] {
  const packer = new WavePacker()
  let previousHeader: Uint8Array | null = null
  return packets.map((records, seq) => {
    for (const record of records) packer.add(record)
    const packed = packer.finish()
    if (packed === null) throw new Error('did not fit')
    const content = { kind: 'waves', ...packed, keyDistance: seq, times: records } as const
    const order = { ...recordsOrder(stream, records), seq, previousHeader, content }
    const sealed = sealPacket(order, sealTools)
    previousHeader = sealed.headerBytes
    const opened = openPacket(sealed.bytes, openTools)
    if (!opened.ok || opened.value.content.kind !== 'waves') throw new Error('does not open')
    return {
      header: opened.value.header,
      body: opened.value.content.body,
      bytes: sealed.bytes.length,
    }
  })
}

t.test('waves: a chain comes back as joined records would', async (t) => {
  const packets = [blocks(0, 40), blocks(40, 44), blocks(44, 45), blocks(45, 53)]
  const reader = new WaveReader()
  const outliner = new WaveOutliner()
  for (const [seq, { header, body }] of seal(packets).entries()) {
    const outlines = mergeWaveforms(packets[seq] ?? []).map(outlineOf)
    t.strictSame(outliner.read(header, body), { ok: true, value: outlines })
    t.match(header, { codec: 'waves', keyDistance: seq, recordCount: 1 })
    t.strictSame(reader.read(header, body), {
      ok: true,
      value: mergeWaveforms(packets[seq] ?? []),
    })
  }
})

t.test('waves: what is not the same any more is begun anew', async (t) => {
  const records = [
    ...blocks(0, 2),
    ...blocks(5, 7),
    ...blocks(7, 9, { simulated: true }),
    ...blocks(9, 11, { simulated: true, utcMs: null, uncertaintyMs: null }),
    ...blocks(0, 2, { run: 8 }),
    block(11, {
      wave: 'pleth',
      leads: [lead('MDC_PULS_OXIM_PLETH')],
      samples: [new Int32Array(0)],
    }),
  ]
  const [sealed] = seal([records])
  if (sealed === undefined) throw new Error('unreachable')
  t.strictSame(new WaveReader().read(sealed.header, sealed.body), {
    ok: true,
    value: mergeWaveforms(records),
  })
})

t.test('waves: a packet of a chain cannot be read without those before it', async (t) => {
  const [first, second, third] = seal([blocks(0, 4), blocks(4, 8), blocks(8, 12)])
  const [again] = seal([blocks(12, 16)])
  if (!first || !second || !third || !again) throw new Error('unreachable')
  const reader = new WaveReader()
  t.strictSame(reader.read(third.header, third.body), {
    ok: false,
    reason: 'waves: expected packets 0 to 1 before 2',
  })
  t.ok(reader.read(first.header, first.body).ok)
  t.notOk(reader.canRead(third.header))
  t.notOk(reader.read(third.header, third.body).ok)
  t.ok(reader.read(second.header, second.body).ok, 'asking too early breaks nothing')
  t.ok(reader.read(third.header, third.body).ok)
  t.ok(reader.read(again.header, again.body).ok, 'a key stands for itself')
  t.notOk(reader.read({ ...third.header, seq: 1 }, third.body).ok, 'of another chain')
  t.notOk(reader.canRead(second.header), 'which ends the chain that was read')
})

t.test('waves: live packets of a second take little more than their samples', async (t) => {
  const seconds = Array.from({ length: 8 }, (_, at) => blocks(at * 4, at * 4 + 4))
  const sizes = seal(seconds).map(({ body }) => body.length)
  const plain = seconds.map(
    (records) => sealPacket(recordsOrder(stream, records), sealTools).body.length,
  )
  t.ok((sizes.at(-1) ?? 0) < 0.9 * (plain.at(-1) ?? 0), `${sizes.join(' ')} of ${plain.join(' ')}`)
  t.ok((sizes.at(-1) ?? 0) + 150 < (sizes[0] ?? 0), 'what does not change is said once')
})

t.test('waves: what does not fit is for plain records', async (t) => {
  const packer = new WavePacker()
  for (let wave = 0; wave < 33; wave++) packer.add(block(0, { wave: `wave-${wave}` }))
  t.equal(packer.finish(), null)
})

t.test('waves: hostile bodies are refused before anything is decoded', async (t) => {
  const [good] = seal([blocks(0, 4)])
  if (good === undefined) throw new Error('unreachable')
  const raw = decodeCbor(good.body)
  if (!raw.ok || !Array.isArray(raw.value)) throw new Error('unreachable')
  const [entry] = raw.value as Map<string, unknown>[]
  if (entry === undefined) throw new Error('unreachable')
  const read = (body: unknown) => new WaveReader().read(good.header, encodeCbor(body))
  const changed = (changes: { [name: string]: unknown }) =>
    read([new Map([...entry, ...Object.entries(changes)])])
  t.match(read([]), { ok: false })
  t.match(read([entry, entry]), { ok: false, reason: 'waves: expected 1, found 2' })
  t.match(read([['ecg', 1_000, null, null, entry.get('coded')]]), {
    ok: false,
    reason: 'waves: expected a wave that was begun in this chain, found another one',
  })
  t.match(changed({ atMs: 9_999_999 }), { ok: false, reason: /^waves: expected atMs from/ })
  t.match(changed({ leads: [entry.get('leads')].flat().slice(0, 1) }), {
    ok: false,
    reason: 'waves: expected 1 leads, found 2',
  })
  t.match(changed({ coded: [Uint8Array.of(0)] }), { ok: false })
  t.match(changed({ firstSample: Number.MAX_SAFE_INTEGER }), { ok: false, reason: /2\^53/ })
  t.match(read([['ecg', 1_000, 5, null, entry.get('coded')]]), { ok: false, reason: /together/ })
  const [short] = seal([blocks(0, 1)])
  if (short === undefined) throw new Error('unreachable')
  const anywhere = fc.nat(short.body.length - 1)
  const flipped = fc.property(anywhere, fc.integer({ min: 1, max: 255 }), (at, flip) => {
    const body = short.body.with(at, (short.body[at] ?? 0) ^ flip)
    const answer = new WaveReader().read(short.header, body)
    return answer.ok || answer.reason.length > 0
  })
  holds(t, 'a byte that changed is answered', flipped, { numRuns: 300 })
})

t.test('waves: the sample record of the documentation', async (t) => {
  const packer = new WavePacker()
  packer.add(sampleRecords.waveform)
  t.equal(packer.finish()?.count, 1)
})
