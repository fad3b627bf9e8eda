/** What a manager remembers from one association to the next, and how it judges configurations. */
import { configurationOf, readConfigurationReport, type Configuration } from './configuration.ts'
import { firstExtended } from './association.ts'
import { errandName, type Errand } from './errands.ts'
import { configurationResults } from './nomenclature.ts'

/** Demonstration agents of several makers have one of these: `LNIAGENT`, and digits. */
const sharedIds = new Set(['4c4e494147454e54', '1122334455667788'])

const configurationsMax = 32
const hopelessMax = 64
const silencesMax = 64
const stoppedTransfersMax = 3

export class ManagerMemory {
  readonly #configurations = new Map<string, Configuration>()
  readonly #hopeless = new Set<string>()
  /** How often nothing came, by what was asked for. */
  readonly #silences = new Map<string, number>()

  configuration(systemId: string, configurationId: number): Configuration | null {
    return this.#configurations.get(keyOf(systemId, configurationId)) ?? null
  }

  remember(systemId: string, configurationId: number, configuration: Configuration): void {
    if (sharedIds.has(systemId) || configurationId < firstExtended) return
    this.#configurations.set(keyOf(systemId, configurationId), configuration)
    for (const key of this.#configurations.keys()) {
      if (this.#configurations.size <= configurationsMax) break
      this.#configurations.delete(key)
    }
  }

  /** All configurations of one agent. */
  forget(systemId: string): void {
    for (const key of this.#configurations.keys()) {
      if (key.startsWith(`${systemId} `)) this.#configurations.delete(key)
    }
  }

  giveUp(systemId: string, configurationId: number): void {
    if (this.#hopeless.size < hopelessMax) this.#hopeless.add(keyOf(systemId, configurationId))
  }

  /** All that it had to offer when it began so was refused. */
  isHopeless(systemId: string, configurationId: number): boolean {
    return this.#hopeless.has(keyOf(systemId, configurationId))
  }

  unanswered(what: string): void {
    const count = this.#silences.get(what) ?? 0
    if (count > 0 || this.#silences.size < silencesMax) this.#silences.set(what, count + 1)
  }

  /** What was not answered is not asked again; transfers that stop are tried some times more. */
  withoutUnanswered(errands: readonly Errand[]): readonly Errand[] {
    return errands.filter((errand) => {
      if (this.#silences.has(errandName(errand))) return false
      if (errand.kind !== 'segments') return true
      const stopped = this.#silences.get(`transfer ${errand.handle}`) ?? 0
      return stopped < stoppedTransfersMax
    })
  }
}

function keyOf(systemId: string, configurationId: number): string {
  return `${systemId} ${configurationId}`
}

export interface Judged {
  readonly configurationId: number
  readonly result: number
  /** null when it is not accepted. */
  readonly configuration: Configuration | null
  readonly reason: string
}

/**
 * null when the report is cut short. What we know of a standard configuration is believed more than
 * what an agent reports of it, object by object.
 */
export function judgeConfiguration(
  info: Uint8Array,
  standards: ReadonlyMap<number, Configuration>,
): Judged | null {
  const report = readConfigurationReport(info)
  if (report === null) return null
  const { configurationId, objects } = report
  const standard = standards.get(configurationId)
  const own = configurationOf(objects.filter(({ handle }) => !standard?.metrics.has(handle)))
  if (!own.ok) {
    const { reason } = own
    const result = configurationResults.unsupported
    return { configurationId, result, configuration: null, reason }
  }
  if (objects.length === 0 && standard === undefined) {
    const { standardUnknown, unsupported } = configurationResults
    const result = configurationId < firstExtended ? standardUnknown : unsupported
    return { configurationId, result, configuration: null, reason: 'without objects' }
  }
  const configuration: Configuration = {
    ...own.value,
    metrics: new Map([...own.value.metrics, ...(standard?.metrics ?? [])]),
  }
  const result = configurationResults.accepted
  return { configurationId, result, configuration, reason: '' }
}
