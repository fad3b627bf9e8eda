import * as fc from 'fast-check'
import t from 'tap'
import { nobody } from '../../protocols/dicom/stated-identity.ts'
import { candidates, judge, sameName, type ImageToMatch, type OrderOnBoard } from './identity.ts'

const noon = Date.UTC(2026, 10, 24, 12)

const siti: OrderOnBoard = {
  order: 'order-1',
  visit: 'visit-1',
  patient: 'patient-1',
  state: 'scheduled',
  accessionNumber: 'VAN02-000007',
  studyInstanceUid: '2.25.7',
  modality: 'US',
  stationAeTitle: null,
  scheduledUtcMs: noon,
  patientId: 'VAN02-000123',
  patientName: 'Siti Aminah',
  birthDate: '1980-02-29',
  sex: 'F',
}
const budi: OrderOnBoard = {
  ...siti,
  order: 'order-2',
  visit: 'visit-2',
  patient: 'patient-2',
  accessionNumber: 'VAN02-000008',
  studyInstanceUid: '2.25.8',
  patientId: 'VAN02-000124',
  patientName: 'Budi Santoso',
  birthDate: null,
  sex: 'M',
}

/** An image that says all that the order of Siti says, and what is changed. */
function image(said: Partial<ImageToMatch['said']> = {}, more: Partial<ImageToMatch> = {}) {
  return {
    said: {
      ...nobody,
      patientId: 'VAN02-000123',
      patientName: 'AMINAH^SITI',
      birthDate: '19800229',
      sex: 'F',
      accessionNumber: 'VAN02-000007',
      ...said,
    },
    studyInstanceUid: '2.25.7',
    modality: 'US',
    callingAeTitle: 'CART',
    utcMs: noon + 60_000,
    ...more,
  }
}

const own = { studyInstanceUid: '1.2.840.1' }
const nothingSaid = { patientId: null, accessionNumber: null }

type Case = readonly [
  what: string,
  image: ImageToMatch,
  order: string | null,
  findings: readonly string[],
]

const cases: readonly Case[] = [
  ['all is the same', image(), 'order-1', []],
  [
    'no birth date, no sex, no name',
    image({ birthDate: null, sex: null, patientName: null }),
    'order-1',
    [],
  ],
  ['dots in the birth date', image({ birthDate: '1980.02.29' }), 'order-1', []],
  ['a sex that is none', image({ sex: 'U' }), 'order-1', []],
  ['another number of the patient', image({ patientId: '17' }), 'order-1', ['patient-id-differs']],
  [
    'the number in small letters',
    image({ patientId: 'van02-000123' }),
    'order-1',
    ['patient-id-differs'],
  ],
  ['no number of the patient', image({ patientId: null }), 'order-1', ['patient-id-missing']],
  ['another name', image({ patientName: 'AMINAH^SITA' }), 'order-1', ['name-differs']],
  ['another birth date', image({ birthDate: '19800228' }), 'order-1', ['birth-date-differs']],
  ['another sex', image({ sex: 'M' }), 'order-1', ['sex-differs']],
  [
    'everything is of somebody else',
    image({
      patientId: 'VAN02-000124',
      patientName: 'SANTOSO^BUDI',
      birthDate: '19700101',
      sex: 'M',
    }),
    'order-1',
    ['patient-id-differs', 'name-differs', 'birth-date-differs', 'sex-differs'],
  ],
  [
    'an accession number that is none',
    image({ accessionNumber: '4711' }),
    'order-1',
    ['accession-unknown'],
  ],
  [
    'no accession number, the study of the worklist',
    image({ accessionNumber: null }),
    'order-1',
    ['accession-missing'],
  ],
  [
    'the accession number only in the request',
    image({ accessionNumber: null, requestedAccessionNumber: 'VAN02-000007' }),
    'order-1',
    ['accession-missing'],
  ],
  [
    'no accession number, a study of the device',
    image({ accessionNumber: null }, own),
    'order-1',
    ['accession-missing'],
  ],
  ['a study of the device', image({}, own), 'order-1', []],
  [
    'another modality',
    image({ accessionNumber: null }, { ...own, modality: 'DX' }),
    null,
    ['no-order', 'accession-missing'],
  ],
  [
    'two days later',
    image({ accessionNumber: null }, { ...own, utcMs: noon + 172_800_000 }),
    null,
    ['no-order', 'accession-missing'],
  ],
  [
    'at no time',
    image({ accessionNumber: null }, { ...own, utcMs: null }),
    'order-1',
    ['accession-missing'],
  ],
  ['nothing is said', image(nothingSaid, own), null, ['no-order', 'accession-missing']],
  [
    'the study of somebody else',
    image({}, { studyInstanceUid: '2.25.8' }),
    'order-1',
    ['study-of-another-patient'],
  ],
  [
    'the other number, the study of the worklist',
    image({ accessionNumber: 'VAN02-000008' }),
    'order-2',
    ['patient-id-differs', 'name-differs', 'sex-differs', 'study-of-another-patient'],
  ],
]

