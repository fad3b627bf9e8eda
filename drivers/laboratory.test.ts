/**
 * Real transmissions, which may be read but not copied, decoded to values checked by hand; and what
 * an instrument is told when its results cannot be stored.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { encodeAstm, framesOf } from '../protocols/astm/frame.ts'
import { latin1Bytes, latin1Text } from '../protocols/bytes/bytes.ts'
import { encodeMllp } from '../protocols/hl7/mllp.ts'
import { isLoinc } from '../protocols/vocabulary/loinc.ts'
import { termOfMdcCode, ucumOfMdcUnit } from '../protocols/vocabulary/mdc-names.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { ucumOfText } from '../protocols/vocabulary/unit-text.ts'
import { astmAnalyser } from './astm-analyser.ts'
import { formatSaid } from './capture-said.ts'
import type { Driver, Heard, Said, Want } from './driver.ts'
import { hl7Law } from './hl7-law.ts'
import { hl7Pcd01 } from './hl7-pcd01.ts'
import { laboratoryValue, localCode, type LaboratoryResult } from './laboratory.ts'
import { miniVidas } from './mini-vidas.ts'
import { Recent } from './recent.ts'
import { Player } from './replay.ts'
import { spotchem } from './spotchem.ts'

const folder = join(import.meta.dirname, '../../shared/samples/local/serial')

/** What came out of a sample; null when it is not here. */
function saidOf(driver: Driver, name: string, isAsked: boolean): readonly string[] | null {
  const path = join(folder, name)
  if (!existsSync(path)) return null
  const player = new Player(driver.session())
  if (isAsked) player.hear(Uint8Array.of(0x05))
  player.hear(new Uint8Array(readFileSync(path)))
  if (isAsked) player.hear(Uint8Array.of(0x04))
  if (player.noiseBytes > 0) throw new Error(`${name} is not understood`)
  return player.said.map(formatSaid)
}

const astmSamples: { readonly [name: string]: readonly RegExp[] } = {
  'abbott_afinion2.txt': [
    /^identity "Afinion 2 Analyzer" AF20052397 null$/,
    /^measurement MDC_CONC_HBA1C 5.9 % at 2024-12-06T14:06:15 of patientId=3643 with status=F$/,
  ],
  'cobas_c111.txt': [
    /^identity c111 13147 4.2.2.1730$/,
    /^measurement LOCAL_cobas-c111_413 40.13 g\/L at 2023-08-03T13:17:00 of specimenId="T20 10134GA D28" /,
  ],
  'cobas_c311.txt': [
    /^identity c311 null null$/,
    /^measurement LOCAL_cobas-c311_685 22.4 U\/L LOCAL_cobas-c311_687 15 U\/L LOCAL_cobas-c311_712 4.1 umol\/L LOCAL_cobas-c311_158 301 U\/L LOCAL_cobas-c311_735 1.6 umol\/L LOCAL_cobas-c311_717 5.85 mmol\/L LOCAL_cobas-c311_690 34 umol\/L at 2024-02-03T13:20:11 of specimenId=CL-PL-24-0370 /,
  ],
  'dca_vantage.txt': [
    /^identity "DCA VANTAGE" S067337 04.04.00.00$/,
    /^measurement LOCAL_dca_Alb 63.7 mg\/L LOCAL_dca_Crt 230.8 mg\/dL LOCAL_dca_Ratio 27.6 mg\/g at 2024-08-20T15:10:30 of patientId=BU24R554 /,
  ],
  'pentra_xlr.txt': [
    /^identity ABX null null$/,
    /^measurement LOCAL_horiba_WBC "8.5" 1 LOCAL_horiba_LYM# "3.29" 1 .* LOINC_704-7 null .* LOCAL_horiba_HGB "14.0" 1 .* LOCAL_horiba_PLT "234" 1 .* at 2022-07-27T12:15:50 of specimenId=S1234 .*unitSet=1/,
  ],
  'sysmex_xp100.txt': [
    /^identity XP-100 BS649542 00-13$/,
    /^measurement LOINC_6690-2 5.5 10\*3\/uL LOINC_789-8 2.87 10\*6\/uL LOINC_718-7 10.1 g\/dL LOINC_4544-3 24.2 % LOINC_787-2 84.3 fL LOINC_785-6 35.2 pg LOINC_786-4 41.7 g\/dL LOINC_777-3 170 10\*3\/uL .* LOINC_32623-1 10.2 fL .* at 2024-07-23T17:24:52 of specimenId=113 /,
  ],
}

