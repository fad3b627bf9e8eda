import t from 'tap'
import { parseEr7 } from '../../protocols/hl7/er7.ts'
import type { Visits } from './visits.ts'
import { HospitalOrders } from './hospital-orders.ts'
import { nurse, siti, visitsRig } from './visits-testing.ts'

async function rig() {
  const parts = await visitsRig()
  const orders = new HospitalOrders({ visits: parts.visits, utcOffsetMinutes: 420 })
  const say = async (type: string, ...segments: readonly string[]) => {
    const found = parseEr7([`MSH|^~\\&|RIS||||||${type}|1`, ...segments, ''].join('\r'))
    if (!found.ok) throw new Error(found.reason)
    const { kind, trouble } = await orders.take(found.value)
    return trouble === null ? kind : `${kind} ${trouble.code}`
  }
  return { ...parts, say }
}

const pid = 'PID|1||MRN-1^^^RS^MR~3602994107900001^^^^NI||Contoh^Siti||19900701|F'
const orc = (control: string, placer = 'P-1') =>
  `ORC|${control}|${placer}|F-1|||||||||7^Dokter^Budi`
const obr = `OBR|1|||30704-1^USG kehamilan^LN${'|'.repeat(14)}ACC-9${'|'.repeat(6)}RUS`

function only<T>(list: readonly T[]): T {
  const [one, ...others] = list
  if (one === undefined || others.length > 0) throw new Error(`expected one, found ${list.length}`)
  return one
}

function onlyOrder(visits: Visits) {
  const order = only(visits.book.orders())
  const visit = visits.book.visit(order.visit)
  return { order, visit, patient: visits.book.patient(visit?.patient ?? '') }
}

t.test('hospital: a new order makes patient, visit and order', async (t) => {
  const { visits, say } = await rig()
  const planned = `${obr}${'|'.repeat(12)}20260302083000`
  t.equal(await say('ORM^O01', pid, orc('NW'), planned), 'taken')
  t.match(onlyOrder(visits), {
    patient: {
      name: 'Contoh^Siti',
      nik: '3602994107900001',
      birthDate: '1990-07-01',
      sex: 'F',
      otherIds: { RS: 'MRN-1' },
      source: 'device',
    },
    visit: { state: 'open', by: 'hospital', devices: [] },
    order: {
      accessionNumber: 'ACC-9',
      modality: 'US',
      description: 'USG kehamilan',
      code: { value: '30704-1', scheme: 'LN', meaning: 'USG kehamilan' },
      requestedBy: 'Dokter^Budi',
      scheduledUtcMs: Date.UTC(2026, 2, 2, 1, 30),
      otherIds: { placer: 'P-1', filler: 'F-1' },
    },
  })
})

t.test('hospital: the numbers of an imaging order are taken, if they can be', async (t) => {
  const { visits, say } = await rig()
  const ipc = 'IPC|ACC-10|RP-1|1.2.840.99.7|SPS-1|DX|||SONO^X|SONO1'
  t.equal(await say('OMI^O23', pid, orc('NW'), obr, ipc), 'taken')
  t.match(onlyOrder(visits).order, {
    accessionNumber: 'ACC-10',
    studyInstanceUid: '1.2.840.99.7',
    modality: 'DX',
    stationAeTitle: 'SONO1',
  })
  const odd = ['IPC|A number that is too long||not a uid||US', 'ZDS|1.02.3^x^Application^DICOM']
  t.equal(await say('OMI^O23', pid, orc('NW', 'P-2'), obr, ...odd), 'taken')
  const [second] = visits.book.orders()
  t.match(second, { accessionNumber: /^V02.{13}$/, studyInstanceUid: /^2\.25\./ })
})

t.test('hospital: the same again, and more for the same patient', async (t) => {
  const { visits, journal, say } = await rig()
  await say('ORM^O01', pid, orc('NW'), obr)
  const count = journal.records.length
  t.equal(await say('ORM^O01', pid, orc('NW'), obr), 'taken')
  t.equal(journal.records.length, count)
  const other = obr.replace('ACC-9', '')
  t.equal(await say('ORM^O01', pid, orc('NW', 'P-2'), other, orc('NW', 'P-3'), other), 'taken')
  t.equal(journal.records.length, count + 2, 'two orders, and nothing else')
  only(visits.book.openVisits())
  t.equal(await say('ORM^O01', pid, orc('NW', 'P-4'), obr), 'wrong visits-accession-taken')
})

