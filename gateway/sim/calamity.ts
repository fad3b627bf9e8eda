/** What can go wrong, apart from what a broker and a cable do all the time. */
import type { Draws } from './draws.ts'

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

/** How often each is chosen. */
const weights: { readonly [K in Calamity['kind']]: number } = {
  'kill-van': 1,
  'cut-van-power': 1,
  'cut-van-within': 2,
  'stop-van': 1,
  'kill-landing': 1,
  'kill-landing-at': 2,
  'stop-landing': 1,
  'crash-broker': 1,
  'cut-connections': 1,
  'pull-cable': 2,
  'fill-disk': 1,
  'fill-landing-disk': 1,
  'fail-file': 2,
  'set-van-clock': 1,
  'set-landing-clock': 1,
  'find-time': 1,
  watch: 2,
  'restart-reader': 3,
  'link-up': 1,
  'late-will': 3,
}

const dayMs = 86_400_000
const landingPoints: readonly LandingPoint[] = [
  'before-commit',
  'after-commit',
  'before-receipt',
  'after-receipt',
  'file',
]
const watchableStreams = ['ecg-9/waveform', 'ecg-9/numerics'] as const

export function calamitiesOf(
  draw: Draws,
  activeMs: number,
  deviceCount: number,
): readonly Calamity[] {
  const count = 1 + draw.below(8)
  return Array.from({ length: count }, () => calamityOf(draw, activeMs, deviceCount))
}

function calamityOf(draw: Draws, activeMs: number, deviceCount: number): Calamity {
  const { below, chance, oneOf, weighted } = draw
  const kind = weighted(weights)
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
    case 'kill-landing-at':
      return { atMs, kind, point: oneOf(landingPoints), skip: below(6), awayMs }
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
