/** The encodings: numbers, times, APDUs, configurations, reports, stores. */
import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { dice, mutated } from '../../test/mutated.ts'
import { fromHex } from '../packet/hex.ts'
import { apduLimitBytes, encodeApdu, scanApdu, type Apdu } from './apdu.ts'
import { objectsOf } from './configuration-objects.ts'
import {
  configurationOf,
  encodeConfigurationReport,
  readConfigurationReport,
  type Configuration,
  type Metric,
} from './configuration.ts'
import type { Message } from './data.ts'
import { list, MderReader, octets, text, u16, u32, type Attribute } from './mder.ts'
import { encodeSystemInfo, systemInfoOf } from './mds.ts'
import { attributes, objectClasses } from './nomenclature.ts'
import {
  encodeFloat,
  encodeShortFloat,
  floatOf,
  shortFloatOf,
  valueOfNumber,
  type MderNumber,
} from './numbers.ts'
import { decodeNamed } from './observation.ts'
import { encodeSamples, readSamples, stepOf } from './samples.ts'
import { Counter, encodeScanReport, observe, readScanReport, scanKinds } from './scan-report.ts'
import { standardConfigurations } from './standard-configurations.ts'
import {
  encodeSegmentData,
  encodeSegmentMap,
  encodeSegments,
  readEntries,
  readSegmentData,
  readSegments,
} from './store.ts'
import {
  agentTimeOf,
  encodeAbsoluteTime,
  encodeBaseOffsetTime,
  later,
  readAbsoluteTime,
  readBaseOffsetTime,
  timeText,
} from './times.ts'

function hex(text: string): Uint8Array {
  const bytes = fromHex(text.replaceAll(' ', '').toLowerCase())
  if (bytes === null) throw new Error(text)
  return bytes
}

function word(bytes: Uint8Array): number {
  const reader = new MderReader(bytes)
  return bytes.length === 2 ? reader.u16() : reader.u32()
}

t.test('numbers: the examples of published sources', async (t) => {
  const floats: readonly (readonly [string, number])[] = [
    ['00000002', 2],
    ['FF000014', 2],
    ['FE0000C8', 2],
    ['01000002', 20],
    ['00FFFB2E', -1_234],
    ['FF0002FA', 76.2],
    ['FB387520', 37],
    ['FA1E8480', 2],
  ]
  for (const [bytes, value] of floats) {
    t.equal(valueOfNumber(floatOf(word(hex(bytes)))), value, bytes)
  }
  const shorts: readonly (readonly [string, number])[] = [
    ['0002', 2],
    ['F014', 2],
    ['E0C8', 2],
    ['1002', 20],
    ['0B2E', -1_234],
    ['F352', 85],
    ['F258', 60],
    ['F3C5', 96.5],
  ]
  for (const [bytes, value] of shorts) {
    t.equal(valueOfNumber(shortFloatOf(word(hex(bytes)))), value, bytes)
  }
})

t.test('numbers: what is no number is null, whatever its exponent', async (t) => {
  const kinds = ['above', 'not-a-number', 'no-resolution', 'reserved', 'below'] as const
  const shorts = [0x7fe, 0x7ff, 0x800, 0x801, 0x802]
  const longs = [0x7ffffe, 0x7fffff, 0x800000, 0x800001, 0x800002]
  for (const [index, kind] of kinds.entries()) {
    for (const exponent of [0, 1, 0xf]) {
      const short = shortFloatOf((exponent << 12) | (shorts[index] ?? 0))
      const long = floatOf(exponent * 2 ** 24 + (longs[index] ?? 0))
      t.strictSame([short, long], [{ kind }, { kind }])
      t.strictSame([valueOfNumber(short), valueOfNumber(long)], [null, null])
    }
  }
  t.equal(valueOfNumber(shortFloatOf(0x07fd)), 2_045, 'the largest number is one')
  t.equal(valueOfNumber(shortFloatOf(0x0803)), -2_045)
  t.equal(Object.is(valueOfNumber(floatOf(0)), 0), true)
})

