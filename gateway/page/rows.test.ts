import t from 'tap'
import { forms } from '../../drivers/keypad/forms.ts'
import type { Record, Unstamped } from '../../protocols/packet/record.ts'
import { outlineOf } from '../../protocols/packet/outline.ts'
import { formViewOf, rowOf } from './rows.ts'

const stamp = {
  atMs: 5,
  utcMs: 1_790_000_000_000,
  uncertaintyMs: 40,
  source: 'device',
  simulated: false,
} as const

const object = { sha256: 'a'.repeat(64), sizeBytes: 900, mediaType: 'image/png', chunkBytes: 64 }

function saysOf(record: Unstamped<Record>): unknown {
  const whole = { ...stamp, ...record } as Record
  return rowOf({ key: 'k', device: 'd', record: outlineOf(whole), delivery: 'sent' }).says
}

t.test('rows: carry who, when, how sure and how far', async (t) => {
  const record = {
    ...stamp,
    kind: 'event',
    code: 'lead-off',
    level: 'info',
    active: true,
    detail: {},
  }
  t.strictSame(
    rowOf({ key: 'k', device: 'ecg-1', record: outlineOf(record as Record), delivery: 'sent' }),
    {
      key: 'k',
      device: 'ecg-1',
      utcMs: 1_790_000_000_000,
      uncertaintyMs: 40,
      atMs: 5,
      source: 'device',
      simulated: false,
      delivery: 'sent',
      says: { kind: 'event', code: 'lead-off', level: 'info', active: true },
    },
  )
})

t.test('rows: a wave says how long it is, not its samples', async (t) => {
  const says = saysOf({
    kind: 'waveform',
    wave: 'ecg',
    run: 1,
    firstSample: 0,
    rate: { samples: 500, perMs: 1_000 },
    leads: [{ code: 'MDC_ECG_ELEC_POTL_II', unit: null, lsb: null, zero: 0 }],
    samples: [new Int32Array(250)],
  })
  t.strictSame(says, {
    kind: 'waveform',
    wave: 'ecg',
    leads: ['MDC_ECG_ELEC_POTL_II'],
    durationMs: 500,
  })
})

t.test('rows: files say their size, and no hash or identifier', async (t) => {
  t.strictSame(saysOf({ kind: 'document', object, title: 'ecg.pdf' }), {
    kind: 'document',
    title: 'ecg.pdf',
    sizeBytes: 900,
  })
  const image = saysOf({
    kind: 'image',
    object,
    sopClassUid: '1.2',
    sopInstanceUid: '1.2.3',
    transferSyntaxUid: '1.2.4',
    studyInstanceUid: null,
    seriesInstanceUid: null,
    modality: 'US',
    callingAeTitle: 'SONO',
    dataSetOffset: 0,
    flags: ['uid-conflict'],
  })
  t.strictSame(image, { kind: 'image', modality: 'US', sizeBytes: 900, flags: ['uid-conflict'] })
})

t.test('rows: the van itself speaks of clocks, losses and devices', async (t) => {
  t.strictSame(saysOf({ kind: 'clock', offsetMs: 1, fixUncertaintyMs: 9, authority: 'ntp' }), {
    kind: 'clock',
    authority: 'ntp',
    uncertaintyMs: 9,
  })
  const loss = { epoch: 'e', stream: 'bp-1/measurement', fromSeq: 4, toSeq: 6, reason: 'damaged' }
  t.strictSame(saysOf({ kind: 'loss', ...loss }), {
    kind: 'loss',
    stream: 'bp-1/measurement',
    count: 3,
  })
  const device = {
    device: 'bp-1',
    driver: 'and-tm265x',
    label: 'A&D',
    serialNumber: '77',
    firmware: null,
    calibrationDue: null,
    pluggedAt: '/dev/ttyUSB0',
  }
  t.strictSame(saysOf({ kind: 'device', ...device }), {
    kind: 'device',
    label: 'A&D',
    serialNumber: '77',
  })
})

t.test('rows: forms travel as JSON and keep their limits', async (t) => {
  for (const form of forms) {
    const view = formViewOf(form)
    t.strictSame(JSON.parse(JSON.stringify(view)), view, form.id)
    t.equal(view.fields.length, form.fields.length)
  }
  const [form] = forms
  if (form === undefined) return
  const boundless = form.fields
    .filter((field) => field.kind === 'number')
    .map((field) => ({ ...field, plausible: { low: -Infinity, high: Infinity } }))
  const view = JSON.parse(JSON.stringify(formViewOf({ ...form, fields: boundless })))
  t.equal(view.fields[0].plausible.low < -1e300, true)
  t.equal(view.fields[0].plausible.high > 1e300, true)
})
