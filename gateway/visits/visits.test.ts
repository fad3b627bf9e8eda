import t from 'tap'
import type { Procedure } from '../../protocols/packet/visit-records.ts'
import { checkRecord } from '../../protocols/packet/body.ts'
import { Trouble } from '../errors/trouble.ts'
import { byVan } from './saying.ts'
import { openVisitsMax, ordersOfVisitMax, type StepSaid } from './visits.ts'
import {
  MemoryVisitJournal,
  nurse,
  oneOrder,
  rigUtcMs,
  siti,
  ultrasound,
  visitsRig,
} from './visits-testing.ts'
import { worklistEntries } from './worklist-entries.ts'

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'done'
  } catch (error) {
    return error instanceof Trouble ? error.code : String(error)
  }
}

function step(more: Partial<StepSaid> = {}): StepSaid {
  return {
    sopInstanceUid: '1.2.3.9',
    device: 'us-1',
    state: 'in-progress',
    accessionNumber: '',
    studyInstanceUid: '',
    modality: 'US',
    startedText: '20260921090000',
    endedText: '',
    series: [],
    discontinuationCode: '',
    findings: [],
    ...more,
  }
}

const image = { of: 'ab'.repeat(32), sopInstanceUid: '1.2.3.4', coerced: null }

t.test('visits: what was said is known again after a start', async (t) => {
  const { visits, journal } = await visitsRig()
  const { patient, visit, order } = await oneOrder({ visits })
  await visits.saidStep(step({ accessionNumber: order.accessionNumber }))
  const matched = { ...image, state: 'matched', visit, order: order.order, findings: [] } as const
  await visits.decideIdentity({ ...matched, by: byVan, reason: '' })
  const { visits: after } = await visitsRig({ journal, seed: 2 })
  t.strictSame(after.book.patient(patient), visits.book.patient(patient))
  t.strictSame(after.book.visit(visit), visits.book.visit(visit))
  t.match(after.book.order(order.order), { state: 'in-progress' })
  t.match(after.book.identity(image), { state: 'matched', order: order.order })
  t.match(after.book.proceduresOfOrder(order.order), [{ sopInstanceUid: '1.2.3.9' }])
  t.strictSame(journal.records.map(checkRecord).filter(Boolean), [], 'all of it fits the wire')
})

t.test('visits: nothing is believed or told before it is on the disk', async (t) => {
  const { visits, journal } = await visitsRig()
  const told: string[] = []
  const stop = visits.listen(({ kind }) => told.push(kind))
  journal.during = () => {
    t.strictSame(visits.book.patients(), [])
    t.strictSame(told, [])
  }
  await visits.savePatient(nurse, siti())
  t.strictSame(told, ['patient'])
  journal.during = () => {}
  journal.refusals.push(new Error('the disk is full'))
  const { patient = '' } = visits.book.patients()[0] ?? {}
  t.equal(await codeOf(visits.openVisit(nurse, patient)), 'Error: the disk is full')
  t.strictSame(visits.book.openVisits(), [])
  await visits.openVisit(nurse, patient)
  t.equal(visits.book.openVisits().length, 1, 'and it goes on')
  stop()
  await visits.savePatient(nurse, siti())
  t.strictSame(told, ['patient', 'visit'])
})

t.test(
  'visits: a correction keeps the number, and what a person said wrong is refused',
  async (t) => {
    const { visits, journal } = await visitsRig()
    const first = await visits.savePatient(nurse, siti())
    t.match(first.patientId, /^V02-[0-9A-HJKMNP-TV-Z]{12}$/)
    const nik = '3602 9941 0790 0001'
    const second = await visits.savePatient('dr. Lain', siti({ nik, sex: 'M' }), first.patient)
    t.match(second, {
      patient: first.patient,
      patientId: first.patientId,
      nik: '3602994107900001',
      sex: 'M',
      by: 'dr. Lain',
      source: 'typed',
    })
    const wrong = [
      siti({ name: '  ' }),
      siti({ name: 'a\\b' }),
      siti({ name: 'x'.repeat(65) }),
      siti({ nik: '123' }),
      siti({ nik: '3602994107900000' }),
      siti({ birthDate: '1990-02-30' }),
      siti({ birthDate: '2090-01-01' }),
      siti({ birthDate: 'yesterday' }),
    ]
    const codes = await Promise.all(wrong.map((said) => codeOf(visits.savePatient(nurse, said))))
    t.strictSame(codes, [
      'visits-name-refused',
      'visits-name-refused',
      'visits-name-refused',
      'visits-nik-refused',
      'visits-nik-refused',
      'visits-birth-date-refused',
      'visits-birth-date-refused',
      'visits-birth-date-refused',
    ])
    t.equal(await codeOf(visits.savePatient(nurse, siti(), 'nobody')), 'visits-patient-unknown')
    t.equal(journal.records.length, 2)
  },
)