t.test('laboratory: real ASTM transmissions say what their printouts say', async (t) => {
  for (const [name, expected] of Object.entries(astmSamples)) {
    const said = saidOf(astmAnalyser, name, true)
    if (said === null) continue
    t.equal(said.length, expected.length, name)
    for (const [index, one] of expected.entries()) t.match(said[index], one, name)
  }
  t.pass('those that are at hand')
})

t.test('laboratory: real results of the mini VIDAS and the SPOTCHEM', async (t) => {
  const vidas = saidOf(miniVidas, 'mini_vidas.txt', true)
  if (vidas !== null) {
    t.match(vidas, [
      /^measurement LOCAL_mini-vidas_HBCT "Positif" 1 LOCAL_mini-vidas_HBCT-index "0.05" 1 at 2024-10-25T18:35 of specimenId=Z1G021SCR /,
    ])
  }
  const electrolytes = saidOf(spotchem, 'spotchem_el.txt', false)
  if (electrolytes !== null) {
    t.match(electrolytes, [
      /^measurement LOCAL_spotchem_Na 131 mmol\/L LOCAL_spotchem_K 9.7 mmol\/L LOCAL_spotchem_Cl 96 mmol\/L at 2024-10-29T13:08 of specimenId=1DC042FP with specimen="B. Plasma"$/,
    ])
  }
  t.pass('those that are at hand')
})

t.test('laboratory: real HL7 messages of a monitor and an analyser', async (t) => {
  const monitor = saidOf(hl7Pcd01, 'pcd01-mindray-vs900-demo.mllp', false)
  if (monitor !== null) {
    t.match(monitor, [
      /^identity MINDRAY_VS900 00A0370098006640 null$/,
      /^simulated measurement MDC_PRESS_BLD_NONINV_SYS 166 mm\[Hg\] MDC_PRESS_BLD_NONINV_MEAN 122 mm\[Hg\] MDC_PRESS_BLD_NONINV_DIA 100 mm\[Hg\] at 2020-02-12T12:50:08 /,
      /^simulated numerics MDC_PULS_OXIM_SAT_O2 100 % MDC_PULS_OXIM_PULS_RATE 80 \/min MDC_PULS_OXIM_PERF_REL 12 %$/,
    ])
  }
  const analyser = saidOf(hl7Law, 'law-oul-r22-cobas-pure.mllp', false)
  if (analyser !== null) {
    t.match(analyser, [
      /^identity "cobas pure" null null$/,
      /^measurement LOCAL_99ROC_20130 18 U\/L at 2022-10-05T13:51:46 of specimenId=498151 with messageId=2128 status=F$/,
    ])
  }
  t.pass('those that are at hand')
})

/** Runs a session over what is heard; `isStored` answers each commit, counted from 1. */
function run(
  driver: Driver,
  heard: readonly Uint8Array[],
  isStored: (count: number) => boolean,
  commitMs = 0,
) {
  const session = driver.session()
  const sent: string[] = []
  const said: Said[] = []
  const order: string[] = []
  const waiting = [...heard]
  let answer: Heard | undefined
  let nowMs = 0
  for (let commits = 0; ;) {
    const step = session.next(answer)
    answer = undefined
    const want = step.value as Want
    if (want.kind === 'listen') {
      const bytes = waiting.shift()
      if (bytes === undefined) return { sent, said, order }
      answer = { kind: 'bytes', bytes, atMs: nowMs }
    } else if (want.kind === 'send') {
      sent.push(latin1Text(want.bytes))
      order.push('send')
    } else if (want.kind === 'commit') {
      commits++
      order.push('commit')
      nowMs += commitMs
      answer = { kind: 'committed', isStored: isStored(commits), atMs: nowMs }
    } else if (want.kind !== 'packet' && want.kind !== 'noise') {
      said.push(want)
      order.push(want.kind)
    }
  }
}

const message = [
  'H|\\^&|77||GATEWAY|||||||P|LIS2-A2|20260314094100\r',
  'O|1|S0001||^^^GLU\r',
  'R|1|^^^GLU|5.9|mmol/L||N||F||||20260314094000\r',
  'L|1|N\r',
]
const enquiry = Uint8Array.of(0x05)
const end = Uint8Array.of(0x04)
const frames = framesOf(message, 'record-a-frame').map(encodeAstm)

