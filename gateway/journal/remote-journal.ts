/** The journal in a thread of its own, seen from the main thread. */
import { Worker } from 'node:worker_threads'
import type { SeqRange } from '../../protocols/packet/messages.ts'
import type { Record } from '../../protocols/packet/record.ts'
import type { VisitRecord, VisitRecordKind } from '../../protocols/packet/visit-records.ts'
import { journalTrouble } from '../errors/journal.ts'
import type { Log } from '../world.ts'
import { compact, errorOf, type Answer, type CallName } from './calls.ts'
import { messageOf } from './failures.ts'
import type {
  Again,
  Journal,
  JournalStatus,
  ImageFiles,
  KeptInstance,
  Outgoing,
  OutgoingQuery,
  ReceiptOutcome,
  RecentRecord,
  Undecided,
} from './journal.ts'
import type { JournalOptions } from './open.ts'

export interface JournalEnds {
  readonly log: Log
  /**
   * Called once when the journal has ended without being closed. Nothing is stored any more, so the
   * process must end, loudly.
   */
  readonly failed: (error: Error) => void
}

/** Beyond either the disk has fallen behind, and intake says so instead of growing. */
export const waitingMax = 4_096
export const waitingLimitBytes = 33_554_432

/** What a record without samples counts, about. */
const plainRecordBytes = 1_024

const workerScript = new URL('./worker.ts', import.meta.url)

/** Opens the journal in a worker. Rejects with a `Trouble` when it cannot be opened. */
export function openJournal(
  options: JournalOptions,
  ends: JournalEnds,
  script: URL = workerScript,
): Promise<Journal> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, {
      name: 'journal',
      workerData: options,
    })
    let journal: RemoteJournal | null = null
    const end = (error: Error): void => {
      if (journal === null) reject(error)
      else journal.end(error)
    }
    worker.on('message', (answer: Answer) => {
      if (answer.kind === 'log') ends.log[answer.level](answer.message, answer.fields)
      else if (answer.kind === 'failed') end(errorOf(answer.failure))
      else if (answer.kind === 'opened')
        resolve((journal = new RemoteJournal(worker, answer, ends)))
      else journal?.hear(answer)
    })
    worker.on('error', (error) => {
      end(journalTrouble('journal-failed', { why: messageOf(error) }, error))
    })
    worker.on('exit', (code) => {
      end(journalTrouble('journal-failed', { why: `its thread ended with ${code}.` }))
    })
  })
}

interface Waiting {
  readonly bytes: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

type Settled = Extract<Answer, { readonly id: number }>

class RemoteJournal implements Journal {
  readonly epoch: string
  readonly publicKey: Uint8Array
  readonly incomingFolder: string
  readonly #worker: Worker
  readonly #ends: JournalEnds
  readonly #waiting = new Map<number, Waiting>()
  #waitingBytes = 0
  #nextId = 1
  #ended: Error | null = null
  #isClosing = false

  constructor(
    worker: Worker,
    opened: Extract<Answer, { readonly kind: 'opened' }>,
    ends: JournalEnds,
  ) {
    this.#worker = worker
    this.#ends = ends
    this.epoch = opened.epoch
    this.publicKey = opened.publicKey
    this.incomingFolder = opened.incomingFolder
  }

