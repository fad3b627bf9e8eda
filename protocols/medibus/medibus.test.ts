import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { noBytes } from '../bytes/bytes.ts'
import { fromHex, toHex } from '../packet/hex.ts'
import {
  encodeMedibusAlarms,
  encodeMedibusIdentity,
  encodeMedibusNumbers,
  encodeMedibusTexts,
  readMedibusAlarms,
  readMedibusIdentity,
  readMedibusNumbers,
  readMedibusTexts,
} from './content.ts'
import {
  encodeMedibus,
  encodeMedibusEcho,
  encodeMedibusQuestion,
  medibusCodes,
  medibusLimitBytes,
  scanMedibus,
  type MedibusFrame,
  type MedibusQuestion,
} from './frame.ts'

function scanned(hex: string) {
  return scanMedibus(fromHex(hex.replaceAll(' ', '').toLowerCase()) ?? noBytes)
}

const published: { readonly [question in MedibusQuestion]: string } = {
  initialise: '1b5136430d',
  identity: '1b5236440d',
  noOperation: '1b3034420d',
  stop: '1b5537300d',
  measured: '1b2433460d',
  measuredMore: '1b2b34360d',
  alarms: '1b2734320d',
  alarmsMore: '1b2e34390d',
  settings: '1b2934340d',
  texts: '1b2a34350d',
  curves: '1b5336450d',
}

t.test('medibus: asks as it is published, and nothing that configures', async (t) => {
  for (const question of Object.keys(medibusCodes) as MedibusQuestion[]) {
    t.equal(toHex(encodeMedibusQuestion(question)), published[question], question)
  }
  t.equal(toHex(encodeMedibusEcho(0x51)), '015135320d')
  t.equal(toHex(encodeMedibusEcho(0x52)), '015235330d')
  t.equal(toHex(encodeMedibusEcho(0x30)), '013033310d')
})

t.test('medibus: reads the examples of the manual', async (t) => {
  const saturation = scanned('01 24 45 42 20 39 38 20 45 31 20 37 30 20 37 41 0D')
  t.match(saturation, { packet: { kind: 'answer', code: 0x24, data: 'EB 98 E1 70 ' }, length: 17 })
  t.strictSame(readMedibusNumbers('EB 98 E1 70 ', 'measured'), [
    { code: 0xeb, value: 98 },
    { code: 0xe1, value: 70 },
  ])
  t.match(scanned('01 15 31 36 0D'), { packet: { code: 0x15, data: '' } })
  const folder = join(import.meta.dirname, '../../../shared/samples/local/serial')
  const path = join(folder, 'medibus-manual-examples.hex')
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : ['1b5136430d']
  for (const line of lines.filter((one) => /^(?:1b|01)/.test(one))) {
    t.match(scanned(line), { kind: 'packet' }, line)
  }
})

t.test('medibus: a new beginning within a frame begins anew', async (t) => {
  t.match(scanned('01 24 45 1B 51 36 43 0D'), { reason: 'cut short', length: 3 })
  t.match(scanned('00 0D 01 15 31 36 0D'), { reason: 'no frame', length: 2 })
  t.match(scanned('01 15 31 37 0D'), { reason: 'wrong check sum', length: 5 })
  t.match(scanned('01 15 31 0D'), { reason: 'too short', length: 4 })
  t.match(scanMedibus(new Uint8Array(medibusLimitBytes).fill(0x30).with(0, 1)), {
    reason: 'frame without end',
  })
})

t.test('medibus: numbers, alarms, texts and the identity', async (t) => {
  t.strictSame(readMedibusNumbers('7D 22 82.512D6  15F0-   ', 'measured'), [
    { code: 0x7d, value: 22 },
    { code: 0x82, value: 0.512 },
    { code: 0xd6, value: 15 },
    { code: 0xf0, value: null },
  ])
  t.strictSame(readMedibusNumbers('01  40 0B   5 ', 'settings'), [
    { code: 1, value: 40 },
    { code: 0x0b, value: 5 },
  ])
  t.equal(readMedibusNumbers('7D 22 8', 'measured'), null)
  t.equal(readMedibusNumbers('7G 22 ', 'measured'), null)
  t.strictSame(readMedibusAlarms('O10PAW HIGH    '), [
    { code: 0x10, priority: 31, phrase: 'PAW HIGH' },
  ])
  t.equal(readMedibusAlarms('010PAW HIGH    '), null, 'a priority of 0')
  t.strictSame(readMedibusTexts('066SIMV  \u00031A4APRV\u0003'), [
    { code: 6, text: 'SIMV' },
    { code: 0x1a, text: 'APRV' },
  ])
  t.equal(readMedibusTexts('066SIMV\u0003'), null)
  const identity = { number: '8210', name: 'Evita 4', revision: '04.10', version: '04.00' }
  t.strictSame(readMedibusIdentity("8210'Evita 4'04.10:04.00"), identity)
  t.equal(readMedibusIdentity(''), null)
})

t.test('medibus: contents are read as they are written', async (t) => {
  const code = fc.nat(255)
  const text = fc.stringMatching(/^[A-Z][A-Z0-9/ ]{0,9}[A-Z]$/)
  const numbers = fc.array(plain({ code, value: fc.option(fc.nat(9_999)) }), { maxLength: 9 })
  const alarms = fc.array(plain({ code, priority: fc.integer({ min: 1, max: 31 }), phrase: text }))
  const texts = fc.array(plain({ code, text }), { maxLength: 9 })
  fc.assert(
    fc.property(numbers, alarms, texts, text, (some, calls, words, name) => {
      const { stringify } = JSON
      const identity = { number: '8210', name, revision: '04.10', version: '4.00' }
      return (
        stringify(readMedibusNumbers(encodeMedibusNumbers(some, 'measured'), 'measured')) ===
          stringify(some) &&
        stringify(readMedibusNumbers(encodeMedibusNumbers(some, 'settings'), 'settings')) ===
          stringify(some) &&
        stringify(readMedibusAlarms(encodeMedibusAlarms(calls))) === stringify(calls) &&
        stringify(readMedibusTexts(encodeMedibusTexts(words))) === stringify(words) &&
        stringify(readMedibusIdentity(encodeMedibusIdentity(identity))) === stringify(identity)
      )
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii' }), (any) => {
      readMedibusNumbers(any, 'measured')
      readMedibusAlarms(any)
      readMedibusTexts(any)
      readMedibusIdentity(any)
    }),
  )
  t.pass()
})

holdsWhatScannersPromise<MedibusFrame>('medibus', {
  scan: scanMedibus,
  encode: encodeMedibus,
  packets: plain({
    kind: fc.constantFrom('question' as const, 'answer' as const),
    code: fc.integer({ min: 0x20, max: 0x7e }),
    data: fc.stringMatching(/^[ -~]{0,60}$/),
  }),
  limitBytes: medibusLimitBytes,
})