t.test('astm host: the last frame is answered only behind the commit', async (t) => {
  const { order, sent } = run(astmAnalyser, [enquiry, ...frames, end], () => true)
  const answers = ['send', 'send', 'send', 'send']
  t.strictSame(order, [...answers, 'identity', 'measurement', 'commit', 'send'])
  t.strictSame(sent, ['\x06', '\x06', '\x06', '\x06', '\x06'])
})

t.test('astm host: what is not stored is refused, and said once when it comes again', async (t) => {
  const last = frames.slice(-1)
  const twice = run(astmAnalyser, [enquiry, ...frames, ...last, end], (count) => count === 2)
  t.strictSame(twice.sent.slice(-2), ['\x15', '\x06'])
  t.strictSame(
    twice.said.map(({ kind }) => kind),
    ['identity', 'measurement'],
  )
  // It gives up, and sends the whole message later.
  const later = [enquiry, ...frames, end, enquiry, ...frames, end]
  const again = run(astmAnalyser, later, (count) => count === 2)
  t.equal(again.said.filter(({ kind }) => kind === 'measurement').length, 1)
  t.equal(again.sent.at(-1), '\x06')
})

t.test(
  'astm host: an answer that would come too late is none, and nothing is doubled',
  async (t) => {
    const last = frames.slice(-1)
    const slow = run(astmAnalyser, [enquiry, ...frames, ...last, end], () => true, 14_000)
    t.equal(slow.sent.length, 4, 'ENQ and the three frames before the last')
    t.equal(slow.said.filter(({ kind }) => kind === 'measurement').length, 1)
    const sound = run(astmAnalyser, [enquiry, ...frames, end], () => true, 9_000)
    t.equal(sound.sent.length, 5)
  },
)

const oru = (id: string, value: string, more = '|||AL|NE') =>
  encodeMllp({
    message: latin1Bytes(
      `MSH|^~\\&|MON^1^EUI-64||||20260212125541||ORU^R01^ORU_R01|${id}|P|2.6${more}\r` +
        'OBR|1|||x|||20260212125541\r' +
        `OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.1.150456|${value}|262688^MDC_DIM_PERCENT^MDC|||||R\r`,
    ),
  })

t.test('hl7 host: acknowledges behind the commit, and says when it was not stored', async (t) => {
  const { order, sent } = run(hl7Pcd01, [oru('1', '97')], () => true)
  t.strictSame(order, ['identity', 'numerics', 'commit', 'send'])
  t.match(sent, [/MSA\|CA\|1\r/])
  const full = run(hl7Pcd01, [oru('1', '97'), oru('1', '97')], (count) => count === 2)
  t.match(full.sent, [/MSA\|CE\|1\r/, /MSA\|CA\|1\r/])
  t.equal(full.said.filter(({ kind }) => kind === 'numerics').length, 1)
  t.match(run(hl7Pcd01, [oru('1', '97', '')], () => false).sent, [/MSA\|AE\|1\r/])
  t.strictSame(run(hl7Pcd01, [oru('1', '97', '|||NE|NE')], () => true).sent, [])
})

t.test('hl7 host: a number that begins again from 1 hides no new message', async (t) => {
  const { said } = run(hl7Pcd01, [oru('1', '97'), oru('1', '96'), oru('1', '96')], () => true)
  t.equal(said.filter(({ kind }) => kind === 'numerics').length, 2)
  t.match(said.at(-1), { kind: 'event', code: 'said-twice' })
  const many = Array.from({ length: 50 }, () => oru('1', '97'))
  const repeated = run(hl7Pcd01, many, () => true)
  t.equal(repeated.sent.length, 50, 'each is answered')
  t.equal(repeated.said.length, 3, 'who, what, and once that it came again')
  const strange = encodeMllp({ message: latin1Bytes('MSH|^~\\&|M||||||ORU^R40|1|P|2.6\r') })
  const refused = run(hl7Pcd01, [strange, strange, strange], () => true)
  t.match(refused.sent, [/MSA\|AR/, /MSA\|AR/, /MSA\|AR/])
  t.equal(refused.said.length, 1)
})

t.test('laboratory: remembers so many messages, and the newest however long', async (t) => {
  const recent = new Recent(2)
  for (const text of ['a', 'b', 'c']) recent.add(text)
  t.strictSame(
    ['a', 'b', 'c'].map((text) => recent.has(text)),
    [false, true, true],
  )
  const long = 'x'.repeat(2_000_000)
  recent.add(long)
  t.strictSame([recent.has('c'), recent.has(long)], [false, true])
})

