/** What will happen in a world, all of it drawn from the seed before anything happens. */
import type { ChainProfile } from '../../protocols/ecg-codec/chain.ts'
import type { Random } from '../../protocols/world/random.ts'
import { inboxLimits, type InboxLimits } from '../../upstream/landing/inbox.ts'
import { noBrokerFaults, type BrokerFaults, type SimBrokerOptions } from './broker.ts'
import { calamitiesOf, type Calamity } from './calamity.ts'
import { drawsFrom, type Draws } from './draws.ts'
import { noWireFaults, type WireFaults } from './wire.ts'

export interface Plan {
  readonly seed: number
  /** How long devices talk and things go wrong. */
  readonly activeMs: number
  readonly broker: SimBrokerOptions
  readonly faults: BrokerFaults
  readonly wires: WireFaults
  readonly journal: {
    readonly limitBytes: number
    readonly packetMs: number
    readonly waves: ChainProfile
    /** The journal begins as an empty folder, and not as a copy of one that was just made. */
    readonly isNew: boolean
  }
  readonly uplink: {
    readonly windowMax: number
    /** Packets that may wait for a receipt. */
    readonly unreceiptedMax: number
    readonly keepaliveSeconds: number
  }
  readonly inbox: InboxLimits
  /** The landing passes its records on to somebody. */
  readonly isFed: boolean
  /** The landing knows the van's key only when the van has shown it. */
  readonly trustsFirst: boolean
  /** NTP holds the van's clock from the start; otherwise it begins with a wrong date. */
  readonly knowsTime: boolean
  readonly devices: readonly DevicePlan[]
  readonly bursts: readonly Burst[]
  /** The reader at the hospital waits so long for what is missing; Infinity: for ever. */
  readonly readerPatienceMs: number
  /** So long it takes it to do something with a record. */
  readonly readerPauseMs: number
  readonly calamities: readonly Calamity[]
}

export type DevicePlan =
  | { readonly kind: 'monitor'; readonly everyMs: number }
  | { readonly kind: 'scale'; readonly mode: 'stream' | 'print'; readonly emptyMs: number }
  | { readonly kind: 'pm6750'; readonly fromMs: number; readonly forMs: number }

/** Records that come without a device of the simulation. */
export interface Burst {
  readonly atMs: number
  readonly kind: 'measurement' | 'alarm' | 'event' | 'numerics' | 'waveform' | 'image' | 'document'
  /** Records, or blocks of a waveform; the size of an object in bytes. */
  readonly amount: number
}

const activeMsLeast = 15_000
const activeMsMore = 30_000
export const roomyPacketBytes = 1_048_576
/** An empty one, with room for the largest image of the ward. */
const emptyJournalBytes = 260_000
const roomyBytes = 100_000_000

/** Each part draws from a source of its own: a change of one leaves the others as they were. */
export function planOf(seed: number, random: Random): Plan {
  const draws = (name: string): Draws => drawsFrom(random.fork(name))
  const activeMs = activeMsLeast + draws('time').below(activeMsMore)
  const devices = devicesOf(draws('devices'), activeMs)
  return {
    seed,
    activeMs,
    broker: brokerOf(draws('broker')),
    faults: faultsOf(draws('faults')),
    wires: wireFaultsOf(draws('wires')),
    journal: journalOf(draws('journal')),
    uplink: uplinkOf(draws('uplink')),
    ...hospitalOf(draws('hospital')),
    knowsTime: draws('clock').chance(500),
    devices,
    bursts: burstsOf(draws('bursts'), activeMs),
    ...readerOf(draws('reader')),
    calamities: calamitiesOf(draws('calamities'), activeMs, devices.length),
  }
}

function brokerOf({ below, chance, oneOf }: Draws): Plan['broker'] {
  return {
    receiveMaximum: oneOf([1, 2, 5, 10, 20, 20, 100, 65_535]),
    // Too little for some, until nothing goes wrong any more.
    maximumPacketBytes: chance(60) ? 1_000 + below(2_000) : roomyPacketBytes,
    latencyMs: oneOf([1, 20, 20, 150, 600]),
    protocol: oneOf(['5', '5', '5', '3.1.1']),
    willDelayMs: oneOf([0, 0, 3_000, 30_000]),
    keepsSessions: chance(500),
  }
}

