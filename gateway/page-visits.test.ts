import t from 'tap'
import { visitsDesk } from './page-visits.ts'
import type { IdentityDesk, PatientSaid } from './page/visits-view.ts'
import { nurse, rigUtcMs, visitsRig } from './visits/visits-testing.ts'

const siti: PatientSaid = {
  name: 'Siti Contoh',
  nik: '3602995708900001',
  birthDate: '1990-08-17',
  statedAge: null,
  sex: 'F',
}
const examination = {
  modality: 'US',
  description: 'USG kehamilan',
  code: null,
  stationAeTitle: 'VIVID_IQ',
}

async function openDesk() {
  const rig = await visitsRig()
  let views = 0
  const images: IdentityDesk = {
    view: async () => {
      views += 1
      return { waiting: [], decided: [] }
    },
    decide: async () => {},
    preview: async () => null,
  }
  const stations = [{ aeTitle: 'VIVID_IQ', device: 'us-1' }]
  const desk = visitsDesk({ visits: rig.visits, images, stations: () => stations })
  return { ...rig, desk, stations, views: () => views }
}

t.test('page visits: a visit of a new patient, as it is shown and as it is stored', async (t) => {
  const { desk, journal, stations, views } = await openDesk()
  const visit = await desk.open(nurse, siti, ['bp-1'])
  const order = await desk.order(nurse, { visit, ...examination })
  const view = await desk.view()
  t.equal(views(), 0, 'no file is read while nothing waits')
  const [shown] = view.visits
  t.strictSame(view, {
    visits: [
      {
        visit,
        patient: {
          patient: shown?.patient.patient,
          patientId: shown?.patient.patientId,
          name: 'Siti Contoh',
          nik: '3602**********01',
          birthDate: '1990-08-17',
          statedAge: null,
          sex: 'F',
        },
        state: 'open',
        devices: ['bp-1'],
        openedUtcMs: rigUtcMs,
        by: nurse,
        orders: [order],
      },
    ],
    stations,
    waiting: 0,
  })
  t.match(order, { ...examination, code: undefined, state: 'scheduled', images: 0, by: nurse })
  t.strictSame(journal.said(), [
    `patient Siti Contoh by ${nurse}`,
    `visit open by ${nurse}`,
    `order scheduled by ${nurse}`,
  ])
  t.match(journal.records[0], { nik: siti.nik, otherIds: {} })
})

t.test('page visits: an age that was said is kept beside, and is no number', async (t) => {
  const { desk, journal } = await openDesk()
  const statedAge = { years: 61, on: '2026-04-12' }
  await desk.open(nurse, { ...siti, nik: null, birthDate: null, statedAge }, [])
  t.match(journal.records[0], { birthDate: null, otherIds: { statedAge: '61 2026-04-12' } })
  const [found] = await desk.find('siti', 9)
  t.match(found, { statedAge, birthDate: null, nik: null, seenUtcMs: rigUtcMs })
  const token = found?.patient ?? ''
  await desk.correct(nurse, token, { ...siti, nik: undefined })
  t.match(await desk.find('siti', 9), [{ statedAge: null, birthDate: '1990-08-17', nik: null }])
})

t.test('page visits: a correction keeps the NIK, changes it, or takes it away', async (t) => {
  const { desk, journal } = await openDesk()
  await desk.open(nurse, siti, [])
  const [{ patient } = { patient: '' }] = await desk.find('siti', 9)
  const other = '3602995708900002'
  for (const nik of [undefined, other, null]) await desk.correct(nurse, patient, { ...siti, nik })
  const patients = journal.records.filter((record) => record.kind === 'patient')
  t.strictSame(
    patients.map(({ nik }) => nik),
    [siti.nik, siti.nik, other, null],
  )
  await t.rejects(desk.correct(nurse, 'nobody', { ...siti, nik: null }), {
    code: 'visits-patient-unknown',
  })
})

t.test('page visits: what is over stays in sight, and a patient has one open visit', async (t) => {
  const { desk } = await openDesk()
  const first = await desk.open(nurse, siti, ['bp-1'])
  const [found] = await desk.find('', 9)
  t.equal(found?.openVisit, first)
  t.equal(await desk.open(nurse, found?.patient ?? '', ['scale-1']), first)
  t.match((await desk.view()).visits, [{ devices: ['bp-1', 'scale-1'] }])
  const order = await desk.order(nurse, { visit: first, ...examination })
  await desk.assignDevices(nurse, first, ['scale-1'])
  await desk.completeOrder(nurse, order.order)
  await desk.close(nurse, first)
  const second = await desk.open(nurse, found?.patient ?? '', [])
  const { order: unwanted } = await desk.order(nurse, { visit: second, ...examination })
  await desk.cancelOrder(nurse, unwanted, '')
  await desk.cancel(nurse, second, 'keliru')
  const third = await desk.open(nurse, found?.patient ?? '', [])
  const { visits } = await desk.view()
  t.match(
    visits.map(({ visit, state, orders }) => [visit, state, ...orders.map((one) => one.state)]),
    [
      [third, 'open'],
      [second, 'cancelled', 'cancelled'],
      [first, 'closed', 'completed'],
    ],
  )
  t.equal((await desk.find('siti', 9)).length, 1)
})
