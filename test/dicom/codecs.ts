/** The DICOM side of the fuzz run: whole conversations, their PDUs, and the heads of data sets. */
import { coercedFile, planCoercion, type Change } from '../../protocols/dicom/coercion.ts'
import { HeaderReader } from '../../protocols/dicom/header-reader.ts'
import { decodeFileHead, encodeFileHead } from '../../protocols/dicom/part10.ts'
import { decodeMediaDirectory } from '../../protocols/dicom/media-directory.ts'
import { mediaHeadBytes, readMediaFile } from '../../protocols/dicom/media-file.ts'
import { Requestor } from '../../protocols/dicom/requestor.ts'
import {
  explicitBig,
  explicitLittle,
  implicitLittle,
  verificationUid,
} from '../../protocols/dicom/uids.ts'
import { decodeBmp } from '../../protocols/dicom/wrap-bmp.ts'
import { readJpeg } from '../../protocols/dicom/wrap-jpeg.ts'
import { readMp4 } from '../../protocols/dicom/wrap-mp4.ts'
import { decodePng, type Inflate } from '../../protocols/dicom/wrap-png.ts'
import { directoryFile, imageRecord, oneSeries } from './media.ts'
import { imageOnMedium } from './medium.ts'
import { bmpOf, pictureFile, pngOf, withCheckSums } from './picture-files.ts'
import { joinBytes } from '../../protocols/bytes/bytes.ts'
import { readPixelHead } from '../../protocols/packed-image/pixel-head.ts'
import { decodeRle } from '../../protocols/packed-image/rle.ts'
import { syntheticFile } from '../synthetic-images.ts'
import { decoder, type Codec, type Reading } from '../codec.ts'
import { readDataSet } from '../../protocols/dicom/data-set.ts'
import { encodeIdentifier } from '../../protocols/dicom/identifier.ts'
import { encodeWorklistAnswer } from '../../protocols/dicom/worklist-answer.ts'
import { worklistSequences } from '../../protocols/dicom/worklist-attributes.ts'
import { readWorklistQuery } from '../../protocols/dicom/worklist-query.ts'
import { worklistService } from '../../protocols/dicom/worklist-service.ts'
import { worklistUid } from '../../protocols/dicom/worklist.ts'
import { encodeDataSet, instance, ultrasoundImage } from './data-set.ts'
import { FakeHost, services } from './fake-host.ts'
import { normalisedCodecs } from './normalised-codecs.ts'
import { cancelRequest, entries, entry, findRequest, usualKeys } from './worklist.ts'

const names = { sopClassUid: ultrasoundImage, sopInstanceUid: '1.2.826.0.1.3680043.2.1.9' }
const explicit = { explicit: true, little: true }
const dataSet = encodeDataSet(instance(names), explicit)
const fileHead = encodeFileHead({ ...names, transferSyntaxUid: explicitLittle })

const coercions: readonly Change[] = [
  { tag: 0x0008_0050, representation: 'SH', text: 'VAN02-000007' },
  { tag: 0x0010_0010, representation: 'PN', text: 'AMINAH^SITI' },
  { tag: 0x0010_1002, removed: true },
  { tag: 0x0040_0275, item: [{ tag: 0x0040_1001, representation: 'SH', text: 'VAN02-000007' }] },
]
const attribution = { system: 'SIMPUL', source: 'CART_1', dateTime: '20261124101500.000+0000' }

const dataSets = [
  dataSet,
  encodeDataSet(instance(names), { ...explicit, delimited: true }),
  encodeDataSet(instance(names), { explicit: false, little: true, delimited: true }),
  encodeDataSet(instance(names), { explicit: true, little: false }),
  joinBytes(fileHead, dataSet),
]

const natives = [implicitLittle, explicitLittle, explicitBig]

/** Keys that choose, and keys that ask for all. */
const queries = natives.flatMap((transferSyntaxUid) => [
  encodeIdentifier(usualKeys, transferSyntaxUid),
  encodeIdentifier(
    [
      [0x0008_0050, 'SH', 'A?'],
      [0x0010_0010, 'PN', 'SUR*^*'],
      [0x0010_1030, 'DS', '60'],
      [0x0020_000d, 'UI', '2.25.1\\2.25.2'],
      [
        0x0040_0100,
        'SQ',
        [
          [
            [0x0008_0060, 'CS', 'US'],
            [0x0040_0001, 'AE', 'US_1'],
            [0x0040_0002, 'DA', '20260101-20260228'],
            [0x0040_0003, 'TM', '08-1200'],
          ],
        ],
      ],
    ],
    transferSyntaxUid,
  ),
])

