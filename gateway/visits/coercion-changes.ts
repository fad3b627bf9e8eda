/**
 * What is written into an image that a person has assigned to an order. Source: PS3.3 sections
 * C.7.1.1, C.7.2.1, C.7.3.1.1.1 and 10.6, PS3.4 section B.4.1.3.
 *
 * The Study Instance UID of the device stays: its other objects, its performed procedure step and
 * its request for commitment name the study by it. Only where another patient's images have it
 * already it gives way to that of the order, since an archive makes one study of one patient of it;
 * and then the series gets a UID of its own, because a series belongs to one study.
 */
import type { Change } from '../../protocols/dicom/coercion.ts'
import { newUid } from '../../protocols/dicom/new-uid.ts'
import { requestAttributesTag, requestTags } from '../../protocols/dicom/stated-identity.ts'
import type { Finding, OrderOnBoard } from './identity.ts'
import type { ImageFacts } from './image-identities.ts'

export interface Coercion {
  readonly changes: readonly Change[]
  readonly studyInstanceUid: string | null
  readonly seriesInstanceUid: string | null
}

/** Numbers, names and addresses of whoever the device took the patient for. */
const ofSomebodyElse: readonly number[] = [
  // IssuerOfPatientIDQualifiersSequence, OtherPatientIDs, OtherPatientNames.
  0x0010_0024, 0x0010_1000, 0x0010_1001,
  // OtherPatientIDsSequence, PatientBirthName, PatientAddress.
  0x0010_1002, 0x0010_1005, 0x0010_1040,
  // PatientMotherBirthName, PatientTelephoneNumbers, PatientTelecomInformation.
  0x0010_1060, 0x0010_2154, 0x0010_2155,
]
const issuerOfAccessionTag = 0x0008_0051

/**
 * `issuer`: who gives the numbers of patients in this van. `hash`: SHA-256 of a text, from which
 * every image of a series gets the same new series.
 */
export function coercionOf(
  image: ImageFacts,
  order: OrderOnBoard,
  findings: readonly Finding[],
  { issuer, hash }: { readonly issuer: string; readonly hash: (text: string) => Uint8Array },
): Coercion {
  const { said } = image
  const has = (...some: readonly Finding[]) => some.some((finding) => findings.includes(finding))
  const isSomebodyElse = has('patient-id-differs', 'name-differs')
  const changes: Change[] = [
    { tag: 0x0008_0050, representation: 'SH', text: order.accessionNumber },
    { tag: 0x0010_0020, representation: 'LO', text: order.patientId },
  ]
  if (said.accessionNumber !== order.accessionNumber) {
    changes.push({ tag: issuerOfAccessionTag, removed: true })
  }
  if (said.patientId !== order.patientId) {
    changes.push({ tag: 0x0010_0021, representation: 'LO', text: issuer })
  }
  // A name that says the same in another way stays as the device wrote it.
  if (said.patientName === null || isSomebodyElse) {
    changes.push({ tag: 0x0010_0010, representation: 'PN', text: order.patientName })
  }
  const birthDate = order.birthDate?.replaceAll('-', '') ?? null
  if (birthDate !== null || isSomebodyElse) {
    changes.push({ tag: 0x0010_0030, representation: 'DA', text: birthDate ?? '' })
  }
  if (order.sex !== null || isSomebodyElse) {
    changes.push({ tag: 0x0010_0040, representation: 'CS', text: order.sex ?? '' })
  }
  if (isSomebodyElse) {
    changes.push(...ofSomebodyElse.map((tag) => ({ tag, removed: true }) as const))
  }
  if (namesAnotherRequest(image, order)) changes.push(requestOf(order))
  if (!has('study-of-another-patient')) {
    const { studyInstanceUid, seriesInstanceUid } = image
    return { changes, studyInstanceUid, seriesInstanceUid }
  }
  const studyInstanceUid = order.studyInstanceUid
  changes.push({ tag: 0x0020_000d, representation: 'UI', text: studyInstanceUid })
  if (image.seriesInstanceUid === null)
    return { changes, studyInstanceUid, seriesInstanceUid: null }
  const seed = hash(`${studyInstanceUid} ${image.seriesInstanceUid}`)
  const seriesInstanceUid = newUid(seed.subarray(0, 16))
  changes.push({ tag: 0x0020_000e, representation: 'UI', text: seriesInstanceUid })
  return { changes, studyInstanceUid, seriesInstanceUid }
}

/** The worklist gives the accession number for all three. */
function namesAnotherRequest({ said }: ImageFacts, { accessionNumber }: OrderOnBoard): boolean {
  const { requestedAccessionNumber, requestedProcedureId, scheduledStepId } = said
  return [requestedAccessionNumber, requestedProcedureId, scheduledStepId].some(
    (id) => id !== null && id !== accessionNumber,
  )
}

function requestOf({ accessionNumber: text }: OrderOnBoard): Change {
  const representation = 'SH'
  return {
    tag: requestAttributesTag,
    item: [
      { tag: requestTags.accessionNumber, representation, text },
      { tag: requestTags.scheduledStepId, representation, text },
      { tag: requestTags.requestedProcedureId, representation, text },
    ],
  }
}
