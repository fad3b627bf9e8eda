/**
 * How small images get on the wire, and how soon they are seen.
 *
 *     node bench/images.ts [DIR]
 *
 * DIR holds samples (default: none, then the images are made here): an ultrasound clip, a chest
 * X-ray and a colour still of an ultrasound machine, a clip that came with loss already, and
 * pictures with a palette. Each goes through a journal and the transcoding thread as in a van.
 * Bytes are those of all packets of the image, with MQTT and TCP/IP around them, and so are
 * seconds, computed for a link of 64, 256 and 1000 kbit/s that carries nothing else; packing
 * itself is timed apart. `seen` is the first preview, `whole` the last byte. JPEG-LS, JPEG 2000
 * and zstd -3 carry the same frames with as many bytes around them; nothing is seen of those
 * before all is there. What comes back is compared; the exit code is 1 when anything differs.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { zstdCompressSync } from 'node:zlib'
import openJpeg2000 from '@cornerstonejs/codec-openjpeg/wasmjs'
import { tableText } from '../gateway/cli/demo/table.ts'
import { openTranscoder } from '../gateway/imaging/transcode/transcoder.ts'
import { allOutgoing, imageOf, openRig } from '../gateway/journal/journal-testing.ts'
import type { Outgoing } from '../gateway/journal/journal.ts'
import { Packing } from '../gateway/packing.ts'
import { openJpegLs } from '../protocols/frame-codec/frame-codec.ts'
import { frameBytesOf, type FrameShape } from '../protocols/packed-image/packed-image.ts'
import {
  pixelHeadLimitBytes,
  readPixelHead,
  refusalOf,
  shapeOf,
} from '../protocols/packed-image/pixel-head.ts'
import { openPacket } from '../protocols/packet/seal.ts'
import { upTopic } from '../protocols/packet/topics.ts'
import { openTools } from '../upstream/open-tools.ts'
import { openDecoders, restoreFile } from '../upstream/restoring/restore-file.ts'
import { syntheticChest, syntheticScreen } from '../test/synthetic-images.ts'

interface Sample {
  readonly name: string
  readonly file: string | null
  readonly make: (() => Uint8Array) | null
}

const samples: readonly Sample[] = [
  {
    name: 'ultrasound clip',
    file: 'us/us-acuson-mf8-rgb-ivrle.dcm',
    make: () => syntheticScreen(240, 320, 8),
  },
  {
    name: 'chest X-ray',
    file: 'xr/dx-synth-chest-3000-12bit-evrle.dcm',
    make: () => syntheticChest(3_000),
  },
  {
    name: 'colour still',
    file: 'us/us-siemens-s2000-rgb-1024x768-evrle.dcm',
    make: () => syntheticScreen(768, 1_024, 1),
  },
  { name: 'JPEG clip', file: 'us/us-sonosite-turbo-mf30-jpegbaseline.dcm', make: null },
  { name: 'palette', file: 'us/us-philips-cx50-palette-2frame-evrle.dcm', make: null },
]

const rates = [64, 256, 1_000]
const chunkBytes = 65_536
/** Bytes of a packet around its chunk, and of MQTT 5 around the packet without its topic. */
const packetBytes = 190
const mqttBytes = 12
/** TCP/IP with timestamps around each segment. */
const segmentBytes = 1_448
const aroundSegmentBytes = 52

function onWire(messageBytes: number): number {
  return messageBytes + Math.ceil(messageBytes / segmentBytes) * aroundSegmentBytes
}

function wireBytes({ bytes, stream }: Outgoing): number {
  return onWire(bytes.length + upTopic('van-1', stream).length + mqttBytes)
}

/** As if a file of so many bytes were the object of an image. */
function wireBytesOfFile(fileBytes: number, recordBytes: number): number {
  const chunks = Math.ceil(fileBytes / chunkBytes)
  return recordBytes + onWire(fileBytes + chunks * (packetBytes + mqttBytes + 40))
}

interface Sent {
  readonly form: string
  readonly bytes: number
  /** Until the first preview is there; null without one. */
  readonly seenBytes: number | null
  readonly recordBytes: number
  readonly ms: number
  readonly isSame: boolean
}

/** Through journal and transcoder, as in a van. */
async function send(file: Uint8Array): Promise<Sent> {
  const folder = mkdtempSync(join(tmpdir(), 'simpul-images-'))
  const rig = openRig(folder)
  const transcoder = openTranscoder({ folder: rig.journal.incomingFolder })
  const coding = { said: 'as it came' }
  const note = (_: string, { code }: { readonly code?: string } = {}): void => {
    if (code !== undefined) coding.said = code
  }
  const log = { debug: note, info() {}, warn() {}, error() {}, child: () => log }
  const packing = new Packing({
    clock: rig.clock,
    time: { utcOf: () => null },
    journal: rig.journal,
    transcoder,
    remove: () => {},
    log,
    decided: () => {},
  })
  try {
    const image = { ...imageOf(0, file), object: { ...imageOf(0, file).object, chunkBytes } }
    const adopted = rig.journal.adopt('us-1', image, rig.incoming('in', file), 'undecided')
    await settled(adopted, () => rig.clock.advance(1))
    const startedMs = performance.now()
    packing.nudge()
    while ((await rig.journal.undecided(1)).length > 0) {
      await rig.clock.advance(1)
      await turn()
    }
    const ms = performance.now() - startedMs
    await packing.stop()
    const packets = await allOutgoing(rig.journal)
    const [first] = packets
    const preview = packets.findIndex((one) => one.class === 3 && one.stream.endsWith('/object'))
    const sum = (some: readonly Outgoing[]) => some.reduce((all, one) => all + wireBytes(one), 0)
    return {
      form: coding.said,
      bytes: sum(packets),
      seenBytes: preview < 0 ? null : sum(packets.slice(0, preview + 1)),
      recordBytes: first === undefined ? 0 : wireBytes(first),
      ms,
      isSame: await comesBack(folder, packets, file),
    }
  } finally {
    await transcoder.stop()
    await rig.journal.close()
    rmSync(folder, { recursive: true })
  }
}

