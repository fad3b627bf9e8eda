import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import t from 'tap'
import { holds } from '../../test/wire/holds.ts'
import { tool } from '../../test/dicom/dcmtk.ts'
import { joinBytes, viewOf } from '../bytes/bytes.ts'
import { decimalIn, decodeDataSet, itemsIn, numberIn, textIn } from '../dicom/data-set.ts'
import { decodeFileHead, encodeFileHead } from '../dicom/part10.ts'
import { explicitLittle } from '../dicom/uids.ts'
import { beats, ecgOf, twelveNames } from '../ecg/testing.ts'
import { element, longElement, sequenceElement, shortElement, textElement } from './elements.ts'
import { sequences, tags } from './tags.ts'
import { decodeDicomEcg } from './waveform.ts'
import { encodeDicomEcg } from './write.ts'

const names = { sopInstanceUid: '2.25.1', seriesInstanceUid: '2.25.2', studyInstanceUid: '2.25.3' }

function encoded(ecg: Parameters<typeof encodeDicomEcg>[0]): Uint8Array {
  const bytes = encodeDicomEcg(ecg, names)
  if (!bytes.ok) throw new Error(bytes.reason)
  return bytes.value
}

t.test('dicom ecg: what is written comes back', async (t) => {
  const sample = fc.integer({ min: -32_768, max: 32_767 })
  fc.assert(
    fc.property(
      fc.array(sample, { minLength: 1, maxLength: 60 }),
      fc.constantFrom(240, 500, 600, 1_000),
      fc.constantFrom(1_000, 2_500, 3_750, 4_880, 183),
      (lead, hz, nanovolts) => {
        const samples = [Int32Array.from(lead), Int32Array.from(lead.toReversed())]
        const ecg = { ...ecgOf(samples, { hz, nanovolts }), recordId: '2.25.1' }
        t.strictSame(decodeDicomEcg(encoded(ecg)), { ok: true, value: ecg })
      },
    ),
    { numRuns: 60 },
  )
})

t.test('dicom ecg: another program reads what is written', async (t) => {
  const samples = beats(12, 300)
  const path = join(t.testdir(), 'ecg.dcm')
  writeFileSync(path, encoded(ecgOf(samples)))
  const text = await tool('dcmdump', ['-q', '+L', path])
  for (const line of [
    /\(0008,0016\) UI =TwelveLeadECGWaveformStorage/,
    /\(0008,002a\) DT \[20260214092103\]/,
    /\(0008,0060\) CS \[ECG\]/,
    /\(0010,0010\) PN \(no value available\)/,
    /\(0010,0020\) LO \[MRN-0417\]/,
    /\(003a,0005\) US 12 /,
    /\(003a,0010\) UL 300 /,
    /\(003a,001a\) DS \[500\]/,
    /\(003a,0210\) DS \[2.5\]/,
    /\(0008,0100\) SH \[2:64\]/,
    /\(0040,a30a\) DS \[94\]/,
    /\(5400,1006\) CS \[SS\]/,
  ]) {
    t.match(text, line)
  }
  t.notMatch(text, /^[EW]:/m, 'without an error or a warning')
  const words = /\(5400,1010\) OW ([0-9a-f\\]+)/.exec(text)?.[1]?.split('\\') ?? []
  const found = words.map((word) => (Number.parseInt(word, 16) << 16) >> 16)
  const expected = Array.from({ length: 300 }, (_, at) => samples.map((lead) => lead[at]))
  t.ok(isDeepStrictEqual(found, expected.flat()), 'sample for sample')
  // It writes the same object in the other encodings, which we must read as well.
  for (const how of ['+ti', '+tb', '+e']) {
    const other = join(t.testdirName, `other${how}.dcm`)
    await tool('dcmconv', [how, path, other])
    const bytes = new Uint8Array(readFileSync(other))
    const expected = { ok: true, value: { ...ecgOf(samples), recordId: '2.25.1' } }
    t.ok(isDeepStrictEqual(decodeDicomEcg(bytes), expected), how)
  }
})

