import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { joinBytes, latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import {
  alarisInfusion,
  alarisLimitBytes,
  alarisQuestions,
  alarisText,
  encodeAlaris,
  encodeAlarisQuestion,
  scanAlaris,
  type AlarisLine,
  type AlarisQuestion,
} from './line.ts'

function read(text: string): AlarisLine | string {
  const found = scanAlaris(latin1Bytes(`${text}\r`))
  if (found.kind === 'packet') return found.packet
  return found.kind === 'noise' ? found.reason : found.kind
}

const replies = [
  '!INST_SERIALNO^8002-51740|050B',
  '!COMMS_PROTOCOL^Asena Rev 2.1.5|661A',
  '!COMMS_RESPONSE_MAX^4000^ms|DFDF',
  '!SYRINGE_STATUS^BD PERFUSOR^ 50^CONF|4567',
  '!SYRINGE_STATUS^BD PLASTIPAK^ 50^CONF|1CF8',
  '!INF_RATE_MAX_SYRINGE^1200.00^ml/h|8575',
  '!ALARM^AL_NOALM^ ^ |C73B',
]

t.test('alaris: replies of a pump, each with its own check sum', async (t) => {
  for (const reply of replies) t.type(read(reply), Object, reply)
  t.match(read(replies[0] ?? ''), { name: 'INST_SERIALNO', fields: ['8002-51740'] })
  const path = join(
    import.meta.dirname,
    '../../../shared/samples/open/serial/alaris-asena-replies.txt',
  )
  const kept = existsSync(path)
    ? new Uint8Array(readFileSync(path))
    : latin1Bytes(replies.join('\r'))
  let lines = 0
  for (let rest = joinBytes(kept, [0x0d]); rest.length > 1; lines++) {
    const found = scanAlaris(rest)
    if (found.kind !== 'packet') break
    rest = rest.subarray(found.length)
  }
  t.equal(lines, 7)
})

t.test('alaris: asks as it is published, and never tells a pump to do anything', async (t) => {
  const text = (question: AlarisQuestion) => latin1Text(encodeAlarisQuestion(question))
  t.equal(text('serialNumber'), '!INST_SERIALNO|457D\r')
  t.equal(text('protocol'), '!COMMS_PROTOCOL|E8DA\r')
  t.equal(text('infusion'), '!INF|4961\r')
  t.equal(text('volumeToInfuse'), '!INF_VTBI|8456\r')
  for (const name of Object.values(alarisQuestions)) {
    t.notMatch(name, /REMOTE|RATE|START|STOP|BOLUS|CLEAR|\^/)
  }
})

const infusion = '!INF^8002-51740^-^SET^5.00^ml/h^^12.300^ml^17.91^mmHg^24+^EVENT^127904|9A73'

t.test('alaris: an infusion, and only in the units that we know', async (t) => {
  const line = read(infusion)
  if (typeof line === 'string') throw new Error(line)
  t.strictSame(alarisInfusion(line), {
    serialNumber: '8002-51740',
    alarm: null,
    mode: 'SET',
    rateMlPerHour: 5,
    infusedMl: 12.3,
    pressureMmHg: 17.91,
    timeLeft: '24+',
  })
  const other = line.fields.map((field) => (field === 'ml/h' ? 'mg/h' : field))
  t.match(alarisInfusion({ ...line, fields: other }), { rateMlPerHour: null, infusedMl: 12.3 })
  t.equal(alarisInfusion({ name: 'INF', fields: ['8002-51740'] }), null)
  t.equal(alarisInfusion({ ...line, name: 'ALARM' }), null)
  t.equal(alarisText(line, 99), null)
})

t.test('alaris: what is broken is noise up to the next line', async (t) => {
  t.equal(read(infusion.replace('5.00', '6.00')), 'wrong check sum')
  t.equal(read('!INF'), 'no line')
  t.match(scanAlaris(latin1Bytes(`!INF^80${infusion}\r`)), { kind: 'noise', length: 7 })
  t.match(scanAlaris(latin1Bytes(`00${infusion}\r`)), { reason: 'no frame', length: 2 })
})

holdsWhatScannersPromise<AlarisLine>('alaris', {
  scan: scanAlaris,
  encode: encodeAlaris,
  packets: plain({
    name: fc.constantFrom(...Object.values(alarisQuestions)),
    fields: fc.array(fc.constantFrom('', ' ', '-', '5.00', 'ml/h', 'BD PLASTIPAK', '24+'), {
      maxLength: 14,
    }),
  }),
  limitBytes: alarisLimitBytes,
})
