import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  isClaimCode,
  isFitPassphrase,
  isPassphrase,
  makeOwner,
  readClaimCode,
  readOwner,
  writeOwner,
} from './owner.ts'

t.test('owner: nobody owns a gateway whose folder is empty', async (t) => {
  t.equal(await readOwner(t.testdir({})), null)
})

t.test('owner: the claim code is made once and kept over restarts', async (t) => {
  const folder = join(t.testdir({}), 'data')
  const code = await readClaimCode(folder)
  t.match(code, /^[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}$/)
  t.equal(await readClaimCode(folder), code)
  t.equal(statSync(join(folder, 'page-claim-code')).mode & 0o777, 0o600)
  t.not(await readClaimCode(t.testdir({ other: {} })), code)
})

t.test('owner: a claim code of which a power cut left half is made anew', async (t) => {
  const folder = t.testdir({ 'page-claim-code': 'ABC' })
  const code = await readClaimCode(folder)
  t.match(code, /^.{4}-.{4}$/)
  t.equal(await readClaimCode(folder), code)
})

t.test('owner: a claim code may be typed in any case and without its dash', async (t) => {
  t.equal(isClaimCode('ABCD-2345', 'ABCD-2345'), true)
  t.equal(isClaimCode('ABCD-2345', ' abcd 2345 '), true)
  t.equal(isClaimCode('ABCD-2345', 'ABCD-2346'), false)
  t.equal(isClaimCode('ABCD-2345', 'ABCD-234'), false)
  t.equal(isClaimCode('ABCD-2345', ''), false)
})

t.test(
  'owner: the passphrase is kept as a salted hash and recognised after a restart',
  async (t) => {
    const folder = t.testdir({})
    const owner = await makeOwner('mobil klinik banten', 'en')
    t.equal(await writeOwner(folder, owner), true)
    const text = readFileSync(join(folder, 'page-owner.json'), 'utf8')
    t.notMatch(text, /mobil|klinik|banten/)
    t.equal(statSync(join(folder, 'page-owner.json')).mode & 0o777, 0o600)
    const read = await readOwner(folder)
    t.strictSame(read, owner)
    if (read === null) return
    t.equal(await isPassphrase(read, 'mobil klinik banten'), true)
    t.equal(await isPassphrase(read, 'mobil klinik bantem'), false)
    const other = await makeOwner('mobil klinik banten', 'en')
    t.notSame(other.hash, owner.hash, 'each owner has a salt of its own')
  },
)

t.test('owner: letters that two keyboards compose differently are the same', async (t) => {
  const owner = await makeOwner('klinik caf\u00e9 satu', 'id')
  t.equal(await isPassphrase(owner, 'klinik cafe\u0301 satu'), true)
})

t.test('owner: the file is written once, and a second claim changes nothing', async (t) => {
  const folder = t.testdir({})
  const first = await makeOwner('yang pertama menang', 'id')
  const second = await makeOwner('yang kedua terlambat', 'en')
  const both = await Promise.all([writeOwner(folder, first), writeOwner(folder, second)])
  t.equal(both.filter(Boolean).length, 1)
  t.equal(await writeOwner(folder, second), false)
  t.strictSame(readdirSync(folder), ['page-owner.json'], 'no temporary file stays')
  t.strictSame(await readOwner(folder), both[0] ? first : second)
})

t.test('owner: a damaged file is never taken for none', async (t) => {
  const whole = JSON.stringify({
    version: 1,
    language: 'id',
    scrypt: { n: 32_768, r: 8, p: 1, salt: 'A'.repeat(22), hash: 'A'.repeat(43) },
  })
  const folder = t.testdir({})
  const path = join(folder, 'page-owner.json')
  writeFileSync(path, whole)
  t.not(await readOwner(folder), null)
  const damages = [
    '',
    whole.slice(0, 40),
    '[]',
    'null',
    whole.replace('"version":1', '"version":2'),
    whole.replace('"id"', '"fr"'),
    whole.replace('32768', '1e12'),
    whole.replace('"n":32768,', ''),
    whole.replace('AAAA', ''),
  ]
  for (const text of damages) {
    writeFileSync(path, text)
    await t.rejects(readOwner(folder), { code: 'page-owner-unreadable' }, text)
  }
})

t.test('owner: a passphrase is long enough and not the code on the label', async (t) => {
  t.equal(isFitPassphrase('sepuluh 10', 'ABCD-2345'), true)
  t.equal(isFitPassphrase('sembilan9', 'ABCD-2345'), false)
  t.equal(isFitPassphrase('x'.repeat(200), 'ABCD-2345'), true)
  t.equal(isFitPassphrase('x'.repeat(201), 'ABCD-2345'), false)
  t.equal(isFitPassphrase('abcd - 2345', 'ABCD-2345'), false)
})
