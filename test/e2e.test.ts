/** The main way once: devices on ttys and DICOM, journal, broker, landing, and the page. */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { RecordsAnswer, Start, StatusWire } from '../gateway/page/wire.ts'
import { runSimpul, until } from './bad-input/tested-van.ts'

const folder = mkdtempSync(join(tmpdir(), 'simpul-e2e-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

t.test('demo: its page answers, and nothing is lost or doubled', async (t) => {
  const demo = runSimpul(folder, [
    'demo',
    '--seconds=5',
    '--port=0',
    `--folder=${join(folder, 'demo')}`,
  ])
  t.teardown(() => demo.stop())
  const found = await until(
    'the address of the page',
    () => /Local page: (\S+)\nClaim code for the first visit: (\S+)/.exec(demo.printed()),
    { seen: () => demo.printed() },
  )
  const [, page = '', code = ''] = found

  const html = await fetch(page)
  t.equal(html.status, 200)
  t.match(await html.text(), /<html[^>]* lang="id"/)
  const start = await askFor<Start>(new URL('/api/start', page))
  t.match(start, { claimed: false, signedIn: false, language: 'id' })
  const shut = await fetch(new URL('/api/records', page))
  t.equal(shut.status, 401, 'no reading is shown to strangers')

  const claim = await fetch(new URL('/api/claim', page), {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: new URL(page).origin },
    body: JSON.stringify({ code, passphrase: 'tiga kata rahasia', language: 'en' }),
  })
  t.match(await claim.json(), { claimed: true, signedIn: true, language: 'en' })
  const cookie = claim.headers.get('set-cookie')?.split(';')[0] ?? ''
  const { instance } = await askFor<Start>(new URL('/api/start', page))
  const photo = Buffer.alloc(200_000)
  photo.set([0xff, 0xd8, 0xff, 0xe0])
  const typed = await fetch(new URL('/api/typed', page), {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: new URL(page).origin, cookie },
    body: JSON.stringify({
      instance,
      entry: 'e2e'.repeat(8),
      form: 'point-of-care',
      texts: { glucose: '104', 'glucose-timing': 'fasting' },
      confirmed: [],
      photo: { base64: photo.toString('base64'), isSource: true },
    }),
  })
  t.match(await typed.json(), { kind: 'stored' })
  const kept = new URL('/api/records?device=keypad', page)
  const read = await askFor<RecordsAnswer>(kept, { cookie })
  const sha256 = createHash('sha256').update(photo).digest('hex')
  t.match(read.rows, [
    { source: 'photo', says: { values: [{ value: 104 }], qualifiers: { photo: sha256 } } },
    { source: 'photo', says: { kind: 'document', sizeBytes: photo.length } },
  ])
  const records = new URL('/api/records?kinds=image', page)
  const images = await until('both images', async () => {
    const { rows } = await askFor<RecordsAnswer>(records, { cookie })
    return rows.length === 2 ? rows : null
  })
  t.strictSame(
    images.map((row) => row.device),
    ['xr-1', 'us-1'],
  )
  const status = await askFor<StatusWire>(new URL('/api/status', page))
  t.match(status, { van: 'van-demo', troubles: [], uplink: { state: 'online', trouble: null } })
  t.match(
    status.devices.map(({ id, simulated }) => `${id} ${simulated}`).filter((one) => /-1/.test(one)),
    ['bp-1 true', 'scale-1 true', 'monitor-1 true', 'us-1 true', 'xr-1 true'],
  )

  t.equal(await demo.process.ended, 0)
  const printed = demo.printed()
  t.match(printed, /^images: 2 answered, 0 not bit for bit$/m)
  t.match(printed, /^lost 0, doubled 0$/m)
  const rows = [
    ...printed.matchAll(/^([a-z0-9-]+\/[a-z]+) +(?:\d+|-) +(\d+) +(\d+) +(\d+) +(\d+) /gm),
  ]
  const streams = rows.map(([, stream = '']) => stream)
  const devices = ['monitor-1/waveform', 'monitor-1/numerics', 'us-1/object', 'xr-1/image']
  const typist = ['keypad/measurement', 'keypad/document', 'keypad/object']
  for (const stream of [...devices, ...typist]) {
    t.ok(streams.includes(stream), `${stream} has a row`)
  }
  for (const [, stream = '', stored, receipted, missing, doubled] of rows) {
    t.strictSame([stored, missing, doubled], [receipted, '0', '0'], stream)
  }
})

async function askFor<T>(url: URL, headers: { readonly [name: string]: string } = {}): Promise<T> {
  return (await (await fetch(url, { headers })).json()) as T
}
