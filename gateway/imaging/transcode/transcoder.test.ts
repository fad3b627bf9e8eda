import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openPackage, restore } from '../../../protocols/packed-image/packed-image.ts'
import { grain, syntheticFile, type SyntheticShape } from '../../../test/synthetic-images.ts'
import { decodeWith, openCoders } from './coders.ts'
import type { MadeFile, Transcoded } from './messages.ts'
import { previewLimitBytes } from './preview.ts'
import { openTranscoder, type TranscoderOptions } from './transcoder.ts'

/** An image of soft hills. */
function dicom(shape: SyntheticShape, pixels = hills(shape)): Uint8Array {
  return syntheticFile(shape, pixels)
}

function hills({
  rows,
  columns,
  samples,
  bitsAllocated,
  bitsStored,
  frames,
}: SyntheticShape): Buffer {
  const pixels = Buffer.alloc((rows * columns * samples * frames * bitsAllocated) / 8)
  const most = 2 ** bitsStored - 1
  const count = rows * columns * samples * frames
  for (let index = 0; index < count; index++) {
    const noise = (Math.imul(index, 2_654_435_761) >>> 29) % 4
    const value = Math.floor((most - 4) * (0.5 + 0.5 * Math.sin(index / 900))) + noise
    if (bitsAllocated === 16) pixels.writeUInt16LE(value, index * 2)
    else pixels[index] = value
  }
  return pixels
}

const xray: SyntheticShape = {
  rows: 300,
  columns: 200,
  samples: 1,
  bitsAllocated: 16,
  bitsStored: 12,
  frames: 1,
}

interface Made {
  readonly outcome: Transcoded
  readonly previews: readonly (MadeFile & { readonly frame: number })[]
  readonly folder: string
}

type Folder = { testdir(): string; teardown(work: () => Promise<void>): unknown }

function rig(t: Folder, options: Partial<TranscoderOptions> = {}) {
  const folder = join(t.testdir(), 'incoming')
  mkdirSync(folder)
  const transcoder = openTranscoder({ folder, ...options })
  t.teardown(() => transcoder.stop())
  const transcode = async (file: Uint8Array): Promise<Made> => {
    const path = join(folder, '..', 'object')
    writeFileSync(path, file)
    const previews: (MadeFile & { readonly frame: number })[] = []
    const sha256 = sha256Of(file)
    const outcome = await transcoder.transcode(
      { path, sizeBytes: file.length, sha256 },
      (frame, made) => previews.push({ frame, ...made }),
    )
    return { outcome, previews, folder }
  }
  return { transcode, transcoder, folder }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function restored(path: string): Promise<Buffer> {
  const bytes = new Uint8Array(readFileSync(path))
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length)
  const opened = openPackage(read)
  if (!opened.ok) throw new Error(opened.reason)
  return Buffer.concat([...restore(opened.value, read, decodeWith(await openCoders()))])
}

t.test('transcoder: what it packs comes back bit for bit', async (t) => {
  const { transcode } = rig(t)
  const screen = { ...xray, samples: 3, bitsAllocated: 8, bitsStored: 8 } as const
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['grey of 12 bits', dicom(xray), 'htj2k|jpeg-ls'],
    ['a clip', dicom({ ...screen, samples: 1, frames: 9 }), 'htj2k|jpeg-ls|zstd'],
    ['a flat screen', dicom(screen, Buffer.alloc(300 * 200 * 3, 7)), 'zstd|jpeg-ls'],
    ['an odd number of bytes', dicom({ ...screen, rows: 63, columns: 63 }), ''],
  ]
  for (const [name, file, coding] of cases) {
    const { outcome } = await transcode(file)
    t.equal(outcome.kind, 'packed', name)
    if (outcome.kind !== 'packed') continue
    t.match(outcome.coding, new RegExp(coding), name)
    const { path, sizeBytes, sha256 } = outcome.file
    t.strictSame(new Uint8Array(await restored(path)), file, name)
    t.equal(sha256Of(readFileSync(path)), sha256)
    t.ok(sizeBytes < file.length * 0.9, `${name}: ${sizeBytes} of ${file.length}`)
  }
})

