import * as fc from 'fast-check'
import t from 'tap'
import { character } from '../../test/wire/character.ts'
import { sameBytes } from '../packet/hex.ts'
import { holds } from '../../test/wire/holds.ts'
import { holdsWhatScannersPromise } from '../../test/scanner-properties.ts'
import { latin1Bytes } from '../bytes/bytes.ts'
import { utf8Bytes, utf8Text } from '../bytes/utf8.ts'
import { bytesOfMessage, textOfMessage } from './charset.ts'
import {
  componentsOf,
  encodeEr7,
  encodingCharacters,
  escaped,
  firstPart,
  parseEr7,
  plain,
  rawField,
  usualEncoding,
  type Hl7Message,
} from './er7.ts'
import { ackCodes, ackMessage, headOf, hl7Time, type MessageHead } from './header.ts'
import { encodeMllp, mllpLimitBytes, scanMllp, type MllpBlock } from './mllp.ts'
import { isContainer, isWithoutResult, observationOf } from './observation.ts'
import { readAdmission, readOrders } from './orders.ts'

const withoutMarks = fc
  .uint8Array({ maxLength: 40 })
  .map((bytes) => bytes.filter((byte) => byte !== 0x0b && byte !== 0x1c))

holdsWhatScannersPromise<MllpBlock>('mllp', {
  scan: scanMllp,
  encode: encodeMllp,
  packets: withoutMarks.map((message) => ({ message: Uint8Array.from(message) })),
  limitBytes: mllpLimitBytes,
})

t.test('mllp: what comes before a block, and a block that was cut short, is noise', async (t) => {
  t.match(scanMllp(latin1Bytes('\r\n\x0bMSH')), { kind: 'noise', length: 2 })
  t.match(scanMllp(latin1Bytes('\x0bMSH|\x0bMSH|^\x1c\r')), { kind: 'noise', length: 5 })
  t.match(scanMllp(latin1Bytes('\x0bMSH\x1c')), { kind: 'incomplete' })
  t.match(scanMllp(latin1Bytes('\x0ba\x1cb\x1c\r')), { kind: 'packet', length: 6 })
  t.match(scanMllp(new Uint8Array(mllpLimitBytes).fill(0x41, 1).fill(0x0b, 0, 1)), {
    kind: 'noise',
    reason: 'message without end',
  })
})

function parsed(text: string): Hl7Message {
  const found = parseEr7(text)
  if (!found.ok) throw new Error(found.reason)
  return found.value
}

t.test('er7: separators are those of the message', async (t) => {
  const message = parsed('MSH#*?!%#app*id##fac\rPID###7*8?9\nZZZ\r')
  t.strictSame(message.encoding, {
    field: '#',
    component: '*',
    repetition: '?',
    escape: '!',
    subcomponent: '%',
  })
  const [header, pid, other] = message.segments
  t.equal(rawField(header, 1), '#')
  t.equal(rawField(header, 3), 'app*id')
  t.strictSame(pid && componentsOf(message, pid, 3), ['7', '8'])
  t.equal(other?.name, 'ZZZ')
  t.equal(parsed('MSH|^~\\&#|a').encoding.subcomponent, '&', 'a fifth character of 2.7')
  for (const text of [
    '',
    'PID|1',
    'MSH',
    'MSH|',
    'MSH|^|',
    'MSH|^^\\&|',
    'MSHA^~\\&A',
    'MSH|a~\\&|',
  ]) {
    t.match(parseEr7(text), { ok: false }, text)
  }
  t.match(parseEr7(`MSH|^~\\&|\r${'NTE\r'.repeat(9_000)}`), { ok: false, reason: /8192/ })
})

t.test('er7: escapes mean what the standard says, and nothing else', async (t) => {
  t.equal(plain('a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f', usualEncoding), 'a|b^c&d~e\\f')
  t.equal(plain('\\X0D0A\\\\.br\\\\H\\bold\\N\\', usualEncoding), '\r\n\nbold')
  t.equal(plain('C:\\dir\\Zz', usualEncoding), 'C:\\dir\\Zz')
  t.equal(plain('a\\', usualEncoding), 'a\\')
  const text = fc.string({ unit: 'binary-ascii', maxLength: 30 })
  fc.assert(
    fc.property(text, (text) => {
      t.equal(plain(escaped(text, usualEncoding), usualEncoding), text)
    }),
  )
})

