/** Simulated devices talk to the drivers, with no world between them: what one says the other hears. */
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { joinBytes, noBytes } from '../../protocols/bytes/bytes.ts'
import { Framer } from '../../protocols/bytes/framer.ts'
import { encodePm6750Command, scanPm6750 } from '../../protocols/berrymed/frame.ts'
import type { Pm6750Command } from '../../protocols/berrymed/packet.ts'
import type { Random } from '../../protocols/world/random.ts'
import { formatSaid } from '../capture-said.ts'
import { parseCapture, type CaptureStep } from '../capture.ts'
import type { Driver, Heard, Said, Session } from '../driver.ts'
import { driverOf } from '../index.ts'
import { simulateAndMonitor } from './and-monitor.ts'
import {
  numberOfPressure,
  numberOfWeight,
  pressureOf,
  pressuresCount,
  weightOf,
  weightsCount,
} from './distinct.ts'
import { heartOf, type Heart } from './heart.ts'
import { playCapture } from './play-capture.ts'
import { simulatePm6750 } from './pm6750.ts'
import { readRecording, type Recording } from './recording.ts'
import { simulateScale } from './scale.ts'
import type { Simulated } from './simulated.ts'

/** A small generator of the family that SplitMix is of; good enough to choose between tests. */
function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0
    const mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    return (mixed ^ (mixed >>> 13)) >>> 0
  }
  return {
    below: (limit) => next() % limit,
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
    fork: (name) => randomFrom(seed + name.length),
  }
}

/** Lets a driver and a simulated device talk, in pieces of at most `pieceBytes`. */
class Conversation {
  readonly said: Said[] = []
  noiseBytes = 0
  sent = 0
  readonly #session: Session
  #nowMs = 0
  #listensUntilMs = 0
  #toDevice: Uint8Array = noBytes

  constructor(
    driver: Driver,
    device: Simulated,
    forMs: number,
    pieceBytes = 64,
    over = driver.links[0].kind,
  ) {
    this.#session = driver.session(over)
    this.#run(undefined)
    let next = device.next()
    while (next.done !== true && this.#nowMs < forMs) {
      this.#pass(next.value.afterMs)
      const { bytes } = next.value
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        this.#run({
          kind: 'bytes',
          bytes: bytes.slice(at, at + pieceBytes),
          atMs: this.#nowMs,
        })
      }
      const heard = this.#toDevice.length === 0 ? undefined : this.#toDevice
      this.#toDevice = noBytes
      next = device.next(heard)
    }
    this.#pass(1_900)
  }

  #pass(ms: number): void {
    const untilMs = this.#nowMs + ms
    while (this.#listensUntilMs <= untilMs) {
      this.#nowMs = this.#listensUntilMs
      this.#run({ kind: 'silence', atMs: this.#nowMs })
    }
    this.#nowMs = untilMs
  }

  #run(heard: Heard | undefined): void {
    let answer = heard
    for (;;) {
      const next = this.#session.next(answer)
      answer = undefined
      if (next.done === true) throw new Error('the session ended')
      const want = next.value
      if (want.kind === 'listen') {
        this.#listensUntilMs = this.#nowMs + want.ms
        return
      }
      if (want.kind === 'send') {
        this.#toDevice = joinBytes(this.#toDevice, want.bytes)
        this.sent++
      } else if (want.kind === 'noise') this.noiseBytes += want.bytes.length
      else if (want.kind === 'commit') {
        answer = { kind: 'committed', isStored: true, atMs: this.#nowMs }
      } else if (want.kind !== 'packet') this.said.push(want)
    }
  }
}

function driver(id: string): Driver {
  const found = driverOf(id)
  if (found === null) throw new Error(`there is no driver ${id}`)
  return found
}

function valueOf(said: Said, code: string): number | null {
  if (said.kind !== 'measurement' && said.kind !== 'numerics') return null
  return said.values.find((one) => one.code === code)?.value ?? null
}

const recordings = join(import.meta.dirname, '../captures/recordings')
const header = readFileSync(join(recordings, 'mortara_eli250_12l_500.json'), 'utf8')
const samples = new Uint8Array(readFileSync(join(recordings, 'mortara_eli250_12l_500.i16')))

