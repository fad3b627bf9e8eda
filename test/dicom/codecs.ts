/** The DICOM side of the fuzz run: whole conversations, their PDUs, and the heads of data sets. */
import { coercedFile, planCoercion, type Change } from '../../protocols/dicom/coercion.ts'
import { HeaderReader } from '../../protocols/dicom/header-reader.ts'
import { decodeFileHead, encodeFileHead } from '../../protocols/dicom/part10.ts'
import { Requestor } from '../../protocols/dicom/requestor.ts'
import {
  explicitBig,
  explicitLittle,
  implicitLittle,
  verificationUid,
} from '../../protocols/dicom/uids.ts'
import { joinBytes } from '../../protocols/bytes/bytes.ts'
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
]
