/** What becomes of what personal health devices say, and when they are told that we have it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { joinBytes } from '../protocols/bytes/bytes.ts'
import { encodeApdu, scanApdu } from '../protocols/ieee11073/apdu.ts'
import { encodeParameters, protocol20601 } from '../protocols/ieee11073/association.ts'
import {
  encodeConfigurationReport,
  encodeMap,
  type ConfigurationObject,
  type MapEntry,
} from '../protocols/ieee11073/configuration.ts'
import { encodeType, list, u16, type Attribute } from '../protocols/ieee11073/mder.ts'
import { attributes, events, objectClasses } from '../protocols/ieee11073/nomenclature.ts'
import { encodeScanReport } from '../protocols/ieee11073/scan-report.ts'
import { fromHex } from '../protocols/packet/hex.ts'
import { dice, mutated } from '../test/mutated.ts'
import { accuchek } from './accuchek.ts'
import { formatSaid } from './capture-said.ts'
import type { Heard, Said, Session } from './driver.ts'
import { ieee11073 } from './ieee11073.ts'
import { simulateAgent, type AgentDevice } from './simulate/agent11073.ts'
import { numberOfPressure, numberOfWeight } from './simulate/distinct.ts'

function hex(text: string): Uint8Array {
  const bytes = fromHex(text.replaceAll(' ', '').toLowerCase())
  if (bytes === null) throw new Error(text)
  return bytes
}

/** A session whose disk a test can fill. */
class Bench {
  readonly said: Said[] = []
  readonly stored: Said[] = []
  isDiskFull = false
  hasEnded = false
  nowMs = 0
  #sent: Uint8Array[] = []
  #listensUntilMs = 0
  readonly #session: Session

  constructor(session: Session = ieee11073.session('tcp')) {
    this.#session = session
    this.#run(undefined)
  }

  hear(bytes: Uint8Array): void {
    this.#run({ kind: 'bytes', bytes, atMs: this.nowMs })
  }

  pass(ms: number): void {
    const untilMs = this.nowMs + ms
    while (!this.hasEnded && this.#listensUntilMs <= untilMs) {
      this.nowMs = this.#listensUntilMs
      this.#run({ kind: 'silence', atMs: this.nowMs })
    }
    this.nowMs = untilMs
  }

  /** What was sent since the last time. */
  sent(): Uint8Array {
    return joinBytes(...this.#sent.splice(0))
  }

  texts(): readonly string[] {
    return this.said.splice(0).map(formatSaid)
  }

  #run(heard: Heard | undefined): void {
    const unsettled: Said[] = []
    let answer = heard
    for (;;) {
      const next = this.#session.next(answer)
      answer = undefined
      if (next.done === true) {
        this.hasEnded = true
        return
      }
      const want = next.value
      if (want.kind === 'listen') {
        this.#listensUntilMs = this.nowMs + want.ms
        if (!this.isDiskFull) this.stored.push(...unsettled)
        return
      }
      if (want.kind === 'send') this.#sent.push(want.bytes)
      else if (want.kind === 'commit') {
        const isStored = !this.isDiskFull
        if (isStored) this.stored.push(...unsettled)
        unsettled.length = 0
        answer = { kind: 'committed', isStored, atMs: this.nowMs }
      } else if (want.kind !== 'noise' && want.kind !== 'packet') {
        this.said.push(want)
        unsettled.push(want)
      }
    }
  }
}

function eventReport(eventType: number, info: Uint8Array, isConfirmed = true): Uint8Array {
  const event = { handle: 0, eventTime: 0xffff_ffff, eventType, info }
  const message = { kind: 'event-report', isConfirmed, ...event } as const
  return encodeApdu({ kind: 'data', data: { invoke: 7, message } })
}

function associate(configurationId: number, functionalUnits = 0): Uint8Array {
  const parameters = encodeParameters(
    {
      protocolVersions: 0x8000_0000,
      encodingRules: 0x8000,
      nomenclatureVersions: 0x8000_0000,
      functionalUnits,
      systemType: 0x0080_0000,
      configurationId,
      dataRequestMode: 1,
      agentRequests: 1,
      managerRequests: 0,
      options: [],
    },
    hex('01020304 05060708'),
  )
  const protocols = [{ id: protocol20601, parameters }]
  return encodeApdu({ kind: 'association-request', associationVersions: 0x8000_0000, protocols })
}

const spot = 0xf040
const basic: MapEntry = { id: attributes.basicObserved, length: 2 }
const simple: MapEntry = { id: attributes.simpleObserved, length: 4 }
const stamp: MapEntry = { id: attributes.stampAbsolute, length: 8 }
const enumCode: MapEntry = { id: attributes.enumCode, length: 2 }

