/** Everything that the hospital's end touches outside itself comes through here, as in the van. */
import type { Broker } from '../protocols/world/broker.ts'
import type { Clock } from '../protocols/world/clock.ts'
import type { Random } from '../protocols/world/random.ts'

export interface UpstreamWorld {
  readonly clock: Clock
  readonly random: Random
  readonly broker: Broker
  readonly log: UpstreamLog
}

/** Messages are constant strings; what varies is a field of the list. No identifiers of persons. */
export interface UpstreamLogFields {
  readonly van?: string
  readonly stream?: string
  /** The name of an archive, as the file of destinations has it. */
  readonly destination?: string
  readonly seq?: number
  readonly count?: number
  readonly bytes?: number
  readonly ms?: number
  readonly code?: string
  readonly why?: string
  readonly err?: unknown
}

export interface UpstreamLog {
  info(message: string, fields?: UpstreamLogFields): void
  warn(message: string, fields?: UpstreamLogFields): void
  error(message: string, fields?: UpstreamLogFields): void
}
