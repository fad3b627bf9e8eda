/** Drivers that hear whole files from a folder. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { encodeEdf } from '../protocols/edf/edf.ts'
import { latin1Bytes } from '../protocols/bytes/bytes.ts'
import { beats, ecgOf } from '../protocols/ecg/testing.ts'
import { encodeScp } from '../protocols/scp-ecg/write.ts'
import { documentFile } from './document-file.ts'
import { ecgFile } from './ecg-file.ts'
import type { Driver } from './driver.ts'
import { replay } from './replay.ts'

function heard(driver: Driver, bytes: Uint8Array) {
  return replay(driver, [{ kind: 'device', bytes }], null)
}

function sample(name: string): Uint8Array {
  const path = join(import.meta.dirname, '../protocols/ecg/samples', `${name}.gz`)
  return new Uint8Array(gunzipSync(readFileSync(path)))
}

t.test('ecg-file: keeps the file, says the leads and the numbers, and no words', async (t) => {
  const bytes = sample('MDW14.scp')
  const { said, noiseBytes, packets } = heard(ecgFile, bytes)
  t.equal(packets, 1)
  t.equal(noiseBytes, 0)
  const [document, identity, strip, measurement, ...more] = said
  t.strictSame(more, [])
  t.strictSame(document, {
    kind: 'document',
    title: 'ECG (SCP-ECG)',
    mediaType: 'application/x-scp-ecg',
    bytes,
  })
  t.match(identity, { kind: 'identity', model: 'MDW14', serialNumber: null, firmware: 'CCW' })
  t.match(strip, { kind: 'strip', wave: 'ecg', rate: { samples: 600, perMs: 1_000 } })
  if (strip?.kind === 'strip') t.equal(strip.samples.length, 8)
  t.match(measurement, {
    kind: 'measurement',
    values: [{ code: 'MDC_ECG_HEART_RATE', value: 60, unit: '/min' }],
    deviceTime: { year: 2017, month: 5, day: 4, hour: 16, minute: 35, second: 7 },
    qualifiers: { interpretation: 'unconfirmed', qtcFormula: 'bazett' },
    identifiers: { patientId: '123456789' },
  })
  const { kind: _, ...words } = measurement ?? {}
  t.notMatch(
    JSON.stringify(words),
    /sinus|variant|test/,
    'what is said of the patient stays inside',
  )
})

t.test('ecg-file: the same of every format, and no computed beat', async (t) => {
  for (const name of ['Example.dcm', 'Example.xml', 'PageWriterTC.xml', 'PFE105_redred.scp']) {
    const { said } = heard(ecgFile, sample(name))
    const kinds = said.map(({ kind }) => kind)
    t.strictSame(kinds, ['document', 'identity', 'strip', 'measurement'], name)
  }
  const withoutValues = heard(ecgFile, sample('PFE105_redred.scp')).said.at(-1)
  t.match(withoutValues, {
    values: [{ code: 'MDC_ECG_HEART_RATE', value: null }],
    qualifiers: { interpretation: 'confirmed' },
  })
  const one = heard(ecgFile, sample('Example.dcm')).said.at(-1)
  t.match(one, { qualifiers: { record: '1.2.826.0.1.34471.2.44.6.20021122091000..1' } })
})

t.test('ecg-file: a file that is broken is kept, and a person is told', async (t) => {
  const ecg = encodeScp(ecgOf(beats(2, 500)))
  if (!ecg.ok) throw new Error(ecg.reason)
  const half = ecg.value.subarray(0, ecg.value.length - 50)
  t.match(heard(ecgFile, half).said, [
    { kind: 'document', bytes: half },
    {
      kind: 'event',
      code: 'file-not-understood',
      level: 'warning',
      detail: { reason: /a record/ },
    },
  ])
  const at = ecg.value.length - 4
  const flipped = ecg.value.with(at, (ecg.value[at] ?? 0) ^ 1)
  t.match(heard(ecgFile, flipped).said, [
    { kind: 'document' },
    { kind: 'identity' },
    { kind: 'event', code: 'file-damaged', detail: { remark: 'checksum' } },
    { kind: 'strip' },
    { kind: 'measurement', values: [{ value: null }] },
  ])
})

t.test('ecg-file: what is no ECG is not taken', async (t) => {
  for (const [bytes, reason] of [
    [sample('62.SCP'), 'neither SCP-ECG, DICOM, EDF, HL7 aECG nor an ECG of Philips'],
    [latin1Bytes('<!DOCTYPE a><a/>'), 'XML: a document type is refused, at character 0'],
    [new Uint8Array(17_000_000), 'larger than its limit'],
  ] as const) {
    const { said, noiseBytes, noiseReasons } = heard(ecgFile, bytes)
    t.strictSame(said, [])
    t.equal(noiseBytes, bytes.length)
    t.strictSame(noiseReasons, [reason])
  }
})

t.test('ecg-file: a recording with a gap becomes two strips', async (t) => {
  const signal = {
    label: 'ECG',
    dimension: 'mV',
    physicalMin: -10,
    physicalMax: 10,
    digitalMin: -1_000,
    digitalMax: 1_000,
    samplesPerRecord: 2,
  }
  const header = {
    kind: 'interrupted',
    patient: 'X X X X',
    recording: 'Startdate X X X X',
    startedAt: null,
    records: 2,
    secondsPerRecord: 1,
    signals: [signal],
  } as const
  const bytes = encodeEdf(header, [Int32Array.of(1, 2, 3, 4)], [])
  const later = Buffer.from(bytes)
  later.write('+9', later.indexOf('+1\x14'))
  const { said } = heard(ecgFile, new Uint8Array(later))
  t.strictSame(
    said.flatMap((one) => (one.kind === 'strip' ? [one.samples] : [])),
    [[Int32Array.of(1, 2)], [Int32Array.of(3, 4)]],
  )
  t.equal(said.at(-1)?.kind, 'strip', 'and nothing is said of a time that nobody knows')
})

t.test('document-file: by what is in it, without a name', async (t) => {
  const pdf = latin1Bytes('%PDF-1.4\n%%EOF\n')
  const mediaType = 'application/pdf'
  t.strictSame(heard(documentFile, pdf).said, [
    { kind: 'document', title: 'Report (PDF)', mediaType, bytes: pdf },
  ])
  const photo = latin1Bytes('\xff\xd8\xff\xe1')
  t.match(heard(documentFile, photo).said, [{ title: 'Photo', mediaType: 'image/jpeg' }])
  const { noiseReasons } = heard(documentFile, latin1Bytes('MZ'))
  t.strictSame(noiseReasons, ['neither a PDF nor a photo'])
})
