/** The command of a C-STORE by hand, for peers that do with it what no library does. */
import { encodeCommandSet } from '../../protocols/dicom/command-set.ts'
import { encodePdu } from '../../protocols/dicom/pdu.ts'
import { ultrasoundImage } from './data-set.ts'

export const storeCommand = encodeCommandSet({
  field: 1,
  messageId: 1,
  sopClassUid: ultrasoundImage,
  sopInstanceUid: '1.2.3',
  priority: 0,
  hasDataSet: true,
})

export function commandPdu(contextId: number, bytes: Uint8Array): Uint8Array {
  return encodePdu({ kind: 'data', values: [{ contextId, command: true, last: true, bytes }] })
}
