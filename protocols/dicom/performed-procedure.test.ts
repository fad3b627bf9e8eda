import t from 'tap'
import { instancesMax, recordLimitBytes } from '../packet/limits.ts'
import { readDataSet, itemsIn, textIn } from './data-set.ts'
import { encodeIdentifier, type IdentifierElement } from './identifier.ts'
import {
  beginStep,
  encodeStep,
  setStep,
  stepIn,
  stepSequences,
  type PerformedStep,
  type StepAnswer,
  type StepSaid,
} from './performed-procedure.ts'
import { explicitLittle, implicitLittle } from './uids.ts'

const names = { sopInstanceUid: '1.2.3', device: 'xray' }

const scheduled: IdentifierElement = [
  0x0040_0270,
  'SQ',
  [
    [
      [0x0008_0050, 'SH', 'VAN02-17'],
      [0x0020_000d, 'UI', '2.25.7'],
    ],
  ],
]

const create: readonly IdentifierElement[] = [
  [0x0008_0060, 'CS', 'DX'],
  [0x0010_0010, 'PN', 'NAMA^X'],
  [0x0040_0244, 'DA', '20260214'],
  [0x0040_0245, 'TM', '091500.123'],
  [0x0040_0252, 'CS', 'IN PROGRESS'],
  scheduled,
  [0x0040_0340, 'SQ', []],
]

const instances = (...uids: readonly string[]): readonly (readonly IdentifierElement[])[] =>
  uids.map((uid) => [[0x0008_1155, 'UI', uid]])

const completed: readonly IdentifierElement[] = [
  [0x0040_0250, 'DA', '20260214'],
  [0x0040_0251, 'TM', '0922'],
  [0x0040_0252, 'CS', 'COMPLETED'],
  [
    0x0040_0340,
    'SQ',
    [
      [
        [0x0008_1140, 'SQ', instances('1.1', '1.2', '1.1')],
        [0x0020_000e, 'UI', '1.9'],
        [0x0040_0220, 'SQ', instances('1.3')],
      ],
      [
        [0x0008_1140, 'SQ', []],
        [0x0020_000e, 'UI', '1.10'],
      ],
    ],
  ],
]

function decodeStep(bytes: Uint8Array, syntax: string): StepSaid | null {
  const dataSet = readDataSet(bytes, syntax, stepSequences)
  return dataSet.ok ? stepIn(dataSet.value) : null
}

function said(elements: readonly IdentifierElement[], syntax = implicitLittle): StepSaid {
  const found = decodeStep(encodeIdentifier(elements, syntax), syntax)
  if (found === null) throw new Error('expected a step')
  return found
}

function taken(answer: StepAnswer): PerformedStep {
  if (answer.kind !== 'taken') throw new Error(answer.refusal.comment)
  return answer.step
}

const begun = taken(beginStep(null, names, said(create)))

t.test('step: what the modality says at its beginning is kept', (t) => {
  t.strictSame(begun, {
    ...names,
    state: 'in-progress',
    accessionNumber: 'VAN02-17',
    studyInstanceUid: '2.25.7',
    modality: 'DX',
    startedText: '20260214091500',
    endedText: '',
    series: [],
    discontinuationCode: '',
    findings: [],
  })
  t.strictSame(said(create, explicitLittle), said(create))
  t.end()
})

t.test('step: completed, with series and instances of both kinds, each once', (t) => {
  t.strictSame(taken(setStep(begun, said(completed))), {
    ...begun,
    state: 'completed',
    endedText: '20260214092200',
    series: [
      { seriesInstanceUid: '1.9', instances: ['1.1', '1.2', '1.3'] },
      { seriesInstanceUid: '1.10', instances: [] },
    ],
  })
  t.end()
})

t.test('step: discontinued, with the code of the reason', (t) => {
  const reason: IdentifierElement = [
    0x0040_0281,
    'SQ',
    [
      [
        [0x0008_0100, 'SH', '110514'],
        [0x0008_0102, 'SH', 'DCM'],
      ],
    ],
  ]
  const step = taken(setStep(begun, said([[0x0040_0252, 'CS', 'DISCONTINUED'], reason])))
  t.match(step, { state: 'discontinued', discontinuationCode: '110514^DCM' })
  t.end()
})

t.test('step: an N-SET that says IN PROGRESS, or no status, and nothing of the patient', (t) => {
  const [series] = completed.slice(-1)
  if (series === undefined) throw new Error('expected series')
  for (const more of [[], [[0x0040_0252, 'CS', 'IN PROGRESS']]] as const) {
    const step = taken(setStep(begun, said([...more, series])))
    t.match(step, { state: 'in-progress', accessionNumber: 'VAN02-17' })
    t.equal(step.series.length, 2)
    t.equal(taken(setStep(step, said([]))).series.length, 2, 'what is not said stands')
  }
  t.end()
})

t.test('step: after a final state nothing is taken, with the error id of the standard', (t) => {
  for (const status of ['COMPLETED', 'DISCONTINUED']) {
    const final = taken(setStep(begun, said([[0x0040_0252, 'CS', status]])))
    for (const elements of [completed, [], [[0x0040_0252, 'CS', 'IN PROGRESS']] as const]) {
      t.match(setStep(final, said(elements)), {
        kind: 'refused',
        refusal: { status: 0x0110, errorId: 0xa710 },
      })
    }
  }
  t.end()
})

