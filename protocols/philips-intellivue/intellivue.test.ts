import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t, { type Test } from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { noBytes } from '../bytes/bytes.ts'
import { crc16X25 } from '../bytes/checksum.ts'
import { fromHex, toHex } from '../packet/hex.ts'
import {
  encodeApdu,
  encodeReadyResult,
  readApdu,
  type IntellivueApdu,
  type PollResult,
} from './apdu.ts'
import {
  monitorIdentity,
  observedNumbers,
  observedSamples,
  observedTime,
  samplePeriod,
  sampleLayout,
  sampleScale,
} from './attributes.ts'
import {
  encodeIntellivueFrame,
  frameOf,
  intellivueFrameLimitBytes,
  scanIntellivueFrame,
} from './frame.ts'
import {
  associationRequest,
  exportedWavesRequest,
  numbersRequest,
  releaseRequest,
  wavesRequest,
} from './requests.ts'

function bytes(hex: string): Uint8Array {
  return fromHex(hex.replaceAll(/\s/g, '').toLowerCase()) ?? noBytes
}

const word = fc.nat(0xffff)
const escapeRich = fc.oneof(fc.nat(255), fc.constantFrom(0xc0, 0xc1, 0x7d))
const value = fc.array(escapeRich, { maxLength: 20 }).map((values) => Uint8Array.from(values))
const attributes = fc.array(plain({ id: word, value }), { maxLength: 4 })
const anyApdu: fc.Arbitrary<IntellivueApdu> = fc.oneof(
  plain({
    kind: fc.constant('poll' as const),
    invokeId: word,
    piece: fc.constantFrom('first' as const, 'middle' as const, 'last' as const, 'only' as const),
    pollNumber: word,
    sequence: fc.option(word),
    relativeTime: fc.nat(0xffffffff),
    polled: fc.constantFrom(6, 9),
    observations: fc.array(plain({ context: fc.constant(0), handle: word, attributes }), {
      maxLength: 4,
    }),
  }),
  plain({ kind: fc.constant('ready' as const), invokeId: word, attributes }),
  plain({ kind: fc.constant('error' as const), invokeId: word, code: word }),
  value.map((rest) => ({ kind: 'accepted' as const, bytes: Uint8Array.of(0x0e, ...rest) })),
  value.map((rest) => ({ kind: 'aborted' as const, bytes: Uint8Array.of(0x19, ...rest) })),
)

holdsWhatScannersPromise('intellivue', {
  scan: scanIntellivueFrame,
  encode: encodeIntellivueFrame,
  packets: anyApdu,
  limitBytes: intellivueFrameLimitBytes,
})

t.test('intellivue: the check sum of the test vectors, with its escapes', async (t) => {
  t.equal(crc16X25(bytes('3A 71')), 0x269b)
  t.equal(crc16X25(bytes('3A 91')), 0xc195)
  const framed =
    'C0 11 01 00 28 E1 00 00 02 00 01 00 20 00 01 00 07 00 1A 00 21 00 00 00 00 00 00 00 00 ' +
    'F1 3B 00 0C 00 01 00 01 00 06 00 00 00 00 00 00 4C 7D E0 C1'
  t.equal(toHex(frameOf(numbersRequest(1, 1))), toHex(bytes(framed)))
})

t.test('intellivue: requests are as clients send them', async (t) => {
  t.equal(associationRequest.length, 300)
  t.equal(releaseRequest.length, 26)
  const waves =
    'E1 00 00 02 00 01 00 28 00 04 00 07 00 22 00 21 00 00 00 00 00 00 00 00 F1 3B 00 14 00 03 ' +
    '00 01 00 09 00 00 00 01 00 08 F1 3E 00 04 00 49 3E 00'
  t.equal(toHex(wavesRequest(4, 3, 600)), toHex(bytes(waves)))
  const exported =
    'E1 00 00 02 00 01 00 2E 00 00 00 05 00 28 00 21 00 00 00 00 00 00 00 00 00 01 00 1A 00 00 ' +
    'F2 3A 00 14 00 04 00 10 00 02 01 02 00 02 01 01 00 02 01 3D 00 02 4B B4'
  t.equal(toHex(exportedWavesRequest(0, [0x102, 0x101, 0x13d, 0x4bb4])), toHex(bytes(exported)))
  const ready =
    'E1 00 00 02 00 02 00 14 00 01 00 01 00 0E 00 21 00 00 00 00 00 00 00 00 0D 06 00 00'
  t.equal(toHex(encodeReadyResult(1)), toHex(bytes(ready)))
})

