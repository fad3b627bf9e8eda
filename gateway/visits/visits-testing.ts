/** Visits over a journal in memory, at a time that the test says. */
import type { VisitRecord, VisitRecordKind } from '../../protocols/packet/visit-records.ts'
import { fakeClock, type FakeClock } from '../clock/fake-clock.ts'
import { seededRandom } from '../clock/seeded-random.ts'
import type { OrderSaid, PatientSaid } from './saying.ts'
import { Visits, type VisitJournal } from './visits.ts'

/** Keeps every record, and can be told to refuse. */
export class MemoryVisitJournal implements VisitJournal {
  readonly records: VisitRecord[] = []
  /** Thrown by the next stores, one each. */
  readonly refusals: Error[] = []
  /** Called while a record is on its way to the disk. */
  during: () => void = () => {}

  async store(device: string, record: VisitRecord): Promise<void> {
    await Promise.resolve()
    this.during()
    const refusal = this.refusals.shift()
    if (refusal !== undefined) throw refusal
    if (device !== 'van') throw new Error(`expected the van, found ${device}`)
    this.records.push(record)
  }

  async known(kind: VisitRecordKind): Promise<readonly VisitRecord[]> {
    return this.records.filter((record) => record.kind === kind)
  }

  /** As short words, in the order in which they were stored. */
  said(from = 0): readonly string[] {
    return this.records
      .slice(from)
      .map((record) =>
        record.kind === 'patient'
          ? `patient ${record.name} by ${record.by}`
          : `${record.kind} ${record.state} by ${record.by}`,
      )
  }
}

export interface VisitsRig {
  readonly visits: Visits
  readonly journal: MemoryVisitJournal
  readonly clock: FakeClock
}

export interface VisitsRigOptions {
  readonly journal?: MemoryVisitJournal
  readonly seed?: number
  /** null: nobody knows the time. */
  readonly utcMs?: number | null
}

export const rigUtcMs = 1_790_000_000_000

export async function visitsRig(options: VisitsRigOptions = {}): Promise<VisitsRig> {
  const { journal = new MemoryVisitJournal(), seed = 1, utcMs = rigUtcMs } = options
  const clock = fakeClock()
  const startMs = clock.monotonicMs()
  const visits = await Visits.open({
    van: 'van-02',
    clock,
    random: seededRandom(seed),
    time: {
      utcOf: (atMs) =>
        utcMs === null ? null : { utcMs: utcMs + atMs - startMs, uncertaintyMs: 5 },
    },
    journal,
    stored: () => {},
  })
  return { visits, journal, clock }
}

export const nurse = 'Bidan Contoh'

export function siti(more: Partial<PatientSaid> = {}): PatientSaid {
  const said = { name: 'Siti Contoh', nik: null, birthDate: '1990-07-01', sex: 'F' } as const
  return { ...said, otherIds: {}, ...more }
}

export function ultrasound(visit: string, more: Partial<OrderSaid> = {}): OrderSaid {
  return {
    visit,
    modality: 'US',
    description: 'USG kehamilan',
    code: null,
    stationAeTitle: null,
    requestedBy: '',
    scheduledUtcMs: null,
    ...more,
  }
}

/** A patient with an open visit and one order. */
export async function oneOrder({ visits }: Pick<VisitsRig, 'visits'>) {
  const { patient } = await visits.savePatient(nurse, siti())
  const { visit } = await visits.openVisit(nurse, patient)
  const order = await visits.makeOrder(nurse, ultrasound(visit))
  return { patient, visit, order }
}
