import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { joinBytes, latin1Bytes, noBytes } from '../bytes/bytes.ts'
import { fromHex, toHex } from '../packet/hex.ts'
import { encodePm6750, encodePm6750Command, scanPm6750, scanPm6750Command } from './frame.ts'
import {
  arrhythmias,
  nibpPatients,
  nibpStates,
  oximeterStates,
  type Pm6750Command,
  type Pm6750Packet,
} from './packet.ts'

function bytes(hex: string): Uint8Array {
  return fromHex(hex.replaceAll(' ', '').toLowerCase()) ?? noBytes
}

function read(hex: string): Pm6750Packet | string {
  const found = scanPm6750(bytes(hex))
  if (found.kind === 'packet') return found.packet
  return found.kind === 'noise' ? found.reason : found.kind
}

t.test('berrymed: reads every example of the protocol', async (t) => {
  t.strictSame(read('55 AA 0A 01 F9 89 01 08 F9 18 30 28'), {
    kind: 'ecg',
    leads: [249, 137, 1, 8, 249, 24, 48],
  })
  t.strictSame(read('55 AA 0A 01 80 80 80 80 80 80 80 74'), {
    kind: 'ecg',
    leads: [128, 128, 128, 128, 128, 128, 128],
  })
  t.strictSame(read('55 AA 08 02 18 4B 10 06 01 7B'), {
    kind: 'ecg-numbers',
    weakSignal: false,
    leadOff: false,
    gain: 1,
    filter: 'monitor',
    heartPerMinute: 75,
    breathsPerMinute: 16,
    stMillivolt: 0.06,
    arrhythmia: 1,
  })
  const measuring = { kind: 'nibp', patient: 'unknown', state: 'measuring', cuffMmHg: 150 }
  const none = { systolicMmHg: null, meanMmHg: null, diastolicMmHg: null }
  t.strictSame(read('55 AA 08 03 04 4B 00 00 00 A5'), { ...measuring, ...none })
  const done = { kind: 'nibp', patient: 'unknown', state: 'done', cuffMmHg: 0 }
  const result = { systolicMmHg: 120, meanMmHg: 93, diastolicMmHg: 80 }
  t.strictSame(read('55 AA 08 03 00 00 78 5D 50 CF'), { ...done, ...result })
  const finger = { kind: 'oximeter', state: 'ok', saturationPercent: 98, pulsePerMinute: 75 }
  t.strictSame(read('55 AA 06 04 00 62 4B 48'), finger)
  const noFinger = { kind: 'oximeter', state: 'no-finger' }
  t.strictSame(read('55 AA 06 04 02 7F FF 75'), {
    ...noFinger,
    saturationPercent: null,
    pulsePerMinute: null,
  })
  t.strictSame(read('55 AA 06 05 00 24 05 CB'), { kind: 'temperature', probesCelsius: [36.5] })
  t.strictSame(read('55 AA 08 05 00 24 05 24 07 9E'), {
    kind: 'temperature',
    probesCelsius: [36.5, 36.7],
  })
  t.strictSame(read('55 AA 03 30 CC'), { kind: 'heart-beat' })
  t.strictSame(read('55 AA 04 FE 28 D5'), { kind: 'pleth', sample: 40 })
  t.strictSame(read('55 AA 04 FF 1E DE'), { kind: 'respiration', sample: 30 })
})

t.test('berrymed: a frame of a real module', async (t) => {
  const path = join(
    import.meta.dirname,
    '../../../shared/samples/local/serial/berrymed_pm6750_ecg_frame.hex',
  )
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '55aa0a01f9890108f9183028'
  const hex = text.split('\n').filter((line) => !line.startsWith('#'))
  t.strictSame(read(hex.join('')), { kind: 'ecg', leads: [249, 137, 1, 8, 249, 24, 48] })
})

t.test('berrymed: what is flagged absent is null', async (t) => {
  const numbers = { heartPerMinute: null, breathsPerMinute: null }
  t.match(read('55 AA 06 02 02 00 00 F5'), { leadOff: true, stMillivolt: null, ...numbers })
  t.match(read('55 AA 07 02 18 4B 10 FA 89'), { stMillivolt: -0.06, arrhythmia: null })
  t.match(read('55 AA 08 05 02 24 05 00 00 C7'), { probesCelsius: [36.5, null] })
  t.match(read('55 AA 06 05 01 00 00 F3'), { probesCelsius: [null] })
})

