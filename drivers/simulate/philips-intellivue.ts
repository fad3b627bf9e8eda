/** An IntelliVue at a serial line: lets itself be associated, answers polls and pushes waves. */
import { joinBytes, noBytes } from '../../protocols/bytes/bytes.ts'
import { Framer } from '../../protocols/bytes/framer.ts'
import { list, octets, text, u16, u32 } from '../../protocols/ieee11073/mder.ts'
import { encodeFloat, numberOfValue } from '../../protocols/ieee11073/numbers.ts'
import { encodeAbsoluteTime } from '../../protocols/ieee11073/times.ts'
import { sameBytes } from '../../protocols/packet/hex.ts'
import {
  polledNumbers,
  polledWaves,
  type Attribute,
  type IntellivueApdu,
  type Observation,
} from '../../protocols/philips-intellivue/apdu.ts'
import {
  encodeIntellivueFrame,
  intellivueFrameLimitBytes,
  scanIntellivueFrame,
} from '../../protocols/philips-intellivue/frame.ts'
import { associationRequest, numbersRequest } from '../../protocols/philips-intellivue/requests.ts'
import { Body, instants, type BodyOptions } from './body.ts'
import type { Simulated } from './simulated.ts'

/** A message of waves holds so long. */
const tickMs = 256
const ticksPerMs = 8
const wavesAttribute = 0xf13e

export function* simulateIntellivue(options: BodyOptions): Simulated {
  const monitor = new Monitor(new Body(options))
  for (let nowMs = tickMs; ; nowMs += tickMs) {
    const heard = yield { afterMs: tickMs, bytes: monitor.say(nowMs) }
    monitor.hear(heard ?? noBytes, nowMs)
  }
}

class Monitor {
  readonly #body: Body
  readonly #ear = new Framer(scanIntellivueFrame, intellivueFrameLimitBytes)
  #answers: IntellivueApdu[] = []
  #waves: 'off' | 'first' | 'on' = 'off'
  #sequence = 0

  constructor(body: Body) {
    this.#body = body
  }

  hear(bytes: Uint8Array, nowMs: number): void {
    for (const framed of this.#ear.feed(bytes, nowMs)) {
      if (framed.kind === 'packet' && framed.packet.kind === 'unknown') {
        this.#obey(framed.packet.bytes, nowMs)
      }
    }
  }

  #obey(request: Uint8Array, nowMs: number): void {
    if (sameBytes(request, associationRequest)) {
      this.#waves = 'off'
      const bytes = Uint8Array.of(0x0e, 0x04, 0x05, 0x08, 0x13, 0x01)
      this.#answers.push({ kind: 'accepted', bytes }, ready)
    } else if (sameBytes(request, numbersRequest(1, 1))) {
      this.#answers.push(this.#poll(polledNumbers, nowMs, numbersOf(this.#body, nowMs)))
    } else if (holds(request, u16(wavesAttribute))) this.#waves = 'first'
  }

  say(nowMs: number): Uint8Array {
    this.#body.passUntil(nowMs)
    const apdus = this.#answers
    this.#answers = []
    if (this.#waves !== 'off') {
      const isFirst = this.#waves === 'first'
      this.#waves = 'on'
      apdus.push(this.#poll(polledWaves, nowMs, wavesOf(this.#body, nowMs, isFirst)))
    }
    return joinBytes(...apdus.map(encodeIntellivueFrame))
  }

  #poll(polled: number, nowMs: number, observations: readonly Observation[]): IntellivueApdu {
    const isNumbers = polled === polledNumbers
    return {
      kind: 'poll',
      invokeId: isNumbers ? 1 : 4,
      piece: 'only',
      pollNumber: isNumbers ? 1 : 3,
      sequence: this.#sequence++ & 0xffff,
      relativeTime: (nowMs * ticksPerMs) >>> 0,
      polled,
      observations,
    }
  }
}

const ready: IntellivueApdu = {
  kind: 'ready',
  invokeId: 1,
  attributes: [{ id: 0x0928, value: joinBytes(text('Philips'), text('M8000')) }],
}

