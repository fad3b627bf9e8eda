import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import {
  bccInformation,
  bccLimitBytes,
  bccQuestions,
  bccValues,
  bccVersion,
  encodeBcc,
  encodeBccQuestion,
  scanBcc,
  type BccBlock,
  type BccQuestion,
} from './bcc.ts'

const alive = '\u000100031\u00021/1/1>AEXMIN:ALIVEE\u000300061\u0004'

function reason(text: string): string {
  const found = scanBcc(latin1Bytes(text))
  return found.kind === 'noise' ? found.reason : found.kind
}

t.test('bcc: writes the example of the maker, stuffed behind its sum', async (t) => {
  t.equal(latin1Text(encodeBccQuestion('alive', '1')), alive)
  t.match(scanBcc(latin1Bytes(alive)), {
    packet: { bed: '1', information: 'ADMIN:ALIVE', isLast: true },
    length: alive.length,
  })
})

t.test('bcc: reads what a pump says, with commas in a value and nothing as nothing', async (t) => {
  const values = [
    { address: '50111', parameter: 'INRT', value: '5.00' },
    { address: '50111', parameter: 'INVI', value: '12.3' },
    { address: '50111', parameter: 'INM3', value: '1' },
  ]
  const block = encodeBcc({ bed: 'VAN1', information: bccInformation(100, values), isLast: true })
  t.match(latin1Text(block), '00079')
  t.match(latin1Text(block), '00191')
  t.strictSame(bccValues(bccInformation(100, values)), values)
  t.strictSame(bccValues('7,50111,INSOL,Sodium, 0.9 %'), [
    { address: '50111', parameter: 'INSOL', value: 'Sodium, 0.9 %' },
  ])
  t.match(bccValues('7,50111,INVI,_NV\u001e7,50111,INRT,_NA\u001e7,50111,INRMT,'), [
    { value: null },
    { value: null },
    { value: null },
  ])
  t.match(bccValues('7,50111,INSOL,\u00c2\u00b5g'), [{ value: '\u00b5g' }], 'UTF-8')
  t.strictSame(bccValues('GNERR,5'), [], 'no quadruple')
  t.equal(bccVersion('7,50100,V3.30'), 'V3.30')
  t.equal(bccVersion('7,50100,GNERR,5'), null)
})

t.test('bcc: unstuffs in one pass, and refuses what no station stuffs', async (t) => {
  const tricky: BccBlock = { bed: '1', information: 'EXEXDEEXedexe', isLast: false }
  t.match(scanBcc(encodeBcc(tricky)), { packet: tricky })
  t.equal(reason(alive.replace('AEXMIN', 'ADMIN')), 'wrong stuffing')
  t.equal(reason(alive.replace('ALIVEE', 'ALIVE')), 'wrong stuffing')
  t.equal(reason(alive.replace('00031', '00032')), 'wrong length')
  t.equal(reason(alive.replace('00061', '00062')), 'wrong check sum')
  t.equal(reason(alive.replace('/1/1>', '/1/2>')), 'no block')
  t.match(scanBcc(latin1Bytes(`\u00010003${alive}`)), { reason: 'cut short', length: 5 })
  t.match(scanBcc(new Uint8Array(bccLimitBytes).fill(0x31).with(0, 1)), {
    reason: 'block without end',
  })
})

t.test('bcc: only asks', async (t) => {
  t.strictSame(Object.values(bccQuestions).toSorted(), ['ADMIN:ALIVE', 'ADMIN:VERSION', 'MEM:GET'])
  for (const question of Object.keys(bccQuestions) as BccQuestion[]) {
    t.match(scanBcc(encodeBccQuestion(question, 'VAN1')), {
      packet: { bed: 'VAN1', information: bccQuestions[question] },
    })
  }
})

holdsWhatScannersPromise<BccBlock>('bcc', {
  scan: scanBcc,
  encode: encodeBcc,
  packets: plain({
    bed: fc.stringMatching(/^[A-Za-z0-9]{1,12}$/),
    information: fc.stringMatching(/^[DdEeXx0-9A-Z,._ -]{0,120}$/),
    isLast: fc.boolean(),
  }),
  limitBytes: bccLimitBytes,
})