t.test('numbers: all of them come back as they were', async (t) => {
  for (let bits = 0; bits < 65_536; bits++) {
    const number = shortFloatOf(bits)
    const again = shortFloatOf(word(encodeShortFloat(number)))
    if (JSON.stringify(again) !== JSON.stringify(number)) t.fail(bits.toString(16))
  }
  const number: fc.Arbitrary<MderNumber> = fc.record(
    {
      kind: fc.constant('number' as const),
      mantissa: fc.integer({ min: -8_388_605, max: 8_388_605 }),
      exponent: fc.integer({ min: -128, max: 127 }),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(number, (one) => {
      t.strictSame(floatOf(word(encodeFloat(one))), one)
      return Number.isFinite(valueOfNumber(one))
    }),
    { numRuns: 300 },
  )
})

t.test('times: come back as they were, and what is none is null', async (t) => {
  const ms = fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2_099, 11, 31) })
  fc.assert(
    fc.property(ms, fc.integer({ min: -720, max: 840 }), (at, offsetMinutes) => {
      const time = agentTimeOf(at)
      t.strictSame(readAbsoluteTime(new MderReader(encodeAbsoluteTime(time))), time)
      const zoned = { ...time, offsetMinutes }
      if (at < Date.UTC(2_030, 0, 1)) {
        t.strictSame(readBaseOffsetTime(new MderReader(encodeBaseOffsetTime(zoned))), zoned)
      }
    }),
    { numRuns: 300 },
  )
  const time = (bytes: string) => readAbsoluteTime(new MderReader(hex(bytes)))
  t.equal(time('00000000 00000000'), null, 'no clock')
  t.equal(time('20261122 0A340850'), null, 'an hour that is no pair of digits')
  t.equal(time('20261322 03340850'), null, 'a month of its own')
  t.equal(time('20260230 03340850'), null, 'the 30th of February')
  t.equal(time('20261122 24340850'), null)
  t.equal(time('20261122'), null, 'cut short')
  const read = time('20261122 03340850')
  t.equal(read === null ? null : timeText(read), '2026-11-22T03:34:08.50')
  const base = readBaseOffsetTime(new MderReader(hex('EC805600 8000 01A4')))
  t.equal(base === null ? null : timeText(base), '2025-09-26T07:00:00.50', 'seven hours east')
  t.equal(readBaseOffsetTime(new MderReader(new Uint8Array(8))), null)
  const start = agentTimeOf(Date.UTC(2_026, 1, 28, 23, 59, 59, 500))
  t.equal(timeText(later(start, 4_000)), '2026-03-01T00:00:00.00')
})

t.test('reader: a list ends where its bytes end, whatever it counts', async (t) => {
  const two = joined(u16(2), octets(u16(7), u16(8)))
  t.strictSame(
    new MderReader(two).list((one) => one.u16()),
    [7, 8],
  )
  const padded = new MderReader(joined(u16(1), octets(u16(7), u16(0))))
  t.strictSame(
    padded.list((one) => one.u16()),
    [7],
    'a padding',
  )
  t.ok(padded.isWhole)
  const many = new MderReader(joined(u16(0xffff), octets(u16(7))))
  t.strictSame(
    many.list((one) => one.u16()),
    [7],
  )
  t.notOk(many.isWhole, 'fewer than counted')
  const empty = new MderReader(joined(u16(0xffff), octets()))
  t.strictSame(
    empty.list(() => 1),
    [],
  )
  const long = new MderReader(joined(u16(1), u16(100), u16(7)))
  t.strictSame(
    long.list((one) => one.u16()),
    [],
  )
  t.notOk(long.isWhole)
  t.equal(new MderReader(text('abc')).text(), 'abc', 'without its padding')
})

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)))
}

const u16s = fc.nat(0xffff)
const u32s = fc.nat(0xffff_ffff)
const bytes = fc.uint8Array({ maxLength: 12 })
const attribute = plain<Attribute>({ id: u16s, value: bytes })
const attributeList = fc.array(attribute, { maxLength: 3 })
const isConfirmed = fc.boolean()
const event = { handle: u16s, eventTime: u32s, eventType: u16s, info: bytes }
const action = { handle: u16s, action: u16s, info: bytes }

function kind<K extends string>(name: K): fc.Arbitrary<K> {
  return fc.constant(name)
}