/** The journal gives others their turn on a clock that somebody has to move. */
async function settled<T>(work: Promise<T>, move: () => Promise<void>): Promise<T> {
  const end = new AbortController()
  const done = work.finally(() => end.abort())
  while (!end.signal.aborted) {
    await move()
    await turn()
  }
  return done
}

/** What the hospital makes of the packets. */
async function comesBack(
  folder: string,
  packets: readonly Outgoing[],
  file: Uint8Array,
): Promise<boolean> {
  const chunks = packets.filter((one) => one.class === 4 && one.stream.endsWith('/object'))
  const parts = chunks.map(({ bytes }) => {
    const opened = openPacket(bytes, openTools)
    if (!opened.ok || opened.value.content.kind !== 'chunk') throw new Error('no chunk')
    return opened.value.content.bytes
  })
  const whole = Buffer.concat(parts)
  if (whole.equals(file)) return true
  const path = join(folder, 'packed')
  writeFileSync(path, whole)
  const target = join(folder, 'restored')
  const restored = restoreFile(path, target, await openDecoders())
  return restored.ok && readFileSync(target).equals(file)
}

/** Bytes of the file with its frames coded so; null for what none of them takes. */
type Others = { readonly [name in 'JPEG-LS' | 'JPEG 2000' | 'zstd']: number | null }

async function others(file: Uint8Array): Promise<Others> {
  const zstd = zstdCompressSync(file).length
  const head = readPixelHead(file.subarray(0, pixelHeadLimitBytes))
  if (!head.ok || refusalOf(head.value) !== null) {
    return { 'JPEG-LS': null, 'JPEG 2000': null, zstd }
  }
  const shape = shapeOf(head.value)
  const { frames, pixelOffset } = head.value
  const frameBytes = frameBytesOf(shape)
  const edges = file.length - frames * frameBytes
  const jpegLs = await openJpegLs()
  const jpeg2000 = await jpeg2000Encoder()
  let lsBytes = edges
  let j2kBytes = edges
  for (let frame = 0; frame < frames; frame++) {
    const from = pixelOffset + frame * frameBytes
    const pixels = file.subarray(from, from + frameBytes)
    lsBytes += jpegLs.encode(pixels, shape)?.length ?? frameBytes
    j2kBytes += jpeg2000(pixels, shape)
  }
  return { 'JPEG-LS': lsBytes, 'JPEG 2000': j2kBytes, zstd }
}

async function jpeg2000Encoder(): Promise<(pixels: Uint8Array, shape: FrameShape) => number> {
  const { J2KEncoder } = await openJpeg2000({ print: () => {}, printErr: () => {} })
  const encoder = new J2KEncoder()
  return (pixels, { rows, columns, samples, bitsStored, signed }) => {
    encoder
      .getDecodedBuffer({
        width: columns,
        height: rows,
        bitsPerSample: bitsStored,
        componentCount: samples,
        isSigned: signed === 1,
      })
      .set(pixels)
    encoder.setQuality(true, 0)
    encoder.setProgressionOrder(2)
    encoder.encode()
    return encoder.getEncodedBuffer().length
  }
}

function seconds(bytes: number | null, kilobits: number): string {
  return bytes === null ? '-' : ((bytes * 8) / (kilobits * 1_000)).toFixed(1)
}

const [folder = ''] = process.argv.slice(2)
const rows: string[][] = []
let isAllSame = true
for (const { name, file, make } of samples) {
  const path = join(folder, file ?? '')
  const isThere = folder !== '' && existsSync(path)
  if (!isThere && make === null) continue
  const bytes = isThere || make === null ? new Uint8Array(readFileSync(path)) : make()
  const sent = await send(bytes)
  isAllSame &&= sent.isSame
  const add = (form: string, wire: number, seen: number | null, ms: string) =>
    rows.push([
      form === 'as it came' ? name : '',
      form,
      String(wire),
      (bytes.length / wire).toFixed(2),
      ms,
      ...rates.flatMap((rate) => [seconds(seen, rate), seconds(wire, rate)]),
    ])
  const plain = wireBytesOfFile(bytes.length, sent.recordBytes)
  add('as it came', plain, plain, '')
  for (const [other, size] of Object.entries(await others(bytes))) {
    if (size === null) continue
    const wire = wireBytesOfFile(size, sent.recordBytes)
    add(other, wire, wire, '')
  }
  const label = sent.isSame ? `Simpul: ${sent.form}` : `DIFFERS: ${sent.form}`
  add(label, sent.bytes, sent.seenBytes, sent.ms.toFixed(0))
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  process.stderr.write(`${name}: ${bytes.length} bytes, ${isThere ? file : sha256.slice(0, 12)}\n`)
}
const head = [
  'image',
  'carried as',
  'bytes',
  'ratio',
  'ms',
  ...rates.flatMap((rate) => [`seen ${rate}k`, `whole ${rate}k`]),
]
process.stdout.write(tableText(head, rows))
process.exitCode = isAllSame ? 0 : 1
