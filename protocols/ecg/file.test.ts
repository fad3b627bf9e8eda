import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { dice, mutated } from '../../test/mutated.ts'
import { joinBytes, latin1Bytes } from '../bytes/bytes.ts'
import { decodeEdf } from '../edf/edf.ts'
import { decodeScp } from '../scp-ecg/scp-ecg.ts'
import { decodeEcgFile } from './file.ts'
import { nameOfLead } from './leads.ts'
import type { EcgRecording } from './recording.ts'

function sample(name: string): Uint8Array {
  return new Uint8Array(
    gunzipSync(readFileSync(join(import.meta.dirname, 'samples', `${name}.gz`))),
  )
}

function read(bytes: Uint8Array): EcgRecording {
  const file = decodeEcgFile(bytes)
  if (!file.ok) throw new Error(file.reason)
  if (!file.value.recording.ok) throw new Error(file.value.recording.reason)
  return file.value.recording.value
}

/** By name of the lead, whatever their order. */
function rhythm(ecg: EcgRecording) {
  const part = ecg.parts.find(({ kind }) => kind === 'rhythm')
  const leads = part?.leads.map((lead, at) => {
    return { name: nameOfLead(lead.code), lead, samples: part.samples[at] ?? new Int32Array(0) }
  })
  return { rate: part?.rate, leads: leads?.toSorted((a, b) => (a.name < b.name ? -1 : 1)) ?? [] }
}

function numbers(ecg: EcgRecording) {
  return ecg.values.map(({ code, value }) => `${code} ${value}`)
}

const threeNumbers = [
  'MDC_ECG_TIME_PD_PR 148',
  'MDC_ECG_TIME_PD_QRS_GL 120',
  'MDC_ECG_TIME_PD_QT_GL 420',
  'MDC_ECG_TIME_PD_QTc 443',
  'MDC_ECG_ANGLE_P_FRONT 44',
  'MDC_ECG_ANGLE_QRS_FRONT -61',
  'MDC_ECG_ANGLE_T_FRONT 86',
]

t.test('ecg files: one ECG in three formats is the same to the last bit', async (t) => {
  const [scp, dicom, aecg] = ['Example.scp', 'Example.dcm', 'Example.xml'].map((name) =>
    read(sample(name)),
  )
  if (!scp || !dicom || !aecg) return
  t.strictSame(rhythm(dicom), rhythm(scp))
  t.strictSame(rhythm(aecg), rhythm(scp))
  const [first] = rhythm(scp).leads
  t.strictSame(first?.lead, { code: 'MDC_ECG_ELEC_POTL_I', unit: 'mV', lsb: 0.0025, zero: 0 })
  t.strictSame([...(first?.samples.subarray(0, 8) ?? [])], [-2, -2, -2, -2, -3, -4, -3, -5])
  t.equal(first?.samples.length, 5_000)
  for (const ecg of [scp, dicom, aecg]) {
    t.strictSame(numbers(ecg), threeNumbers, 'and so are the numbers')
    t.equal(ecg.patientId, 'SBJ-123')
    t.equal(ecg.device.model, 'ELI250')
    const second = { year: 2002, month: 11, day: 22, hour: 9, minute: 10, second: 0 }
    t.strictSame(ecg.recordedAt, second)
  }
  t.strictSame(
    dicom.parts.map(({ kind }) => kind),
    ['rhythm', 'beat'],
    'a computed beat is told from what the heart did',
  )
})

t.test('ecg files: an SCP record says what was recorded before it was compressed', async (t) => {
  const ecg = read(sample('PFE105_redred.scp'))
  const raw = sample('PFE105.dat')
  const view = new DataView(raw.buffer, raw.byteOffset)
  let worst = 0
  for (const [lead, samples] of ecg.parts[0]?.samples.entries() ?? []) {
    t.equal(samples.length, raw.length / 16)
    for (const [at, sample] of samples.entries()) {
      const microvolts = view.getInt16(2 * (8 * at + lead), true)
      worst = Math.max(worst, Math.abs(5 * sample - microvolts))
    }
  }
  t.equal(worst, 2, 'steps of 5 uV are never further from whole microvolts than 2')
  t.equal(ecg.statements.isConfirmed, true)
})

t.test('ecg files: rates in whole microseconds, and statements in Latin-1', async (t) => {
  const ecg = read(sample('MDW14.scp'))
  t.strictSame(ecg.parts[0]?.rate, { samples: 600, perMs: 1_000 }, '1667 us')
  t.equal(ecg.parts[0]?.samples[0]?.length, 6_000)
  t.strictSame(ecg.statements, {
    texts: ['sinusrytm (långsam)', 'hög P-amplitud', 'normal EKG-variant'],
    isConfirmed: false,
  })
  t.strictSame(numbers(ecg).slice(0, 6), [
    'MDC_ECG_HEART_RATE 60',
    'MDC_ECG_TIME_PD_RR_GL 1000',
    'MDC_ECG_TIME_PD_PR 167',
    'MDC_ECG_TIME_PD_QRS_GL 88',
    'MDC_ECG_TIME_PD_QT_GL 386',
    'MDC_ECG_TIME_PD_QTc 386',
  ])
  t.strictSame(ecg.qualifiers, { qtcFormula: 'bazett' })
})

