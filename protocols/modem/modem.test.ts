import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import {
  encodeModemAnswer,
  encodeModemQuestion,
  lteSignalOf,
  modemAnswerLimitBytes,
  modemQuestions,
  operatorOf,
  plainLineOf,
  registrationOf,
  scanModem,
  signalOf,
  type ModemAnswer,
  type ModemQuestion,
} from './answer.ts'

function answer(...lines: readonly string[]): ModemAnswer {
  return { lines, isOk: true }
}

t.test('modem: reads an answer with and without the echo', async (t) => {
  const plain = '\r\n+CSQ: 18,99\r\n\r\nOK\r\n'
  t.strictSame(scanModem(latin1Bytes(plain)), {
    kind: 'packet',
    packet: { lines: ['+CSQ: 18,99'], isOk: true },
    length: plain.length,
  })
  const echoed = `AT+CSQ\r${plain}`
  t.match(scanModem(latin1Bytes(echoed)), { packet: { lines: ['AT+CSQ', '+CSQ: 18,99'] } })
  t.match(scanModem(latin1Bytes('\r\n+CME ERROR: SIM not inserted\r\n')), {
    packet: { lines: [], isOk: false },
  })
  t.match(scanModem(latin1Bytes('\r\nERROR\r\n')), { packet: { isOk: false } })
  t.match(scanModem(latin1Bytes('\r\nBOOK\r\n')), { kind: 'incomplete' })
  t.match(scanModem(latin1Bytes('\u00ff\u0000\r\nOK\r\n')), { kind: 'noise', length: 2 })
  t.match(scanModem(latin1Bytes(`\r\n${'x'.repeat(600)}`)), { reason: 'frame without end' })
})

t.test('modem: the signal, with the ends of its scale, and 99 for none', async (t) => {
  const of = (line: string) => signalOf(answer(line))
  t.strictSame(of('+CSQ: 18,99'), { strengthDbm: -77, bound: null })
  t.strictSame(of('+CSQ: 31, 99'), { strengthDbm: -51, bound: 'at-least' })
  t.strictSame(of('+CSQ: 0,99'), { strengthDbm: -113, bound: 'at-most' })
  t.strictSame(of('+CSQ: 1,0'), { strengthDbm: -111, bound: null })
  t.strictSame(of('+CSQ: 99,99'), { strengthDbm: null, bound: null })
  t.strictSame(of('+CSQ: 100,99'), { strengthDbm: -116, bound: 'at-most' })
  t.strictSame(of('+CSQ: 102,99'), { strengthDbm: -114, bound: null })
  t.strictSame(of('+CSQ: 190,99'), { strengthDbm: -26, bound: null })
  t.strictSame(of('+CSQ: 199,99'), { strengthDbm: null, bound: null })
  t.equal(of('+CSQ: x,99'), null)
  t.equal(of('+CESQ: 99,99'), null)
  t.equal(lteSignalOf(answer('+CESQ: 99,99,255,255,20,51')), -90)
  t.equal(lteSignalOf(answer('+CESQ: 99,99,255,255,255,255')), null)
})

t.test('modem: whether it is in a network, and in whose', async (t) => {
  t.equal(registrationOf(answer('+CEREG: 0,5')), 'roaming')
  t.equal(registrationOf(answer('+CREG: 2,1,"1A2B","01C3D4E5",7')), 'home')
  t.equal(registrationOf(answer('+CREG: 5')), null, 'nobody asked for it')
  t.equal(registrationOf(answer('+CREG: 5', '+CREG: 0,3')), 'denied')
  t.equal(registrationOf(answer('+CREG: 0,9')), null)
  t.strictSame(operatorOf(answer('+COPS: 0,0,"TELKOMSEL",7')), {
    name: 'TELKOMSEL',
    technology: 'LTE',
  })
  t.strictSame(operatorOf(answer('+COPS: 0,0,"XL"')), { name: 'XL', technology: null })
  t.equal(operatorOf(answer('+COPS: 0')), null)
  t.equal(plainLineOf(answer('AT+CGMM', '+CREG: 1', 'EC25')), 'EC25')
  t.equal(plainLineOf(answer('EC25', '+CREG: 1')), null)
})

t.test('modem: only asks, and never searches', async (t) => {
  for (const question of Object.keys(modemQuestions) as ModemQuestion[]) {
    const text = latin1Text(encodeModemQuestion(question))
    t.match(text, /^AT\+C(?:GMM|SQ|ESQ|REG\?|GREG\?|EREG\?|OPS\?)\r$/)
  }
})

holdsWhatScannersPromise('modem', {
  scan: scanModem,
  encode: encodeModemAnswer,
  packets: plain({
    lines: fc.array(fc.constantFrom('+CSQ: 18,99', 'EC25', 'AT+CSQ', 'RING'), { maxLength: 6 }),
    isOk: fc.boolean(),
  }),
  limitBytes: modemAnswerLimitBytes,
})
