import t, { type Test } from 'tap'
import type { StepSaid } from '../protocols/dicom/performed-procedure.ts'
import type { HostAnswer } from '../protocols/dicom/service.ts'
import { isVisitRecord, type VisitRecord } from '../protocols/packet/visit-records.ts'
import { fakeClock, type FakeClock } from './clock/fake-clock.ts'
import { seededRandom } from './clock/seeded-random.ts'
import { journalTrouble } from './errors/journal.ts'
import { silentLog } from './page/page-testing.ts'
import { ProcedureDesk } from './procedures.ts'
import { Visits } from './visits/visits.ts'

const uid = '1.2.3'
const hour = 3_600_000
const nothing: StepSaid = {
  status: null,
  accessionNumber: null,
  studyInstanceUid: null,
  modality: null,
  startedText: null,
  endedText: null,
  series: null,
  discontinuationCode: null,
  findings: [],
}
const beginning: StepSaid = { ...nothing, status: 'IN PROGRESS', modality: 'US' }
const completed: StepSaid = { ...nothing, status: 'COMPLETED' }

/** A van with a visit; what is stored survives `restart`. */
async function van(t: Test, knowsTime = true) {
  const stored: VisitRecord[] = []
  let refusal: Error | null = null
  let utcOffsetMs = 1_700_000_000_000
  const open = async (clock: FakeClock) => {
    const time = {
      utcOf: (atMs: number) =>
        knowsTime ? { utcMs: atMs + utcOffsetMs, uncertaintyMs: 10 } : null,
    }
    const visits = await Visits.open({
      van: 'van-02',
      clock,
      random: seededRandom(stored.length),
      time,
      journal: {
        async store(_, record) {
          if (refusal !== null) throw refusal
          if (isVisitRecord(record)) stored.push(record)
        },
        known: async (kind) => stored.filter((record) => record.kind === kind),
      },
      stored: () => {},
    })
    return { visits, desk: new ProcedureDesk({ clock, time, log: silentLog, visits }) }
  }
  let clock = fakeClock()
  let running = await open(clock)
  t.teardown(() => running.desk.stop())
  return {
    stored,
    get visits() {
      return running.visits
    },
    get clock() {
      return clock
    },
    refuse: (error: Error | null) => void (refusal = error),
    async restart(offMs: number) {
      utcOffsetMs += clock.monotonicMs() - 10_000 + offMs
      clock = fakeClock()
      running = await open(clock)
    },
    begin: (said = beginning, device = 'us-1') =>
      running.desk.asked(asker(device), { kind: 'step-begin', sopInstanceUid: uid, said }),
    set: (said: StepSaid, device = 'us-1') =>
      running.desk.asked(asker(device), { kind: 'step-set', sopInstanceUid: uid, said }),
    get: () => running.desk.asked(asker('us-1'), { kind: 'step-get', sopInstanceUid: uid }),
    steps: () => running.visits.book.procedures().map(({ state }) => state),
  }
}

/** The first is a simulator. */
function asker(device: string) {
  return { device, simulated: device === 'us-1' }
}

function statusOf(answer: HostAnswer): number {
  return answer.kind === 'failed' ? answer.status : 0
}

t.test(
  'procedures: from the beginning to the end, each on the disk before the answer',
  async (t) => {
    const { begin, set, get, stored, steps } = await van(t)
    t.equal(statusOf(await get()), 0x0112)
    t.equal(statusOf(await set(completed)), 0x0112)
    t.strictSame(await begin(), { kind: 'stored' })
    t.match(stored.at(-1), {
      kind: 'procedure',
      device: 'us-1',
      state: 'in-progress',
      simulated: true,
      by: 'van',
    })
    t.equal(statusOf(await begin()), 0x0111)
    t.match(await get(), { kind: 'step', step: { state: 'in-progress', modality: 'US' } })
    t.equal(statusOf(await set(completed, 'us-2')), 0, 'on whatever association')
    t.match(stored.at(-1), { device: 'us-1', state: 'completed', simulated: true })
    t.match(await set(completed), { status: 0x0110, errorId: 0xa710 })
    t.equal(stored.length, 2)
    t.strictSame(steps(), ['completed'])
  },
)

t.test('procedures: its order moves along, and an unknown number is marked', async (t) => {
  const { begin, set, visits, stored } = await van(t)
  const patient = await visits.savePatient('Rina', {
    name: 'Surya Dewi',
    nik: null,
    birthDate: null,
    sex: null,
    otherIds: {},
  })
  const { visit } = await visits.openVisit('Rina', patient.patient)
  const order = await visits.makeOrder('Rina', {
    visit,
    modality: 'US',
    description: 'Antenatal ultrasound',
    code: null,
    stationAeTitle: null,
    requestedBy: '',
    scheduledUtcMs: null,
  })
  const { accessionNumber } = order
  await begin({ ...beginning, accessionNumber })
  t.match(stored.at(-1), { order: order.order, findings: [] })
  t.equal(visits.book.order(order.order)?.state, 'in-progress')
  await set(completed)
  t.equal(visits.book.order(order.order)?.state, 'completed')
  const other = await van(t)
  await other.begin({ ...beginning, accessionNumber: 'NOBODYS' })
  t.match(other.stored.at(-1), { order: null, findings: ['accession-unknown'] })
})

t.test('procedures: what the journal does not take is not answered with success', async (t) => {
  const { begin, refuse, steps } = await van(t)
  refuse(journalTrouble('journal-full'))
  t.equal(statusOf(await begin()), 0x0213)
  refuse(journalTrouble('journal-failed', { why: 'its disk is gone.' }))
  await t.rejects(begin(), { code: 'journal-failed' })
  t.strictSame(steps(), [])
  refuse(null)
  t.equal(statusOf(await begin()), 0, 'and may be said again')
})

t.test('procedures: two at once are judged one after the other', async (t) => {
  const { begin } = await van(t)
  const answers = await Promise.all([begin(), begin(), begin()])
  t.strictSame(answers.map(statusOf), [0, 0x0111, 0x0111])
})

t.test('procedures: one that never ends is abandoned after a day, and may still end', async (t) => {
  const { begin, set, clock, steps, stored } = await van(t)
  await begin()
  await clock.advance(23 * hour)
  await set({ ...beginning, startedText: '20260214091500' })
  await clock.advance(23.5 * hour)
  t.strictSame(steps(), ['in-progress'], 'a day after it was heard of last')
  await clock.advance(hour)
  t.strictSame(steps(), ['abandoned'])
  await clock.advance(48 * hour)
  t.equal(stored.length, 3, 'once')
  t.equal(statusOf(await set(completed)), 0)
  t.strictSame(steps(), ['completed'])
})

t.test('procedures: while the van is off time passes too, if anybody knows it', async (t) => {
  const known = await van(t)
  await known.begin()
  await known.restart(30 * hour)
  await known.clock.advance(hour)
  t.strictSame(known.steps(), ['abandoned'])
  const unknown = await van(t, false)
  await unknown.begin()
  await unknown.restart(30 * hour)
  await unknown.clock.advance(hour)
  t.strictSame(unknown.steps(), ['in-progress'], 'rather too late than too early')
  await unknown.clock.advance(24 * hour)
  t.strictSame(unknown.steps(), ['abandoned'])
})