function recorded(): Recording {
  const read = readRecording(header, samples)
  if (!read.ok) throw new Error(read.reason)
  return read.value
}

function heart(): Heart {
  const found = heartOf(recorded())
  if (found === null) throw new Error('the recording has no rhythm')
  return found
}

t.test('simulate: numbers of measurements are distinct and can be counted back', async (t) => {
  t.equal(new Set(Array.from({ length: weightsCount }, (_, n) => weightOf(n))).size, weightsCount)
  fc.assert(
    fc.property(fc.nat(pressuresCount - 1), fc.nat(weightsCount - 1), (pressure, weight) => {
      const { systolicMmHg, diastolicMmHg, meanMmHg } = pressureOf(pressure)
      return (
        numberOfPressure(pressureOf(pressure)) === pressure &&
        numberOfWeight(weightOf(weight)) === weight &&
        diastolicMmHg < meanMmHg &&
        meanMmHg < systolicMmHg
      )
    }),
  )
  const withoutPulse = Array.from({ length: 3_200 }, (_, n) => pressureOf(n))
  const pairs = withoutPulse.map((one) => `${one.systolicMmHg}/${one.diastolicMmHg}`)
  t.equal(new Set(pairs).size, 3_200)
  const good = { systolicMmHg: 120, diastolicMmHg: 80, pulsePerMinute: 70 }
  t.type(numberOfPressure(good), 'number')
  t.equal(numberOfPressure({ ...good, systolicMmHg: 99 }), null)
  t.equal(numberOfPressure({ ...good, diastolicMmHg: 90 }), null)
  t.equal(numberOfPressure({ ...good, pulsePerMinute: 60.5 }), null)
  t.equal(numberOfWeight(72.47), null)
  t.equal(numberOfWeight(120), null)
})

t.test('simulate: the pressure monitor is heard without loss and without doubles', async (t) => {
  const device = simulateAndMonitor({
    random: randomFrom(1),
    everyMs: 30_000,
    jitterMs: 20_000,
    deviceClockMs: Date.UTC(2026, 5, 30, 23, 58),
    failOneIn: 5,
    firstNumber: 7,
  })
  const { said, noiseBytes } = new Conversation(driver('and-tm265x'), device, 3_600_000, 7)
  const numbers = said
    .filter((one) => one.kind === 'measurement')
    .map((one) =>
      numberOfPressure({
        systolicMmHg: valueOf(one, 'MDC_PRESS_BLD_NONINV_SYS') ?? 0,
        diastolicMmHg: valueOf(one, 'MDC_PRESS_BLD_NONINV_DIA') ?? 0,
        pulsePerMinute: valueOf(one, 'MDC_PULS_RATE_NON_INV') ?? 0,
      }),
    )
  t.ok(numbers.length > 50)
  t.strictSame(
    numbers,
    numbers.map((_, index) => index + 7),
  )
  t.ok(said.some((one) => one.kind === 'event' && one.code === 'measurement-failed'))
  t.equal(noiseBytes, 0)
  const first = said.find((one) => one.kind === 'measurement')
  t.match(first, { deviceTime: { year: 2026, month: 6, day: 30, hour: 23, minute: 58 } })
  t.notMatch(first, { qualifiers: { implausible: /./ } })
  const never = simulateAndMonitor({
    random: randomFrom(2),
    everyMs: 1_000,
    jitterMs: 0,
    deviceClockMs: 0,
    failOneIn: null,
    firstNumber: 0,
  })
  t.equal(new Conversation(driver('and-tm265x'), never, 100_000).said.length, 1 + 100)
})

t.test('simulate: every person on the scale is one weight', async (t) => {
  for (const mode of ['stream', 'print'] as const) {
    for (const layout of ['standard', 'indicator'] as const) {
      const device = simulateScale({
        random: randomFrom(3),
        layout,
        mode,
        emptyMs: 2_500,
        jitterMs: 4_000,
        firstNumber: 1_590,
      })
      const { said, noiseBytes } = new Conversation(driver('st-gs-scale'), device, 300_000)
      const numbers = said.map((one) => numberOfWeight(valueOf(one, 'MDC_MASS_BODY_ACTUAL') ?? 0))
      t.ok(numbers.length > 40, `${numbers.length} people`)
      t.strictSame(
        numbers,
        numbers.map((_, index) => (1_590 + index) % weightsCount),
        `${mode}, ${layout}`,
      )
      t.equal(noiseBytes, 0)
    }
  }
})