t.test('er7: a message comes back as it went', async (t) => {
  const field = fc.stringMatching(/^[A-Za-z0-9 ^~&.]{0,12}$/)
  const segment = fc
    .tuple(fc.constantFrom('PID', 'OBR', 'OBX'), fc.array(field, { maxLength: 9 }))
    .map(([name, fields]) => ({ name, fields: [name, ...fields] }))
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 9 }), fc.array(field), (others, more) => {
      const fields = ['MSH', '|', encodingCharacters(usualEncoding), ...more]
      const header = { name: 'MSH', fields }
      const message = { encoding: usualEncoding, segments: [header, ...others] as const }
      t.strictSame(parseEr7(encodeEr7(message)), { ok: true, value: message })
    }),
  )
})

t.test('er7: HL7 null is no text', async (t) => {
  const message = parsed('MSH|^~\\&|""|498151&BARCODE^x')
  t.equal(rawField(message.segments[0], 3), '')
  t.equal(firstPart(message, message.segments[0], 4), '498151')
})

t.test('charset: MSH-18 says which, and what is wrong is told', async (t) => {
  const header = (set: string) => `MSH|^~\\&|a||||||ORU^R01|1|P|2.6||||||${set}\r`
  const bytes = (set: string, rest: string) => utf8Bytes(`${header(set)}${rest}`)
  t.match(textOfMessage(bytes('UNICODE UTF-8', 'µmol')), { text: /µmol/, isSound: true })
  t.match(textOfMessage(bytes('', 'Ibu \u{1F9E0}')), { text: /Ibu \u{1F9E0}/u, isSound: true })
  const latin1 = (set: string) => latin1Bytes(`${header(set)}\u00b5mol`)
  t.match(textOfMessage(latin1('8859/1')), { text: /µmol/, isSound: true })
  t.match(textOfMessage(latin1('')), { text: /µmol/, isSound: false })
  t.match(textOfMessage(latin1('UNICODE UTF-8')), { text: /\ufffdmol/, isSound: false })
  t.match(textOfMessage(latin1('ISO IR87')), { isSound: false })
  t.strictSame(bytesOfMessage('µ\u{1F9E0}', '8859/1'), Uint8Array.of(0xb5, 0x3f))
  t.match(textOfMessage(new Uint8Array()), { text: '' })
})

t.test('utf8: the same as the platform, for good bytes and bad ones', async (t) => {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const encoder = new TextEncoder()
  const written = fc.property(fc.string({ unit: character, maxLength: 30 }), (text) => {
    const bytes = encoder.encode(text)
    const back = utf8Text(bytes)
    return sameBytes(utf8Bytes(text), bytes) && back.text === text && back.isSound
  })
  holds(t, 'texts go there and back', written)
  holds(
    t,
    'bytes are read as the platform reads them',
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      const { text, isSound } = utf8Text(bytes)
      let isFine = true
      try {
        new TextDecoder('utf-8', { fatal: true }).decode(bytes)
      } catch {
        isFine = false
      }
      return isSound === isFine && (!isFine || text === decoder.decode(bytes))
    }),
    { numRuns: 2_000 },
  )
  for (const bytes of [
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xe2, 0x82],
  ]) {
    t.equal(utf8Text(Uint8Array.from(bytes)).isSound, false)
  }
  t.strictSame(utf8Bytes('\ud800'), utf8Bytes('\ufffd'))
})

const nobody: MessageHead = {
  application: [],
  facility: '',
  type: 'ORU',
  trigger: 'R01',
  controlId: '1',
  processing: 'P',
  version: '2.6',
  acceptAck: '',
  applicationAck: '',
}

t.test(
  'acknowledgement: in original mode, and as the two fields of enhanced mode ask',
  async (t) => {
    const codes = (
      acceptAck: MessageHead['acceptAck'],
      applicationAck: MessageHead['applicationAck'],
    ) =>
      (['taken', 'kept-out', 'wrong'] as const).map((outcome) =>
        ackCodes({ ...nobody, acceptAck, applicationAck }, outcome).join(' '),
      )
    t.strictSame(codes('', ''), ['AA', 'AE', 'AR'])
    t.strictSame(codes('AL', 'NE'), ['CA', 'CE', 'CR'], 'IHE PCD-01')
    t.strictSame(codes('NE', 'AL'), ['AA', 'AE', 'AR'], 'IHE LAW')
    t.strictSame(codes('AL', 'AL'), ['CA AA', 'CE AE', 'CR AR'])
    t.strictSame(codes('ER', 'SU'), ['AA', 'CE', 'CR'])
    t.strictSame(codes('NE', 'NE'), ['', '', ''])
    t.strictSame(codes('', 'ER'), ['', 'AE', 'AR'])
  },
)