const message: fc.Arbitrary<Message> = fc.oneof(
  plain({ kind: kind('event-report'), isConfirmed, ...event }),
  plain({ kind: kind('event-answer'), ...event }),
  plain({ kind: kind('get'), handle: u16s, attributes: fc.array(u16s, { maxLength: 3 }) }),
  plain({ kind: kind('get-answer'), handle: u16s, attributes: attributeList }),
  plain({
    kind: kind('set'),
    isConfirmed,
    handle: u16s,
    changes: fc.array(plain({ operator: u16s, attribute }), { maxLength: 2 }),
  }),
  plain({ kind: kind('set-answer'), handle: u16s, attributes: attributeList }),
  plain({ kind: kind('action'), isConfirmed, ...action }),
  plain({ kind: kind('action-answer'), ...action }),
  plain({ kind: kind('error'), error: u16s, parameter: bytes }),
  plain({ kind: kind('reject'), problem: u16s }),
)

const apdu: fc.Arbitrary<Exclude<Apdu, { kind: 'malformed' }>> = fc.oneof(
  plain({
    kind: kind('association-request'),
    associationVersions: u32s,
    protocols: fc.array(plain({ id: u16s, parameters: bytes }), { maxLength: 3 }),
  }),
  plain({ kind: kind('association-response'), result: u16s, protocol: u16s, parameters: bytes }),
  plain({ kind: kind('release-request'), reason: u16s }),
  plain({ kind: kind('release-response'), reason: u16s }),
  plain({ kind: kind('abort'), reason: u16s }),
  plain({ kind: kind('data'), data: plain({ invoke: u16s, message }) }),
)

holdsWhatScannersPromise<Apdu>('ieee11073', {
  scan: scanApdu,
  encode: (one) => (one.kind === 'malformed' ? new Uint8Array(0) : encodeApdu(one)),
  packets: apdu,
  limitBytes: apduLimitBytes,
})

t.test('apdu: a beginning is told by its two bytes and by lengths that fit', async (t) => {
  t.strictSame(scanApdu(hex('00 01 E2')), { kind: 'noise', reason: 'no APDU', length: 2 })
  t.strictSame(scanApdu(hex('E2')), { kind: 'incomplete' })
  t.match(scanApdu(hex('E200 FFFF')), { kind: 'noise', length: 1 }, 'no association is so long')
  t.match(scanApdu(hex('E600 0003')), { kind: 'noise', length: 1 })
  t.match(scanApdu(hex('E700 0010 0011')), { kind: 'noise', length: 1 })
  t.match(scanApdu(hex('E700 0008 0006 0001 0999 0000')), {
    kind: 'packet',
    packet: { kind: 'malformed', invoke: 1 },
  })
  t.match(scanApdu(hex('E200 0002 8000')), { packet: { kind: 'malformed', invoke: null } })
})

const wave: Metric = {
  handle: 5,
  objectClass: objectClasses.realTimeSampleArray,
  type: { partition: 2, code: 257 },
  parts: [],
  unit: 4_274,
  metricSpec: 0x4040,
  supplemental: [],
  map: [{ id: attributes.simpleSamples, length: 10 }],
  sampling: {
    periodTicks: 32,
    arraySize: 4,
    sampleBits: 16,
    significantBits: 12,
    scale: { lowerAmplitude: -5, upperAmplitude: 5, lowerSample: 0, upperSample: 4_095 },
  },
  valuePartition: null,
}

t.test('configuration: what is reported is what is understood', async (t) => {
  const own: Configuration = {
    metrics: new Map([[5, wave]]),
    scanners: new Map([[55, { handle: 55, map: [{ handle: 5, map: wave.map ?? [] }] }]]),
    stores: [256],
  }
  for (const configuration of [...standardConfigurations.values(), own]) {
    const report = { configurationId: 0x4000, objects: objectsOf(configuration) }
    const again = readConfigurationReport(encodeConfigurationReport(report))
    t.strictSame(again, report)
    t.strictSame(configurationOf(again?.objects ?? []), { ok: true, value: configuration })
  }
})