t.test('simulate: the monitor is silent until it is enabled, and obeys', async (t) => {
  const device = simulatePm6750({ heart: heart(), random: randomFrom(4), pressureEveryMs: null })
  const kindsAfter = (...commands: readonly Pm6750Command[]): readonly string[] => {
    const framer = new Framer(scanPm6750, 300)
    const kinds = new Set<string>()
    let heard: Uint8Array | undefined = joinBytes(...commands.map(encodePm6750Command))
    for (let tick = 0; tick < 100; tick++) {
      const next = device.next(heard)
      heard = undefined
      if (next.done === true) break
      for (const one of framer.feed(next.value.bytes, 0)) {
        kinds.add(one.kind === 'packet' ? one.packet.kind : 'noise')
      }
    }
    return [...kinds].toSorted()
  }
  t.strictSame(kindsAfter(), [])
  t.strictSame(kindsAfter({ kind: 'version', of: 'firmware' }), ['version'])
  t.strictSame(kindsAfter({ kind: 'version', of: 'hardware' }), ['version'])
  t.strictSame(kindsAfter({ kind: 'temperature', on: true }), ['temperature'])
  t.strictSame(kindsAfter({ kind: 'pleth-wave', on: true }), ['temperature'])
  t.strictSame(kindsAfter({ kind: 'oximeter', on: true }, { kind: 'temperature', on: false }), [
    'oximeter',
    'pleth',
    'pulse-beat',
  ])
  t.strictSame(
    kindsAfter(
      { kind: 'oximeter', on: false },
      { kind: 'ecg', on: true },
      { kind: 'respiration-wave', on: true },
      { kind: 'ecg-gain', gain: 2 },
      { kind: 'respiration-gain', gain: 2 },
      { kind: 'ecg-filter', filter: 'diagnostic' },
    ),
    ['ecg', 'ecg-numbers', 'heart-beat', 'respiration'],
  )
})

t.test(
  'simulate: the monitor gives its waves at their rates and its numbers each second',
  async (t) => {
    const device = simulatePm6750({
      heart: heart(),
      random: randomFrom(5),
      pressureEveryMs: 20_000,
    })
    const { said, noiseBytes, sent } = new Conversation(
      driver('berrymed-pm6750'),
      device,
      120_000,
      100,
    )
    t.equal(noiseBytes, 0)
    t.equal(sent, 8, 'it is enabled once')
    const count = (wave: string): number =>
      said.filter((one) => one.kind === 'samples' && one.wave === wave).length
    // All but the first 0.4 s, in which it is enabled.
    t.ok(Math.abs(count('ecg') - 250 * 119.6) < 100, `${count('ecg')} ECG samples`)
    t.ok(Math.abs(count('pleth') - 50 * 119.6) < 20, `${count('pleth')} pleth samples`)
    t.ok(Math.abs(count('respiration') - 50 * 119.6) < 20)
    const heartRates = said
      .map((one) => valueOf(one, 'MDC_ECG_HEART_RATE'))
      .filter((one) => one !== null)
    t.ok(heartRates.length >= 119 && heartRates.length <= 121, `${heartRates.length} heart rates`)
    t.strictSame(new Set(heartRates), new Set([72]), 'as in the recording')
    const saturations = said.map((one) => valueOf(one, 'MDC_PULS_OXIM_SAT_O2'))
    t.ok(saturations.every((one) => one === null || (one >= 95 && one <= 99)))
    t.ok(new Set(saturations).size > 2, 'it wanders')
    const pressures = said.filter((one) => valueOf(one, 'MDC_PRESS_BLD_NONINV_SYS') !== null)
    t.equal(pressures.length, 2, 'each measurement once')
    t.equal(new Set(pressures.map(formatSaid)).size, 2)
    const qualifiers = said.flatMap((one) => ('values' in one ? [one.qualifiers] : []))
    t.notOk(qualifiers.some((one) => one !== undefined && 'implausible' in one))
  },
)

