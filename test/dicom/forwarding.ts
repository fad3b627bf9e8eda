/** A landing's store with a forwarder that lives some hundred times faster. */
import type { Clock } from '../../protocols/world/clock.ts'
import { monotonicMs, wallMs } from '../../protocols/world/clock.ts'
import { explicitLittle, implicitLittle } from '../../protocols/dicom/uids.ts'
import { seededRandom } from '../../gateway/clock/seeded-random.ts'
import { encodeDataSet, instance, ultrasoundImage } from './data-set.ts'
import type { Element } from './data-set.ts'
import type { LandingStore } from '../../upstream/landing/store.ts'
import type {
  DicomDestination,
  Destination,
  ForwardSettings,
} from '../../upstream/pacs/destinations.ts'
import { startForwarder, type Forwarder } from '../../upstream/pacs/forwarder.ts'
import { realClock } from '../../upstream/real-world.ts'
import type { UpstreamLog } from '../../upstream/world.ts'
import type { TestImage } from '../../upstream/testing/images.ts'
import { ask } from '../../upstream/testing/landing.ts'
import { quiet } from '../../upstream/testing/scene.ts'

export function fastClock(speed: number): Clock {
  const startMs = performance.now()
  const elapsed = (): number => (performance.now() - startMs) * speed
  return {
    wallMs: () => wallMs(1_800_000_000_000 + elapsed()),
    monotonicMs: () => monotonicMs(elapsed()),
    sleep: (ms, stop) => realClock.sleep(ms / speed, stop),
    after: (name, ms, work) => realClock.after(name, ms / speed, work),
  }
}

export function dicomTo(name: string, port: number, more: Partial<DicomDestination> = {}) {
  const destination: DicomDestination = {
    kind: 'dicom',
    name,
    tls: null,
    silenceSeconds: 5,
    takesSimulated: false,
    host: '127.0.0.1',
    port,
    calledAeTitle: 'ARCHIVE',
    callingAeTitle: 'SIMPUL',
    proof: 'auto',
    profile: 'archive',
    quietSeconds: 60,
    ...more,
  }
  return destination
}

export interface ForwardingOptions {
  readonly listen?: ForwardSettings['listen']
  readonly speed?: number
  readonly log?: UpstreamLog
}

export function startForwarding(
  store: LandingStore,
  destinations: readonly Destination[],
  { listen = null, speed = 500, log = quiet }: ForwardingOptions = {},
): Promise<Forwarder> {
  const world = { clock: fastClock(speed), random: seededRandom(7), log }
  return startForwarder(world, store, { listen, destinations })
}

export interface ImageOptions {
  readonly study?: number
  readonly syntax?: string
  readonly pixelBytes?: number
  readonly elements?: readonly Element[]
}

/** Ultrasound image number `index`; the same number is the same image. */
export function ultrasound(index: number, options: ImageOptions = {}): TestImage {
  const { study = 1, syntax = explicitLittle, pixelBytes = 2_000, elements = [] } = options
  const names = {
    sopClassUid: ultrasoundImage,
    sopInstanceUid: `1.2.826.9.${study}.${index}`,
    studyInstanceUid: `1.2.826.9.${study}`,
  }
  const all = [...instance({ ...names, pixelBytes }), ...elements].toSorted(([a], [b]) => a - b)
  const dataSet = encodeDataSet(all, { explicit: syntax !== implicitLittle, little: true })
  return { ...names, seriesInstanceUid: '1.2.3.4.5', transferSyntaxUid: syntax, dataSet }
}

/** How many images of a destination are in which phase, and why. */
export function phases(folder: string, destination: string): unknown[][] {
  return ask(
    folder,
    `SELECT phase, reason, count(*) FROM forward WHERE destination = ?
     GROUP BY phase, reason ORDER BY phase, reason`,
    destination,
  )
}

/** Waits until it is so, a minute at most: a busy machine may be slow. */
export async function until(isSo: () => boolean, withinMs = 60_000): Promise<boolean> {
  const endMs = performance.now() + withinMs
  while (!isSo()) {
    if (performance.now() > endMs) return false
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return true
}
