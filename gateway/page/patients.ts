/**
 * Opens visits and corrects patients as a person typed them: checked, asked about when something is
 * doubtful, and done once.
 */
import { pageTrouble } from '../errors/page.ts'
import { Once } from './once.ts'
import { readPatient } from './patient-check.ts'
import type { PageSource } from './view.ts'
import type { CorrectRequest, OpenRequest, OrderRequest } from './visits-body.ts'
import type {
  CorrectedAnswer,
  FieldSays,
  FoundPatient,
  OpenedAnswer,
  OrderView,
  PatientSaid,
  PatientUnclear,
} from './visits-view.ts'
import type { Zone } from './wire.ts'

const alikeMax = 5
const minuteMs = 60_000

const onceOptions = {
  changed: () => pageTrouble('page-visit-already'),
  restarted: () => pageTrouble('page-visit-restarted'),
}

const alikeWords = {
  nik: {
    id: 'NIK ini sudah tercatat. Apakah pasiennya sama?',
    en: 'This NIK is known already. Is it the same patient?',
  },
  name: {
    id: 'Nama ini sudah tercatat. Apakah pasiennya sama?',
    en: 'This name is known already. Is it the same patient?',
  },
}

export class Patients {
  readonly #source: PageSource
  readonly #zone: Zone
  readonly #opened: Once<OpenedAnswer>
  readonly #corrected: Once<CorrectedAnswer>
  readonly #ordered: Once<OrderView>

  constructor(source: PageSource, instance: string, zone: Zone) {
    this.#source = source
    this.#zone = zone
    this.#opened = new Once({ instance, ...onceOptions, isDone: ({ kind }) => kind === 'opened' })
    this.#corrected = new Once({
      instance,
      ...onceOptions,
      isDone: ({ kind }) => kind === 'corrected',
    })
    this.#ordered = new Once({ instance, ...onceOptions, isDone: () => true })
  }

  open({ instance, entry, ...asked }: OpenRequest): Promise<OpenedAnswer> {
    return this.#opened.do({ instance, entry }, asked, async () => {
      const { by, patient, texts, confirmed, devices } = asked
      const { visits } = this.#source
      if (patient !== null) {
        return { kind: 'opened', visit: await visits.open(by, patient, devices) }
      }
      const read = readPatient(texts, await this.#today())
      if (read.said === null) return { kind: 'refused', fields: read.wrong }
      const alike = await this.#alike(read.said)
      const unclear = unclearOf([...read.doubts, ...alike.says], confirmed, alike.patients)
      if (unclear !== null) return unclear
      return { kind: 'opened', visit: await visits.open(by, read.said, devices) }
    })
  }

  correct({ instance, entry, ...asked }: CorrectRequest): Promise<CorrectedAnswer> {
    return this.#corrected.do({ instance, entry }, asked, async () => {
      const { by, patient, texts, nikGone, confirmed } = asked
      const read = readPatient(texts, await this.#today())
      if (read.said === null) return { kind: 'refused', fields: read.wrong }
      const unclear = unclearOf(read.doubts, confirmed, [])
      if (unclear !== null) return unclear
      const nik = read.said.nik ?? (nikGone ? null : undefined)
      await this.#source.visits.correct(by, patient, { ...read.said, nik })
      return { kind: 'corrected' }
    })
  }

  order({ instance, entry, by, said }: OrderRequest): Promise<OrderView> {
    return this.#ordered.do({ instance, entry }, [by, said], () =>
      this.#source.visits.order(by, said),
    )
  }

  /** The day where the van is; null while it does not know it. */
  async #today(): Promise<string | null> {
    const { clock } = await this.#source.status()
    return todayOf(clock.utcMs, this.#zone)
  }

  /** Known patients who may be the same: nobody should be there twice. */
  async #alike({ name, nik }: PatientSaid): Promise<{
    readonly says: readonly FieldSays[]
    readonly patients: readonly FoundPatient[]
  }> {
    const { visits } = this.#source
    const ofNik = nik === null ? [] : await visits.find(nik, alikeMax)
    if (ofNik.length > 0) {
      return { says: [{ field: 'alike', why: alikeWords.nik }], patients: ofNik }
    }
    const named = await visits.find(name, alikeMax)
    const patients = named.filter((one) => one.name.toLowerCase() === name.toLowerCase())
    const says = patients.length === 0 ? [] : [{ field: 'alike', why: alikeWords.name }]
    return { says, patients }
  }
}

export function todayOf(utcMs: number | null, zone: Zone): string | null {
  if (utcMs === null) return null
  return new Date(utcMs + zone.offsetMinutes * minuteMs).toISOString().slice(0, 10)
}

function unclearOf(
  doubts: readonly FieldSays[],
  confirmed: readonly string[],
  alike: readonly FoundPatient[],
): PatientUnclear | null {
  const fields = doubts.filter(({ field }) => !confirmed.includes(field))
  return fields.length === 0 ? null : { kind: 'asks', fields, alike }
}
