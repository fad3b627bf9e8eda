import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readForwardSettings } from './read-settings.ts'

const read = (value: unknown) => readForwardSettings(JSON.stringify(value))

function findings(value: unknown): readonly string[] {
  const result = read(value)
  return result.ok ? [] : result.findings.map(({ path, en }) => `${path}: ${en}`)
}

t.test('forward settings: what is not said has its usual value', async (t) => {
  const result = read({
    destinations: [
      { kind: 'dicom', name: 'pacs', host: '10.0.0.5', calledAeTitle: 'PACS' },
      { kind: 'dicom', name: 'router', host: 'router.local', profile: 'satusehat-router' },
      { kind: 'dicomweb', name: 'web', url: 'https://pacs.example/dicom-web/' },
    ],
  })
  t.match(result, {
    ok: true,
    settings: {
      listen: null,
      destinations: [
        { port: 104, callingAeTitle: 'SIMPUL', proof: 'auto', profile: 'archive', tls: null },
        { port: 11_112, calledAeTitle: 'DCMROUTER', proof: 'none', quietSeconds: 300 },
        { url: 'https://pacs.example/dicom-web', proof: 'qido', auth: null },
      ],
    },
  })
})

t.test('forward settings: all is read that can be said', async (t) => {
  const tls = { authority: '/ca.pem', certificate: '/c.pem', key: '/k.pem' }
  const auth = { kind: 'bearer', file: '/token' }
  const result = read({
    aeTitle: 'VANS',
    listen: { port: 11_113 },
    destinations: [
      {
        kind: 'dicom',
        name: 'pacs',
        host: '::1',
        port: 2_762,
        calledAeTitle: 'PACS',
        tls,
        proof: 'commitment',
        silenceSeconds: 60,
        takesSimulated: true,
      },
      { kind: 'dicomweb', name: 'web', url: 'https://x/y', tls: true, auth, proof: 'none' },
    ],
  })
  t.match(result, {
    settings: {
      listen: { host: '0.0.0.0', port: 11_113 },
      destinations: [
        { callingAeTitle: 'VANS', tls, proof: 'commitment', takesSimulated: true },
        { tls: { authority: null, certificate: null, key: null }, auth },
      ],
    },
  })
})

t.test('forward settings: everything that is wrong is said at once', async (t) => {
  t.strictSame(
    findings({
      aeTitle: 'a title that is too long',
      listen: { port: '104', hosts: 'x' },
      destinations: [
        { kind: 'dicom', name: 'Pacs', host: 'a b', port: 0, proof: 'qido' },
        { kind: 'ftp', name: 'b' },
        {
          kind: 'dicomweb',
          name: 'web',
          url: 'http://pacs.example/x?y=1',
          auth: { kind: 'basic', file: '/secret' },
          tls: { key: '/k.pem' },
        },
        { kind: 'dicomweb', name: 'web', url: 'pacs' },
        'x',
      ],
      more: 1,
    }),
    [
      'aeTitle: expected an AE title of 1 to 16 characters, found "a title that is too long"',
      'listen/port: expected a whole number from 0 to 65535, found "104"',
      'listen/hosts: is not a setting',
      'destinations/0/name: expected a name of a-z, 0-9 and dash, found "Pacs"',
      'destinations/0/host: expected a host name or an address, found "a b"',
      'destinations/0/port: expected a whole number from 1 to 65535, found 0',
      'destinations/0/calledAeTitle: is missing',
      'destinations/0/proof: expected one of auto, commitment, find, none, found "qido"',
      'destinations/1/kind: expected one of dicom, dicomweb, found "ftp"',
      'destinations/1/host: is missing',
      'destinations/1/calledAeTitle: is missing',
      'destinations/2/tls: certificate and key go together',
      'destinations/2/url: expected an address such as https://pacs.example/dicom-web, without user and query, found "http://pacs.example/x?y=1"',
      'destinations/2/tls: is of no use with an address of http',
      'destinations/2/auth: would send the secret in clear text: use an address of https',
      'destinations/3/url: expected an address such as https://pacs.example/dicom-web, without user and query, found "pacs"',
      'destinations/4: expected an object, found "x"',
      'destinations/4/kind: is missing',
      'destinations/4/name: is missing',
      'destinations/4/host: is missing',
      'destinations/4/calledAeTitle: is missing',
      'more: is not a setting',
      'destinations/3/name: web is there already',
    ],
  )
})

t.test('forward settings: a file without sense, in both languages', async (t) => {
  t.match(readForwardSettings('{'), {
    ok: false,
    findings: [{ path: '', en: /^this is not JSON: /, id: /^ini bukan JSON: / }],
  })
  t.match(read({}), {
    findings: [
      {
        path: 'destinations',
        en: 'expected a list of 1 to 32 destinations, found nothing',
        id: 'harus daftar 1 sampai 32 tujuan, tertulis nothing',
      },
    ],
  })
})

t.test('forward settings: the example in the documentation is a good one', async (t) => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/pacs.md'), 'utf8')
  const example = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
  t.match(readForwardSettings(example), { ok: true })
})