t.test('dicom ecg: the class that holds it, or a refusal', async (t) => {
  const classOf = (ecg: Parameters<typeof encodeDicomEcg>[0]): string | null => {
    const head = decodeFileHead(encoded(ecg))
    return head.ok ? head.value.sopClassUid : null
  }
  t.equal(classOf(ecgOf(beats(12, 16_384))), '1.2.840.10008.5.1.4.1.1.9.1.1')
  t.equal(classOf(ecgOf(beats(12, 16_385))), '1.2.840.10008.5.1.4.1.1.9.1.2', 'too long')
  const many = [...twelveNames, ...twelveNames, 'I']
  t.equal(classOf(ecgOf(beats(14, 20), { names: many })), '1.2.840.10008.5.1.4.1.1.9.1.2')
  const refused = (ecg: Parameters<typeof encodeDicomEcg>[0], reason: RegExp) =>
    t.match(encodeDicomEcg(ecg, names), { ok: false, reason })
  refused(ecgOf(beats(25, 20), { names: many }), /24 leads/)
  refused(ecgOf(beats(1, 20), { hz: 2_000 }), /200 to 1000 Hz/)
  refused(ecgOf([Int32Array.of(40_000)]), /16 bits/)
  refused({ ...ecgOf(beats(1, 20)), recordedAt: null }, /time/)
})

const littleExplicit = { explicit: true, little: true } as const

/** A file of one group of two channels, with other elements put in their place. */
function file(group: readonly Uint8Array[], definitions = 2): Uint8Array {
  const channel = (number: number, more: readonly Uint8Array[]) =>
    joinBytes(
      sequenceElement(
        tags.channelSource,
        joinBytes(
          textElement(tags.codeValue, 'SH', `5.6.3-9-${number}`),
          textElement(tags.codingScheme, 'SH', 'SCPECG'),
        ),
      ),
      ...more,
    )
  const units = sequenceElement(tags.sensitivityUnits, textElement(tags.codeValue, 'SH', 'mV'))
  const calibrated = [
    textElement(tags.sensitivity, 'DS', ' .00122 '),
    units,
    textElement(tags.correctionFactor, 'DS', '2'),
    textElement(tags.baseline, 'DS', '-0.0122'),
  ]
  const channels = [channel(61, calibrated), channel(3, [])].slice(0, definitions)
  const head = encodeFileHead({
    sopClassUid: '1.2.840.10008.5.1.4.1.1.9.1.2',
    sopInstanceUid: '2.25.9',
    transferSyntaxUid: explicitLittle,
  })
  return joinBytes(
    head,
    sequenceElement(
      tags.waveforms,
      joinBytes(...group, sequenceElement(tags.channelDefinitions, ...channels)),
    ),
  )
}

const group = {
  channels: shortElement(tags.channels, 2),
  samples: longElement(tags.samples, 2),
  frequency: textElement(tags.frequency, 'DS', '240 '),
  bits: shortElement(tags.bitsAllocated, 16),
  interpretation: textElement(tags.interpretation, 'CS', 'SS'),
  data: element(tags.data, 'OW', Uint8Array.of(1, 0, 2, 0, 0xff, 0xff, 4, 0)),
}

t.test('dicom ecg: the habits of makers', async (t) => {
  t.match(decodeDicomEcg(file(Object.values(group))), {
    ok: true,
    value: {
      recordedAt: null,
      parts: [
        {
          kind: 'rhythm',
          rate: { samples: 240, perMs: 1_000 },
          leads: [
            { code: 'MDC_ECG_ELEC_POTL_III', unit: 'mV', lsb: 0.00244, zero: 5 },
            { code: 'MDC_ECG_ELEC_POTL_V1', unit: null, lsb: null, zero: 0 },
          ],
          samples: [Int32Array.of(1, -1), Int32Array.of(2, 4)],
        },
      ],
    },
  })
  const one = { ...group, channels: shortElement(tags.channels, 1) }
  t.match(decodeDicomEcg(file(Object.values(one))), {
    ok: true,
    value: {
      parts: [
        {
          samples: [
            [1, -1],
            [2, 4],
          ].map((lead) => Int32Array.from(lead)),
        },
      ],
    },
  })
  const bytes = {
    ...group,
    bits: shortElement(tags.bitsAllocated, 8),
    interpretation: textElement(tags.interpretation, 'CS', 'UB'),
    label: textElement(tags.groupLabel, 'SH', 'MEDIAN BEAT'),
  }
  t.match(decodeDicomEcg(file(Object.values(bytes))), {
    value: { parts: [{ kind: 'beat', samples: [Int32Array.of(1, 2), Int32Array.of(0, 0)] }] },
  })
})

