/**
 * Files of electrocardiographs that write them into a folder: SCP-ECG, HL7 aECG, EDF, DICOM and the
 * XML of Philips, told apart by what is in them.
 *
 * The file is kept as it came. Its leads become a strip, and its numbers a measurement; what a
 * program or a physician says of the ECG stays in the file, because it may name the patient.
 */
import { decodeEcgFile } from '../protocols/ecg/file.ts'
import { ecgFileLimitBytes, type EcgRecording } from '../protocols/ecg/recording.ts'
import type { Words } from '../protocols/packet/record.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import type { Said } from './driver.ts'
import { measured, valueOf } from './measured.ts'
import { receiving, type Received } from './receiving.ts'

export const ecgFile = receiving({
  id: 'ecg-file',
  label: 'ECG files from a folder (SCP-ECG, HL7 aECG, EDF, DICOM, Philips XML)',
  source:
    'EN 1064:2005, HL7 aECG, EDF+ and DICOM PS3.3; files of Mortara, Welch Allyn, Philips and ' +
    'CU12R electrocardiographs. One ECG in three formats gives the same numbers in all of them',
  evidence: 'captured',
  confidence: 'high',
  links: [
    {
      kind: 'folder',
      endings: ['.scp', '.xml', '.edf', '.dcm'],
      limitBytes: ecgFileLimitBytes,
    },
  ],
  asks: 'nothing',
  waves: [],
  streams: ['document', 'waveform', 'measurement', 'event'],
  silentAfterMs: null,

  objectLimitBytes: ecgFileLimitBytes,
  read: readEcg,
})

function readEcg(bytes: Uint8Array): Received {
  const file = decodeEcgFile(bytes)
  if (!file.ok) return file
  const { format, recording } = file.value
  const document: Said = { kind: 'document', ...format, bytes }
  const said = recording.ok ? sayEcg(recording.value) : [notUnderstood(recording.reason)]
  return { ok: true, said: [document, ...said] }
}

/** Of a known format, and nevertheless not read: it is kept, and a person must look at it. */
function notUnderstood(reason: string): Said {
  return {
    kind: 'event',
    code: 'file-not-understood',
    level: 'warning',
    active: null,
    detail: { reason },
  }
}

function* sayEcg(ecg: EcgRecording): Generator<Said, void, undefined> {
  const { model, serialNumber, software } = ecg.device
  yield { kind: 'identity', model, serialNumber, firmware: software }
  for (const remark of ecg.remarks) {
    const detail = { remark }
    yield { kind: 'event', code: 'file-damaged', level: 'warning', active: null, detail }
  }
  // A beat that was computed from many is no recording of the heart, and stays in the file.
  for (const { kind, rate, leads, samples } of ecg.parts) {
    if (kind === 'rhythm') yield { kind: 'strip', wave: 'ecg', rate, leads, samples }
  }
  const { values, recordedAt, recordId, patientId } = ecg
  if (values.length === 0 && recordedAt === null) return
  yield measured(values.length === 0 ? [valueOf(terms.heartRate, null)] : values, {
    deviceTime: recordedAt,
    qualifiers: {
      ...ecg.qualifiers,
      ...interpretationOf(ecg),
      ...(recordId === null ? {} : { record: recordId.slice(0, wordMax) }),
    },
    identifiers: patientId === null ? {} : { patientId: patientId.slice(0, wordMax) },
  })
}

/** A text of a file may be as long as the file. */
const wordMax = 256

/** Only that there is one, and whether a physician confirmed it. */
function interpretationOf({ statements }: EcgRecording): Words {
  if (statements.texts.length === 0) return {}
  return { interpretation: statements.isConfirmed ? 'confirmed' : 'unconfirmed' }
}