const wanted = [
  ...entries(3),
  entry({ patientName: 'Đorđević^Č', code: { value: '1', scheme: 'LN', meaning: 'Chest' } }),
]

/** Reads a query, looks through a list, and writes the answers. */
function answerQuery(bytes: Uint8Array): { readonly ok: boolean } {
  const asker = { callingAeTitle: 'US_1', characterSet: 'ISO_IR 192' } as const
  let ok = false
  for (const transferSyntaxUid of natives) {
    const dataSet = readDataSet(bytes, transferSyntaxUid, worklistSequences)
    const query = dataSet.ok ? readWorklistQuery(dataSet.value) : dataSet
    if (!query.ok) continue
    ok = true
    for (const one of wanted.filter(query.value.matches)) {
      const answer = encodeWorklistAnswer(one, query.value, asker, transferSyntaxUid)
      const read = readDataSet(answer, transferSyntaxUid, worklistSequences)
      if (!read.ok) throw new Error(`an answer that cannot be read: ${read.reason}`)
    }
  }
  return { ok }
}

function readDataSets(bytes: Uint8Array): { readonly ok: boolean } {
  const read = natives.map((uid) => readDataSet(bytes, uid, worklistSequences).ok)
  return { ok: read.includes(true) }
}

/** What a modality says from its first byte to its last, one conversation each. */
function conversations(): readonly Uint8Array[] {
  const requestor = new Requestor({
    callingAeTitle: 'CART_1',
    calledAeTitle: 'SIMPUL',
    contexts: [
      { id: 1, abstractSyntax: ultrasoundImage, transferSyntaxes: [explicitLittle] },
      { id: 3, abstractSyntax: verificationUid, transferSyntaxes: [implicitLittle] },
      { id: 5, abstractSyntax: worklistUid, transferSyntaxes: [explicitLittle] },
    ],
  })
  const associate = requestor.associate()
  const store = [...requestor.store(1, names, dataSet)]
  const echo = requestor.echo(3)
  const find = findRequest(requestor, usualKeys, 5)
  const release = requestor.release()
  return [
    joinBytes(associate, ...store, release),
    joinBytes(associate, echo, ...store, ...store, release),
    joinBytes(associate, find, find, release),
    joinBytes(associate, find, cancelRequest(3, 5), echo, requestor.abort()),
  ]
}

/** An association whose host keeps everything; the host throws when actions come out of order. */
function beginConversation(): Reading {
  const worklist = worklistService({ entries: () => wanted, characterSet: () => 'ISO_IR 100' })
  const host = new FakeHost({ services: [...services, worklist] })
  return (bytes) => {
    if (bytes === null) {
      if (!host.closed) host.do(host.acceptor.peerEnded())
      return 0
    }
    if (host.closed) return 0
    host.receive(bytes)
    let stored = host.turn()
    for (let open = waitingIn(host); open !== null; open = waitingIn(host)) {
      stored++
      host.objects.delete(open)
      host.answer(open, { kind: 'stored' })
    }
    return stored
  }
}

function waitingIn({ objects, closed }: FakeHost): number | null {
  if (closed) return null
  return [...objects.values()].find(({ findings }) => findings !== null)?.task ?? null
}

function readHeads(bytes: Uint8Array): { readonly ok: boolean } {
  const found = [implicitLittle, explicitLittle, explicitBig].map((transferSyntaxUid) => {
    const reader = new HeaderReader(transferSyntaxUid)
    reader.push(bytes)
    reader.end()
    return reader.findings().unreadable
  })
  return { ok: found.includes(null) }
}

/** Throws when a file that is not refused differs in more than what the plan says. */
function coerce(bytes: Uint8Array): { readonly ok: boolean } {
  const read = (at: number, length: number): Uint8Array => bytes.subarray(at, at + length)
  const plan = planCoercion(read, bytes.length, coercions, attribution)
  if (!plan.ok) return plan
  const { splices, sizeBytes } = plan.value
  let written = 0
  for (const piece of coercedFile(read, bytes.length, splices)) written += piece.length
  if (written !== sizeBytes) throw new Error(`expected ${sizeBytes} bytes, found ${written}`)
  return plan
}