t.test('berrymed: what no type allows is noise, with the right check sum too', async (t) => {
  const out = 'content out of range'
  const wrong: readonly (readonly number[])[] = [
    [0x01, 1, 2],
    [0x01, 251],
    [0x02, 0],
    [0x02, 0x30, 60, 10],
    [0x02, 0, 251, 10],
    [0x02, 0, 60, 251],
    [0x02, 0, 60, 10, 0, 13],
    [0x03, 0, 0],
    [0x03, 0x3c, 0, 0, 0, 0],
    [0x04, 0, 98],
    [0x04, 5, 98, 60],
    [0x04, 0, 101, 60],
    [0x04, 0, 98, 251],
    [0x05, 0, 36],
    [0x05, 4, 36, 5],
    [0x05, 0, 36, 10],
    [0x30, 0],
    [0x31, 0],
    [0xfe],
    [0xff, 1, 2],
  ]
  for (const [type = 0, ...content] of wrong) {
    const packet = { kind: 'other', type, content: Uint8Array.from(content) } as const
    const found = scanPm6750(encodePm6750(packet))
    t.strictSame(found, { kind: 'noise', reason: out, length: 1 }, toHex(encodePm6750(packet)))
  }
})

t.test('berrymed: a broken frame costs one byte', async (t) => {
  t.match(scanPm6750(bytes('55 AA 03 30 CD')), { reason: 'wrong check sum', length: 1 })
  t.match(scanPm6750(bytes('55 AA 02 30 CD')), { reason: 'impossible length', length: 1 })
  t.match(scanPm6750(bytes('55 55 AA')), { reason: 'half a header', length: 1 })
  t.match(scanPm6750(bytes('00 01 55')), { reason: 'no header', length: 2 })
  t.match(scanPm6750(bytes('00 01')), { reason: 'no header', length: 2 })
  t.equal(scanPm6750(noBytes).kind, 'incomplete')
})

t.test('berrymed: commands are as the protocol prints them', async (t) => {
  const printed: readonly (readonly [Pm6750Command, string])[] = [
    [{ kind: 'ecg', on: true }, '55AA040101F9'],
    [{ kind: 'oximeter', on: true }, '55AA040301F7'],
    [{ kind: 'temperature', on: true }, '55AA040401F6'],
    [{ kind: 'ecg-gain', gain: 1 }, '55AA040703F1'],
    [{ kind: 'ecg-filter', filter: 'monitor' }, '55AA040802F1'],
    [{ kind: 'respiration-gain', gain: 1 }, '55AA040F03E9'],
    [{ kind: 'pleth-wave', on: true }, '55AA04FE01FC'],
    [{ kind: 'respiration-wave', on: true }, '55AA04FF01FB'],
    [{ kind: 'version', of: 'firmware' }, '55AA04FC00FF'],
    [{ kind: 'version', of: 'hardware' }, '55AA04FD00FE'],
  ]
  for (const [command, hex] of printed) {
    t.equal(toHex(encodePm6750Command(command)), hex.toLowerCase())
    t.match(scanPm6750Command(bytes(hex)), { packet: command })
  }
})

t.test('berrymed: the cuff, calibration and leak tests are no commands of ours', async (t) => {
  for (let type = 0; type < 256; type++) {
    for (const argument of [0, 1, 2, 80]) {
      const content = Uint8Array.of(argument)
      const found = scanPm6750Command(encodePm6750({ kind: 'other', type, content }))
      if (![0x02, 0x05, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x10].includes(type)) continue
      t.match(found, { kind: 'noise', reason: 'content out of range' })
    }
  }
  t.match(scanPm6750Command(bytes('55 AA 04 01 02 F8')), { kind: 'noise' })
  t.match(scanPm6750Command(bytes('55 AA 04 07 00 F4')), { kind: 'noise' })
  t.match(scanPm6750Command(bytes('55 AA 04 08 00 F3')), { kind: 'noise' })
  t.match(scanPm6750Command(bytes('55 AA 04 FC 01 FE')), { kind: 'noise' })
  t.match(scanPm6750Command(bytes('55 AA 03 30 CC')), { kind: 'noise' })
})

/** Records as literals make them, so that they compare strictly. */
function plain<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(fields, { noNullPrototype: true })
}