t.test('configuration: a map with another length than its type is not believed', async (t) => {
  const scale = standardConfigurations.get(0x05dc)
  const [object] = scale === undefined ? [] : objectsOf(scale)
  if (object === undefined) throw new Error('unreachable')
  const withMap = (map: Uint8Array) =>
    configurationOf([
      {
        ...object,
        attributes: object.attributes.map((one) =>
          one.id === attributes.attributeMap ? { ...one, value: map } : one,
        ),
      },
    ])
  const entry = (id: number, length: number) => joined(u16(id), u16(length))
  t.strictSame(withMap(list([entry(attributes.simpleObserved, 2)])), {
    ok: false,
    reason: 'object 1: attribute 2646 cannot have 2 bytes',
  })
  t.notOk(withMap(list([entry(attributes.compoundBasic, 9)])).ok)
  t.notOk(withMap(list([entry(0xf001, 0)])).ok)
  t.notOk(withMap(hex('0003 0004 0A56')).ok, 'cut short')
  t.ok(withMap(list([entry(0xf001, 3)])).ok, 'of a maker: passed over')
  t.notOk(configurationOf([{ ...object, attributes: [] }]).ok, 'it does not say what it is')
})

t.test('reports: of all sixteen kinds come back as they were', async (t) => {
  const fixed = { form: 'fixed', handle: 1, bytes: hex('F3C5') } as const
  const named = {
    form: 'var',
    handle: 1,
    attributes: [{ id: attributes.basicObserved, value: hex('F3C5') }],
  } as const
  const grouped = { form: 'grouped', bytes: hex('F3C5') } as const
  const oximeter = standardConfigurations.get(0x0190)
  if (oximeter === undefined) throw new Error('unreachable')
  const basic = { id: attributes.basicObserved, length: 2 }
  const configuration: Configuration = {
    ...oximeter,
    scanners: new Map([[9, { handle: 9, map: [{ handle: 1, map: [basic] }] }]]),
  }
  t.equal(scanKinds.size, 16)
  for (const [eventType, { form, hasPeople }] of scanKinds) {
    const item = form === 'fixed' ? fixed : form === 'var' ? named : grouped
    const people = [{ person: hasPeople ? 3 : null, items: [item] }]
    const report = { requestId: 0xf000, reportNumber: 7, people, leftBytes: 0 }
    const encoded = encodeScanReport(eventType, report)
    const read = readScanReport(eventType, encoded)
    t.strictSame(read, report, `${eventType}`)
    if (read === null) continue
    const { observations, problems } = observe(read, 9, configuration)
    t.strictSame(problems, [])
    const numbers = observations.flatMap((one) => one.numbers)
    t.strictSame(
      numbers.map(({ number }) => valueOfNumber(number)),
      [96.5],
      `${eventType}: ${form}`,
    )
    t.equal(observations[0]?.person, hasPeople ? 3 : null)
  }
})

t.test('reports: what cannot be read costs nothing but itself', async (t) => {
  const pressure = standardConfigurations.get(0x02bc)
  if (pressure === undefined) throw new Error('unreachable')
  const stamp = '20261122 03340850'
  const items = [
    { form: 'fixed', handle: 1, bytes: hex(`0003 0006 007B 004C 0061 ${stamp}`) },
    { form: 'fixed', handle: 2, bytes: hex(`0055 ${stamp} 0000`) },
    { form: 'fixed', handle: 2, bytes: hex('0055') },
    { form: 'fixed', handle: 1, bytes: hex(`0002 0004 007B 004C 0061 ${stamp}`) },
    { form: 'fixed', handle: 77, bytes: hex('0055') },
  ] as const
  const people = [{ person: null, items }]
  const report = { requestId: 0xf000, reportNumber: 0, people, leftBytes: 2 }
  const { observations, problems } = observe(report, 0, pressure)
  t.equal(observations.length, 2)
  t.strictSame(
    new Set(problems),
    new Set(['left-over', 'too-long', 'too-short', 'unknown-object']),
    'too long is read as far as it is known',
  )
  const group = { form: 'grouped', bytes: hex('00') } as const
  const inGroup = { ...report, people: [{ person: null, items: [group] }], leftBytes: 0 }
  t.strictSame(observe(inGroup, 9, pressure).problems, ['no-map'])
})

