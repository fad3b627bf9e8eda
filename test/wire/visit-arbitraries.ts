/** Every record of the stream of visits that the wire allows, for properties. */
import * as fc from 'fast-check'
import type { Stamped, Words } from '../../protocols/packet/record.ts'
import type { VisitRecord, VisitRecordKind } from '../../protocols/packet/visit-records.ts'

/** What these records have in common with the others. */
interface Parts {
  readonly stamps: { [K in keyof Stamped]: fc.Arbitrary<Stamped[K]> }
  /** Of a device. */
  readonly name: fc.Arbitrary<string>
  readonly uuid: fc.Arbitrary<string>
  readonly words: fc.Arbitrary<Words>
  readonly code: fc.Arbitrary<string>
  readonly label: fc.Arbitrary<string>
  readonly finite: fc.Arbitrary<number>
}

const shortText = fc.stringMatching(/^[!-~](?:[ -~]{0,14}[!-~])?$/)
const day = fc.stringMatching(/^\d{4}-\d{2}-\d{2}$/)

export function visitArbitraries({ stamps, name, uuid, words, code, label, finite }: Parts): {
  readonly [K in VisitRecordKind]: fc.Arbitrary<Extract<VisitRecord, { kind: K }>>
} {
  const someone = label.filter((text) => text !== '')
  const findings = fc.array(code, { maxLength: 3 })
  return {
    patient: fc.record({
      ...stamps,
      kind: fc.constant('patient' as const),
      patient: uuid,
      patientId: shortText,
      name: someone,
      nik: fc.option(fc.stringMatching(/^\d{16}$/)),
      birthDate: fc.option(day),
      sex: fc.constantFrom('M', 'F', 'O', null),
      otherIds: words,
      by: someone,
    }),
    visit: fc.record({
      ...stamps,
      kind: fc.constant('visit' as const),
      visit: uuid,
      patient: uuid,
      state: fc.constantFrom('open', 'closed', 'cancelled'),
      devices: fc.array(name, { maxLength: 4 }),
      openedUtcMs: fc.option(finite),
      by: someone,
      reason: label,
    }),
    order: fc.record({
      ...stamps,
      kind: fc.constant('order' as const),
      order: uuid,
      visit: uuid,
      accessionNumber: shortText,
      studyInstanceUid: fc.stringMatching(/^[0-9.]{1,64}$/),
      modality: shortText,
      description: label,
      code: fc.option(fc.record({ value: code, scheme: code, meaning: label })),
      stationAeTitle: fc.option(shortText),
      requestedBy: label,
      scheduledUtcMs: fc.option(finite),
      state: fc.constantFrom('scheduled', 'in-progress', 'completed', 'discontinued', 'cancelled'),
      reason: label,
      otherIds: words,
      by: someone,
    }),
    identity: fc.record({
      ...stamps,
      kind: fc.constant('identity' as const),
      of: fc.stringMatching(/^[0-9a-f]{64}$/),
      sopInstanceUid: code,
      state: fc.constantFrom('waiting', 'matched', 'accepted', 'coerced', 'refused'),
      visit: fc.option(uuid),
      order: fc.option(uuid),
      coerced: fc.option(
        fc.record({
          sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
          sizeBytes: fc.integer({ min: 1 }),
          studyInstanceUid: fc.option(code),
          seriesInstanceUid: fc.option(code),
        }),
      ),
      findings,
      by: someone,
      reason: label,
    }),
    procedure: fc.record({
      ...stamps,
      kind: fc.constant('procedure' as const),
      sopInstanceUid: code,
      device: name,
      state: fc.constantFrom('in-progress', 'completed', 'discontinued', 'abandoned'),
      order: fc.option(uuid),
      accessionNumber: label,
      studyInstanceUid: label,
      modality: label,
      startedText: label,
      endedText: label,
      series: fc.array(
        fc.record({ seriesInstanceUid: code, instances: fc.array(code, { maxLength: 3 }) }),
        { maxLength: 3 },
      ),
      discontinuationCode: label,
      findings,
      by: someone,
    }),
  }
}
