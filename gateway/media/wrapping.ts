/**
 * Makes an object of a picture, a letter or a clip, for a patient and an order, and gives it to the
 * journal on the way of every image. What is not decoded is never in the memory as a whole.
 */
import { inflateSync } from 'node:zlib'
import { HeaderReader } from '../../protocols/dicom/header-reader.ts'
import type { PictureFormat } from '../../protocols/dicom/media-file.ts'
import { decodeFileHead } from '../../protocols/dicom/part10.ts'
import {
  wrapJpeg,
  wrapPdf,
  wrapPixels,
  wrapVideo,
  type Envelope,
} from '../../protocols/dicom/wrap.ts'
import type { WrapDetails, WrapSubject } from '../../protocols/dicom/wrap-facts.ts'
import { decodeBmp } from '../../protocols/dicom/wrap-bmp.ts'
import { readJpeg } from '../../protocols/dicom/wrap-jpeg.ts'
import { readMp4, type VideoFacts } from '../../protocols/dicom/wrap-mp4.ts'
import { decodePng, type Inflate } from '../../protocols/dicom/wrap-png.ts'
import type { Picture } from '../../protocols/dicom/wrap-picture.ts'
import { decoded, undecoded, type Decoded } from '../../protocols/packet/decoded.ts'
import { chunkLimitBytes } from '../../protocols/packet/limits.ts'
import type { Source } from '../../protocols/packet/record.ts'
import { elapsedMs } from '../../protocols/world/clock.ts'
import { beginningOf, type SourceFile } from './source-file.ts'
import {
  eachPiece,
  refusedBy,
  takenOf,
  writeObject,
  type Taken,
  type TakingDoors,
} from './taking.ts'

/** Largest files by kind. Those that are decoded lie in the memory, once packed and once not. */
export const wrapBytesMax: Readonly<{ [F in PictureFormat]: number }> = {
  jpeg: 67_108_864,
  png: 67_108_864,
  bmp: 67_108_864,
  pdf: 134_217_728,
  mp4: 1_073_741_824,
}

export interface WrapOrder {
  readonly format: PictureFormat
  readonly subject: WrapSubject
  readonly details: WrapDetails
  /** Name of the device in the van, under which its stream runs. */
  readonly device: string
  readonly source: Source
}

export type Wrapped =
  | Taken
  /** In words of English, for who knows files. */
  | { readonly kind: 'unfit'; readonly why: string }

/** Rejects with `MediumGone`. */
export async function wrapFile(
  file: SourceFile,
  order: WrapOrder,
  doors: TakingDoors,
): Promise<Wrapped> {
  const sinceMs = doors.clock.monotonicMs()
  if (file.sizeBytes > wrapBytesMax[order.format]) return { kind: 'refused', reason: 'too-large' }
  try {
    const made = await envelopeOf(file, order)
    if (!made.ok) return { kind: 'unfit', why: made.reason }
    const { envelope, pixels } = made.value
    const written = await writeObject(doors, async (append) => {
      await append(envelope.head)
      if (pixels === null) await eachPiece(file, 0, append)
      else
        for (let at = 0; at < pixels.length; at += pieceBytes) {
          await append(pixels.subarray(at, at + pieceBytes))
        }
      await append(envelope.tail)
    })
    const image = imageOf(envelope, written, order)
    const receivingMs = elapsedMs(sinceMs, doors.clock.monotonicMs())
    const outcome = await doors.store({ ...image, receivingMs })
    return await takenOf(outcome, written.path, false, doors)
  } catch (error) {
    return refusedBy(error)
  }
}

const pieceBytes = 262_144

interface Made {
  readonly envelope: Envelope
  /** null: the file itself goes in. */
  readonly pixels: Uint8Array | null
}

async function envelopeOf(file: SourceFile, order: WrapOrder): Promise<Decoded<Made>> {
  const { format, subject, details } = order
  const { sizeBytes } = file
  if (format === 'mp4') {
    const facts = await videoFacts(file)
    if (!facts.ok) return facts
    return decoded({ envelope: wrapVideo(facts.value, sizeBytes, subject, details), pixels: null })
  }
  if (format === 'pdf') {
    if (!(await isWholePdf(file))) return undecoded('a PDF that is cut short')
    return decoded({ envelope: wrapPdf(sizeBytes, subject, details), pixels: null })
  }
  const bytes = await beginningOf(file, sizeBytes)
  if (format === 'jpeg') {
    const facts = readJpeg(bytes)
    if (!facts.ok) return facts
    return decoded({ envelope: wrapJpeg(facts.value, sizeBytes, subject, details), pixels: null })
  }
  const picture = format === 'png' ? decodePng(bytes, inflate) : decodeBmp(bytes)
  if (!picture.ok) return picture
  return decoded(fromPixels(picture.value, subject, details))
}

function fromPixels(picture: Picture, subject: WrapSubject, details: WrapDetails): Made {
  return { envelope: wrapPixels(picture, subject, details), pixels: picture.pixels }
}

/** The end of a PDF says so; some writers put a few bytes behind it. */
const pdfEndBytes = 1_024

async function isWholePdf(file: SourceFile): Promise<boolean> {
  const bytes = new Uint8Array(Math.min(pdfEndBytes, file.sizeBytes))
  await file.read(bytes, file.sizeBytes - bytes.length)
  return Buffer.from(bytes).includes('%%EOF')
}

async function videoFacts(file: SourceFile): Promise<Decoded<VideoFacts>> {
  const reading = readMp4(file.sizeBytes)
  let step = reading.next(new Uint8Array())
  while (!step.done) {
    const { from, length } = step.value
    const bytes = new Uint8Array(length)
    const have = await file.read(bytes, from)
    step = reading.next(bytes.subarray(0, have))
  }
  return step.value
}

const inflate: Inflate = (deflated, limitBytes) => {
  try {
    const { buffer, byteOffset, length } = inflateSync(deflated, { maxOutputLength: limitBytes })
    return new Uint8Array(buffer, byteOffset, length)
  } catch {
    return null
  }
}

function imageOf(
  envelope: Envelope,
  written: Awaited<ReturnType<typeof writeObject>>,
  { device, source }: WrapOrder,
) {
  const { sopClassUid, sopInstanceUid, transferSyntaxUid, head } = envelope
  const fileHead = decodeFileHead(head)
  const dataSetOffset = fileHead.ok ? fileHead.value.dataSetOffset : 0
  const reader = new HeaderReader(transferSyntaxUid)
  reader.push(head.subarray(dataSetOffset))
  // What it says of itself is read from it, as of every image.
  const { studyInstanceUid, seriesInstanceUid, modality, identity } = reader.findings()
  return {
    device,
    source,
    simulated: false,
    peerAddress: 'van',
    calledAeTitle: '',
    temporaryPath: written.path,
    identity,
    image: {
      kind: 'image' as const,
      object: {
        sha256: written.sha256,
        sizeBytes: written.sizeBytes,
        mediaType: 'application/dicom',
        chunkBytes: chunkLimitBytes,
      },
      sopClassUid,
      sopInstanceUid,
      transferSyntaxUid,
      studyInstanceUid,
      seriesInstanceUid,
      modality,
      callingAeTitle: '',
      dataSetOffset,
      flags: [],
    },
  }
}
