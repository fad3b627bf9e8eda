/**
 * Sends one file and tells what became of it: by DCMTK's storescu, or by our own sender where
 * storescu does not read the file or cannot propose its transfer syntax.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { HeaderReader } from '../../protocols/dicom/header-reader.ts'
import { decodeFileHead } from '../../protocols/dicom/part10.ts'
import { Requestor, type RequestorEvent } from '../../protocols/dicom/requestor.ts'
import { explicitLittle, implicitLittle, isUid } from '../../protocols/dicom/uids.ts'
import { proposals } from './dcmtk.ts'

export interface Target {
  readonly port: number
  readonly callingAeTitle: string
  /** What to believe in; null: plain. */
  readonly certificatePath: string | null
}

export interface Sent {
  /** Of the response; null when there was none. */
  readonly status: number | null
  /** The peer said no, in whatever step, and did not fail. */
  readonly refused: boolean
  /** The peer's or the sender's words when it did not succeed; empty otherwise. */
  readonly sentence: string
}

export interface FileFacts {
  readonly path: string
  readonly sopClassUid: string
  readonly sopInstanceUid: string
  readonly transferSyntaxUid: string
  /** SHA-256, hex, of what our own sender sends. */
  readonly dataSetHash: string
  readonly dataSetOffset: number
}

const sendWithinMs = 120_000
/** For a file without a head: some class, and a name that follows from its bytes. */
const unnamedClass = '1.2.840.10008.5.1.4.1.1.7'

export function factsOf(path: string): FileFacts {
  const bytes = readFileSync(path)
  const head = decodeFileHead(bytes)
  const offset = head.ok ? head.value.dataSetOffset : 0
  const dataSetHash = hashOf(bytes.subarray(offset))
  const decimal = BigInt(`0x${dataSetHash.slice(0, 32)}`)
  const named = head.ok ? head.value : null
  const orElse = (uid: string | undefined, other: string): string =>
    uid !== undefined && isUid(uid) ? uid : other
  return {
    path,
    sopClassUid: orElse(named?.sopClassUid, unnamedClass),
    sopInstanceUid: orElse(named?.sopInstanceUid, `2.25.${decimal}`),
    transferSyntaxUid: orElse(named?.transferSyntaxUid, encodingOf(bytes)),
    dataSetHash,
    dataSetOffset: offset,
  }
}

/** What a data set without a head looks like. */
function encodingOf(bytes: Uint8Array): string {
  const reader = new HeaderReader(explicitLittle)
  reader.push(bytes)
  reader.end()
  return reader.findings().mislabelled ? implicitLittle : explicitLittle
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** null: storescu did not get as far as sending it. */
export async function sendByStorescu(file: FileFacts, to: Target): Promise<Sent | null> {
  const proposal = proposals.get(file.transferSyntaxUid) ?? '-xe'
  const tls = to.certificatePath === null ? [] : ['+tla', '+cf', to.certificatePath]
  const titles = ['-d', '-R', proposal, '-aet', to.callingAeTitle, '-aec', 'SIMPUL']
  const args = [...titles, ...tls, '127.0.0.1', String(to.port), file.path]
  const said = await wordsOf('storescu', args)
  const status = /DIMSE Status\s*: 0x([0-9a-f]{4})/.exec(said)?.[1]
  if (status === undefined && !said.includes('Sending Store Request')) return null
  const comment = /\(0000,0902\) LO \[([^\]]*)\]/.exec(said)?.[1]
  const trouble = /^[EF]: (.*)$/m.exec(said)?.[1]
  const number = status === undefined ? null : Number.parseInt(status, 16)
  const refused = number !== null && number !== 0
  return {
    status: number,
    refused,
    sentence: number === 0 ? '' : (comment ?? trouble ?? '').trim(),
  }
}

function wordsOf(command: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, TCP_NODELAY: '1' }
  const limits = { timeout: sendWithinMs, maxBuffer: 67_108_864, encoding: 'latin1' as const }
  return new Promise((resolve) => {
    execFile(command, args, { env, ...limits }, (_, stdout, stderr) => resolve(stdout + stderr))
  })
}

/** The bytes of the file as they are. */
export async function sendByOurs(file: FileFacts, to: Target): Promise<Sent> {
  const { sopClassUid, sopInstanceUid, transferSyntaxUid } = file
  const requestor = new Requestor({
    callingAeTitle: to.callingAeTitle,
    calledAeTitle: 'SIMPUL',
    contexts: [{ id: 1, abstractSyntax: sopClassUid, transferSyntaxes: [transferSyntaxUid] }],
  })
  const socket = await opened(to)
  /** null: closed. */
  const heard: (RequestorEvent | null)[] = []
  let wake = (): void => {}
  socket.on('data', (bytes: Uint8Array) => {
    heard.push(...requestor.received(bytes))
    wake()
  })
  socket.on('close', () => {
    heard.push(null)
    wake()
  })
  const next = async (): Promise<RequestorEvent | null> => {
    while (heard.length === 0) {
      await new Promise<void>((resolve) => (wake = resolve))
    }
    return heard.shift() ?? null
  }
  try {
    socket.write(requestor.associate())
    const answer = await next()
    if (answer?.kind !== 'accepted')
      return {
        status: null,
        refused: answer?.kind === 'rejected',
        sentence: answer?.kind ?? 'closed',
      }
    if (answer.contexts.size === 0)
      return { status: null, refused: true, sentence: 'no context was accepted' }
    const dataSet = readFileSync(file.path).subarray(file.dataSetOffset)
    for (const pdu of requestor.store(1, { sopClassUid, sopInstanceUid }, dataSet)) {
      if (!socket.write(pdu)) await new Promise((resolve) => socket.once('drain', resolve))
    }
    const response = await next()
    if (response?.kind !== 'response') {
      return {
        status: null,
        refused: false,
        sentence: response?.kind ?? 'closed without an answer',
      }
    }
    const { status, comment } = response.command
    socket.write(requestor.release())
    await next()
    return { status, refused: status !== 0, sentence: status === 0 ? '' : (comment ?? '') }
  } finally {
    socket.destroy()
  }
}

function opened({ port, certificatePath }: Target): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const host = '127.0.0.1'
    const socket =
      certificatePath === null
        ? connect({ port, host, noDelay: true }, () => resolve(socket))
        : connectTls({ port, host, ca: readFileSync(certificatePath) }, () => resolve(socket))
    socket.setTimeout(sendWithinMs, () => socket.destroy())
    socket.on('error', reject)
  })
}
