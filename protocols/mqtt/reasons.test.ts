import t from 'tap'
import {
  endingOfError,
  endingOfReasonCode,
  endingOfUnusableSettings,
  refusesVersion,
  wordsOfReasonCode,
} from './reasons.ts'

t.test('reasons: every code says something, known or not', async (t) => {
  for (let code = 0; code < 256; code++) {
    const { reason, code: closeCode } = endingOfReasonCode(code)
    t.match(reason, /^The broker says: .{4,} \(0x[0-9a-f]{2}\)\.$/)
    t.ok(closeCode.length > 0)
  }
  t.equal(wordsOfReasonCode(0x97), 'quota exceeded (0x97)')
  t.equal(wordsOfReasonCode(0xee), 'reason 0xee (0xee)')
})

t.test('reasons: both versions have a way to refuse a version', async (t) => {
  t.strictSame([0x01, 0x84, 0x00, 0x87].map(refusesVersion), [true, true, false, false])
})

t.test('reasons: what a person must change is not tried again soon', async (t) => {
  for (const [thrown, code, retriable] of [
    [{ code: 'ENOTFOUND', message: 'getaddrinfo' }, 'name-unknown', true],
    [{ code: 'ENETUNREACH', message: '' }, 'unreachable', true],
    [{ code: 'ECONNRESET', message: '' }, 'lost', true],
    [{ code: 'CERT_NOT_YET_VALID', message: '' }, 'certificate-time', true],
    [{ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', message: '' }, 'certificate', false],
    [
      { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', message: '' },
      'certificate-refused',
      false,
    ],
    [
      { code: 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', message: '' },
      'certificate-refused',
      false,
    ],
    [{ code: 0x86, message: '' }, 'credentials', false],
    [{ code: 'ESOMETHING', message: 'odd' }, 'lost', true],
    [{ message: 'Keepalive timeout' }, 'lost', true],
    ['a text', 'lost', true],
    [null, 'lost', true],
    [{}, 'lost', true],
  ] as const) {
    t.match(endingOfError(thrown), { code, retriable }, JSON.stringify(thrown))
  }
  t.match(endingOfUnusableSettings(new Error('bad key')), {
    reason: /cannot be used: bad key/,
    code: 'settings',
    retriable: false,
  })
})