function object(
  handle: number,
  [partition, code]: readonly [number, number],
  unit: number | null,
  map: readonly MapEntry[],
  more: readonly Attribute[] = [],
): ConfigurationObject {
  const isEnumeration = map.some(({ id }) => id === attributes.enumCode)
  return {
    objectClass: isEnumeration ? objectClasses.enumeration : objectClasses.numeric,
    handle,
    attributes: [
      { id: attributes.type, value: encodeType({ partition, code }) },
      { id: attributes.metricSpec, value: u16(spot) },
      ...(unit === null ? [] : [{ id: attributes.unit, value: u16(unit) }]),
      { id: attributes.attributeMap, value: encodeMap(map) },
      ...more,
    ],
  }
}

/** A bench whose device has these objects. */
function deviceWith(objects: readonly ConfigurationObject[], functionalUnits = 0): Bench {
  const bench = new Bench()
  bench.hear(associate(0x4000, functionalUnits))
  const info = encodeConfigurationReport({ configurationId: 0x4000, objects })
  bench.hear(eventReport(events.configuration, info))
  const message = { kind: 'get-answer', handle: 0, attributes: [] } as const
  bench.hear(encodeApdu({ kind: 'data', data: { invoke: 0, message } }))
  return bench
}

const fixed = 3_357
const ofPeople = 3_359

function values(...items: readonly (readonly [number, string])[]): Uint8Array {
  return scanOf([[null, items]])
}

function scanOf(
  people: readonly (readonly [number | null, readonly (readonly [number, string])[]])[],
): Uint8Array {
  const eventType = people[0]?.[0] == null ? fixed : ofPeople
  const info = encodeScanReport(eventType, {
    requestId: 0xf000,
    reportNumber: 0,
    leftBytes: 0,
    people: people.map(([person, items]) => ({
      person,
      items: items.map(([handle, bytes]) => ({ form: 'fixed', handle, bytes: hex(bytes) })),
    })),
  })
  return eventReport(eventType, info)
}

/** What the device said: one report. */
function told(
  objects: readonly ConfigurationObject[],
  ...items: readonly (readonly [number, string])[]
): readonly string[] {
  const bench = deviceWith(objects)
  bench.said.length = 0
  bench.hear(values(...items))
  return bench.texts()
}

const at = '20261122 03340850'
const time = '2026-11-22T03:34:08'

t.test('personal health: a device that is silent is never spoken to', async (t) => {
  for (const driver of [ieee11073, accuchek]) {
    const bench = new Bench(driver.session())
    bench.pass(3_600_000)
    t.equal(bench.sent().length, 0)
    t.equal(driver.asks, 'nothing')
  }
})

t.test('personal health: a result is answered and said once, when it is stored', async (t) => {
  const bench = new Bench()
  bench.hear(associate(0x05dc))
  const report = values([1, `FF0002DC ${at}`])
  bench.isDiskFull = true
  bench.sent()
  bench.hear(report)
  const scan = scanApdu(bench.sent())
  t.match(scan, { packet: { data: { invoke: 7, message: { kind: 'error', error: 26 } } } })
  t.strictSame(bench.stored, [])
  bench.isDiskFull = false
  bench.hear(report)
  t.match(scanApdu(bench.sent()), { packet: { data: { message: { kind: 'event-answer' } } } })
  bench.hear(report)
  t.match(scanApdu(bench.sent()), { packet: { data: { message: { kind: 'event-answer' } } } })
  t.strictSame(bench.stored.map(formatSaid), [
    `measurement MDC_MASS_BODY_ACTUAL 73.2 kg at ${time}`,
  ])
})

const glucose = (code: number, unit: number) => object(1, [2, code], unit, [basic, stamp])
const meal = object(2, [128, 29_256], null, [enumCode, stamp])
const exercise = object(3, [128, 29_152], 544, [basic])
const health = object(4, [128, 29_212], null, [enumCode])

t.test('glucose: a context of the same time is a qualifier', async (t) => {
  const objects = [glucose(29_112, 2_130), meal, exercise, health]
  t.strictSame(told(objects, [1, `0076 ${at}`], [2, `724C ${at}`], [3, '0032'], [4, '7220']), [
    `measurement MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD 118 mg/dL at ${time} with ` +
      'meal=before exercise="50 %" health=mdc-8417824',
  ])
  t.strictSame(
    told(objects, [2, `7250 ${at}`]),
    ['event context info once with meal=after deviceTime=2026-11-22T03:34:08.50'],
    'told alone it has no measurement',
  )
  const later = '20261122 04000000'
  t.strictSame(told(objects, [1, `0076 ${at}`], [1, `0078 ${later}`], [4, '7220']).length, 3)
})

