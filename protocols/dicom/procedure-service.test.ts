import t from 'tap'
import { Normalised, shown } from '../../test/dicom/normalised.ts'
import { commandFields } from './command-set.ts'
import { encodeIdentifier, type IdentifierElement } from './identifier.ts'
import {
  procedureStepRetrieveUid,
  procedureStepUid,
  stepIn,
  stepSequences,
  type PerformedStep,
} from './performed-procedure.ts'
import { procedureService } from './procedure-service.ts'
import { readDataSet } from './data-set.ts'
import { explicitLittle } from './uids.ts'

const services = [procedureService({ newUid: () => '2.25.99' })]
const uid = '1.2.3.4'
const begin: readonly IdentifierElement[] = [
  [0x0008_0060, 'CS', 'US'],
  [0x0040_0252, 'CS', 'IN PROGRESS'],
]
const beginning = encodeIdentifier(begin, explicitLittle)
const completed = encodeIdentifier([[0x0040_0252, 'CS', 'COMPLETED']], explicitLittle)
const create = { field: commandFields.nCreate, sopClassUid: procedureStepUid }
const set = {
  field: commandFields.nSet,
  requestedSopClassUid: procedureStepUid,
  requestedSopInstanceUid: uid,
}

function modality(abstractSyntax = procedureStepUid): Normalised {
  return new Normalised(services, abstractSyntax)
}

t.test('steps: a beginning is answered when the host has kept it', (t) => {
  const device = modality()
  t.match(device.send({ ...create, sopInstanceUid: uid }, beginning), {
    kind: 'step-begin',
    sopInstanceUid: uid,
    said: { status: 'IN PROGRESS', modality: 'US' },
  })
  t.equal(device.heard(), null, 'not before')
  t.strictSame(shown(device.answer({ kind: 'stored' })), {
    status: 0,
    comment: null,
    sopClassUid: procedureStepUid,
    sopInstanceUid: uid,
  })
  t.end()
})

t.test('steps: a modality that names nothing hears the name that we gave', (t) => {
  const response = modality().ask(create, beginning, { kind: 'stored' })
  t.match(shown(response), { status: 0, sopInstanceUid: '2.25.99' })
  t.equal(response?.dataSet, null)
  t.end()
})

t.test('steps: what the host refuses is said with its error id', (t) => {
  const comment = 'Performed Procedure Step Object may no longer be updated'
  const answer = { kind: 'failed', status: 0x0110, errorId: 0xa710, comment } as const
  const response = modality().ask(set, completed, answer)
  t.match(shown(response), { status: 0x0110, comment, sopInstanceUid: uid })
  t.strictSame(response?.command.values.get(0x0903), Uint8Array.of(0x10, 0xa7))
  t.end()
})

t.test('steps: an N-SET in the other context, in the other encoding', (t) => {
  const implicit = encodeIdentifier([[0x0040_0252, 'CS', 'DISCONTINUED']], '1.2.840.10008.1.2')
  t.match(modality().send(set, implicit, 3), { kind: 'step-set', said: { status: 'DISCONTINUED' } })
  t.end()
})

t.test('steps: names that are none, no attributes, and bytes that are no data set', (t) => {
  const statuses = [
    modality().ask({ ...create, sopInstanceUid: '../x' }, beginning, { kind: 'stored' }),
    modality().ask({ field: commandFields.nSet }, completed, { kind: 'stored' }),
    modality().ask({ ...create, sopInstanceUid: uid }, null, { kind: 'stored' }),
    modality().ask(set, Uint8Array.of(1, 2, 3), { kind: 'stored' }),
    modality().ask(set, new Uint8Array(3_000_000), { kind: 'stored' }),
    modality().ask({ ...set, field: commandFields.nDelete }, null, { kind: 'stored' }),
  ].map((response) => response?.command.status)
  t.strictSame(statuses, [0x0117, 0x0117, 0x0120, 0x0110, 0x0213, 0x0211])
  t.end()
})

const step: PerformedStep = {
  sopInstanceUid: uid,
  device: 'us-1',
  state: 'completed',
  accessionNumber: 'A-1',
  studyInstanceUid: '2.25.7',
  modality: 'US',
  startedText: '20260214091500',
  endedText: '20260214092200',
  series: [{ seriesInstanceUid: '1.9', instances: ['1.1'] }],
  discontinuationCode: '',
  findings: [],
}

t.test('steps: an N-GET is answered with what is known', (t) => {
  const get = { ...set, field: commandFields.nGet }
  for (const syntax of [procedureStepUid, procedureStepRetrieveUid]) {
    const device = modality(syntax)
    t.match(device.send(get, null), { kind: 'step-get', sopInstanceUid: uid })
    const response = device.answer({ kind: 'step', step })
    t.match(shown(response), { status: 0, sopClassUid: syntax })
    const read = readDataSet(response?.dataSet ?? new Uint8Array(), explicitLittle, stepSequences)
    t.match(read.ok && stepIn(read.value), {
      status: 'COMPLETED',
      accessionNumber: 'A-1',
      series: step.series,
    })
    const none = { kind: 'failed', status: 0x0112, comment: 'not known' } as const
    t.match(shown(device.ask(get, null, none)), { status: 0x0112 })
  }
  const retrieving = modality(procedureStepRetrieveUid)
  t.equal(retrieving.ask(set, completed, { kind: 'stored' })?.command.status, 0x0211)
  t.end()
})
