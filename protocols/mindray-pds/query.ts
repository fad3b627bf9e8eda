/**
 * What a host says to a Mindray monitor on port 4601 so that it sends its numbers: a query once,
 * and a heartbeat for as long as the connection lives. Both only ask.
 *
 *   MSH|^~\&|||||||QRY^R02|1203|P|2.3.1
 *   QRD|time|R|I|query id|||||RES
 *   QRF|MON||||0&0^1^1^1^               the fourth component: 1 sends everything
 *
 * Source: two independent open implementations, which agree; the maker's guide was not used.
 */
import { latin1Bytes } from '../bytes/bytes.ts'
import { encodeMllp } from '../hl7/mllp.ts'

export const heartbeat = block('MSH|^~\\&|||||||ORU^R01|106|P|2.3.1|\r')

/** The time is a filling: nothing is known to come of it. */
export const queryAll = block(
  'MSH|^~\\&|||||||QRY^R02|1203|P|2.3.1\r' +
    'QRD|20000101000000|R|I|SIMPUL1|||||RES\r' +
    'QRF|MON||||0&0^1^1^1^\r',
)

function block(text: string): Uint8Array {
  return encodeMllp({ message: latin1Bytes(text) })
}

/** MSH-10 says what a message is about. */
export const controlIds = {
  numbers: '204',
  pressure: '503',
  wave: '157',
  heartbeat: '106',
} as const