t.test('acknowledgement: goes back to the sender, in its separators, to its number', async (t) => {
  const message = parsed('MSH|^~\\&|MON^1^EUI-64|W||H|20260212125542||ORU^R01^X|13|P|2.6|||AL|NE\r')
  t.equal(
    encodeEr7(ackMessage(message, 'CA', '1')),
    'MSH|^~\\&|SIMPUL||MON^1^EUI-64|W|20260212125542||ACK^R01^ACK|1|P|2.6\rMSA|CA|13\r',
  )
  const bare = parsed('MSH#*?!%#\r')
  const long = '123456789012345678901234'
  t.equal(
    encodeEr7(ackMessage(bare, 'AR', long)),
    `MSH#*?!%#SIMPUL######ACK#${long.slice(0, 20)}#P#2.5.1\rMSA#AR#\r`,
  )
  t.match(headOf(parsed('MSH|^~\\&|||||||ORU^R01|1||||||x')), { acceptAck: '', version: '' })
})

t.test(
  'hl7 time: with and without seconds, fractions and zone; a date alone is none',
  async (t) => {
    const at = { year: 2020, month: 11, day: 2, hour: 22, minute: 53 }
    t.strictSame(hl7Time('20201102225316+0800'), { ...at, second: 16 })
    t.strictSame(hl7Time('20201102225316.1234-0500'), { ...at, second: 16 })
    t.strictSame(hl7Time('202011022253'), { ...at, second: null })
    for (const text of ['', '20201102', '20201302225316', 'now', '20201102225316Z']) {
      t.equal(hl7Time(text), null, text)
    }
  },
)

function observed(obx: string) {
  const message = parsed(`MSH|^~\\&|\r${obx}\r`)
  const segment = message.segments[1]
  if (segment === undefined) throw new Error('no OBX')
  return observationOf(message, segment)
}

t.test('observation: the value as people read it, whatever its type', async (t) => {
  const text = (type: string, value: string) => observed(`OBX|1|${type}|a^b^c|1|${value}`).text
  t.equal(text('NM', ' 18.0 '), '18.0')
  t.equal(text('SN', '>^14.0'), '>14.0')
  t.equal(text('SN', '^5^-^10'), '5-10')
  t.equal(text('CWE', '^pump-status-not-infusing'), 'pump-status-not-infusing')
  t.equal(text('CE', 'NEG'), 'NEG')
  t.equal(text('CE', 'NEG^Negatif^L'), 'Negatif')
  t.equal(text('ST', 'a\\S\\b^c'), 'a^b^c')
  t.equal(text('NM', '""'), '')
  const whole = observed(
    'OBX|1|NM|150301^X^MDC|1.1.9.150301|166|266016^MDC_DIM_MMHG^MDC|90-140|DEMO~H|||R|||' +
      '20200212125008|||^APERIODIC||20200212125009',
  )
  t.match(whole, {
    code: ['150301', 'X', 'MDC'],
    place: '1.1.9.150301',
    unit: ['266016', 'MDC_DIM_MMHG', 'MDC'],
    range: '90-140',
    flags: ['DEMO', 'H'],
    status: 'R',
    observed: { second: 8 },
    analysed: { second: 9 },
    method: ['', 'APERIODIC'],
  })
  t.equal(isContainer(observed('OBX|1||70053^X^MDC|1.0.0.0|||||||X')), true)
  t.equal(isContainer(observed('OBX|1|NM|1^X^MDC|1|||||||R')), false)
  t.equal(isWithoutResult(observed('OBX|1|NM|1^X^MDC|1|5||||||X')), true)
  t.equal(isWithoutResult(observed('OBX|1|NM|1^X^MDC|1|5||||||F')), false)
})

