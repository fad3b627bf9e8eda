/** What will happen in a world, all of it drawn from the seed before anything happens. */
import type { Random } from '../../protocols/world/random.ts'
import type { InboxLimits } from '../../upstream/landing/inbox.ts'
import { noBrokerFaults, type BrokerFaults, type SimBrokerOptions } from './broker.ts'
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
    /** The journal begins as an empty folder, and not as a copy of one that was just made. */
    readonly isNew: boolean
  }
  readonly uplink: {
    readonly windowMax: number
    readonly inFlightLimitBytes: number
    readonly keepaliveSeconds: number
    readonly receiptTimeoutMs: number
    readonly receiptTimeoutMaxMs: number
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

export type Calamity = { readonly atMs: number } & (
  | { readonly kind: 'kill-van' | 'cut-van-power' | 'stop-van'; readonly awayMs: number }
  /** Within so many operations from now on: files, signing, hashing. */
  | {
      readonly kind: 'cut-van-within'
      readonly operations: number
      readonly isPower: boolean
      /** The log that is just being written is torn. */
      readonly isTorn: boolean
      readonly awayMs: number
    }
  | { readonly kind: 'kill-landing' | 'stop-landing'; readonly awayMs: number }
  /** At the next such point but `skip`. */
  | {
      readonly kind: 'kill-landing-at'
      readonly point: LandingPoint
      readonly skip: number
      readonly awayMs: number
    }
  | { readonly kind: 'crash-broker' | 'cut-connections'; readonly awayMs: number }
  | { readonly kind: 'pull-cable'; readonly device: number; readonly awayMs: number }
  | { readonly kind: 'fill-disk' | 'fill-landing-disk'; readonly awayMs: number }
  /** The n-th operation on files of the van from now on fails as on a full or a broken disk. */
  | { readonly kind: 'fail-file'; readonly operations: number; readonly code: 'ENOSPC' | 'EIO' }
  /** `offsetMs` from the true time; null: the beginning of 1970. */
  | { readonly kind: 'set-van-clock' | 'set-landing-clock'; readonly offsetMs: number | null }
  | { readonly kind: 'find-time'; readonly errorMs: number }
  | {
      readonly kind: 'watch'
      readonly stream: string
      readonly packetMs: number
      readonly awayMs: number
    }
  | { readonly kind: 'restart-reader'; readonly awayMs: number }
  | { readonly kind: 'link-up' }
  /** The van is told once more that the landing is gone, by a will that was long on its way. */
  | { readonly kind: 'late-will' }
)

export type LandingPoint =
  | 'before-commit'
  | 'after-commit'
  | 'before-receipt'
  | 'after-receipt'
  | 'file'

const activeMsLeast = 15_000
const activeMsMore = 30_000
export const roomyPacketBytes = 1_048_576
const roomyBytes = 100_000_000
const dayMs = 86_400_000

export function planOf(seed: number, random: Random): Plan {
  const draw = drawsFrom(random)
  const activeMs = activeMsLeast + random.below(activeMsMore)
  const faults = draw.oneOf([noBrokerFaults, mildFaults(draw), mildFaults(draw), hardFaults(draw)])
  const devices = devicesOf(draw, activeMs)
  return {
    seed,
    activeMs,
    broker: {
      receiveMaximum: draw.oneOf([1, 2, 5, 10, 20, 20, 100, 65_535]),
      // Too little for some, until nothing goes wrong any more.
      maximumPacketBytes: draw.chance(60) ? 1_000 + random.below(2_000) : roomyPacketBytes,
      latencyMs: draw.oneOf([1, 20, 20, 150, 600]),
      protocol: draw.oneOf(['5', '5', '5', '3.1.1']),
      willDelayMs: draw.oneOf([0, 0, 3_000, 30_000]),
      keepsSessions: draw.chance(500),
    },
    faults,
    wires: draw.chance(400) ? noWireFaults : wireFaults(draw),
    journal: {
      limitBytes: draw.chance(150) ? 200_000 + random.below(200_000) : roomyBytes,
      packetMs: draw.oneOf([2_000, 5_000, 10_000]),
      isNew: draw.chance(125),
    },
    uplink: {
      windowMax: draw.oneOf([1, 3, 16, 512]),
      inFlightLimitBytes: draw.oneOf([8_192, 65_536, 4_194_304]),
      keepaliveSeconds: draw.oneOf([5, 20, 60]),
      receiptTimeoutMs: draw.oneOf([3_000, 10_000, 30_000]),
      receiptTimeoutMaxMs: draw.oneOf([30_000, 60_000]),
    },
    inbox: draw.chance(200) ? { count: 4 + random.below(20), bytes: 65_536 } : roomyInbox,
    isFed: draw.chance(400),
    trustsFirst: draw.chance(300),
    knowsTime: draw.chance(500),
    devices,
    bursts: burstsOf(draw, activeMs),
    readerPatienceMs: draw.chance(750) ? Number.POSITIVE_INFINITY : 2_000 + random.below(10_000),
    readerPauseMs: draw.oneOf([0, 0, 0, 40, 400]),
    calamities: calamitiesOf(draw, activeMs, devices.length),
  }
}

const roomyInbox: InboxLimits = { count: 20_000, bytes: 64 * 1024 * 1024 }

interface Draws {
  readonly below: (limit: number) => number
  readonly chance: (perThousand: number) => boolean
  readonly oneOf: <T>(choices: readonly T[]) => T
}

function drawsFrom(random: Random): Draws {
  return {
    below: (limit) => random.below(limit),
    chance: (perThousand) => random.below(1000) < perThousand,
    oneOf(choices) {
      const chosen = choices[random.below(choices.length)]
      if (chosen === undefined) throw new Error('nothing to choose from')
      return chosen
    },
  }
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

function wireFaults({ below }: Draws): WireFaults {
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

function burstsOf({ below, oneOf }: Draws, activeMs: number): readonly Burst[] {
  return Array.from({ length: 8 + below(16) }, () => {
    const kind = oneOf([
      'measurement',
      'measurement',
      'measurement',
      'alarm',
      'event',
      'event',
      'numerics',
      'waveform',
      'image',
      'document',
    ] as const)
    const isObject = kind === 'image' || kind === 'document'
    return { atMs: below(activeMs), kind, amount: 1 + below(isObject ? 9_000 : 10) }
  })
}

const calamityKinds: readonly Calamity['kind'][] = [
  'kill-van',
  'cut-van-power',
  'cut-van-within',
  'cut-van-within',
  'stop-van',
  'kill-landing',
  'kill-landing-at',
  'kill-landing-at',
  'stop-landing',
  'crash-broker',
  'cut-connections',
  'pull-cable',
  'pull-cable',
  'fill-disk',
  'fill-landing-disk',
  'fail-file',
  'fail-file',
  'set-van-clock',
  'set-landing-clock',
  'find-time',
  'watch',
  'watch',
  'restart-reader',
  'restart-reader',
  'restart-reader',
  'link-up',
  'late-will',
  'late-will',
  'late-will',
]

export const watchableStreams = ['ecg-9/waveform', 'ecg-9/numerics'] as const

function calamitiesOf(draw: Draws, activeMs: number, deviceCount: number): readonly Calamity[] {
  const count = 1 + draw.below(8)
  return Array.from({ length: count }, () => calamityOf(draw, activeMs, deviceCount))
}

function calamityOf(draw: Draws, activeMs: number, deviceCount: number): Calamity {
  const { below, chance, oneOf } = draw
  const kind = oneOf(calamityKinds)
  const atMs = below(activeMs)
  const awayMs = oneOf([200, 2_000, 10_000]) + below(2_000)
  switch (kind) {
    case 'cut-van-within':
      return {
        atMs,
        kind,
        operations: 1 + below(60),
        isPower: chance(700),
        isTorn: chance(500),
        awayMs,
      }
    case 'kill-landing-at': {
      const points = ['before-commit', 'after-commit', 'before-receipt', 'after-receipt', 'file']
      return { atMs, kind, point: oneOf(points as LandingPoint[]), skip: below(6), awayMs }
    }
    case 'fail-file':
      return { atMs, kind, operations: 1 + below(8), code: oneOf(['ENOSPC', 'EIO']) }
    case 'pull-cable':
      return { atMs, kind, device: below(deviceCount), awayMs }
    case 'set-van-clock':
    case 'set-landing-clock':
      return { atMs, kind, offsetMs: chance(300) ? null : (below(60) - 30) * dayMs + below(dayMs) }
    case 'find-time':
      return { atMs, kind, errorMs: below(400) - 200 }
    case 'watch': {
      const packetMs = oneOf([250, 500, 1_000])
      return { atMs, kind, stream: oneOf(watchableStreams), packetMs, awayMs }
    }
    case 'link-up':
    case 'late-will':
      return { atMs, kind }
    default:
      return { atMs, kind, awayMs }
  }
}