t.test('step: one that was given up still takes its end', (t) => {
  const abandoned: PerformedStep = { ...begun, state: 'abandoned' }
  t.equal(taken(setStep(abandoned, said(completed))).state, 'completed')
  t.end()
})

t.test('step: twice begun, never begun, and a status that is none', (t) => {
  t.match(beginStep(begun, names, said(create)), { refusal: { status: 0x0111 } })
  t.match(setStep(null, said(completed)), { refusal: { status: 0x0112 } })
  const wrong = said([[0x0040_0252, 'CS', 'COMPLETED']])
  t.match(beginStep(null, names, wrong), { refusal: { status: 0x0106 } })
  const odd = said([[0x0040_0252, 'CS', 'toString']])
  t.match(setStep(begun, odd), { refusal: { status: 0x0106 } })
  t.end()
})

t.test('step: an examination that nobody scheduled', (t) => {
  const empty: IdentifierElement = [
    0x0040_0270,
    'SQ',
    [
      [
        [0x0008_0050, 'SH', ''],
        [0x0020_000d, 'UI', '1.2.9'],
      ],
    ],
  ]
  const step = taken(beginStep(null, names, said([empty])))
  t.match(step, { accessionNumber: '', studyInstanceUid: '1.2.9' })
  t.strictSame(step.findings, ['unscheduled', 'status-missing'])
  const later = taken(setStep(step, said([scheduled])))
  t.match(later, { accessionNumber: 'VAN02-17', studyInstanceUid: '1.2.9' })
  t.strictSame(later.findings, ['status-missing'])
  t.end()
})

t.test('step: several orders, UIDs that are none, times in old and impossible forms', (t) => {
  const several: IdentifierElement = [
    0x0040_0270,
    'SQ',
    ['A-1', 'A-2'].map((accession) => [
      [0x0008_0050, 'SH', accession],
      [0x0020_000d, 'UI', '../study'],
    ]),
  ]
  const start = (date: string, time: string): readonly IdentifierElement[] => [
    [0x0040_0244, 'DA', date],
    [0x0040_0245, 'TM', time],
  ]
  const step = taken(beginStep(null, names, said([...start('2026.02.14', '09:15:00'), several])))
  t.match(step, { accessionNumber: 'A-1', studyInstanceUid: '', startedText: '20260214091500' })
  t.strictSame(step.findings, ['status-missing', 'several-orders', 'uid-invalid'])
  const impossible = [start('20260214', ''), start('', '0915'), start('yesterday', 'noon')]
  t.strictSame(
    impossible.map((elements) => said(elements).startedText),
    [null, null, null],
  )
  t.end()
})

t.test('step: more series and instances than a record holds are cut, and said so', (t) => {
  const uid = (index: number): string => `1.2.840.${String(index).padStart(56, '1')}`
  const uids = Array.from({ length: instancesMax + 10 }, (_, index) => uid(index))
  const many = uids.map((one): readonly IdentifierElement[] => [[0x0020_000e, 'UI', one]])
  for (const series of [
    many,
    [
      [
        [0x0008_1140, 'SQ', instances(...uids)],
        [0x0020_000e, 'UI', '1.2'],
      ],
    ] as const,
  ]) {
    const step = taken(setStep(begun, said([[0x0040_0340, 'SQ', series]])))
    t.strictSame(step.findings, ['series-cut'])
    const bytes = JSON.stringify(step).length
    t.ok(bytes > 15_000 && bytes < recordLimitBytes - 10_000, String(bytes))
  }
  t.end()
})

t.test('step: an N-GET is answered with what is known, or with what is wanted of it', (t) => {
  const step = taken(setStep(begun, said(completed)))
  for (const syntax of [implicitLittle, explicitLittle]) {
    const again = said([], syntax)
    t.ok(again)
    const read = decodeStep(encodeStep(step, null, syntax), syntax)
    t.match(read, {
      status: 'COMPLETED',
      accessionNumber: 'VAN02-17',
      startedText: '20260214091500',
      endedText: '20260214092200',
      series: step.series,
    })
    const wanted = encodeStep(step, new Set([0x0040_0252]), syntax)
    const dataSet = readDataSet(wanted, syntax, new Set([0x0040_0340]))
    t.ok(dataSet.ok)
    if (!dataSet.ok) continue
    t.equal(textIn(dataSet.value, 0x0040_0252), 'COMPLETED')
    t.strictSame([...dataSet.value.elements.keys()], [0x0040_0252])
    t.strictSame(itemsIn(dataSet.value, 0x0040_0340), [])
  }
  const abandoned = decodeStep(
    encodeStep({ ...begun, state: 'abandoned' }, null, implicitLittle),
    implicitLittle,
  )
  t.equal(abandoned?.status, 'IN PROGRESS', 'giving up is no word of the modality')
  t.end()
})

t.test('step: bytes that are no data set are none, and no cut of one throws', (t) => {
  t.equal(decodeStep(Uint8Array.of(1, 2, 3), implicitLittle), null)
  const bytes = encodeIdentifier(completed, explicitLittle)
  for (let cut = 0; cut < bytes.length; cut++) {
    decodeStep(bytes.subarray(0, cut), explicitLittle)
  }
  t.end()
})