t.test('intellivue: a number in demo mode says so, and one without value is none', async (t) => {
  const number = (hex: string) => observedNumbers([{ id: 0x950, value: bytes(hex) }])
  t.strictSame(number('4B B8 04 00 02 20 FF 00 03 B6'), [
    { physioId: 0x4bb8, unit: 0x220, value: 95, isSimulated: true },
  ])
  t.strictSame(number('41 82 00 00 0A A0 00 00 00 3C'), [
    { physioId: 0x4182, unit: 0xaa0, value: 60, isSimulated: false },
  ])
  for (const state of ['80 00', '40 00', '20 00', '10 00']) {
    t.match(number(`41 82 ${state} 0A A0 00 00 00 3C`), [{ value: null }], state)
  }
  t.match(number('41 82 00 00 0A A0 00 7F FF FF'), [{ value: null }], 'not a number')
  t.match(number('41 82 08 00 0A A0 00 00 00 3C'), [{ isSimulated: true }], 'test data')
  t.strictSame(number('41 82 00'), [], 'cut short')
})

t.test('intellivue: samples, their layout, scale and period', async (t) => {
  const samples = { id: 0x96e, value: bytes('01 02 00 00 00 04 1F FD 9F FE') }
  t.strictSame(observedSamples([samples]), [
    { physioId: 0x102, samples: [0x1ffd, 0x9ffe], count: 2, isSimulated: false },
  ])
  const none = { id: 0x96e, value: bytes('01 02 20 00 00 04 1F FD 9F FE') }
  t.match(observedSamples([none]), [{ samples: null, count: 2 }])
  const layout = [{ id: 0x96d, value: bytes('00 80 10 0E 30 00') }]
  t.strictSame(sampleLayout(layout), { significantBits: 14 })
  t.equal(sampleLayout([{ id: 0x96d, value: bytes('00 80 08 08 30 00') }]), null)
  t.equal(sampleLayout([]), null)
  const scale = [{ id: 0x96f, value: bytes('FE FF F0 00 FD 00 9F FB 00 00 3F FF') }]
  t.strictSame(sampleScale(scale), {
    lowAmplitude: -40.96,
    highAmplitude: 40.955,
    lowSample: 0,
    highSample: 16_383,
  })
  t.equal(samplePeriod([{ id: 0x98d, value: bytes('00 00 00 10') }]), 16)
  t.equal(samplePeriod([{ id: 0x98d, value: bytes('00 00 00 00') }]), null)
  const time = [{ id: 0x990, value: bytes('20 19 03 21 16 30 43 00') }]
  const expected = { year: 2019, month: 3, day: 21, hour: 16, minute: 30, second: 43 }
  t.strictSame(observedTime(time), expected)
  t.equal(observedTime([{ id: 0x990, value: bytes('FF FF FF FF FF FF FF FF') }]), null)
  t.equal(observedTime([]), undefined)
})

t.test('intellivue: a whole dialogue with an MP20', async (t) => {
  const folder = join(import.meta.dirname, '../../../shared/samples/local/serial')
  const path = join(folder, 'philips_intellivue_mp20_dataexport.hex')
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
  const found = lines.flatMap((line) => {
    const [name = '', , hex] = line.split(' ')
    return hex === undefined || line.startsWith('#') ? [] : [{ name, apdu: bytes(hex) }]
  })
  for (const { name, apdu } of found) {
    const read = readApdu(apdu)
    if (/^rsp_(nu|wave)_/.test(name) && read.kind !== 'error') {
      t.equal(read.kind, 'poll', name)
      if (name.startsWith('rsp_nu') && read.kind === 'poll') checkNumbers(t, read)
    }
    if (name === 'association_response') t.equal(read.kind, 'accepted')
    if (name === 'mds_create_event_report' && read.kind === 'ready') {
      t.equal(monitorIdentity(read.attributes).model, 'Philips M8000')
      t.equal(encodeApdu(read).length, apdu.length)
    }
    if (name === 'association_request') t.equal(toHex(associationRequest), toHex(apdu))
  }
  t.equal(found.length, lines.length === 0 ? 0 : 74)
})

function checkNumbers(t: Test, poll: PollResult): void {
  const numbers = poll.observations.flatMap(({ attributes }) => observedNumbers(attributes))
  for (const one of numbers) {
    if (one.physioId === 0x4182) t.match(one, { value: 60, unit: 0xaa0, isSimulated: true })
    if (one.physioId === 0x4bb8) t.match(one, { value: 95, unit: 0x220, isSimulated: true })
  }
}
