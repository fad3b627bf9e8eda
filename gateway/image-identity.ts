/** Whose the images are: what compares them, coerces them, and asks a person, put together. */
import type { Clock } from '../protocols/world/clock.ts'
import type { UtcSource } from './clock/time-keeper.ts'
import type { Config } from './config/schema.ts'
import { identityDesk } from './identity-desk.ts'
import type { Coercer } from './imaging/coerce/coercer.ts'
import type { IncomingFiles } from './journal/incoming.ts'
import type { Journal } from './journal/journal.ts'
import type { IdentityDesk } from './page/visits-view.ts'
import type { SenderBook } from './sender-book.ts'
import { ImageIdentities, type Arrival, type ImageFacts } from './visits/image-identities.ts'
import type { ReadStart } from './visits/stated-head.ts'
import type { Visits } from './visits/visits.ts'

/** What needs threads and files. */
export interface IdentityDoors {
  readonly coercer: Coercer
  readonly readStart: ReadStart
}

export interface ImageIdentityParts {
  readonly config: Config
  readonly clock: Clock
  readonly time: UtcSource
  readonly journal: Pick<Journal, 'adopt' | 'imageFiles' | 'instances'>
  readonly incoming: IncomingFiles
  readonly visits: Visits
  readonly book: SenderBook
  /** null: what an image says is known only while it arrives, and nothing is coerced. */
  readonly doors: IdentityDoors | null
  /** Whether it is decided later in which form images travel. */
  readonly isPacked: boolean
  /** A coerced image waits to be sent, or for the form in which it travels. */
  readonly stored: () => void
}

export interface ImageIdentity {
  readonly desk: IdentityDesk
  arrived(image: ImageFacts): Promise<Arrival | null>
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>
}

const noDoors: IdentityDoors = {
  coercer: {
    coerce: () => Promise.resolve({ kind: 'refused', why: 'nothing is coerced here' }),
    stop: () => Promise.resolve(),
  },
  readStart: () => Promise.resolve(null),
}

export function openImageIdentity(parts: ImageIdentityParts): ImageIdentity {
  const { config, clock, time, journal, incoming, visits, book, isPacked, stored } = parts
  const { coercer, readStart } = parts.doors ?? noDoors
  const files = (sha256: string) => journal.imageFiles(sha256)
  const simulated = () => book.all().filter((sender) => sender.simulated)
  const identities = new ImageIdentities({
    policy: config.imaging.identity,
    visits,
    files,
    instances: (sopInstanceUids) => journal.instances(sopInstanceUids),
    readStart,
    isSimulated: (device) => simulated().some((sender) => sender.device === device),
  })
  const desk = identityDesk({
    visits,
    identities,
    files,
    readWhole: readStart,
    coercing: {
      van: config.van,
      clock,
      time,
      visits,
      files,
      adopt: async (device, record, path) => {
        await journal.adopt(device, record, path, isPacked ? 'undecided' : 'as-is')
        stored()
      },
      remove: (path) => void incoming.remove(path),
      coercer,
    },
  })
  return {
    desk,
    arrived: (image) => identities.arrived(image),
    async stop() {
      await coercer.stop()
      await identities.stop()
    },
  }
}