t.test('ecg files: the XML of Philips, in UTF-16, without the mark behind it', async (t) => {
  const ecg = read(sample('PageWriterTC.xml'))
  const part = ecg.parts[0]
  t.equal(part?.samples.length, 12)
  t.equal(part?.samples[0]?.length, 5_300, 'eleven seconds less 0.4')
  t.equal(part?.leads[0]?.lsb, 0.005)
  t.equal(ecg.device.model, 'PageWriter TC')
  t.strictSame(numbers(ecg).slice(0, 2), ['MDC_ECG_HEART_RATE 64', 'MDC_ECG_TIME_PD_RR_GL 938'])
  const [one, two, three] = part?.samples ?? []
  const misses = three?.map((sample, at) => (two?.[at] ?? 0) - (one?.[at] ?? 0) - sample)
  t.ok(misses?.every((miss) => Math.abs(miss) <= 1))
  t.equal(ecg.statements.isConfirmed, false)
  t.match(ecg.statements.texts[0], /^Sinus rhythm/)
})

t.test('ecg files: what is none of them is refused with a reason', async (t) => {
  t.match(decodeEcgFile(sample('62.SCP')), { ok: false, reason: /^neither SCP-ECG/ })
  t.match(decodeScp(sample('62.SCP')), {
    ok: false,
    reason: 'a record of 1928331264 bytes, and the file has 32768',
  })
  t.match(decodeEcgFile(latin1Bytes('<ClinicalDocument/>')), { ok: false, reason: /Philips/ })
  t.match(decodeEcgFile(new Uint8Array(0)), { ok: false, reason: /^neither/ })
  t.match(decodeEcgFile(new Uint8Array(17_000_000)), { ok: false, reason: /more than 16777216/ })
  const entities = '<!DOCTYPE a [<!ENTITY b "c">]><AnnotatedECG xmlns="urn:hl7-org:v3"/>'
  t.match(decodeEcgFile(latin1Bytes(entities)), { ok: false, reason: /document type is refused/ })
})

t.test('ecg files: changed bytes never throw', async (t) => {
  const below = dice(7)
  for (const name of ['Example.scp', 'MDW14.scp', 'PFE105_redred.scp', '62.SCP']) {
    const bytes = sample(name)
    for (let run = 0; run < 60; run++) {
      // Most of the structure is in front.
      const changed = mutated(bytes.subarray(0, 2_600), below)
      decodeEcgFile(joinBytes(changed, bytes.subarray(2_600)))
    }
    for (const end of [0, 5, 22, 142, 700, 3_000]) decodeEcgFile(bytes.subarray(0, end))
  }
  t.pass('it is still here')
})

/** Recordings that lie beside the project, where they do. */
const beside = join(import.meta.dirname, '../../../shared/samples/open/ecg')

t.test('ecg files: recordings beside the project give the samples known of them', async (t) => {
  const known = [
    ['waveform_ecg.dcm', 'mortara_el250_12l_1000'],
    ['ECG_20170504_163507_123456789.SCP', 'mdw14_2017_8l_600'],
    ['2020-5-18_15-48-11.xml', 'philips_tc_2020_8l_500'],
    ['Example.scp', 'mortara_eli250_12l_500'],
  ] as const
  for (const [file, raw] of known) {
    const path = join(beside, 'files', file)
    if (!existsSync(path)) continue
    const part = read(new Uint8Array(readFileSync(path))).parts[0]
    const { leads, nsamples, lsb_uV } = JSON.parse(
      readFileSync(join(beside, 'raw', `${raw}.json`), 'utf8'),
    ) as { leads: string[]; nsamples: number; lsb_uV: number }
    const words = new DataView(
      new Uint8Array(readFileSync(join(beside, 'raw', `${raw}.i16`))).buffer,
    )
    let wrong = 0
    for (const [column, name] of leads.entries()) {
      const lead = part?.leads.findIndex(({ code }) => nameOfLead(code) === name) ?? -1
      t.equal(part?.leads[lead]?.lsb, lsb_uV / 1_000, `${file} ${name}`)
      for (let at = 0; at < nsamples; at++) {
        const expected = words.getInt16(2 * (at * leads.length + column), true)
        if (part?.samples[lead]?.[at] !== expected) wrong++
      }
    }
    t.equal(wrong, 0, file)
  }
  const sleep = join(beside, 'files', 'short_psg.edf')
  if (existsSync(sleep)) {
    const edf = decodeEdf(new Uint8Array(readFileSync(sleep)))
    const sums = edf.ok ? edf.value.samples.map((one) => one.reduce((sum, x) => sum + x, 0)) : []
    t.strictSame(sums, [46_710, 27_829, 31_664, 109_827, 514_405, 39_030, 265_812])
    t.match(edf, { ok: true, value: { isShortened: false, header: { records: 10 } } })
  }
  const trial = join(beside, 'files', 'subject1_0.xml')
  if (existsSync(trial)) {
    const one = rhythm(read(new Uint8Array(readFileSync(trial))))
    t.strictSame(one, rhythm(read(sample('Example.scp'))))
  }
  t.pass()
})
