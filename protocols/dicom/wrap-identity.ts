/** Whose a wrapped object is, and where it stands. Source: PS3.3 sections C.7.1 to C.7.5, C.12. */
import type { WrapDetails, WrapSubject } from './wrap-facts.ts'
import { number, text, type WrapElement } from './wrap-elements.ts'

export type Elements = readonly WrapElement[]

/** Patient and study: empty where nobody knows, since the standard wants them there. */
export function subjectElements(subject: WrapSubject): Elements {
  const { birthDate, sex, studyStart, studyDescription } = subject
  return [
    text(0x0008_0020, 'DA', studyStart?.date ?? ''),
    text(0x0008_0030, 'TM', studyStart?.time ?? ''),
    text(0x0008_0050, 'SH', subject.accessionNumber),
    text(0x0008_0090, 'PN', subject.referringPhysician ?? ''),
    ...(studyDescription === null ? [] : [text(0x0008_1030, 'LO', studyDescription)]),
    text(0x0010_0010, 'PN', subject.patientName),
    text(0x0010_0020, 'LO', subject.patientId),
    text(0x0010_0030, 'DA', birthDate === null ? '' : birthDate.replaceAll('-', '')),
    text(0x0010_0040, 'CS', sex ?? ''),
    text(0x0020_000d, 'UI', subject.studyInstanceUid),
    text(0x0020_0010, 'SH', subject.accessionNumber),
  ]
}

/** Series, equipment, and the instance itself. */
export function instanceElements(details: WrapDetails): Elements {
  const { takenAt, wrappedAt, timezone, description, station, software } = details
  return [
    ...(wrappedAt === null
      ? []
      : [text(0x0008_0012, 'DA', wrappedAt.date), text(0x0008_0013, 'TM', wrappedAt.time)]),
    text(0x0008_0023, 'DA', takenAt?.date ?? ''),
    text(0x0008_0033, 'TM', takenAt?.time ?? ''),
    text(0x0008_0070, 'LO', ''),
    ...(timezone === null ? [] : [text(0x0008_0201, 'SH', timezone)]),
    text(0x0008_1010, 'SH', station),
    ...(description === '' ? [] : [text(0x0008_103e, 'LO', description)]),
    text(0x0018_1020, 'LO', software),
    text(0x0020_000e, 'UI', details.seriesInstanceUid),
    number(0x0020_0011, 'IS', details.seriesNumber),
    number(0x0020_0013, 'IS', details.instanceNumber),
  ]
}