t.test('dicom ecg: what makes no sense is refused with a reason', async (t) => {
  const refused = (more: object, reason: RegExp, definitions = 2) =>
    t.match(decodeDicomEcg(file(Object.values({ ...group, ...more }), definitions)), {
      ok: false,
      reason,
    })
  refused({ samples: longElement(tags.samples, 0xffff_ffff) }, /less data/)
  refused({ samples: longElement(tags.samples, 0) }, /less data/)
  refused({ channels: shortElement(tags.channels, 60_000) }, /60000 channels/)
  refused({ channels: shortElement(tags.channels, 3) }, /without a definition/)
  refused({ frequency: textElement(tags.frequency, 'DS', 'fast') }, /sampling frequency/)
  refused({ interpretation: textElement(tags.interpretation, 'CS', 'MB') }, /neither/)
  refused({}, /without a definition/, 1)
  const head = { sopClassUid: '1.2', sopInstanceUid: '2.25.9' }
  const empty = (transferSyntaxUid: string) => encodeFileHead({ ...head, transferSyntaxUid })
  t.match(decodeDicomEcg(empty(explicitLittle)), { ok: false, reason: /without a waveform/ })
  t.match(decodeDicomEcg(empty(`${explicitLittle}.99`)), { ok: false, reason: /deflated/ })
  t.match(decodeDicomEcg(empty('1.2.840.10008.1.2.4.50')), { ok: false, reason: /unusual/ })
  t.match(decodeDicomEcg(new Uint8Array(200)), { ok: false, reason: /DICM/ })
})

t.test('dicom ecg: sequences with and without a length, and no more than can be', async (t) => {
  const open = (tag: number, representation: string) => {
    const head = element(tag, representation, new Uint8Array(0))
    viewOf(head).setUint32(8, 0xffff_ffff, true)
    return head
  }
  const delimiter = (number: number, length = 0) => {
    const bytes = new Uint8Array(8)
    const view = viewOf(bytes)
    view.setUint16(0, 0xfffe, true)
    view.setUint16(2, number, true)
    view.setUint32(4, length, true)
    return bytes
  }
  const item = delimiter(0xe000, 0xffff_ffff)
  const [itemEnd, end] = [delimiter(0xe00d), delimiter(0xe0dd)]
  const meaning = textElement(tags.codeMeaning, 'LO', 'Lead I')
  const bytes = joinBytes(open(tags.channelSource, 'SQ'), item, meaning, itemEnd, end, meaning)
  const read = decodeDataSet(bytes, littleExplicit, sequences)
  if (!read.ok) throw new Error(read.reason)
  const [first] = itemsIn(read.value, tags.channelSource)
  t.equal(first && textIn(first, tags.codeMeaning), 'Lead I')
  t.equal(textIn(read.value, tags.codeMeaning), 'Lead I', 'and what stands behind it')
  t.equal(numberIn(read.value, tags.codeMeaning), null)
  t.equal(decimalIn(read.value, tags.codeMeaning), null)
  const deep = joinBytes(
    ...Array.from({ length: 17 }, () => [...open(tags.channelSource, 'SQ'), ...item]),
  )
  t.match(decodeDataSet(deep, littleExplicit, sequences), { ok: false, reason: /too deep/ })
  const items = joinBytes(
    open(tags.channelSource, 'SQ'),
    ...Array.from({ length: 100_001 }, () => delimiter(0xe000)),
  )
  t.match(decodeDataSet(items, littleExplicit, sequences), {
    ok: false,
    reason: /more than 100000/,
  })
  const wrong = joinBytes(open(tags.channelSource, 'SQ'), meaning)
  t.match(decodeDataSet(wrong, littleExplicit, sequences), { ok: false, reason: /no items/ })
  const whole = encoded(ecgOf(beats(2, 9)))
  const isAnswered = (bytes: Uint8Array) => typeof decodeDicomEcg(bytes).ok === 'boolean'
  for (let at = 200; at < whole.length; at++) {
    if (!isAnswered(whole.subarray(0, at))) t.fail(`cut at ${at}`)
  }
  const anywhere = fc.nat(whole.length - 1)
  const changed = fc.property(anywhere, fc.nat(255), (at, byte) => isAnswered(whole.with(at, byte)))
  holds(t, 'a byte that changed is answered', changed, { numRuns: 2_000 })
})