t.test('visits: a device stands with one visit, and leaves the other one first', async (t) => {
  const { visits, journal } = await visitsRig()
  const { patient } = await visits.savePatient(nurse, siti())
  const one = await visits.openVisit(nurse, patient, ['us-1', 'bp-1', 'us-1'])
  t.strictSame(one.devices, ['us-1', 'bp-1'])
  const other = await visits.openVisit(nurse, patient, ['us-1'])
  t.strictSame(
    journal.records.slice(2).map((record) => record.kind === 'visit' && record.devices),
    [['bp-1'], ['us-1']],
  )
  t.equal(visits.visitOfDevice('us-1')?.visit, other.visit)
  t.equal(visits.visitOfDevice('bp-1')?.visit, one.visit)
  await visits.assignDevices(nurse, one.visit, ['us-1'])
  t.equal(visits.visitOfDevice('us-1')?.visit, one.visit)
  t.equal(visits.visitOfDevice('bp-1'), null)
  await visits.closeVisit(nurse, one.visit)
  t.equal(visits.visitOfDevice('us-1'), null)
  for (const devices of [
    ['van'],
    ['Not a name'],
    Array.from({ length: 129 }, (_, n) => `d-${n}`),
  ]) {
    t.equal(await codeOf(visits.openVisit(nurse, patient, devices)), 'visits-device-refused')
  }
})

t.test('visits: only what is open is closed, and when it was opened is kept', async (t) => {
  const { visits, clock } = await visitsRig()
  const { visit, order } = await oneOrder({ visits })
  const idle = await visits.makeOrder(nurse, ultrasound(visit))
  const done = { ...image, state: 'matched', visit, order: order.order, findings: [] } as const
  await visits.decideIdentity({ ...done, by: byVan, reason: '' })
  await clock.advance(60_000)
  const closed = await visits.closeVisit('dr. Lain', visit, '  selesai\n')
  t.match(closed, { state: 'closed', devices: [], by: 'dr. Lain', reason: 'selesai' })
  t.equal(closed.openedUtcMs, rigUtcMs)
  t.equal(visits.book.order(order.order)?.state, 'completed', 'its images came')
  t.equal(visits.book.order(idle.order)?.state, 'scheduled')
  t.strictSame(visits.offered(), [])
  const again = [
    visits.closeVisit(nurse, visit),
    visits.cancelVisit(nurse, visit, ''),
    visits.assignDevices(nurse, visit, []),
    visits.makeOrder(nurse, ultrasound(visit)),
  ]
  t.strictSame(new Set(await Promise.all(again.map(codeOf))), new Set(['visits-visit-over']))
  t.equal(await codeOf(visits.closeVisit(nurse, 'none')), 'visits-visit-unknown')
})

t.test('visits: a cancelled visit takes its orders along that nobody has begun', async (t) => {
  const { visits } = await visitsRig()
  const { visit, order } = await oneOrder({ visits })
  const begun = await visits.makeOrder(nurse, ultrasound(visit))
  await visits.saidStep(step({ accessionNumber: begun.accessionNumber }))
  await visits.cancelVisit(nurse, visit, 'salah pasien')
  t.match(visits.book.order(order.order), { state: 'cancelled', reason: 'salah pasien' })
  t.equal(visits.book.order(begun.order)?.state, 'in-progress')
})

t.test('visits: what is open is bounded', async (t) => {
  const { visits } = await visitsRig()
  const { patient } = await visits.savePatient(nurse, siti())
  const opened = Array.from({ length: openVisitsMax }, () => visits.openVisit(nurse, patient))
  const [{ visit } = { visit: '' }] = await Promise.all(opened)
  t.equal(await codeOf(visits.openVisit(nurse, patient)), 'visits-too-many-open')
  const made = Array.from({ length: ordersOfVisitMax }, () =>
    visits.makeOrder(nurse, ultrasound(visit)),
  )
  await Promise.all(made)
  t.equal(await codeOf(visits.makeOrder(nurse, ultrasound(visit))), 'visits-too-many-orders')
})

t.test('visits: what the journal has forgotten is forgotten here too', async (t) => {
  const { visits, journal } = await visitsRig()
  const { patient } = await visits.savePatient(nurse, siti())
  const { visit } = await visits.openVisit(nurse, patient)
  const waiting = { ...image, state: 'waiting', visit: null, order: null, findings: [] } as const
  for (let at = 0; at < 4_990; at++) {
    await visits.decideIdentity({ ...waiting, sopInstanceUid: `1.${at}`, by: byVan, reason: '' })
  }
  journal.records.splice(2, 4_980)
  t.equal(visits.book.identities().length, 4_990)
  for (let at = 0; at < 8; at++) await visits.assignDevices(nurse, visit, [`us-${at}`])
  await visits.assignDevices(nurse, visit, ['us-9'])
  t.equal(visits.book.identities().length, 10)
  t.strictSame(visits.book.visit(visit)?.devices, ['us-9'])
})