function journalOf({ below, chance, oneOf }: Draws): Plan['journal'] {
  return {
    limitBytes: chance(150) ? emptyJournalBytes + below(200_000) : roomyBytes,
    packetMs: oneOf([2_000, 5_000, 10_000]),
    isNew: chance(125),
    // Packing is what takes most of the time of a world.
    waves: oneOf(['light', 'light', 'light', 'live']),
  }
}

function uplinkOf({ oneOf }: Draws): Plan['uplink'] {
  return {
    windowMax: oneOf([1, 3, 16, 512]),
    keepaliveSeconds: oneOf([5, 20, 60]),
    unreceiptedMax: oneOf([1, 4, 32, 16_384]),
  }
}

function hospitalOf({ below, chance }: Draws): Pick<Plan, 'inbox' | 'isFed' | 'trustsFirst'> {
  return {
    inbox: chance(200) ? { count: 4 + below(20), bytes: 65_536 } : inboxLimits,
    isFed: chance(400),
    trustsFirst: chance(300),
  }
}

function readerOf({
  below,
  chance,
  oneOf,
}: Draws): Pick<Plan, 'readerPatienceMs' | 'readerPauseMs'> {
  return {
    readerPatienceMs: chance(750) ? Number.POSITIVE_INFINITY : 2_000 + below(10_000),
    readerPauseMs: oneOf([0, 0, 0, 40, 400]),
  }
}

function faultsOf(draw: Draws): BrokerFaults {
  return draw.oneOf([() => noBrokerFaults, mildFaults, mildFaults, hardFaults])(draw)
}

function mildFaults({ below }: Draws): BrokerFaults {
  return {
    refuseConnect: below(100),
    connectNeverAnswers: below(30),
    forget: below(60),
    duplicate: below(60),
    delay: below(100),
    delayMsMax: 1 + below(3_000),
    acknowledgeNever: below(8),
    closeAfterPublish: below(15),
    halfOpenAfterPublish: below(5),
    refusePublish: below(20),
  }
}

function hardFaults({ below, oneOf }: Draws): BrokerFaults {
  return {
    refuseConnect: below(500),
    connectNeverAnswers: below(150),
    forget: below(400),
    duplicate: below(400),
    delay: below(500),
    delayMsMax: oneOf([500, 5_000, 30_000]),
    acknowledgeNever: below(50),
    closeAfterPublish: below(80),
    halfOpenAfterPublish: below(30),
    refusePublish: below(150),
  }
}

function wireFaultsOf({ below, chance }: Draws): WireFaults {
  if (chance(400)) return noWireFaults
  return {
    lose: below(120),
    double: below(120),
    delay: below(200),
    delayMsMax: 50 + below(2_000),
    cut: below(500),
  }
}

function devicesOf({ below, chance }: Draws, activeMs: number): readonly DevicePlan[] {
  const devices: DevicePlan[] = [{ kind: 'monitor', everyMs: 2_500 + below(6_000) }]
  if (chance(600)) {
    devices.push({
      kind: 'scale',
      mode: chance(250) ? 'stream' : 'print',
      emptyMs: 3_000 + below(6_000),
    })
  }
  if (chance(80)) {
    devices.push({ kind: 'pm6750', fromMs: below(activeMs - 5_000), forMs: 1_000 + below(3_000) })
  }
  return devices
}

/** How often each kind is chosen. */
const burstWeights: { readonly [K in Burst['kind']]: number } = {
  measurement: 3,
  alarm: 1,
  event: 2,
  numerics: 1,
  waveform: 1,
  image: 1,
  document: 1,
}

function burstsOf({ below, weighted }: Draws, activeMs: number): readonly Burst[] {
  return Array.from({ length: 8 + below(16) }, () => {
    const kind = weighted(burstWeights)
    const isObject = kind === 'image' || kind === 'document'
    return { atMs: below(activeMs), kind, amount: 1 + below(isObject ? 9_000 : 10) }
  })
}