t.test('transcoder: previews are small JPEG pictures of first, middle and last', async (t) => {
  const { transcode } = rig(t)
  const { previews } = await transcode(dicom({ ...xray, frames: 5 }))
  t.strictSame(
    previews.map(({ frame }) => frame),
    [0, 2, 4],
  )
  const { jpeg } = await openCoders()
  for (const { path, sizeBytes, sha256 } of previews) {
    const bytes = new Uint8Array(readFileSync(path))
    t.equal(bytes.length, sizeBytes)
    t.equal(sha256Of(bytes), sha256)
    t.ok(sizeBytes <= previewLimitBytes)
    const picture = jpeg.decode(bytes)
    t.equal(picture?.width, 200)
    t.ok((picture?.height ?? 0) > 300, 'the mark stands above and below')
  }
})

t.test('transcoder: noise goes as it came, and nothing is left behind', async (t) => {
  const { transcode } = rig(t)
  const pixels = Buffer.alloc(300 * 200 * 2)
  let state = 1
  for (let at = 0; at < pixels.length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    pixels[at] = state >>> 24
  }
  const { outcome, previews, folder } = await transcode(dicom({ ...xray, bitsStored: 16 }, pixels))
  t.strictSame(outcome, { kind: 'as-is', why: 'no coding makes it smaller' })
  t.equal(readdirSync(folder).length, previews.length)
})

t.test('transcoder: what no coding of pixels carries is packed as bytes', async (t) => {
  const { transcode } = rig(t)
  const still = { ...xray, rows: 100, bitsAllocated: 8, bitsStored: 8 } as const
  const report = new Uint8Array(Buffer.from('FINDINGS: none. '.repeat(1_000)))
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ['a palette', dicom({ ...still, photometric: 'PALETTE COLOR' })],
    ['cut in its pixels', dicom(xray).subarray(0, 40_000)],
    ['without pixels', report],
    [
      'of several pieces',
      dicom({ ...still, rows: 2_000, columns: 1_500, frames: 3, photometric: 'X' }),
    ],
  ]
  for (const [name, file] of cases) {
    const { outcome } = await transcode(file)
    t.match(outcome, { kind: 'packed', coding: 'zstd' }, name)
    if (outcome.kind !== 'packed') continue
    t.strictSame(new Uint8Array(await restored(outcome.file.path)), file, name)
    t.ok(outcome.file.sizeBytes < file.length * 0.9)
  }
})

t.test('transcoder: what gets no smaller goes as it came, with a reason', async (t) => {
  const { transcode } = rig(t)
  const grains = grain(3)
  const noise = Uint8Array.from({ length: 100_000 }, () => Math.floor(256 * grains()))
  const cut = dicom(xray).subarray(0, 5_000)
  for (const file of [noise, cut, new Uint8Array(1), new Uint8Array(0)]) {
    const { outcome, folder } = await transcode(file)
    t.equal(outcome.kind, 'as-is')
    t.ok(outcome.kind === 'as-is' && outcome.why.length > 5)
    t.strictSame(readdirSync(folder), [])
  }
})

t.test('transcoder: a thread that dies or hangs costs one image its form', async (t) => {
  const folder = t.testdir({
    'dies.mjs':
      'import { parentPort } from "node:worker_threads"; parentPort.on("message", () => process.exit(3))',
    'hangs.mjs':
      'import { parentPort } from "node:worker_threads"; parentPort.on("message", () => { for (;;); })',
  })
  for (const name of ['dies.mjs', 'hangs.mjs']) {
    const script = new URL(`file://${join(folder, name)}`)
    const { transcoder, folder: incoming } = rig(t, { script, limitMs: 300 })
    const left = join(incoming, 'transcoded-9-packed')
    writeFileSync(left, 'half')
    const file = { path: '/dev/null', sizeBytes: 1, sha256: '00'.repeat(32) }
    t.match(await transcoder.transcode(file, () => {}), { kind: 'as-is' }, name)
    t.equal(existsSync(left), false)
    await transcoder.stop()
  }
})

t.test('transcoder: threads are ended and begun anew', async (t) => {
  const { transcode } = rig(t, { recycleCount: 1 })
  for (let round = 0; round < 2; round++) {
    t.equal((await transcode(dicom(xray))).outcome.kind, 'packed')
  }
  const { transcode: stopped, transcoder } = rig(t)
  await transcoder.stop()
  t.match((await stopped(dicom(xray))).outcome, { kind: 'as-is' })
})
