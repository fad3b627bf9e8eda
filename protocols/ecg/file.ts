/** Which format a file of an ECG has, by what is in it and never by its name; and what it says. */
import { latin1Text } from '../bytes/bytes.ts'
import { aecgNamespace, aecgOf, aecgRoot } from '../aecg/decode.ts'
import { decodeDicomEcg } from '../dicom-waveform/waveform.ts'
import { decodeEdfEcg } from '../edf/ecg.ts'
import { looksLikeEdf } from '../edf/header.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { decodeScp } from '../scp-ecg/scp-ecg.ts'
import { looksLikeScp } from '../scp-ecg/sections.ts'
import { sierraOf, sierraRoot } from '../sierra-xml/sierra.ts'
import { parseXml } from '../xml/xml.ts'
import { ecgFileLimitBytes, type EcgRecording } from './recording.ts'

export interface EcgFormat {
  /** What it is, in the words of the field. */
  readonly title: string
  readonly mediaType: string
}

export interface EcgFile {
  readonly format: EcgFormat
  /** Refused in words when the file is damaged or says something that we do not read. */
  readonly recording: Decoded<EcgRecording>
}

const formats = {
  scp: { title: 'ECG (SCP-ECG)', mediaType: 'application/x-scp-ecg' },
  dicom: { title: 'ECG (DICOM)', mediaType: 'application/dicom' },
  edf: { title: 'ECG (EDF)', mediaType: 'application/x-edf' },
  aecg: { title: 'ECG (HL7 aECG)', mediaType: 'application/xml' },
  sierra: { title: 'ECG (Philips XML)', mediaType: 'application/xml' },
} as const satisfies { readonly [name: string]: EcgFormat }

/** Refused when it is none of the formats, so that the file is nothing that this can answer for. */
export function decodeEcgFile(bytes: Uint8Array): Decoded<EcgFile> {
  if (bytes.length > ecgFileLimitBytes) return undecoded(`more than ${ecgFileLimitBytes} bytes`)
  if (looksLikeScp(bytes)) return decoded({ format: formats.scp, recording: decodeScp(bytes) })
  if (latin1Text(bytes.subarray(128, 132)) === 'DICM') {
    return decoded({ format: formats.dicom, recording: decodeDicomEcg(bytes) })
  }
  if (looksLikeEdf(bytes)) return decoded({ format: formats.edf, recording: decodeEdfEcg(bytes) })
  if (looksLikeXml(bytes)) return decodeXmlFile(bytes)
  return undecoded('neither SCP-ECG, DICOM, EDF, HL7 aECG nor an ECG of Philips')
}

const xmlBeginning = /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\0?[\s\0]*<\0?[?!A-Za-z]/

function looksLikeXml(bytes: Uint8Array): boolean {
  return xmlBeginning.test(latin1Text(bytes.subarray(0, 64)))
}

function decodeXmlFile(bytes: Uint8Array): Decoded<EcgFile> {
  const root = parseXml(bytes)
  if (!root.ok) return root
  const { name, namespace } = root.value
  if (name === aecgRoot && namespace === aecgNamespace) {
    return decoded({ format: formats.aecg, recording: aecgOf(root.value) })
  }
  if (name === sierraRoot) {
    return decoded({ format: formats.sierra, recording: sierraOf(root.value) })
  }
  return undecoded('XML that is neither HL7 aECG nor an ECG of Philips')
}
