/** How each record of a visit is checked and written. */
import {
  code,
  day,
  deviceName,
  freeWords,
  hash,
  label,
  stamped,
  stamps,
  uuid,
} from './common-fields.ts'
import { list, nullable, number, oneOf, table, text, textThat, uint } from './fields.ts'
import {
  assignedMax,
  codeLimitBytes,
  findingsMax,
  instancesMax,
  labelLimitBytes,
  seriesMax,
} from './limits.ts'
import type {
  CodedTerm,
  CoercedFile,
  ImageIdentity,
  Order,
  Patient,
  PerformedSeries,
  Procedure,
  Visit,
} from './visit-records.ts'

const name = text(labelLimitBytes, 1)
const said = text(codeLimitBytes)
const findings = list(code, 0, findingsMax)

/** As patient ids, accession numbers and AE titles are: DICOM pads them with spaces. */
const shortText = textThat(
  (text) => /^[!-~](?:[ -~]{0,14}[!-~])?$/.test(text),
  '1 to 16 characters of ASCII without spaces at the ends',
)

const uid = textThat((text) => /^[0-9.]{1,64}$/.test(text), '1 to 64 digits and points')

export const patient = stamped<Patient>({
  kind: oneOf(['patient']),
  ...stamps,
  patient: uuid,
  patientId: shortText,
  name,
  nik: nullable(textThat((nik) => /^\d{16}$/.test(nik), '16 digits')),
  birthDate: nullable(day),
  sex: nullable(oneOf(['M', 'F', 'O'])),
  otherIds: freeWords,
  by: name,
})

export const visit = stamped<Visit>({
  kind: oneOf(['visit']),
  ...stamps,
  visit: uuid,
  patient: uuid,
  state: oneOf(['open', 'closed', 'cancelled']),
  devices: list(deviceName, 0, assignedMax),
  openedUtcMs: nullable(number()),
  by: name,
  reason: label,
})

export const order = stamped<Order>({
  kind: oneOf(['order']),
  ...stamps,
  order: uuid,
  visit: uuid,
  accessionNumber: shortText,
  studyInstanceUid: uid,
  modality: shortText,
  description: label,
  code: nullable(table<CodedTerm>({ value: code, scheme: code, meaning: label })),
  stationAeTitle: nullable(shortText),
  requestedBy: label,
  scheduledUtcMs: nullable(number()),
  state: oneOf(['scheduled', 'in-progress', 'completed', 'discontinued', 'cancelled']),
  reason: label,
  otherIds: freeWords,
  by: name,
})

export const identity = stamped<ImageIdentity>({
  kind: oneOf(['identity']),
  ...stamps,
  of: hash,
  // As the image's own record has it, which need not be a good UID.
  sopInstanceUid: code,
  state: oneOf(['waiting', 'matched', 'accepted', 'coerced', 'refused']),
  visit: nullable(uuid),
  order: nullable(uuid),
  coerced: nullable(
    table<CoercedFile>({
      sha256: hash,
      sizeBytes: uint(1),
      studyInstanceUid: nullable(code),
      seriesInstanceUid: nullable(code),
    }),
  ),
  findings,
  by: name,
  reason: label,
})

export const procedure = stamped<Procedure>({
  kind: oneOf(['procedure']),
  ...stamps,
  sopInstanceUid: code,
  device: deviceName,
  state: oneOf(['in-progress', 'completed', 'discontinued', 'abandoned']),
  order: nullable(uuid),
  accessionNumber: said,
  studyInstanceUid: said,
  modality: said,
  startedText: said,
  endedText: said,
  series: list(
    table<PerformedSeries>({ seriesInstanceUid: code, instances: list(code, 0, instancesMax) }),
    0,
    seriesMax,
  ),
  discontinuationCode: said,
  findings,
  by: name,
})
