import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { fakeClock } from '../clock/fake-clock.ts'
import type { BroughtFile, MediumShown } from './media-view.ts'
import { ask, claimPage, startTestPage } from './page-testing.ts'
import { scriptedSource } from './scripted-source.ts'
import { partBytesMax, pictureTypeOf, Uploads, uploadBytesMax } from './uploads.ts'

const said = { by: 'Bidan Contoh', order: 'order-1', sizeBytes: 12 }
const png = Buffer.from('\x89PNG\r\n\x1a\n1234', 'latin1')

async function openUploads(t: Test) {
  const clock = fakeClock()
  const folder = join(t.testdir({ uploads: { 'left-over': 'of an earlier run' } }), 'uploads')
  const kept: (BroughtFile & { readonly by: string; readonly order: string; text: string })[] = []
  const keep = async (by: string, file: BroughtFile, order: string) => {
    kept.push({ ...file, by, order, text: readFileSync(file.path, 'latin1') })
  }
  return { clock, folder, kept, keep, uploads: await Uploads.open(folder, clock) }
}

t.test('uploads: a file comes in parts, each as often as it likes, and is kept once', async (t) => {
  const { folder, kept, keep, uploads } = await openUploads(t)
  t.strictSame(readdirSync(folder), [], 'what an earlier run left is gone')
  const name = await uploads.begin(said)
  t.equal(await uploads.part(name, 0, png.subarray(0, 8)), 8)
  t.equal(await uploads.part(name, 0, png.subarray(0, 8)), 8)
  await t.rejects(uploads.part(name, 9, png.subarray(9)), { code: 'page-bad-request' })
  await t.rejects(uploads.end(name, keep), { code: 'page-bad-request' })
  t.equal(await uploads.part(name, 8, png.subarray(8)), 12)
  await t.rejects(uploads.part(name, 8, Buffer.alloc(5)), { code: 'page-bad-request' })
  await Promise.all([uploads.end(name, keep), uploads.end(name, keep)])
  await uploads.end(name, keep)
  const { by, order, sizeBytes } = said
  t.match(kept, [{ by, order, sizeBytes, type: 'png', text: png.toString('latin1') }])
  t.strictSame(readdirSync(folder), [])
})

t.test('uploads: what could not be kept may be tried again', async (t) => {
  const { folder, kept, keep, uploads } = await openUploads(t)
  const name = await uploads.begin(said)
  await uploads.part(name, 0, png)
  await t.rejects(
    uploads.end(name, () => Promise.reject(new Error('no room'))),
    /no room/,
  )
  t.strictSame(readdirSync(folder), [name])
  await uploads.end(name, keep)
  t.equal(kept.length, 1)
})

t.test('uploads: are few, bounded, and given up when nothing comes', async (t) => {
  const { clock, folder, uploads } = await openUploads(t)
  await t.rejects(uploads.begin({ ...said, sizeBytes: uploadBytesMax + 1 }), {
    code: 'page-too-large',
  })
  const names = [
    await uploads.begin(said),
    await uploads.begin(said),
    await uploads.begin(said),
    await uploads.begin(said),
  ]
  await t.rejects(uploads.begin(said), { code: 'page-too-many-uploads' })
  await clock.advance(600_000)
  const fresh = await uploads.begin(said)
  t.strictSame(readdirSync(folder), [fresh])
  await t.rejects(uploads.part(names[0] ?? '', 0, png), { code: 'page-upload-gone' })
})

t.test('uploads: the bytes say what a file is', async (t) => {
  const heads: readonly (readonly [string, string | null])[] = [
    ['\xff\xd8\xff\xe0', 'jpeg'],
    ['\x89PNG\r\n\x1a\n', 'png'],
    ['\n%PDF-1.7', 'pdf'],
    ['BM1234', 'bmp'],
    ['\0\0\0\x18ftypmp42', 'mp4'],
    ['<svg onload=x>', null],
    ['MZ', null],
    ['', null],
  ]
  t.strictSame(
    heads.map(([text]) => pictureTypeOf(Buffer.from(text, 'latin1'))),
    heads.map(([, type]) => type),
  )
  const { kept, keep, uploads } = await openUploads(t)
  const name = await uploads.begin({ ...said, sizeBytes: 4 })
  await uploads.part(name, 0, Buffer.from('<svg'))
  await t.rejects(uploads.end(name, keep), { code: 'page-no-picture' })
  t.strictSame(kept, [])
})

