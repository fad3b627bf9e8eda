/** Waveform packets that stand for themselves: whole strips, and packets of some seconds. */
import { undecoded } from '../packet/decoded.ts'
import type { Decoded } from '../packet/decoded.ts'
import { checkBody, crcOf, readBody, readContainer, writeContainer } from './container.ts'
import type { Body } from './container.ts'
import { createEngine } from './engine.ts'
import { samplesPerByteMax, waveLeadsMax, waveSamplesMax } from './limits.ts'
import { codedLeads, codedValues, makePlans } from './plan.ts'
import { encodeRaw } from './raw.ts'

export interface EncodeOptions {
  /**
   * Whether each packet is decoded again before it is given out, and sent raw when it does not
   * come back bit for bit. Doubles the time. On unless switched off.
   */
  readonly selfCheck?: boolean
}

/** Packs 1 to 64 leads of equal length. Throws a RangeError for what is none of that. */
export function encodeWave(
  samples: readonly Int32Array[],
  profile: 'best' | 'light',
  options: EncodeOptions = {},
): Uint8Array {
  const count = countOf(samples)
  const plans = makePlans(samples)
  const leads = codedLeads(plans)
  const values = codedValues(plans, samples)
  const crc = crcOf(samples, 0)
  const write = (body: Body) =>
    writeContainer({ head: { kind: 'wave', profile, plans }, count, body, crc })
  if (values.length === 0) return write({ raw: false, bytes: new Uint8Array(0) })
  const raw = encodeRaw(values, leads)
  const modelled = padBody(createEngine(profile, leads).encode(values, count), values.length)
  if (raw.length <= modelled.length) return write({ raw: true, bytes: raw })
  const packet = write({ raw: false, bytes: modelled })
  const trusted = options.selfCheck === false || isSame(decodeWave(packet), samples)
  return trusted ? packet : write({ raw: true, bytes: raw })
}

/** Never throws, whatever the bytes are. */
export function decodeWave(bytes: Uint8Array): Decoded<readonly Int32Array[]> {
  const container = readContainer(bytes)
  if (!container.ok) return container
  const { head } = container.value
  if (head.kind !== 'wave') return undecoded('wave: this is a packet of a chain')
  const count = container.value.count ?? 0
  const reason = checkBody(container.value, head.plans, count)
  if (reason !== null) return undecoded(reason)
  const leads = codedLeads(head.plans)
  const needed = !container.value.body.raw && leads > 0 && count > 0
  const engine = needed ? createEngine(head.profile, leads) : null
  return readBody(container.value, { plans: head.plans, engine, count, crc: 0 })
}

/** Samples of each lead. */
export function countOf(samples: readonly Int32Array[]): number {
  const count = samples[0]?.length
  if (count === undefined || samples.length > waveLeadsMax) {
    throw new RangeError(`expected 1 to ${waveLeadsMax} leads, found ${samples.length}`)
  }
  if (samples.some((lead) => lead.length !== count)) {
    throw new RangeError('expected leads of equal length')
  }
  if (count * samples.length > waveSamplesMax) {
    throw new RangeError(`expected at most ${waveSamplesMax} samples`)
  }
  return count
}

/** Zeros behind a body that would otherwise be refused as too short; coding never reads them. */
export function padBody(bytes: Uint8Array, samples: number): Uint8Array {
  const least = Math.ceil(samples / samplesPerByteMax)
  if (bytes.length >= least) return bytes
  const padded = new Uint8Array(least)
  padded.set(bytes)
  return padded
}

export function isSame(
  back: Decoded<readonly Int32Array[]>,
  samples: readonly Int32Array[],
): boolean {
  return (
    back.ok &&
    back.value.length === samples.length &&
    back.value.every((lead, index) => {
      const source = samples[index]
      return source?.length === lead.length && lead.every((value, at) => value === source[at])
    })
  )
}
