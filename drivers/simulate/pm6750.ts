/**
 * A PM6750 with a person connected: silent until it is enabled, then as the protocol describes it.
 */
import { Framer } from '../../protocols/bytes/framer.ts'
import { joinBytes } from '../../protocols/bytes/bytes.ts'
import {
  encodePm6750,
  pm6750PacketLimitBytes,
  scanPm6750Command,
} from '../../protocols/berrymed/frame.ts'
import type {
  EcgFilter,
  EcgGain,
  Pm6750Command,
  Pm6750Packet,
} from '../../protocols/berrymed/packet.ts'
import type { Random } from '../../protocols/world/random.ts'
import { ecgSamplesPerSecond, type Heart } from './heart.ts'
import { Cuff } from './pm6750-cuff.ts'
import type { Simulated } from './simulated.ts'

export interface Pm6750Options {
  readonly heart: Heart
  readonly random: Random
  /** A person at the module starts the cuff so often; null: nobody does. */
  readonly pressureEveryMs: number | null
}

/** Five samples of the ECG and one of each slow wave. */
const tickMs = 20
const ecgSamplesPerTick = (ecgSamplesPerSecond * tickMs) / 1_000
const ticksPerSecond = 1_000 / tickMs
/** From the R peak until the pulse reaches the finger. */
const pulseDelayMs = 200

export function* simulatePm6750(options: Pm6750Options): Simulated {
  const module = new Module(options)
  for (;;) {
    const heard = yield { afterMs: tickMs, bytes: joinBytes(...module.tick().map(encodePm6750)) }
    if (heard !== undefined) module.hear(heard)
  }
}

class Module {
  readonly #heart: Heart
  readonly #random: Random
  readonly #cuff: Cuff | null
  readonly #commands = new Framer(scanPm6750Command, pm6750PacketLimitBytes)
  readonly #on = new Set<Pm6750Command['kind']>()
  #gain: EcgGain = 1
  #filter: EcgFilter = 'monitor'
  #answers: Pm6750Packet[] = []
  #ticks = 0
  /** Place in the recording. */
  #sample = 0
  #sinceBeatMs = 0
  #saturationPercent = 97
  #breathsPerMinute = 16
  #tenthsCelsius = 366

  constructor({ heart, random, pressureEveryMs }: Pm6750Options) {
    this.#heart = heart
    this.#random = random
    this.#cuff = pressureEveryMs === null ? null : new Cuff(pressureEveryMs, random)
  }

  hear(bytes: Uint8Array): void {
    for (const framed of this.#commands.feed(bytes, 0)) {
      if (framed.kind === 'packet') this.#obey(framed.packet)
    }
  }

  #obey(command: Pm6750Command): void {
    switch (command.kind) {
      case 'ecg-gain':
        this.#gain = command.gain
        break
      case 'ecg-filter':
        this.#filter = command.filter
        break
      case 'respiration-gain':
        break
      case 'version': {
        const text = command.of === 'firmware' ? 'SIM 1.0' : 'SIM A'
        this.#answers.push({ kind: 'version', of: command.of, text })
        break
      }
      default:
        if (command.on) this.#on.add(command.kind)
        else this.#on.delete(command.kind)
    }
  }

  /** All that it says within one tick. */
  tick(): readonly Pm6750Packet[] {
    const answers = this.#answers
    this.#answers = []
    if (this.#on.size === 0) return answers
    const isSecond = this.#ticks++ % ticksPerSecond === 0
    if (isSecond) this.#wander()
    return [
      ...answers,
      ...this.#beat(),
      ...this.#slowWaves(),
      ...(isSecond ? this.#numbers() : []),
      ...(this.#cuff?.tick(tickMs) ?? []),
    ]
  }

  #beat(): readonly Pm6750Packet[] {
    const said: Pm6750Packet[] = []
    for (let count = 0; count < ecgSamplesPerTick; count++) {
      const at = this.#sample
      this.#sample = (at + 1) % this.#heart.length
      const isBeat = this.#heart.beats.has(at)
      if (isBeat) this.#sinceBeatMs = 0
      if (!this.#on.has('ecg')) continue
      said.push({ kind: 'ecg', leads: this.#heart.leads.map((lead) => lead[at] ?? 0) })
      if (isBeat) said.push({ kind: 'heart-beat' })
    }
    const sincePulseMs = this.#sinceBeatMs - pulseDelayMs
    const isPulse = sincePulseMs >= 0 && sincePulseMs < tickMs
    if (this.#on.has('oximeter') && isPulse) said.push({ kind: 'pulse-beat' })
    return said
  }

  #slowWaves(): readonly Pm6750Packet[] {
    const said: Pm6750Packet[] = []
    if (this.#on.has('oximeter') && this.#on.has('pleth-wave')) {
      said.push({ kind: 'pleth', sample: plethAt(this.#sinceBeatMs - pulseDelayMs) })
    }
    if (this.#on.has('ecg') && this.#on.has('respiration-wave')) {
      const breaths = (this.#ticks * tickMs * this.#breathsPerMinute) / 60_000
      said.push({
        kind: 'respiration',
        sample: Math.round(128 + 60 * Math.sin(2 * Math.PI * breaths)),
      })
    }
    this.#sinceBeatMs += tickMs
    return said
  }

  #numbers(): readonly Pm6750Packet[] {
    const said: Pm6750Packet[] = []
    const { beatsPerMinute } = this.#heart
    if (this.#on.has('ecg')) {
      said.push({
        kind: 'ecg-numbers',
        weakSignal: false,
        leadOff: false,
        gain: this.#gain,
        filter: this.#filter,
        heartPerMinute: beatsPerMinute,
        breathsPerMinute: this.#breathsPerMinute,
        stMillivolt: 0.02,
        arrhythmia: 1,
      })
    }
    if (this.#on.has('oximeter')) {
      said.push({
        kind: 'oximeter',
        state: 'ok',
        saturationPercent: this.#saturationPercent,
        pulsePerMinute: beatsPerMinute,
      })
    }
    if (this.#on.has('temperature')) {
      said.push({ kind: 'temperature', probesCelsius: [this.#tenthsCelsius / 10] })
    }
    return said
  }

  /** Now and then a number changes by one, and stays near where it was. */
  #wander(): void {
    this.#saturationPercent = this.#near(this.#saturationPercent, 95, 99)
    this.#breathsPerMinute = this.#near(this.#breathsPerMinute, 13, 19)
    this.#tenthsCelsius = this.#near(this.#tenthsCelsius, 362, 370)
  }

  #near(value: number, from: number, to: number): number {
    const step = this.#random.below(16)
    const next = step === 0 ? value - 1 : step === 1 ? value + 1 : value
    return Math.min(to, Math.max(from, next))
  }
}

/** A steep rise, a fall, and the second wave that the closing valve makes. */
function plethAt(sincePulseMs: number): number {
  const hump = (ms: number, widthMs: number): number =>
    Math.exp(-(((sincePulseMs - ms) / widthMs) ** 2))
  return Math.round(30 + 80 * hump(120, 70) + 30 * hump(330, 90))
}