function holds(bytes: Uint8Array, part: Uint8Array): boolean {
  for (let at = 0; at + part.length <= bytes.length; at++) {
    if (sameBytes(bytes.subarray(at, at + part.length), part)) return true
  }
  return false
}

function numberBytes(physioId: number, unit: number, value: number): Uint8Array {
  return joinBytes(u16(physioId), u16(0), u16(unit), encodeFloat(numberOfValue(value, 1)))
}

function number(handle: number, physioId: number, unit: number, value: number): Observation {
  const attributes = [{ id: 0x0950, value: numberBytes(physioId, unit, value) }]
  return { context: 0, handle, attributes }
}

function numbersOf(body: Body, nowMs: number): readonly Observation[] {
  const pressure = body.pressureAt(nowMs)
  const [perMinute, breaths, percent, mmHg, celsius] = [0x0aa0, 0x0ae0, 0x0220, 0x0f20, 0x17a0]
  const always = [
    number(1, 0x4182, perMinute, body.heartPerMinute),
    number(2, 0x4bb8, percent, body.saturationPercent),
    number(3, 0x4822, perMinute, body.heartPerMinute),
    number(4, 0x500a, breaths, body.breathsPerMinute),
    number(5, 0x4b48, celsius, body.tenthsCelsius / 10),
  ]
  if (pressure === null) return always
  const cuff = list([
    numberBytes(0x4a05, mmHg, pressure.systolicMmHg),
    numberBytes(0x4a06, mmHg, pressure.diastolicMmHg),
    numberBytes(0x4a07, mmHg, pressure.meanMmHg),
  ])
  const minute = pressure.count % 60
  const hour = Math.floor(pressure.count / 60) % 24
  const time = { year: 2026, month: 1, day: 1, hour, minute, second: 0 }
  const attributes = [
    { id: 0x0990, value: encodeAbsoluteTime(time) },
    { id: 0x094b, value: cuff },
  ]
  const pulse = number(7, 0xf0e5, perMinute, pressure.pulsePerMinute)
  return [...always, { context: 0, handle: 6, attributes }, pulse]
}

interface SimulatedWave {
  readonly physioId: number
  readonly perSecond: number
  readonly bits: number
  readonly step: (body: Body, ms: number) => number
  readonly scale: Uint8Array | null
}

/** -40.96 mV at 0, 40.955 mV at 16,383. */
const ecgScale = joinBytes(
  encodeFloat(numberOfValue(-40.96, 2)),
  encodeFloat(numberOfValue(40.955, 3)),
  u16(0),
  u16(16_383),
)

const waves: readonly SimulatedWave[] = [
  {
    physioId: 0x0102,
    perSecond: 500,
    bits: 14,
    step: (body, ms) => 8_192 + body.ecgMillivolts(ms) * 200,
    scale: ecgScale,
  },
  {
    physioId: 0x4bb4,
    perSecond: 125,
    bits: 12,
    step: (body, ms) => 1_000 + body.pulse(ms) * 2_000,
    scale: null,
  },
]

function wavesOf(body: Body, nowMs: number, isFirst: boolean): readonly Observation[] {
  return waves.map(({ physioId, perSecond, bits, step, scale }) => {
    const samples = instants(nowMs, nowMs + tickMs, perSecond).map((ms) =>
      u16(Math.round(step(body, ms))),
    )
    const layout: readonly Attribute[] = [
      { id: 0x0924, value: joinBytes(u16(2), u16(physioId)) },
      { id: 0x096d, value: joinBytes(u16(samples.length), [16, bits], u16(0)) },
      { id: 0x098d, value: u32((1_000 * ticksPerMs) / perSecond) },
      ...(scale === null ? [] : [{ id: 0x096f, value: scale }]),
    ]
    const value = joinBytes(u16(physioId), u16(0), octets(...samples))
    const attributes = [...(isFirst ? layout : []), { id: 0x096e, value }]
    return { context: physioId, handle: 0x0811, attributes }
  })
}