t.test('glucose: units, limits and control solution', async (t) => {
  t.strictSame(told([glucose(29_116, 4_722)], [1, `F037 ${at}`]), [
    `measurement MDC_CONC_GLU_CAPILLARY_PLASMA 99.0858 mg/dL at ${time} with asShown="5.5 mmol/L"`,
  ])
  const code = 'MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD'
  t.strictSame(
    [`07FE ${at}`, `0802 ${at}`, `07FF ${at}`, `0800 ${at}`].map(
      (value) => told([glucose(29_112, 2_130)], [1, value])[0],
    ),
    [' with beyond=above', ' with beyond=below', '', ''].map(
      (more) => `measurement ${code} null mg/dL at ${time}${more}`,
    ),
  )
  t.match(told([glucose(29_136, 2_130)], [1, `0076 ${at}`]), [/^measurement MDC_CONC_GLU_CONTROL/])
})

t.test('temperature: degrees of all kinds, at their place', async (t) => {
  const where = (code: number, unit: number) => object(1, [2, code], unit, [simple, stamp])
  t.strictSame(told([where(57_352, 4_416)], [1, `FF0003DA ${at}`]), [
    `measurement MDC_TEMP_ORAL 37 Cel at ${time} with asShown="98.6 [degF]"`,
  ])
  t.match(told([where(19_320, 6_048)], [1, `FF00016F ${at}`]), [/^measurement MDC_TEMP_TYMP 36.7/])
})

t.test('values: what is in no table is kept with its number, never as another', async (t) => {
  const own = object(1, [2, 0xf001], 6_784, [simple, stamp])
  const weight = object(2, [2, 57_664], 1_731, [simple, stamp])
  t.strictSame(told([own, weight], [1, `0319DD28 ${at}`], [2, `FF0002DC ${at}`]), [
    `measurement MDC_MASS_BODY_ACTUAL 73.2 kg at ${time} with mdc-192513="1695016000 cal"`,
  ])
  t.strictSame(told([own], [1, `0319DD28 ${at}`]), [
    'event context info once with mdc-192513="1695016000 cal" deviceTime=2026-11-22T03:34:08.50',
  ])
  const inHours = object(3, [2, 57_664], 2_240, [simple])
  t.strictSame(told([inHours], [3, '00000002']), ['event context info once with mdc-188736="2 h"'])
})

t.test('values: flags of a value, of its time and of the device', async (t) => {
  const status: MapEntry = { id: attributes.measurementStatus, length: 2 }
  const weight = object(1, [2, 57_664], 1_731, [simple, status, stamp])
  const said = (flags: string, when = at) => told([weight], [1, `FF0002DC ${flags} ${when}`])[0]
  const code = 'measurement MDC_MASS_BODY_ACTUAL'
  t.equal(said('8000'), `${code} null kg at ${time}`, 'invalid')
  t.equal(said('2000'), `${code} null kg at ${time}`, 'not available')
  t.equal(said('4040'), `${code} 73.2 kg at ${time} with status="questionable; early"`)
  t.equal(said('0400'), `simulated ${code} 73.2 kg at ${time}`, 'a demonstration')
  t.equal(said('0000', '20261122 0A340850'), `${code} 73.2 kg with deviceClock=invalid`)
  t.equal(said('0000', '00000000 00000000'), `${code} 73.2 kg`, 'no clock')
  const test = deviceWith([weight], 0x2000_0000)
  test.said.length = 0
  test.hear(values([1, `FF0002DC 0000 ${at}`]))
  t.strictSame(test.texts(), [`simulated ${code} 73.2 kg at ${time}`], 'a test association')
})

t.test('values: other clocks of a device', async (t) => {
  const weight = (entry: MapEntry) => object(1, [2, 57_664], 1_731, [simple, entry])
  const code = 'measurement MDC_MASS_BODY_ACTUAL 73.2 kg'
  const relative: MapEntry = { id: attributes.stampRelative, length: 4 }
  t.strictSame(told([weight(relative)], [1, 'FF0002DC 00001F40']), [
    `${code} with relativeTicks=8000`,
  ])
  const base: MapEntry = { id: attributes.stampBaseOffset, length: 8 }
  t.strictSame(told([weight(base)], [1, 'FF0002DC EC805600 0000 01A4']), [
    `${code} at 2025-09-26T07:00:00 with utcOffsetMinutes=420`,
  ])
})