const byte = fc.nat(255)
const rate = fc.option(fc.integer({ min: 1, max: 250 }))
const pressure = fc.option(fc.integer({ min: 1, max: 255 }))
const probe = fc.option(fc.integer({ min: 0, max: 500 }).map((tenths) => tenths / 10))
const ecgNumbers = plain({
  kind: fc.constant('ecg-numbers' as const),
  weakSignal: fc.boolean(),
  leadOff: fc.boolean(),
  gain: fc.constantFrom(0.25 as const, 0.5 as const, 1 as const, 2 as const),
  filter: fc.constantFrom('operation' as const, 'monitor' as const, 'diagnostic' as const),
  heartPerMinute: rate,
  breathsPerMinute: rate,
  stMillivolt: fc.option(fc.integer({ min: -128, max: 127 }).map((hundredths) => hundredths / 100)),
  arrhythmia: fc.option(fc.nat(arrhythmias.length - 1)),
}).map((one) => (one.stMillivolt === null ? { ...one, arrhythmia: null } : one))
const anyPacket: fc.Arbitrary<Pm6750Packet> = fc.oneof(
  plain({
    kind: fc.constant('ecg' as const),
    leads: fc.oneof(
      fc.array(fc.nat(250), { minLength: 7, maxLength: 7 }),
      fc.array(fc.nat(250), { minLength: 1, maxLength: 1 }),
    ),
  }),
  ecgNumbers,
  plain({
    kind: fc.constant('nibp' as const),
    patient: fc.constantFrom(...nibpPatients),
    state: fc.constantFrom(...nibpStates),
    cuffMmHg: fc.nat(255).map((half) => half * 2),
    systolicMmHg: pressure,
    meanMmHg: pressure,
    diastolicMmHg: pressure,
  }),
  plain({
    kind: fc.constant('oximeter' as const),
    state: fc.constantFrom(...oximeterStates),
    saturationPercent: fc.option(fc.nat(100)),
    pulsePerMinute: fc.option(fc.nat(250)),
  }),
  plain({
    kind: fc.constant('temperature' as const),
    probesCelsius: fc.array(probe, { minLength: 1, maxLength: 2 }),
  }),
  plain({ kind: fc.constantFrom('heart-beat' as const, 'pulse-beat' as const) }),
  plain({ kind: fc.constantFrom('pleth' as const, 'respiration' as const), sample: byte }),
  plain({
    kind: fc.constant('version' as const),
    of: fc.constantFrom('firmware' as const, 'hardware' as const),
    text: fc.string({ maxLength: 30, unit: 'binary-ascii' }),
  }),
  plain({
    kind: fc.constant('other' as const),
    type: fc.integer({ min: 0x40, max: 0x5f }),
    content: fc.uint8Array({ maxLength: 252 }),
  }),
)

t.test('berrymed: reads what it writes, and nothing from a part of it', async (t) => {
  fc.assert(
    fc.property(anyPacket, (packet) => {
      const frame = encodePm6750(packet)
      t.strictSame(scanPm6750(frame), { kind: 'packet', packet, length: frame.length })
      t.strictSame(scanPm6750(joinBytes(frame, [0x55])), {
        kind: 'packet',
        packet,
        length: frame.length,
      })
      for (let length = 0; length < frame.length; length++) {
        if (scanPm6750(frame.subarray(0, length)).kind !== 'incomplete') return false
      }
      return true
    }),
    { numRuns: 300 },
  )
})

t.test('berrymed: a flipped bit in content or check sum is always noticed', async (t) => {
  fc.assert(
    fc.property(anyPacket, fc.nat(), (packet, flip) => {
      const frame = encodePm6750(packet)
      const bit = 24 + (flip % (8 * (frame.length - 3)))
      frame[bit >> 3] = (frame[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return scanPm6750(frame).kind === 'noise'
    }),
    { numRuns: 1_000 },
  )
  t.pass()
})

t.test('berrymed: random bytes never throw and always advance', async (t) => {
  const special = fc.constantFrom(...latin1Bytes('\u0055\u00aa\u0003\u0004\u0030\u00cc'))
  fc.assert(
    fc.property(fc.array(fc.oneof(special, byte), { maxLength: 40 }), (values) => {
      const found = scanPm6750(Uint8Array.from(values))
      return found.kind === 'incomplete' || (found.length > 0 && found.length <= values.length)
    }),
    { numRuns: 2_000 },
  )
  t.pass()
})