  async store(device: string, record: Record): Promise<void> {
    const bytes = bytesOf(record)
    if (this.#waiting.size >= waitingMax || this.#waitingBytes + bytes > waitingLimitBytes) {
      throw journalTrouble('journal-busy', { count: this.#waiting.size })
    }
    await this.#call('store', [device, cloneable(record)], bytes)
  }

  async adopt(
    device: string,
    record: Record,
    temporaryPath: string,
    form?: 'as-is' | 'undecided',
  ): Promise<'stored' | 'already'> {
    return this.#call('adopt', [device, record, temporaryPath, form])
  }

  async undecided(limit: number): Promise<readonly Undecided[]> {
    return this.#call('undecided', [limit])
  }

  async sendAsIs(sha256: string): Promise<void> {
    await this.#call('sendAsIs', [sha256])
  }

  async outgoing(query: OutgoingQuery): Promise<readonly Outgoing[]> {
    return this.#call('outgoing', [query])
  }

  async again(epoch: string, stream: string, range: SeqRange, limit: number): Promise<Again> {
    return this.#call('again', [epoch, stream, range, limit])
  }

  async receipt(
    epoch: string,
    stream: string,
    ranges: readonly SeqRange[],
  ): Promise<ReceiptOutcome> {
    return this.#call('receipt', [epoch, stream, ranges])
  }

  async sealDue(): Promise<void> {
    await this.#call('sealDue', [])
  }

  async watch(stream: string, packetMs: number, untilMonotonicMs: number): Promise<void> {
    await this.#call('watch', [stream, packetMs, untilMonotonicMs])
  }

  async status(): Promise<JournalStatus> {
    return this.#call('status', [])
  }

  async objectsOfImage(sopInstanceUid: string): Promise<readonly string[]> {
    return this.#call('objectsOfImage', [sopInstanceUid])
  }

  async imageFiles(sha256: string): Promise<ImageFiles> {
    return this.#call('imageFiles', [sha256])
  }

  async instances(sopInstanceUids: readonly string[]): Promise<readonly KeptInstance[]> {
    return this.#call('instances', [sopInstanceUids])
  }

  async known(kind: VisitRecordKind): Promise<readonly VisitRecord[]> {
    return this.#call('known', [kind])
  }

  async recent(limit: number): Promise<readonly RecentRecord[]> {
    return this.#call('recent', [limit])
  }

  async close(): Promise<void> {
    if (this.#isClosing || this.#ended !== null) return
    const closed = this.#call('close', [])
    this.#isClosing = true
    await closed
    this.#ended = journalTrouble('journal-failed', { why: 'it was closed.' })
  }

  hear(answer: Settled): void {
    const waiting = this.#waiting.get(answer.id)
    if (waiting === undefined) return
    this.#waiting.delete(answer.id)
    this.#waitingBytes -= waiting.bytes
    if (answer.kind === 'done') waiting.resolve(answer.value)
    else waiting.reject(errorOf(answer.failure))
  }

  /** The worker has ended or is about to. After a close that is as it should be. */
  end(error: Error): void {
    if (this.#ended !== null || (this.#isClosing && this.#waiting.size === 0)) return
    this.#ended = error
    void this.#worker.terminate()
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
    this.#ends.failed(error)
  }

  #call<K extends CallName>(
    name: K,
    args: Parameters<Journal[K]>,
    bytes = 0,
  ): Promise<Awaited<ReturnType<Journal[K]>>> {
    const refusal = this.#isClosing
      ? journalTrouble('journal-failed', { why: 'it is being closed.' })
      : null
    const ended = this.#ended ?? refusal
    if (ended !== null) return Promise.reject(ended)
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      // First: what cannot be cloned throws here, and must not be waited for.
      this.#worker.postMessage({ id, name, args }, [])
      // What comes back for an id is what the method of that name answered.
      const settle = resolve as (value: unknown) => void
      this.#waiting.set(id, { bytes, resolve: settle, reject })
      this.#waitingBytes += bytes
    })
  }
}

function bytesOf(record: Record): number {
  if (record.kind !== 'waveform') return plainRecordBytes
  return record.samples.reduce((sum, lead) => sum + lead.byteLength, plainRecordBytes)
}

function cloneable(record: Record): Record {
  if (record.kind !== 'waveform') return record
  const samples = record.samples.map((lead) => {
    const bytes = compact(new Uint8Array(lead.buffer, lead.byteOffset, lead.byteLength))
    return new Int32Array(bytes.buffer)
  })
  return { ...record, samples }
}