t.test('people: are told apart, and are no qualifier', async (t) => {
  const bench = deviceWith([object(1, [2, 57_664], 1_731, [simple, stamp])])
  bench.said.length = 0
  bench.hear(
    scanOf([
      [0x42, [[1, `FF0002DC ${at}`]]],
      [0x34, [[1, `FF0002DC ${at}`]]],
      [0xffff, [[1, `FF000258 ${at}`]]],
    ]),
  )
  const code = 'measurement MDC_MASS_BODY_ACTUAL'
  t.strictSame(bench.texts(), [
    `${code} 73.2 kg at ${time}`,
    `${code} 73.2 kg at ${time}`,
    `${code} 60 kg at ${time}`,
  ])
})

t.test('pressure: out of order is named, in kilopascals too', async (t) => {
  const parts = { id: attributes.metricIds, value: list([18_949, 18_950, 18_951].map(u16)) }
  const map: readonly MapEntry[] = [{ id: attributes.compoundBasic, length: 10 }, stamp]
  const pressure = object(1, [2, 18_948], 3_843, map, [parts])
  t.match(told([pressure], [1, `0003 0006 0008 0010 000C ${at}`]), [
    /^measurement MDC_PRESS_BLD_NONINV_SYS 60\.00\d+ .* asShown="8 kPa; 16 kPa; 12 kPa" implausible=/,
  ])
})

/** Sessions of the tests of the protocol. */
const sessions = join(import.meta.dirname, '../protocols/ieee11073/sessions')

function agentSide(name: string): readonly Uint8Array[] {
  const lines = readFileSync(join(sessions, `${name}.txt`), 'utf8').split('\n')
  return lines.flatMap((line) => {
    const found = /^< [\d.]+ ([\da-f]+)$/.exec(line)
    return found === null ? [] : [hex(found[1] ?? '')]
  })
}

t.test('waves: a stored electrocardiogram is one strip, with the time of its start', async (t) => {
  const bench = new Bench()
  for (const bytes of agentSide('antidotemgr-10406-pmstore')) bench.hear(bytes)
  const strips = bench.stored.filter((said) => said.kind === 'strip')
  t.equal(strips.length, 1)
  t.match(strips[0], {
    wave: 'ecg',
    rate: { samples: 1, perMs: 4 },
    leads: [{ code: 'MDC_ECG_ELEC_POTL_I', unit: 'mV', lsb: 10 / 4_095, zero: 2_047.5 }],
  })
  t.equal(strips[0]?.samples[0]?.length, 250)
  t.ok(
    bench
      .texts()
      .includes('event recording info once with deviceTime=2026-11-21T00:00:00.00 record=7'),
  )
})

t.test('waves: samples that are not as announced are kept without a scale', async (t) => {
  const bench = new Bench()
  const [association, configuration, ...rest] = agentSide('antidote-10406-ext4000-config')
  const message = { kind: 'get-answer', handle: 0, attributes: [] } as const
  const answer = encodeApdu({ kind: 'data', data: { invoke: 0, message } })
  for (const bytes of [association, configuration, answer, ...rest]) {
    if (bytes !== undefined) bench.hear(bytes)
  }
  const strips = bench.stored.filter((said) => said.kind === 'strip')
  t.equal(strips.length, 3)
  t.match(strips[0], {
    rate: { samples: 1, perMs: 10 },
    leads: [{ code: 'MDC_ECG_ELEC_POTL_I', unit: null, lsb: null, zero: 0 }],
  })
  t.equal(strips[0]?.samples[0]?.length, 80)
  t.ok(bench.texts().some((one) => one.startsWith('event wave-not-as-announced')))
})

t.test('waves: samples of which nobody knows how fast they are, are no wave', async (t) => {
  const wave: ConfigurationObject = {
    objectClass: objectClasses.realTimeSampleArray,
    handle: 1,
    attributes: [
      { id: attributes.type, value: encodeType({ partition: 2, code: 19_380 }) },
      { id: attributes.sampleSpec, value: hex('0002 10 FF 0000') },
      {
        id: attributes.attributeMap,
        value: encodeMap([{ id: attributes.simpleSamples, length: 6 }]),
      },
    ],
  }
  t.strictSame(told([wave], [1, '0004 0001 0002']), ['event wave-without-rate warning once'])
  const period = { id: attributes.samplePeriod, value: hex('00000050') }
  t.strictSame(
    told([{ ...wave, attributes: [...wave.attributes, period] }], [1, '0004 0001 FFFF']),
    ['strip pleth 1 leads 2 samples'],
  )
})

