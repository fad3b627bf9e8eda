/** Entries of a worklist, and what a modality says to get them. */
import { readDataSet, type DataSet } from '../../protocols/dicom/data-set.ts'
import { encodeIdentifier, type IdentifierElement } from '../../protocols/dicom/identifier.ts'
import { Requestor, type RequestorEvent } from '../../protocols/dicom/requestor.ts'
import { explicitLittle, implicitLittle } from '../../protocols/dicom/uids.ts'
import { worklistSequences } from '../../protocols/dicom/worklist-attributes.ts'
import { worklistUid, type WorklistEntry } from '../../protocols/dicom/worklist.ts'
import { commandFields, encodeCommandSet } from '../../protocols/dicom/command-set.ts'
import { encodeMessage } from '../../protocols/dicom/message.ts'

export function entry(changes: Partial<WorklistEntry> = {}): WorklistEntry {
  return {
    accessionNumber: 'VAN02-000017-1',
    patientName: 'Surya^Dewi',
    patientId: 'VAN02-000017',
    otherPatientIds: [],
    birthDate: '19890623',
    sex: 'F',
    weightKg: null,
    pregnancy: null,
    medicalAlerts: null,
    allergies: null,
    studyInstanceUid: '2.25.17',
    requestedProcedureId: 'RP17',
    requestedProcedureDescription: 'Antenatal ultrasound',
    code: null,
    priority: null,
    referringPhysician: null,
    requestingPhysician: null,
    admissionId: null,
    patientLocation: null,
    comments: null,
    stationAeTitle: null,
    stationName: null,
    modality: 'US',
    scheduledStart: { date: '20260212', time: '093000' },
    stepId: 'SPS17',
    stepDescription: null,
    performingPhysician: null,
    ...changes,
  }
}

/** So many, each with a number of its own. */
export function entries(count: number): readonly WorklistEntry[] {
  return Array.from({ length: count }, (_, at) =>
    entry({ accessionNumber: `A${at}`, patientId: `P${at}`, studyInstanceUid: `2.25.${at}` }),
  )
}

/** What most modalities ask for. */
export const usualKeys: readonly IdentifierElement[] = [
  [0x0008_0050, 'SH', ''],
  [0x0010_0010, 'PN', ''],
  [0x0010_0020, 'LO', ''],
  [0x0020_000d, 'UI', ''],
  [0x0040_0100, 'SQ', []],
  [0x0040_1001, 'SH', ''],
]

/** A modality that has proposed the worklist: context 1 in explicit, 3 in implicit encoding. */
export function asker(callingAeTitle = 'US_1'): Requestor {
  return new Requestor({
    callingAeTitle,
    calledAeTitle: 'SIMPUL',
    contexts: [
      { id: 1, abstractSyntax: worklistUid, transferSyntaxes: [explicitLittle] },
      { id: 3, abstractSyntax: worklistUid, transferSyntaxes: [implicitLittle] },
    ],
  })
}

const find = { field: commandFields.find, sopClassUid: worklistUid, priority: 0 } as const

export function findRequest(
  requestor: Requestor,
  keys: readonly IdentifierElement[] | Uint8Array = usualKeys,
  contextId = 1,
): Uint8Array {
  const syntax = syntaxOf(contextId)
  const dataSet = keys instanceof Uint8Array ? keys : encodeIdentifier(keys, syntax)
  return requestor.request(contextId, find, dataSet)
}

/** `messageId` of the request that is called off: the first of a requestor has 1. */
export function cancelRequest(messageId: number, contextId = 1): Uint8Array {
  const { cancel } = commandFields
  const command = encodeCommandSet({ field: cancel, respondedTo: messageId, hasDataSet: false })
  return encodeMessage({ contextId, command, dataSet: null, peerMaxPduBytes: 0 })
}

export function statusesIn(events: readonly RequestorEvent[]): readonly (number | null)[] {
  return events.flatMap((event) => (event.kind === 'response' ? [event.command.status] : []))
}

/** The data sets of the answers, in explicit or implicit encoding by their context. */
export function answersIn(events: readonly RequestorEvent[]): readonly DataSet[] {
  return events.flatMap((event) => {
    if (event.kind !== 'response' || event.dataSet === null) return []
    const dataSet = readDataSet(event.dataSet, syntaxOf(event.contextId), worklistSequences)
    if (!dataSet.ok) throw new Error(dataSet.reason)
    return [dataSet.value]
  })
}

function syntaxOf(contextId: number): string {
  return contextId === 3 ? implicitLittle : explicitLittle
}
