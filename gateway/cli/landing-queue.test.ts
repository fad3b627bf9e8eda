import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { seededRandom } from '../clock/seeded-random.ts'
import { phases, ultrasound } from '../../test/dicom/forwarding.ts'
import { imagePackets, land } from '../../upstream/testing/images.ts'
import { openStore } from '../../upstream/testing/landing.ts'
import { TestVan } from '../../upstream/testing/van.ts'
import { startCommandThread, type Ran } from './command-testing.ts'

const thread = startCommandThread()
t.teardown(() => thread.end())

function run(...args: readonly string[]): Promise<Ran> {
  return thread.run(['landing', ...args])
}

t.test('landing: says how far images have come, and sends parked ones again', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const store = openStore(folder, van)
  const queue = store.forwardQueue(seededRandom(1))
  t.match(await run('status', '--folder', folder), { code: 0, out: 'No image was to be' })
  for (const index of [1, 2]) land(store, imagePackets(van, ultrasound(index)))
  land(store, imagePackets(van, ultrasound(3), { simulated: true }))
  const wallMs = Date.now() - 600_000
  queue.takeIn([{ name: 'pacs', takesSimulated: false }], wallMs)
  const [first] = queue.due('pacs', wallMs, 1)
  queue.settle(
    new Map([[first?.id ?? 0, { kind: 'parked', reason: 'class-refused', said: 'no\u001b[2J' }]]),
    wallMs,
  )
  queue.noteTrouble('pacs', 'unreachable: no route', wallMs)
  const english = await run('status', '--folder', folder)
  t.equal(
    english.out,
    `pacs: 0 confirmed, 0 sent, 1 waiting, 0 still arriving, 0 held until it is decided whose they are, 2 parked
  the oldest that waits has been ready for 10 min
  nothing goes now: unreachable: no route
  parked 1 (class-refused) "no?[2J"
    The destination takes no images of this kind. Enable their SOP class there.
  parked 1 (simulated)
    The image comes from a simulator and does not belong among those of patients.
`,
  )
  const indonesian = await run('status', '--folder', folder, '--language', 'id')
  t.match(indonesian.out, /Tujuan tidak menerima gambar jenis ini/)
  t.match(JSON.parse((await run('status', '--folder', folder, '--json')).out), [
    { destination: 'pacs', waiting: 1, confirmed: 0 },
  ])
  const to = ['--folder', folder, '--destination', 'pacs']
  t.match(await run('again', ...to, '--reason', 'class-refused'), { out: '1 images wait again\n' })
  queue.lookForFiles(wallMs)
  t.strictSame(phases(folder, 'pacs'), [
    ['parked', 'simulated', 1],
    ['waiting', null, 2],
  ])
  t.match(await run('again', ...to, '--reason', 'x'), { code: 2, err: /--reason wants one of/ })
  t.match(await run('again', '--folder', folder), { code: 2, err: /--destination/ })
  t.match(await run('status', '--folder', join(folder, 'no')), { code: 2, err: /no landing/ })
  store.close()
})

t.test(
  'landing: refuses a file of destinations that has mistakes, in both languages',
  async (t) => {
    const path = join(t.testdir(), 'forward.json')
    writeFileSync(path, '{"destinations":[{"kind":"dicom","name":"pacs","host":"10.0.0.5"}]}')
    const usual = ['--broker', 'mqtt://127.0.0.1:1', '--folder', join(path, '..', 'landing')]
    const refused = await run(...usual, '--forward', path)
    t.equal(refused.code, 3)
    t.match(refused.err, `${path}: destinations/0/calledAeTitle: is missing\n`)
    t.match(refused.err, 'destinations/0/calledAeTitle: belum diisi\n')
    t.match(await run(...usual, '--forward', join(path, 'no')), { code: 2, err: /--forward: / })
  },
)