t.test('orders: numbers are new in another start and in another journal', async (t) => {
  const { visits, journal } = await visitsRig()
  const { order } = await oneOrder({ visits })
  t.match(order.accessionNumber, /^V02[0-9A-HJKMNP-TV-Z]{13}$/)
  t.match(order.studyInstanceUid, /^2\.25\.[1-9]\d{30,38}$/)
  const { visits: after, clock } = await visitsRig({ journal, seed: 1 })
  await clock.advance(1)
  const again = await oneOrder({ visits: after })
  t.not(again.order.accessionNumber, order.accessionNumber, 'the same chance, but it is taken')
  const patientIds = after.book.patients().map(({ patientId }) => patientId)
  t.equal(new Set(patientIds).size, 2)
})

t.test('orders: what devices cannot show is refused', async (t) => {
  const { visits } = await visitsRig()
  const { visit } = await oneOrder({ visits })
  const fields = await Promise.all(
    [
      ultrasound(visit, { modality: 'us' }),
      ultrasound(visit, { description: '' }),
      ultrasound(visit, { description: 'a\\b' }),
      ultrasound(visit, { stationAeTitle: 'A B' }),
      ultrasound(visit, { requestedBy: 'x'.repeat(65) }),
      ultrasound(visit, { code: { value: 'x'.repeat(17), scheme: 'LN', meaning: 'x' } }),
    ].map((said) =>
      visits.makeOrder(nurse, said).then(
        () => 'made',
        (error: unknown) => error instanceof Trouble && error.details['field'],
      ),
    ),
  )
  t.strictSame(fields, [
    'modality',
    'description',
    'description',
    'stationAeTitle',
    'requestedBy',
    'code',
  ])
})

t.test('orders: go along with what the modality does', async (t) => {
  const { visits } = await visitsRig()
  const { order } = await oneOrder({ visits })
  const state = () => visits.book.order(order.order)?.state
  const { accessionNumber, studyInstanceUid } = order
  const first = { sopInstanceUid: '1.1', accessionNumber: ` ${accessionNumber.toLowerCase()} ` }
  const second = { sopInstanceUid: '1.2', studyInstanceUid }
  const states: (string | undefined)[] = []
  const say = async (said: Partial<StepSaid>) => {
    await visits.saidStep(step(said))
    states.push(state())
  }
  await say(first)
  await say(second)
  await say({ ...first, state: 'completed' })
  await say({ ...second, state: 'discontinued', discontinuationCode: '110500^DCM' })
  t.strictSame(states, ['in-progress', 'in-progress', 'in-progress', 'completed'])
  t.equal(await codeOf(visits.cancelOrder(nurse, order.order, '')), 'visits-order-over')
  t.strictSame(visits.offered(), [])
})

t.test('orders: a step without an order of its own moves none', async (t) => {
  const { visits, journal } = await visitsRig()
  const { order } = await oneOrder({ visits })
  const from = journal.records.length
  const unknown = await visits.saidStep(step({ accessionNumber: 'NOBODYS' }))
  t.equal(unknown.order, null)
  t.strictSame(journal.said(from), ['procedure in-progress by van'])
  t.equal(visits.book.order(order.order)?.state, 'scheduled')
  const abandoned: Partial<Procedure> = { state: 'abandoned', sopInstanceUid: '1.1' }
  await visits.saidStep(step({ ...abandoned, accessionNumber: order.accessionNumber }))
  t.equal(visits.book.order(order.order)?.state, 'in-progress', 'it was begun')
})

t.test('orders: the power may go between the order and its step', async (t) => {
  const { visits, journal } = await visitsRig()
  const { order } = await oneOrder({ visits })
  journal.during = () => {
    journal.during = () => {
      journal.refusals.push(new Error('the power is cut'))
      journal.during = () => {}
    }
  }
  const said = step({ accessionNumber: order.accessionNumber, state: 'completed' })
  t.equal(await codeOf(visits.saidStep(said)), 'Error: the power is cut')
  t.equal(visits.book.procedure('1.2.3.9'), null, 'the modality was not answered')
  const { visits: after } = await visitsRig({ journal })
  await after.saidStep(said)
  t.equal(after.book.order(order.order)?.state, 'completed')
  t.equal(after.book.procedure('1.2.3.9')?.order, order.order)
})

