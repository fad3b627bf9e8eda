/**
 * Waveform packets that build on each other: a key packet, then packets that go on with its model.
 * A packet that is lost makes those behind it unreadable up to the next key, and nothing else.
 */
import { decoded, undecoded } from '../packet/decoded.ts'
import type { Decoded } from '../packet/decoded.ts'
import { checkBody, crcOf, readBody, readContainer, writeContainer } from './container.ts'
import type { Body, Container } from './container.ts'
import { createEngine } from './engine.ts'
import type { Engine } from './engine.ts'
import { chainPacketsMax } from './limits.ts'
import { codedLeads, codedValues, makePlans, brokenPlans } from './plan.ts'
import type { LeadPlan } from './plan.ts'
import { encodeRaw } from './raw.ts'
import { countOf, isSame, padBody } from './wave.ts'
import type { EncodeOptions } from './wave.ts'

/** A packet says its place in the chain modulo so many. */
const indexes = 256

/** After so many breaks, a lead is no longer given a plan of that kind. */
const breaksMax = 2

interface Chain {
  readonly plans: readonly LeadPlan[]
  readonly engine: Engine | null
  /** Packets since the key. */
  index: number
  /** Samples of each lead in the last packet. */
  count: number
  crc: number
}

/** `light` takes a third of the time and more bytes: for a slow box. */
export type ChainProfile = 'live' | 'light'

export class WaveEncoder {
  readonly #profile: ChainProfile
  readonly #shadow: WaveDecoder | null
  /** How often a plan of a lead, by both, did not hold in a later packet. */
  readonly #breaks = new Map<string, number>()
  #leads = 0
  #chain: Chain | null = null

  constructor(profile: ChainProfile, options: EncodeOptions = {}) {
    this.#profile = profile
    this.#shadow = options.selfCheck === false ? null : new WaveDecoder()
  }

  /**
   * One packet. `key` asks for one that stands for itself; a packet becomes one unasked, too, when
   * it is the first, when the number of leads has changed, when a lead no longer obeys what the key
   * packet said of it, and after a failed self-check.
   */
  encode(samples: readonly Int32Array[], options: { readonly key: boolean }): Uint8Array {
    const count = countOf(samples)
    if (samples.length !== this.#leads) {
      this.#leads = samples.length
      this.#breaks.clear()
      this.#chain = null
    }
    const chain = options.key ? null : this.#open(samples)
    const packet = chain === null ? this.#key(samples, count) : next(chain, samples, count)
    if (this.#shadow === null || isSame(this.#shadow.decode(packet), samples)) return packet
    return this.#unmodelled(samples, count)
  }

  /** The chain when it can go on with these samples. */
  #open(samples: readonly Int32Array[]): Chain | null {
    const chain = this.#chain
    if (chain === null || chain.index >= chainPacketsMax) return null
    const broken = brokenPlans(chain.plans, samples)
    for (const lead of broken) {
      const what = `${lead} ${chain.plans[lead]?.kind}`
      this.#breaks.set(what, (this.#breaks.get(what) ?? 0) + 1)
    }
    return broken.length === 0 ? chain : null
  }

  #key(samples: readonly Int32Array[], count: number): Uint8Array {
    const plans = makePlans(
      samples,
      (lead, kind) => (this.#breaks.get(`${lead} ${kind}`) ?? 0) < breaksMax,
    )
    const leads = codedLeads(plans)
    const crc = crcOf(samples, 0)
    const engine = leads === 0 ? null : createEngine(this.#profile, leads)
    this.#chain = { plans, engine, index: 0, count, crc }
    const body = bodyOf(this.#chain, codedValues(plans, samples), count)
    return writeContainer({
      head: { kind: 'key', profile: this.#profile, plans },
      count,
      body,
      crc,
    })
  }

  /** What is left when decoding did not give the samples back. The chain ends with it. */
  #unmodelled(samples: readonly Int32Array[], count: number): Uint8Array {
    const plans = samples.map((): LeadPlan => ({ kind: 'plain' }))
    const bytes = encodeRaw(codedValues(plans, samples), samples.length)
    this.#chain = null
    const head = { kind: 'key', profile: this.#profile, plans } as const
    return writeContainer({ head, count, body: { raw: true, bytes }, crc: crcOf(samples, 0) })
  }
}

function next(chain: Chain, samples: readonly Int32Array[], count: number): Uint8Array {
  chain.index++
  chain.crc = crcOf(samples, chain.crc)
  const body = bodyOf(chain, codedValues(chain.plans, samples), count)
  const head = { kind: 'next', index: chain.index % indexes } as const
  const isSame = count === chain.count
  chain.count = count
  return writeContainer({ head, count: isSame ? null : count, body, crc: chain.crc })
}

/** The model learns from the values also when they are sent raw. */
function bodyOf(chain: Chain, values: Int32Array, count: number): Body {
  if (chain.engine === null || values.length === 0) {
    return { raw: false, bytes: new Uint8Array(0) }
  }
  const raw = encodeRaw(values, codedLeads(chain.plans))
  const bytes = padBody(chain.engine.encode(values, count), values.length)
  return bytes.length < raw.length ? { raw: false, bytes } : { raw: true, bytes: raw }
}

export class WaveDecoder {
  #chain: Chain | null = null

  /**
   * A packet of the chain, in order. Never throws. After a failure the chain is given up: only
   * the next key packet is understood.
   */
  decode(bytes: Uint8Array): Decoded<readonly Int32Array[]> {
    const container = readContainer(bytes)
    if (!container.ok) return this.#giveUp(container.reason)
    const { head } = container.value
    if (head.kind === 'wave') return undecoded('wave: this packet is not part of a chain')
    if (head.kind === 'next') return this.#next(container.value, head.index)
    const count = container.value.count ?? 0
    const reason = checkBody(container.value, head.plans, count)
    if (reason !== null) return this.#giveUp(reason)
    const leads = codedLeads(head.plans)
    const engine = leads === 0 ? null : createEngine(head.profile, leads)
    return this.#read(container.value, {
      plans: head.plans,
      engine,
      index: 0,
      count,
      crc: 0,
    })
  }

  #next(container: Container, index: number): Decoded<readonly Int32Array[]> {
    const chain = this.#chain
    if (chain === null) return undecoded('wave: a packet of a chain that waits for the next key')
    const expected = (chain.index + 1) % indexes
    // What was decoded before comes again: the chain goes on behind it.
    const behind = (expected - index + indexes) % indexes
    if (behind > 0 && behind <= Math.min(chain.index, indexes / 2)) {
      return undecoded(`wave: packet ${index} of the chain was decoded before`)
    }
    if (behind > 0) {
      return this.#giveUp(`wave: expected packet ${expected} of the chain, found ${index}`)
    }
    chain.count = container.count ?? chain.count
    const reason = checkBody(container, chain.plans, chain.count)
    if (reason !== null) return this.#giveUp(reason)
    chain.index++
    return this.#read(container, chain)
  }

  #read(container: Container, chain: Chain): Decoded<readonly Int32Array[]> {
    const leads = readBody(container, chain)
    if (!leads.ok) return this.#giveUp(leads.reason)
    chain.crc = container.crc
    this.#chain = chain
    return decoded(leads.value)
  }

  #giveUp(reason: string): Decoded<readonly Int32Array[]> {
    this.#chain = null
    return undecoded(`${reason}; waiting for the next key packet`)
  }
}