t.test('identity: which order an image belongs to, and what contradicts', async (t) => {
  for (const [what, one, order, findings] of cases) {
    const verdict = judge(one, [siti, budi], new Set())
    t.strictSame([verdict.order?.order ?? null, verdict.findings], [order, findings], what)
  }
})

t.test('identity: several orders that fit are for a person', async (t) => {
  const second = { ...siti, order: 'order-3', accessionNumber: 'A3', studyInstanceUid: '2.25.3' }
  const one = image({ accessionNumber: null }, own)
  const verdict = judge(one, [siti, second], new Set())
  t.strictSame(verdict, { order: null, findings: ['order-ambiguous', 'accession-missing'] })
  const stations = [
    { ...siti, stationAeTitle: 'OTHER' },
    { ...second, stationAeTitle: 'CART' },
  ]
  t.equal(judge(one, stations, new Set()).order?.order, 'order-3')
  t.strictSame(
    judge(image({}, { studyInstanceUid: '2.25.3' }), [siti, second], new Set()).findings,
    ['study-of-another-order'],
  )
})

t.test('identity: a study that a device uses for the next patient is found', async (t) => {
  const reused = image({}, own)
  t.strictSame(judge(reused, [siti], new Set(['patient-1'])).findings, [])
  t.strictSame(judge(reused, [siti], new Set(['patient-2'])).findings, ['study-of-another-patient'])
  const unknown = image(nothingSaid, own)
  t.strictSame(judge(unknown, [siti], new Set(['patient-1'])).findings, [
    'no-order',
    'accession-missing',
    'study-of-another-patient',
  ])
})

t.test('identity: a cancelled order is found by its number only, and said to be one', async (t) => {
  const cancelled = { ...siti, state: 'cancelled' as const }
  t.strictSame(judge(image(), [cancelled], new Set()).findings, ['order-cancelled'])
  t.equal(judge(image({ accessionNumber: null }, own), [cancelled], new Set()).order, null)
})

t.test('identity: names are compared as people would', async (t) => {
  const same: readonly (readonly [string, string])[] = [
    ['AMINAH^SITI', 'Siti Aminah'],
    ['Siti^Aminah^^^', 'aminah,  siti'],
    ["NUR'AINI^DEWI", 'Dewi Nuraini'],
    ['Müller^Zoë', 'ZOE MULLER'],
    ['Yamada^Tarou=山田^太郎', 'Tarou Yamada'],
    ['SUKARNO', 'Sukarno '],
    ['al-amin^hasan', 'Hasan Al Amin'],
  ]
  t.strictSame(
    same.filter(([one, other]) => !sameName(one, other)),
    [],
  )
  const different: readonly (readonly [string, string])[] = [
    ['SITI', 'Siti Aminah'],
    ['SITI^SITI', 'Siti'],
    ['', ''],
    ['^^', 'Siti'],
    ['M\ufffdller', 'Müller'],
  ]
  t.strictSame(
    different.filter(([one, other]) => sameName(one, other)),
    [],
  )
})

t.test('identity: what a person may choose from, the likeliest first', async (t) => {
  const old = { ...siti, order: 'order-9', state: 'cancelled' as const }
  const names = (one: ImageToMatch) =>
    candidates(one, [old, budi, siti], 8).map(({ order }) => order)
  t.strictSame(names(image()), ['order-1', 'order-2'])
  t.strictSame(names(image({ ...nothingSaid, patientName: 'BUDI SANTOSO' }, own)), [
    'order-2',
    'order-1',
  ])
  t.equal(candidates(image(), [siti, budi], 1).length, 1)
})

t.test('identity: no image of somebody else is ever without a finding', async (t) => {
  const some = (values: readonly string[]) => fc.constantFrom(null, ...values)
  const said = fc.record({
    patientId: some(['VAN02-000123', 'VAN02-000124', '0']),
    patientName: some(['AMINAH^SITI', 'SANTOSO^BUDI', 'X']),
    birthDate: some(['19800229', '19700101']),
    sex: some(['F', 'M', 'O']),
    accessionNumber: some(['VAN02-000007', 'VAN02-000008', '1']),
    requestedAccessionNumber: some(['VAN02-000007', 'VAN02-000008']),
  })
  const studies = fc.constantFrom('2.25.7', '2.25.8', '1.2.3', null)
  const wrong: unknown[] = []
  fc.assert(
    fc.property(said, studies, (one, studyInstanceUid) => {
      const { order, findings } = judge(image(one, { studyInstanceUid }), [siti, budi], new Set())
      if (findings.length > 0) return
      const isRight =
        order !== null &&
        one.patientId === order.patientId &&
        one.accessionNumber === order.accessionNumber &&
        (one.patientName === null || sameName(one.patientName, order.patientName)) &&
        (one.sex === null || one.sex === order.sex)
      if (!isRight) wrong.push([one, studyInstanceUid, order])
    }),
    { numRuns: 3_000 },
  )
  t.strictSame(wrong, [])
})