t.test('orders: cancelled and completed by hand', async (t) => {
  const { visits, journal } = await visitsRig()
  const { visit, order } = await oneOrder({ visits })
  const cancelled = await visits.cancelOrder(nurse, order.order, 'salah')
  t.match(cancelled, { state: 'cancelled', reason: 'salah' })
  const count = journal.records.length
  await visits.cancelOrder(nurse, order.order, 'lagi')
  t.equal(journal.records.length, count, 'once is enough')
  const other = await visits.makeOrder(nurse, ultrasound(visit))
  t.match(await visits.completeOrder(nurse, other.order), { state: 'completed' })
  const refused = { ...image, state: 'refused', visit, order: order.order, findings: [] } as const
  await visits.decideIdentity({ ...refused, by: nurse, reason: 'bukan pasien ini' })
  t.equal(visits.book.order(order.order)?.state, 'cancelled')
})

t.test('book: finds orders and patients by what images and people say', async (t) => {
  const { visits } = await visitsRig()
  const { patient, order } = await oneOrder({ visits })
  const known = visits.book.patient(patient)
  await visits.savePatient(
    nurse,
    siti({ nik: '3602994107900001', otherIds: { hospital: '00-12' } }),
    patient,
  )
  const found = (number: string) => visits.book.patientsByNumber(number).length
  t.strictSame(
    [known?.patientId ?? '', '3602994107900001', '00-12 ', '', 'unknown'].map(found),
    [1, 1, 1, 0, 0],
  )
  await visits.savePatient(nurse, siti(), patient)
  t.equal(found('00-12'), 0, 'a number that was corrected')
  t.strictSame(visits.book.ordersByStudy(order.studyInstanceUid), [order])
  t.strictSame(visits.book.ordersByAccession(''), [])
})

t.test('book: orders on which a station may have worked', async (t) => {
  const { visits, clock } = await visitsRig()
  const { visit, order } = await oneOrder({ visits })
  await visits.makeOrder(nurse, ultrasound(visit, { stationAeTitle: 'SONO2' }))
  await visits.makeOrder(nurse, ultrasound(visit, { modality: 'DX' }))
  const at = (aeTitle: string | null, modality: string | null, utcMs: number | null) =>
    visits.ordersOfStation(aeTitle, modality, utcMs).length
  t.strictSame(
    [at('SONO1', 'US', rigUtcMs), at('SONO2', 'US', rigUtcMs), at('SONO2', null, null)],
    [1, 2, 3],
  )
  await visits.closeVisit(nurse, visit)
  const hourMs = 3_600_000
  t.strictSame(
    [at('SONO1', 'US', rigUtcMs + hourMs), at('SONO1', 'US', rigUtcMs + 13 * hourMs)],
    [1, 0],
  )
  await clock.advance(1)
  t.equal(visits.book.order(order.order)?.state, 'scheduled')
})

t.test('merge: visits go to the number that stays, and both find the person', async (t) => {
  const { visits } = await visitsRig()
  const { patient: from, visit } = await oneOrder({ visits })
  const { patient: into, patientId } = await visits.savePatient(nurse, siti({ name: 'Siti C' }))
  const old = visits.book.patient(from)
  await visits.mergePatients('hospital', from, into)
  t.equal(visits.book.visit(visit)?.patient, into)
  t.ok(visits.book.patientsByNumber(old?.patientId ?? '').some((one) => one.patient === into))
  t.equal(visits.book.patient(from)?.otherIds['mergedInto'], patientId)
  t.equal(visits.book.patient(into)?.source, 'device')
})

t.test('worklist: open visits, without the NIK, and the number everywhere', async (t) => {
  const { visits } = await visitsRig({ utcMs: null })
  const { patient, order } = await oneOrder({ visits })
  const nik = '3602994107900001'
  await visits.savePatient(
    nurse,
    siti({ nik, otherIds: { hospital: '00-12', statedAge: '36' } }),
    patient,
  )
  const time = { utcOffsetMinutes: 420, wallMs: Date.UTC(2026, 10, 24, 20, 30, 5) }
  const entries = worklistEntries(visits, time)
  t.match(entries, [
    {
      accessionNumber: order.accessionNumber,
      requestedProcedureId: order.accessionNumber,
      stepId: order.accessionNumber,
      patientName: 'Siti Contoh',
      birthDate: '19900701',
      sex: 'F',
      otherPatientIds: ['00-12'],
      scheduledStart: { date: '20261125', time: '033005' },
    },
  ])
  t.notMatch(JSON.stringify(entries), nik)
  const journal = new MemoryVisitJournal()
  t.strictSame(worklistEntries((await visitsRig({ journal })).visits, time), [])
})