t.test('values: what comes with its name says what it is, wherever it stands', async (t) => {
  const [scale] = standardConfigurations.get(0x05dc)?.metrics.values() ?? []
  if (scale === undefined) throw new Error('unreachable')
  const named = (...all: readonly (readonly [number, string])[]) =>
    decodeNamed(
      scale,
      null,
      all.map(([id, value]) => ({ id, value: hex(value) })),
    )
  const numbers = (...all: readonly (readonly [number, string])[]) =>
    named(...all)?.numbers.map(({ type, unit, number }) => [type.code, unit, valueOfNumber(number)])
  t.strictSame(numbers([attributes.simpleObserved, 'FF0002DC']), [[57_664, 1_731, 73.2]])
  t.strictSame(
    numbers(
      [attributes.simpleObserved, 'FF0002DC'],
      [attributes.unit, '06E0'],
      [attributes.metricId, 'F001'],
    ),
    [[0xf001, 1_760, 73.2]],
    'its unit and its name behind it',
  )
  t.strictSame(numbers([attributes.observed, 'E144 0000 0511 000000AD']), [[57_668, 1_297, 173]])
  t.strictSame(
    numbers([
      attributes.compoundObserved,
      '0002 0014 E144 0000 0511 000000AD E140 0000 06C3 00000048',
    ]),
    [
      [57_668, 1_297, 173],
      [57_664, 1_731, 72],
    ],
  )
  t.equal(named([attributes.observed, 'E144 8000 0511 000000AD'])?.status, 0x8000)
  t.match(named([attributes.enumObserved, '7248 4000 0001 0002 724C']), {
    codes: [{ partition: 2, code: 0x724c }],
    status: 0x4000,
  })
  t.match(named([attributes.enumObserved, '7248 0000 0010 0004 80000000']), {
    bits: { width: 32, bits: 0x8000_0000 },
  })
  t.match(named([attributes.simpleBits, '80000001']), { bits: { width: 32, bits: 0x8000_0001 } })
  t.match(named([attributes.stampHighRes, '00000001 00000000']), {
    relativeTicks: Math.floor((2 ** 32 * 8) / 1_000),
  })
  t.equal(named([attributes.simpleObserved, 'FF00']), null, 'cut short')
  t.equal(named([attributes.simpleSamples, '0001 05']), null, 'a scale has no samples')
  t.equal(named([attributes.compoundSimple, '0001 0004 00000048']), null, 'nor parts')
  t.strictSame(numbers([attributes.enumText, '0002 4142'], [0xf001, '01']), [], 'passed over')
})

t.test('reports: gaps in their numbers are counted when the numbers move', async (t) => {
  const counter = new Counter()
  const missing = [0, 0, 1, 3, 0, 1].map((number) => counter.missingBefore(0xf000, number))
  t.strictSame(missing, [0, 0, 0, 1, 0, 0])
})

t.test('samples: of every width come back, and lie on the line of their scale', async (t) => {
  for (const [sampleBits, significantBits] of [
    [8, 8],
    [8, 255],
    [16, 12],
    [16, 255],
    [32, 255],
  ] as const) {
    const sampling = { periodTicks: 8, arraySize: 3, sampleBits, significantBits, scale: null }
    const samples = significantBits === 255 ? [-3, 0, 5] : [3, 0, 5]
    const read = readSamples(sampling, encodeSamples(sampling, samples))
    t.strictSame(read, { samples: Int32Array.from(samples), isAsSpecified: true })
  }
  const sampling = wave.sampling
  if (sampling?.scale == null) throw new Error('unreachable')
  t.equal(readSamples(sampling, hex('010203')), null, 'half a sample')
  t.equal(readSamples(sampling, hex('F801 F802'))?.samples[0], 0x801, 'only significant bits')
  const { step, zero } = stepOf(sampling.scale)
  t.ok(Math.abs((0 - zero) * step + 5) < 1e-9)
  t.ok(Math.abs((4_095 - zero) * step - 5) < 1e-9)
})