t.test('simulate: the heart of a recording goes on from beat to beat', async (t) => {
  const found = heart()
  t.equal(found.beatsPerMinute, 72)
  t.equal(found.beats.size, 11)
  t.ok(found.beats.has(0))
  t.equal(found.leads.length, 7)
  const [one, two, three] = found.leads
  for (let at = 0; at < found.length; at++) {
    const sum = (one?.[at] ?? 0) + (three?.[at] ?? 0) - 128
    if (Math.abs(sum - (two?.[at] ?? 0)) > 2) t.fail(`II is not I + III at ${at}`)
  }
  const clipped = heartOf({ ...recorded(), microvoltsPerStep: 500 })
  t.ok(clipped?.leads[1]?.includes(0) && clipped.leads[1].includes(250), 'saturates, never wraps')
})

t.test('simulate: a recording without what is needed is none', async (t) => {
  const whole = recorded()
  t.equal(heartOf({ ...whole, leads: new Map([['II', new Int16Array(100)]]) }), null)
  const flat = new Map([...whole.leads].map(([name, lead]) => [name, lead.map(() => 0)]))
  t.equal(heartOf({ ...whole, leads: flat }), null)
  t.equal(heartOf({ ...whole, leads: new Map() }), null)
  const short = new Map([...whole.leads].map(([name, lead]) => [name, lead.slice(0, 600)]))
  t.equal(heartOf({ ...whole, leads: short }), null, 'two beats are no rhythm')
  const reason = (text: string, bytes = samples) => {
    const read = readRecording(text, bytes)
    return read.ok ? 'ok' : read.reason
  }
  t.equal(reason('{'), 'the header is no JSON object')
  t.equal(reason('5'), 'the header is no JSON object')
  t.equal(reason('{}'), 'fs is no rate')
  t.equal(reason('{"fs":500}'), 'lsb_uV is no step')
  t.equal(reason('{"fs":500,"lsb_uV":1}'), 'leads is no list')
  t.equal(
    reason('{"fs":500,"lsb_uV":1,"leads":["I","II"]}', samples.subarray(2)),
    'the samples do not fit the leads',
  )
  const moved = new Uint8Array([9, ...samples]).subarray(1)
  t.equal(reason(header, moved), 'ok', 'also when the bytes begin anywhere in their buffer')
})

const captures = globSync(join(import.meta.dirname, '../captures/*/*.cap')).toSorted()

t.test('simulate: a capture is a device that says what was captured', async (t) => {
  for (const path of captures) {
    const id = basename(dirname(path))
    const parsed = parseCapture(readFileSync(path, 'utf8'))
    // The keypad has no device, and there a piece is a whole object.
    if (!parsed.ok || id === 'keypad') continue
    const expected = parsed.value.flatMap((step) => (step.kind === 'said' ? [step.said] : []))
    const named = /\.(\w+)\.cap$/.exec(path)?.[1]
    const known = driver(id)
    const over = known.links.find(({ kind }) => kind === named)?.kind ?? known.links[0].kind
    // Streams come in pieces; reports, transfers and datagrams come whole.
    const pieceBytes = over === 'serial' || over === 'tcp' ? 64 : Infinity
    const device = playCapture(parsed.value)
    const { said } = new Conversation(known, device, Infinity, pieceBytes, over)
    t.strictSame(said.map(formatSaid), expected.map(formatSaid), path)
  }
})

t.test('simulate: a played capture waits for what it must be told, but not for ever', async (t) => {
  const bytes = Uint8Array.of(7, 8)
  const steps: readonly CaptureStep[] = [
    { kind: 'wait', ms: 15 },
    { kind: 'host', bytes },
    { kind: 'device', bytes: Uint8Array.of(1) },
    { kind: 'wait', ms: 30 },
  ]
  const device = playCapture(steps)
  t.strictSame(device.next().value, { afterMs: 10, bytes: noBytes })
  t.strictSame(device.next(Uint8Array.of(5, 7)).value, { afterMs: 10, bytes: noBytes })
  t.strictSame(device.next(Uint8Array.of(8, 9)).value, { afterMs: 0, bytes: Uint8Array.of(1) })
  t.strictSame(device.next().value, { afterMs: 30, bytes: noBytes })
  t.ok(device.next().done)
  const unheard = playCapture(steps)
  let looks = 0
  while (unheard.next().done !== true) looks++
  t.equal(looks, 6_000)
})