const glucose: LaboratoryResult = {
  test: 'GLU',
  term: null,
  loinc: '',
  text: '5.9',
  unit: 'mmol/L',
  isDoubtful: false,
}

t.test('laboratory: a number is one only with a unit that we know', async (t) => {
  const value = (change: Partial<LaboratoryResult>) =>
    laboratoryValue('x', { ...glucose, ...change })
  t.strictSame(value({}), { code: 'LOCAL_x_GLU', value: 5.9, unit: 'mmol/L' })
  const text = (shown: string) => ({ code: 'LOCAL_x_GLU', value: null, unit: '1', text: shown })
  t.strictSame(value({ unit: 'furlong' }), text('5.9 furlong'))
  t.strictSame(value({ unit: '' }), text('5.9'))
  t.strictSame(value({ unit: '1' }), text('5.9'), 'a set of units, not a unit')
  t.strictSame(value({ text: '<5.0' }), { ...text('<5.0'), unit: 'mmol/L' })
  t.strictSame(value({ text: '1,5' }), { ...text('1,5'), unit: 'mmol/L' })
  t.strictSame(value({ text: 'ERROR', unit: '' }), text('ERROR'))
  t.strictSame(value({ text: '-----' }), { code: 'LOCAL_x_GLU', value: null, unit: 'mmol/L' })
  t.strictSame(value({ text: '' }), { code: 'LOCAL_x_GLU', value: null, unit: 'mmol/L' })
  t.strictSame(value({ isDoubtful: true }), { ...text('5.9'), unit: 'mmol/L' })
})

t.test('laboratory: a term is always in its own unit, or it is not the term', async (t) => {
  const { haemoglobin } = terms
  const value = (change: Partial<LaboratoryResult>) =>
    laboratoryValue('x', { ...glucose, test: 'HGB', term: haemoglobin, ...change })
  t.strictSame(value({ text: '134', unit: 'g/L' }), {
    code: 'LOINC_718-7',
    value: 13.4,
    unit: 'g/dL',
  })
  t.strictSame(value({ text: '8.3', unit: 'mmol/L' }), {
    code: 'LOCAL_x_HGB',
    value: 8.3,
    unit: 'mmol/L',
  })
  t.match(value({ text: '>20', unit: 'g/L' }), { code: 'LOCAL_x_HGB', unit: 'g/L', text: '>20' })
  t.match(value({ term: null, loinc: '718-7', text: '13', unit: 'g/dL' }), { code: 'LOINC_718-7' })
  t.match(value({ loinc: '789-9', text: '13', unit: 'g/dL' }), { code: 'LOINC_718-7', value: 13 })
  t.match(value({ loinc: '55-5', text: '13', unit: 'g/dL' }), { code: 'LOINC_718-7' })
  t.equal(localCode('x', ' Blasts Abn\u00e9 '), 'LOCAL_x_-Blasts-Abn-')
  t.equal(localCode('x', ''), 'LOCAL_x_unnamed')
})

t.test('laboratory: spellings of units, LOINC numbers and names of 11073', async (t) => {
  const known = { '10E3/uL': '10*3/uL', '1E06/mm3': '10*6/uL', '10*9/L': '10*3/uL', um3: 'fL' }
  for (const [text, ucum] of Object.entries(known)) t.equal(ucumOfText(text), ucum)
  t.equal(ucumOfText('\u00c2\u00b5mol/L'), 'umol/L', 'UTF-8 read as Latin-1')
  t.equal(ucumOfText('G/L'), null)
  t.ok(isLoinc('718-7') && isLoinc('6690-2'))
  t.notOk(isLoinc('789-9') || isLoinc('7187') || isLoinc('-7') || isLoinc(''))
  t.equal(termOfMdcCode('150301', 'MDC_PRESS_CUFF_SYS'), terms.systolic)
  t.equal(termOfMdcCode('101', 'MDC_ECG_HEART_RATE'), terms.heartRate)
  t.equal(termOfMdcCode('150456', 'MDC_ECG_HEART_RATE'), null, 'they contradict each other')
  t.equal(termOfMdcCode('0', 'constructor'), null)
  t.equal(ucumOfMdcUnit('266016', ''), 'mm[Hg]')
  t.equal(ucumOfMdcUnit('', 'MDC_DIM_DEGC'), 'Cel')
  t.equal(ucumOfMdcUnit('', 'DEGC'), null)
})