t.test('store: segments, data and entries', async (t) => {
  const glucose = standardConfigurations.get(0x06a4)
  if (glucose === undefined) throw new Error('unreachable')
  const type = { partition: 2, code: 29_112 }
  const part = { objectClass: objectClasses.numeric, type, handle: 1 }
  const map = [{ id: attributes.basicObserved, length: 2 }]
  const attributesOf = (times: number): readonly Attribute[] => [
    { id: attributes.segmentMap, value: encodeSegmentMap({ times, parts: [{ ...part, map }] }) },
    { id: attributes.segmentUsage, value: u32(2) },
    { id: attributes.segmentStart, value: hex('20261121 00000000') },
    { id: attributes.samplePeriod, value: u32(8_000) },
    { id: attributes.transferTimeout, value: u32(160_000) },
  ]
  const timesOf = (times: number, entries: string, count = 2) => {
    const encoded = encodeSegments([{ instance: 7, attributes: attributesOf(times) }])
    const [segment] = readSegments(encoded) ?? []
    if (segment === undefined) throw new Error('unreachable')
    t.equal(segment.transferTimeoutMs, 20_000)
    const data = { instance: 7, firstEntry: 4, count, status: 0xc000, entries: hex(entries) }
    t.strictSame(readSegmentData(encodeSegmentData(data)), data)
    return readEntries(segment, data, glucose)?.map(({ index, observations: [one] }) => [
      index,
      one?.time == null ? null : timeText(one.time),
      one?.relativeTicks ?? null,
    ])
  }
  const stamp = '20261121 03000000'
  t.strictSame(timesOf(0x8000, `${stamp} F320 00000000 00000000 F325`), [
    [4, '2026-11-21T03:00:00.00', null],
    [5, null, null],
  ])
  t.strictSame(timesOf(0x4000, '00000007 F320 00000008 F325'), [
    [4, null, 7],
    [5, null, 8],
  ])
  t.strictSame(timesOf(0, 'F320 F325'), [
    [4, '2026-11-21T00:00:04.00', null],
    [5, '2026-11-21T00:00:05.00', null],
  ])
  t.equal(timesOf(0x8000, stamp), undefined, 'cut short')
  t.equal(timesOf(0x0800, 'F320 F325'), undefined, 'times that nobody knows')
  t.equal(timesOf(0, 'F320', 1e9), undefined, 'a count alone makes no entries')
  t.equal(readSegments(hex('0001 0004 0007 0009')), null)
  t.equal(readSegmentData(hex('0007 0000')), null)
})

t.test('system: what an agent is, and zeros that say nothing', async (t) => {
  const info = {
    manufacturer: 'Maker',
    model: 'Type 1',
    serialNumber: 'S-1',
    firmware: '1.0',
    clock: agentTimeOf(Date.UTC(2_026, 10, 22)),
    relativeTicks: 8_000,
    relativeResolutionTicks: 8_000,
  }
  t.strictSame(systemInfoOf(encodeSystemInfo(info)), info)
  const nothing = systemInfoOf([
    { id: attributes.systemModel, value: hex('00000000') },
    { id: attributes.productionSpec, value: hex('00000000') },
    { id: attributes.absoluteTime, value: new Uint8Array(8) },
    { id: attributes.relativeTime, value: new Uint8Array(4) },
  ])
  t.ok(Object.values(nothing).every((value) => value === null))
})

t.test('decoders: broken bytes never throw', async (t) => {
  const pressure = standardConfigurations.get(0x02bc)
  if (pressure === undefined) throw new Error('unreachable')
  const report = encodeConfigurationReport({ configurationId: 1, objects: objectsOf(pressure) })
  const scan = encodeScanReport(3_357, {
    requestId: 0,
    reportNumber: 0,
    people: [{ person: null, items: [{ form: 'fixed', handle: 2, bytes: new Uint8Array(10) }] }],
    leftBytes: 0,
  })
  fc.assert(
    fc.property(fc.nat(), (start) => {
      const random = dice(start + 1)
      const broken = mutated(report, random)
      const objects = readConfigurationReport(broken)?.objects ?? []
      configurationOf(objects)
      for (const eventType of scanKinds.keys()) {
        const read = readScanReport(eventType, mutated(scan, random))
        if (read !== null) observe(read, 0, pressure)
      }
      readSegments(broken)
      readSegmentData(broken)
      return true
    }),
    { numRuns: 1_000 },
  )
  t.pass()
})
