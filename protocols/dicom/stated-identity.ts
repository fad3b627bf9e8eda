/**
 * What an image says about whose it is. Source: PS3.3 sections C.7.1.1, C.7.2.1, C.7.3.1.1.
 * All of it is data of a patient: not for logs, notes and file names.
 */
import { characterSetOf, decodeText } from './character-set.ts'
import { trimPadding } from './text.ts'

/** null: absent or empty. As the image has it otherwise, not checked. */
export interface StatedIdentity {
  readonly patientId: string | null
  /** With carets and equals signs. */
  readonly patientName: string | null
  readonly birthDate: string | null
  readonly sex: string | null
  readonly accessionNumber: string | null
  /** Of the first item of the Request Attributes Sequence, like all below. */
  readonly requestedAccessionNumber: string | null
  readonly requestedProcedureId: string | null
  readonly scheduledStepId: string | null
}

/** Written as `group << 16 | element`. */
export const identityTags = {
  specificCharacterSet: 0x0008_0005,
  accessionNumber: 0x0008_0050,
  patientName: 0x0010_0010,
  patientId: 0x0010_0020,
  birthDate: 0x0010_0030,
  sex: 0x0010_0040,
} as const

export const requestAttributesTag = 0x0040_0275

/** In an item of the Request Attributes Sequence. */
export const requestTags = {
  accessionNumber: 0x0008_0050,
  scheduledStepId: 0x0040_0009,
  requestedProcedureId: 0x0040_1001,
} as const

export const nobody: StatedIdentity = {
  patientId: null,
  patientName: null,
  birthDate: null,
  sex: null,
  accessionNumber: null,
  requestedAccessionNumber: null,
  requestedProcedureId: null,
  scheduledStepId: null,
}

type Values = ReadonlyMap<number, Uint8Array>

/** `values` by their tags, and those of the first item of the Request Attributes Sequence. */
export function statedIdentity(values: Values, request: Values): StatedIdentity {
  const named = values.get(identityTags.specificCharacterSet)
  const set = characterSetOf(named === undefined ? null : decodeText(named, 'ascii'))
  const read = (from: Values, tag: number): string | null => {
    const bytes = from.get(tag)
    const text = bytes === undefined ? '' : trimPadding(decodeText(bytes, set))
    return text === '' ? null : text
  }
  return {
    patientId: read(values, identityTags.patientId),
    patientName: read(values, identityTags.patientName),
    birthDate: read(values, identityTags.birthDate),
    sex: read(values, identityTags.sex),
    accessionNumber: read(values, identityTags.accessionNumber),
    requestedAccessionNumber: read(request, requestTags.accessionNumber),
    requestedProcedureId: read(request, requestTags.requestedProcedureId),
    scheduledStepId: read(request, requestTags.scheduledStepId),
  }
}