t.test('hospital: an order is cancelled while nobody has begun it', async (t) => {
  const { visits, say } = await rig()
  await say('ORM^O01', pid, orc('NW'), obr)
  t.equal(await say('ORM^O01', pid, orc('CA', 'P-2'), obr), 'taken', 'of nobody here')
  t.equal(onlyOrder(visits).order.state, 'scheduled')
  t.equal(await say('ORM^O01', pid, orc('CA'), obr), 'taken')
  t.equal(onlyOrder(visits).order.state, 'cancelled')
  await say('ORM^O01', pid, orc('NW', 'P-2'), obr.replace('ACC-9', ''))
  const { order = '' } = visits.book.orders()[0] ?? {}
  await visits.completeOrder(nurse, order)
  t.equal(await say('ORM^O01', pid, orc('DC', 'P-2'), obr), 'wrong visits-order-over')
})

t.test('hospital: a patient of the van is found by the NIK, and keeps what is known', async (t) => {
  const { visits, say } = await rig()
  const known = await visits.savePatient(nurse, siti({ nik: '3602994107900001', birthDate: null }))
  await say('ORM^O01', pid, orc('NW'), obr)
  t.match(only(visits.book.patients()), {
    patient: known.patient,
    patientId: known.patientId,
    name: 'Siti Contoh',
    birthDate: '1990-07-01',
    otherIds: { RS: 'MRN-1' },
  })
  const namesake = 'PID|1||MRN-2^^^RS^MR||Contoh^Siti||19900701|F'
  await say('ORM^O01', namesake, orc('NW', 'P-2'), obr.replace('ACC-9', ''))
  t.equal(visits.book.patients().length, 2, 'a name finds nobody')
})

t.test('hospital: ADT corrects who is known, and nobody else', async (t) => {
  const { visits, journal, say } = await rig()
  t.equal(await say('ADT^A04', pid), 'taken')
  t.strictSame(journal.records, [])
  await say('ORM^O01', pid, orc('NW'), obr)
  const corrected = 'PID|1||MRN-1^^^RS^MR||Contoh^Sari||19910701|U'
  t.equal(await say('ADT^A08', corrected), 'taken')
  t.match(only(visits.book.patients()), {
    name: 'Contoh^Sari',
    birthDate: '1991-07-01',
    sex: 'F',
    nik: '3602994107900001',
  })
  const count = journal.records.length
  await say('ADT^A08', corrected)
  t.equal(journal.records.length, count)
})

t.test('hospital: A40 merges two numbers of one person', async (t) => {
  const { visits, say } = await rig()
  const other = 'PID|1||MRN-2^^^RS^MR||Contoh^S'
  await say('ORM^O01', pid, orc('NW'), obr)
  await say('ORM^O01', other, orc('NW', 'P-2'), obr.replace('ACC-9', ''))
  t.equal(await say('ADT^A40', pid, 'MRG|MRN-2^^^RS^MR'), 'taken')
  const patients = new Set(visits.book.openVisits().map(({ patient }) => patient))
  t.equal(patients.size, 1)
  await say('ORM^O01', other, orc('NW', 'P-3'), obr.replace('ACC-9', ''))
  t.equal(visits.book.patients().length, 2)
  t.equal(
    new Set(visits.book.openVisits().map(({ patient }) => patient)).size,
    1,
    'the old number too',
  )
  const renamed = 'PID|1||MRN-5^^^RS^MR||Contoh^Siti'
  t.equal(await say('ADT^A40', renamed, 'MRG|MRN-1^^^RS^MR'), 'taken')
  const [latest] = visits.book.patients()
  t.match(latest, { otherIds: { RS: 'MRN-5' } }, 'nobody had the number that stays')
})

t.test('hospital: what cannot be done is refused with its reason', async (t) => {
  const { visits, journal, say } = await rig()
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['ORM^O01', [pid]],
    ['ORU^R01', [pid, orc('NW'), obr]],
    ['ADT^A08', ['EVN|A08']],
    ['ORM^O01', [pid, orc('XO'), obr]],
    ['ORM^O01', [pid, orc('NW'), obr.replace('RUS', 'CH')]],
  ]
  const found: string[] = []
  for (const [type, segments] of cases) found.push(await say(type, ...segments))
  t.strictSame(found, [
    'wrong orders-not-understood',
    'wrong orders-not-understood',
    'wrong orders-not-understood',
    'wrong orders-control-unknown',
    'wrong orders-modality-unknown',
  ])
  t.strictSame(journal.records, [])
  t.equal(await say('ORM^O01', 'PID|1||M-1||a\\F\\b^\\X0A\\', orc('NW'), obr), 'taken')
  t.match(only(visits.book.patients()), { otherIds: { hospital: 'M-1' } })
})