t.test('session: an agent that was turned away and stays ends it', async (t) => {
  const bench = new Bench()
  const protocols = [{ id: 65_535, parameters: hex('00') }]
  bench.hear(
    encodeApdu({ kind: 'association-request', associationVersions: 0x8000_0000, protocols }),
  )
  bench.pass(9_999)
  t.notOk(bench.hasEnded)
  bench.pass(1)
  t.ok(bench.hasEnded)
})

t.test('session: an agent that streams is noticed not to answer', async (t) => {
  const bench = new Bench()
  bench.hear(associate(0x0190))
  for (let tick = 0; tick < 40; tick++) {
    bench.pass(100)
    bench.hear(eventReport(fixed, hex('F000 0000 0001 0006 0001 0002 0061'), false))
  }
  const abort = encodeApdu({ kind: 'abort', reason: 2 })
  t.ok(joinedHex(bench.sent()).includes(joinedHex(abort)))
})

function joinedHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

t.test('session: broken bytes never throw, and are never another patient value', async (t) => {
  const names = readdirSync(sessions).filter((file) => file.endsWith('.txt'))
  const all = names.map((name) => joinBytes(...agentSide(name.replace('.txt', ''))))
  fc.assert(
    fc.property(fc.nat(all.length - 1), fc.nat(), (which, start) => {
      const random = dice(start + 1)
      const bench = new Bench()
      const bytes = mutated(all[which] ?? new Uint8Array(0), random)
      for (let from = 0; from < bytes.length; from += 97) {
        if (bench.hasEnded) break
        bench.hear(bytes.slice(from, from + 97))
        bench.pass(random(3) * 500)
      }
      return true
    }),
    { numRuns: 400 },
  )
  t.pass()
})

/** Lets a simulated device and a session talk for so long. */
function talk(device: AgentDevice, forMs: number, isDiskFull: (nowMs: number) => boolean): Bench {
  const bench = new Bench()
  const random = dice(5)
  const agent = simulateAgent({
    device,
    random: {
      below: random,
      bytes: (count) => Uint8Array.from({ length: count }, () => random(256)),
      fork: () => ({ below: random, bytes: (count) => new Uint8Array(count).fill(7), fork: never }),
    },
    everyMs: 4_000,
    jitterMs: 2_000,
    deviceClockMs: Date.UTC(2_026, 10, 22, 8),
    firstNumber: 3,
  })
  let next = agent.next()
  while (next.done !== true && bench.nowMs < forMs) {
    bench.pass(next.value.afterMs)
    bench.isDiskFull = isDiskFull(bench.nowMs)
    if (next.value.bytes.length > 0) bench.hear(next.value.bytes)
    const sent = bench.sent()
    next = agent.next(sent.length === 0 ? undefined : sent)
  }
  return bench
}

function never(): never {
  throw new Error('unreachable')
}

function valueIn(said: Said, code: string): number {
  if (said.kind !== 'measurement' && said.kind !== 'numerics') return NaN
  return said.values.find((one) => one.code === code)?.value ?? NaN
}

t.test('simulated: results arrive once and in order, also over a full disk', async (t) => {
  const isFull = (nowMs: number): boolean => nowMs % 60_000 > 40_000
  for (const full of [() => false, isFull]) {
    const scale = talk('scale', 600_000, full)
    const weights = scale.stored.filter(({ kind }) => kind === 'measurement')
    const numbers = weights.map((said) => numberOfWeight(valueIn(said, 'MDC_MASS_BODY_ACTUAL')))
    t.ok(numbers.length > 50, `${numbers.length} weights`)
    t.strictSame(
      numbers,
      numbers.map((_, index) => 3 + index),
    )
    const monitor = talk('pressure', 600_000, full)
    const pressures = monitor.stored.filter(({ kind }) => kind === 'measurement')
    t.strictSame(
      pressures.map((said) =>
        numberOfPressure({
          systolicMmHg: valueIn(said, 'MDC_PRESS_BLD_NONINV_SYS'),
          diastolicMmHg: valueIn(said, 'MDC_PRESS_BLD_NONINV_DIA'),
          pulsePerMinute: valueIn(said, 'MDC_PULS_RATE_NON_INV'),
        }),
      ),
      pressures.map((_, index) => 3 + index),
    )
    t.ok(pressures.length > 50)
  }
})

t.test('simulated: an oximeter streams, and says who it is', async (t) => {
  const bench = talk('oximeter', 60_000, () => false)
  const numerics = bench.stored.filter(({ kind }) => kind === 'numerics')
  t.ok(numerics.length >= 58, `${numerics.length} numerics`)
  t.match(
    bench.stored.find(({ kind }) => kind === 'identity'),
    { model: 'Simpul OX-1', firmware: '1.0' },
  )
})