/** In every encoding, as files. */
function files(): readonly Uint8Array[] {
  return [implicitLittle, explicitLittle, explicitBig].flatMap((transferSyntaxUid) => {
    const encoding = {
      explicit: transferSyntaxUid !== implicitLittle,
      little: transferSyntaxUid !== explicitBig,
    }
    const head = encodeFileHead({ ...names, transferSyntaxUid })
    return [false, true].map((delimited) =>
      joinBytes(head, encodeDataSet(instance(names), { ...encoding, delimited })),
    )
  })
}

const listed = oneSeries([
  imageRecord('A\\IM1', '1.2.3.4.1', 4),
  imageRecord('A\\IM2', '1.2.3.4.2', 5),
  imageRecord('B\\IM3', '1.2.3.4.3'),
])

const small = { columns: 5, rows: 4 }
/** A check sum would find every change before the picture is looked at. */
const deflate = (lines: Uint8Array) => lines
const asItIs: Inflate = (lines, limitBytes) => (lines.length > limitBytes ? null : lines.slice())
const dot = (x: number, y: number): number => (x * 3 + y) & 1

function readClip(bytes: Uint8Array): { readonly ok: boolean } {
  const reading = readMp4(bytes.length)
  let step = reading.next(new Uint8Array())
  while (!step.done) {
    const { from, length } = step.value
    if (from < 0 || length < 0 || from + length > bytes.length) throw new Error('reads outside')
    step = reading.next(bytes.subarray(from, from + length))
  }
  return step.value
}

function readBeginning(bytes: Uint8Array): { readonly ok: boolean } {
  const found = readMediaFile(bytes.subarray(0, mediaHeadBytes), bytes.length)
  if (found.kind === 'instance' && found.dataSetOffset > bytes.length) throw new Error('outside')
  return { ok: found.kind === 'instance' }
}

const fewDots = {
  rows: 1,
  columns: 5,
  samples: 1,
  bitsAllocated: 8,
  bitsStored: 8,
  signed: 0,
  frames: 1,
} as const
const fiveRuns = Uint8Array.of(254, 7, 1, 1, 2)

/** What comes on media, and what is made images of. */
const carriedCodecs: readonly Codec[] = [
  decoder('dicom/bmp', decodeBmp, () => [
    bmpOf({ ...small, bits: 24, pixel: dot }),
    bmpOf({ ...small, bits: 1, pixel: dot, palette: [0, 0, 0, 0, 255, 255, 255, 0] }),
  ]),
  decoder('dicom/jpeg', readJpeg, () =>
    ['baseline.jpg', 'progressive.jpg', 'grey-turned.jpg'].map(pictureFile),
  ),
  decoder('dicom/media-directory', decodeMediaDirectory, () => [
    directoryFile(listed),
    directoryFile(listed, { explicit: true, little: true, delimited: true }),
    directoryFile(listed, { explicit: false, little: true }),
    directoryFile(listed, { explicit: true, little: false }),
  ]),
  decoder('dicom/media-file', readBeginning, () => {
    const { file, dataSet: bare } = imageOnMedium('1.2.3')
    return [file, bare, directoryFile(listed)]
  }),
  decoder('dicom/pixel-head', readPixelHead, () => [syntheticFile(fewDots, new Uint8Array(5))]),
  decoder(
    'dicom/run-length',
    (bytes) => ({ ok: decodeRle(bytes, fewDots) !== null }),
    () => [joinBytes(Uint8Array.of(1, 0, 0, 0, 64), new Uint8Array(59), fiveRuns)],
  ),
  decoder('dicom/mp4', readClip, () => [pictureFile('high.mp4')]),
  decoder(
    'dicom/png',
    (bytes) => decodePng(withCheckSums(bytes), asItIs),
    () => [
      pngOf({ ...small, bits: 8, colour: 2, sample: dot, deflate }),
      pngOf({ ...small, bits: 1, colour: 3, sample: dot, palette: [0, 1, 2, 3, 4, 5], deflate }),
      pngOf({ ...small, bits: 16, colour: 0, sample: dot, isInterlaced: true, deflate }),
    ],
  ),
]

export const dicomCodecs: readonly Codec[] = [
  {
    name: 'dicom/association',
    takes: 'stream',
    samples: conversations,
    begin: beginConversation,
  },
  decoder('dicom/coercion', coerce, files),
  decoder('dicom/data-set', readDataSets, () => [...dataSets, ...queries]),
  decoder('dicom/file-head', decodeFileHead, () => [joinBytes(fileHead, dataSet)]),
  decoder('dicom/header-reader', readHeads, () => dataSets),
  ...normalisedCodecs,
  decoder('dicom/worklist', answerQuery, () => queries),
  ...carriedCodecs,
]