t.test('uploads: over the network, with its limits and its order', async (t) => {
  const clock = fakeClock()
  const source = scriptedSource(clock)
  const folder = t.testdir({ assets: { 'index.html': '<!doctype html>' }, data: {} })
  const options = { folder: join(folder, 'data'), assetsFolder: join(folder, 'assets') }
  const page = await startTestPage(options, clock, source)
  t.teardown(() => page.close())
  const cookie = await claimPage(page)
  const post = (path: string, body: object) => ask(page.port, path, { cookie, post: body })
  const begun = await post('/api/upload/begin', said)
  const { upload } = begun.json as { upload: string }
  const part = (body: string, headers: { readonly [name: string]: string } = {}) =>
    ask(page.port, '/api/upload/part', {
      cookie,
      method: 'POST',
      body,
      headers: {
        'Content-Type': 'application/octet-stream',
        Origin: `http://127.0.0.1:${page.port}`,
        'Simpul-Upload': upload,
        'Simpul-Offset': '0',
        ...headers,
      },
    })
  t.equal((await part('x', { 'Simpul-Offset': '-1' })).status, 400)
  t.equal((await part('x', { 'Content-Type': 'text/plain' })).status, 400)
  t.equal((await part('x', { 'Simpul-Upload': '../../x' })).status, 400)
  t.equal((await part('x', { 'Simpul-Upload': 'unknown' })).status, 404)
  t.equal((await part('x'.repeat(partBytesMax + 1))).status, 413)
  t.match((await part('%PDF-1.7 abc')).json, { receivedBytes: 12 })
  t.equal((await post('/api/upload/end', { upload })).status, 200)
  t.strictSame(source.media.kept, [{ by: said.by, order: said.order, type: 'pdf' }])
  t.equal((await post('/api/upload/begin', { ...said, sizeBytes: 0 })).status, 400)
  const status = await source.status()
  const full = async () => ({ ...status, journal: { ...status.journal, full: true } })
  Object.assign(source, { status: full })
  t.match(await post('/api/upload/begin', said), {
    status: 503,
    json: { trouble: { code: 'journal-full' } },
  })
  t.strictSame(readdirSync(join(options.folder, 'uploads')), [])
})

t.test('media: a full stick is shown as far as a person looks, and its work alone', async (t) => {
  const clock = fakeClock()
  const source = scriptedSource(clock)
  const folder = t.testdir({ assets: { 'index.html': '<!doctype html>' }, data: {} })
  const options = { folder: join(folder, 'data'), assetsFolder: join(folder, 'assets') }
  const page = await startTestPage(options, clock, source)
  t.teardown(() => page.close())
  const cookie = await claimPage(page)
  const media = async () => (await ask(page.port, '/api/media', { cookie })).json as MediumShown[]
  source.media.plug(true, 40_000)
  const [full] = await media()
  t.match(full, { state: 'ready', unlisted: 39_500, studies: [{ images: 24 }, { images: 2 }] })
  const pictures = full?.pictures.map(({ picture }) => picture) ?? []
  t.equal(pictures.length, 500)
  const post = { by: said.by, order: said.order, medium: 'stick-1', pictures }
  t.equal((await ask(page.port, '/api/media/wrap', { cookie, post })).status, 200)
  t.match(await media(), [{ state: 'working', pictures: [], progress: { done: 250, total: 500 } }])
  source.media.finish()
  t.match(await media(), [{ state: 'done', progress: null, report: { stored: 499, known: 1 } }])
})