t.test('orders: who is there, with the numbers of whoever gave them', async (t) => {
  const admission = readAdmission(
    parsed(
      'MSH|^~\\&|RS|||VAN|20260301101500||ADT^A04|7|P|2.5\r' +
        'PID|1||MRN-1^^^RS Harapan&1.2.3&ISO^MR~3201234567890001^^^^NI||Sari^Dewi||19900731|F\r' +
        'PV1|1|O|Poli^2^1||||||||||||||||V-9\r',
    ),
  )
  t.strictSame(admission, {
    ok: true,
    value: {
      trigger: 'A04',
      patient: {
        ids: [
          { id: 'MRN-1', authority: 'RS Harapan', type: 'MR' },
          { id: '3201234567890001', authority: '', type: 'NI' },
        ],
        familyName: 'Sari',
        givenName: 'Dewi',
        birthDate: '1990-07-31',
        sex: 'F',
      },
      visit: { patientClass: 'O', location: ['Poli', '2', '1'], visitId: 'V-9' },
      mergedIds: [],
    },
  })
  const merged = readAdmission(
    parsed('MSH|^~\\&|RS||||||ADT^A40|7|P|2.5\rPID|||A||B||19901331\rMRG|OLD\r'),
  )
  t.match(merged, {
    value: { patient: { birthDate: null }, visit: null, mergedIds: [{ id: 'OLD' }] },
  })
  t.match(readAdmission(parsed('MSH|^~\\&|||||||ADT^A04|7\rPID|1\r')), { ok: false, reason: /PID/ })
  t.match(readAdmission(parsed('MSH|^~\\&|||||||ADT^A04|7\r')), { ok: false })
  t.match(readAdmission(parsed('MSH|^~\\&|||||||ORM^O01|7\r')), { ok: false, reason: /ADT/ })
})

t.test('orders: what is asked for whom, each with its specimen', async (t) => {
  const orders = readOrders(
    parsed(
      'MSH|^~\\&|RS|||VAN|20260301101500||OML^O33^OML_O33|8|P|2.5.1\r' +
        'PID|1||MRN-1||Sari^Dewi\r' +
        'SPM|1|S-17&BARCODE\rORC|NW|P-1|F-1\rOBR|1|||HBA1C^HbA1c^L|S||20260301090000\r' +
        `SPM|2\rSAC|||S-18\rOBR|2|P-2|F-2|CRP^CRP^L${'|'.repeat(23)}^^^^^R\r`,
    ),
  )
  t.match(orders, {
    ok: true,
    value: {
      patient: { ids: [{ id: 'MRN-1' }] },
      visit: null,
      orders: [
        {
          control: 'NW',
          placerId: 'P-1',
          fillerId: 'F-1',
          service: ['HBA1C', 'HbA1c', 'L'],
          priority: 'S',
          when: { hour: 9 },
          specimenId: 'S-17',
        },
        { control: '', placerId: 'P-2', service: ['CRP', 'CRP', 'L'], specimenId: 'S-18' },
      ],
    },
  })
  t.equal(orders.ok && orders.value.orders[1]?.priority, 'R')
  t.match(readOrders(parsed('MSH|^~\\&|||||||ORM^O01|7\rPID|||1\r')), {
    ok: false,
    reason: /order/,
  })
  t.match(readOrders(parsed('MSH|^~\\&|||||||ORM^O01|7\rOBR|1\r')), { ok: false, reason: /PID/ })
  t.match(readOrders(parsed('MSH|^~\\&|||||||ADT^A04|7\r')), { ok: false, reason: /ORM/ })
})

t.test('hl7: changed messages are answered, never thrown', async (t) => {
  const text =
    'MSH|^~\\&|M^1^E||||||ORU^R01^X|13|P|2.6|||AL|NE||8859/1\rPID|||7^^^H\rOBR|1|||x|||2020\r' +
    'OBX|1|NM|150456^MDC_X^MDC|1.3.1.1|97|262688^Y^MDC||DEMO|||R|||20200212125541\r'
  fc.assert(
    fc.property(
      fc.nat(text.length),
      fc.string({ maxLength: 4, unit: 'binary-ascii' }),
      (at, more) => {
        const found = parseEr7(text.slice(0, at) + more + text.slice(at + more.length))
        if (!found.ok) return
        headOf(found.value)
        for (const segment of found.value.segments) observationOf(found.value, segment)
        readAdmission(found.value)
        readOrders(found.value)
        encodeEr7(ackMessage(found.value, 'AA', '1'))
      },
    ),
    { numRuns: 2_000 },
  )
  t.pass()
})
