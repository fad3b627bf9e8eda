/** Fuzz runs of services whose requests begin with N: their data sets, and whole conversations. */
import { joinBytes } from '../../protocols/bytes/bytes.ts'
import { commandFields } from '../../protocols/dicom/command-set.ts'
import { commitmentService } from '../../protocols/dicom/commitment-service.ts'
import {
  commitmentInstanceUid,
  commitmentRequestIn,
  commitmentUid,
  decodeCommitmentReport,
  encodeCommitmentReport,
  encodeCommitmentRequest,
  referenceSequences,
} from '../../protocols/dicom/commitment.ts'
import { readDataSet } from '../../protocols/dicom/data-set.ts'
import { encodeIdentifier, type IdentifierElement } from '../../protocols/dicom/identifier.ts'
import {
  beginStep,
  encodeStep,
  procedureStepUid,
  setStep,
  stepIn,
  stepSequences,
  type PerformedStep,
} from '../../protocols/dicom/performed-procedure.ts'
import { procedureService } from '../../protocols/dicom/procedure-service.ts'
import { Requestor } from '../../protocols/dicom/requestor.ts'
import { explicitBig, explicitLittle, implicitLittle } from '../../protocols/dicom/uids.ts'
import { recordLimitBytes } from '../../protocols/packet/limits.ts'
import { decoder, type Codec, type Reading } from '../codec.ts'
import { FakeHost } from './fake-host.ts'

const natives = [implicitLittle, explicitLittle, explicitBig]

const items = (...uids: readonly string[]): readonly (readonly IdentifierElement[])[] =>
  uids.map((uid) => [
    [0x0008_1150, 'UI', '1.2.840.10008.5.1.4.1.1.6.1'],
    [0x0008_1155, 'UI', uid],
  ])

const begin: readonly IdentifierElement[] = [
  [0x0008_0060, 'CS', 'US'],
  [0x0040_0244, 'DA', '20260214'],
  [0x0040_0245, 'TM', '091500'],
  [0x0040_0252, 'CS', 'IN PROGRESS'],
  [
    0x0040_0270,
    'SQ',
    [
      [
        [0x0008_0050, 'SH', 'VAN02-17'],
        [0x0020_000d, 'UI', '2.25.7'],
      ],
    ],
  ],
]

const end: readonly IdentifierElement[] = [
  [0x0040_0250, 'DA', '20260214'],
  [0x0040_0251, 'TM', '0922'],
  [0x0040_0252, 'CS', 'DISCONTINUED'],
  [
    0x0040_0281,
    'SQ',
    [
      [
        [0x0008_0100, 'SH', '110514'],
        [0x0008_0102, 'SH', 'DCM'],
      ],
    ],
  ],
  [
    0x0040_0340,
    'SQ',
    [
      [
        [0x0008_1140, 'SQ', items('1.1', '1.2')],
        [0x0020_000e, 'UI', '1.9'],
        [0x0040_0220, 'SQ', items('1.3')],
      ],
    ],
  ],
]

const step: PerformedStep = {
  sopInstanceUid: '1.2.3',
  device: 'us-1',
  state: 'in-progress',
  accessionNumber: '',
  studyInstanceUid: '',
  modality: '',
  startedText: '',
  endedText: '',
  series: [],
  discontinuationCode: '',
  findings: [],
}

/** Whatever a modality says, the record of it fits, and can be told again. */
function takeStep(bytes: Uint8Array): { readonly ok: boolean } {
  let ok = false
  for (const syntax of natives) {
    const dataSet = readDataSet(bytes, syntax, stepSequences)
    if (!dataSet.ok) continue
    const said = stepIn(dataSet.value)
    for (const answer of [beginStep(null, step, said), setStep(step, said)]) {
      if (answer.kind !== 'taken') continue
      const { length } = JSON.stringify(answer.step)
      if (length > recordLimitBytes) throw new Error(`a step of ${length} bytes`)
      encodeStep(answer.step, null, syntax)
      ok = true
    }
  }
  return { ok }
}

const instances = ['1.2.3', '1.2.4'].map((sopInstanceUid) => ({
  sopClassUid: '1.2.840.10008.5.1.4.1.1.6.1',
  sopInstanceUid,
}))

function readReferences(bytes: Uint8Array): { readonly ok: boolean } {
  const found = natives.flatMap((syntax) => {
    const dataSet = readDataSet(bytes, syntax, referenceSequences)
    const request = dataSet.ok && commitmentRequestIn(dataSet.value).ok
    return [request, decodeCommitmentReport(bytes, syntax).ok]
  })
  return { ok: found.includes(true) }
}

function references(): readonly Uint8Array[] {
  const failed = instances.map((instance) => ({ ...instance, reason: 0x0112 }))
  return natives.flatMap((syntax) => [
    encodeCommitmentRequest('2.25.7', instances, syntax),
    encodeCommitmentReport({ transactionUid: '2.25.7', kept: instances, failed }, syntax),
  ])
}

const services = [procedureService({ newUid: () => '2.25.99' }), commitmentService]

function conversations(): readonly Uint8Array[] {
  const requestor = new Requestor({
    callingAeTitle: 'CART_1',
    calledAeTitle: 'SIMPUL',
    contexts: [
      { id: 1, abstractSyntax: procedureStepUid, transferSyntaxes: [explicitLittle] },
      { id: 3, abstractSyntax: commitmentUid, transferSyntaxes: [implicitLittle] },
    ],
  })
  const associate = requestor.associate()
  const requested = {
    requestedSopClassUid: procedureStepUid,
    requestedSopInstanceUid: step.sopInstanceUid,
  }
  const create = requestor.request(
    1,
    {
      field: commandFields.nCreate,
      sopClassUid: procedureStepUid,
      sopInstanceUid: step.sopInstanceUid,
    },
    encodeIdentifier(begin, explicitLittle),
  )
  const set = requestor.request(
    1,
    { field: commandFields.nSet, ...requested },
    encodeIdentifier(end, explicitLittle),
  )
  const get = requestor.request(1, { field: commandFields.nGet, ...requested }, null)
  const action = requestor.request(
    3,
    {
      field: commandFields.nAction,
      requestedSopClassUid: commitmentUid,
      requestedSopInstanceUid: commitmentInstanceUid,
      actionType: 1,
    },
    encodeCommitmentRequest('2.25.7', instances, implicitLittle),
  )
  return [
    joinBytes(associate, create, set, get, requestor.release()),
    joinBytes(associate, action, create, requestor.abort()),
  ]
}

/** An association whose host takes everything, and knows one step. */
function beginConversation(): Reading {
  const host = new FakeHost({ services })
  let answered = 0
  return (bytes) => {
    if (bytes === null) {
      if (!host.closed) host.do(host.acceptor.peerEnded())
      return 0
    }
    if (host.closed) return 0
    host.receive(bytes)
    const before = answered
    for (let asked = host.asked[answered]; asked !== undefined; asked = host.asked[answered]) {
      answered++
      const isGet = asked.question.kind === 'step-get'
      host.answer(asked.task, isGet ? { kind: 'step', step } : { kind: 'stored' })
    }
    return answered - before
  }
}

export const normalisedCodecs: readonly Codec[] = [
  {
    name: 'dicom/normalised',
    takes: 'stream',
    samples: conversations,
    begin: beginConversation,
  },
  decoder('dicom/step', takeStep, () =>
    natives.flatMap((syntax) => [encodeIdentifier(begin, syntax), encodeIdentifier(end, syntax)]),
  ),
  decoder('dicom/references', readReferences, references),
]
