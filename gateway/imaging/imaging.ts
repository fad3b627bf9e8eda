/**
 * The DICOM node as the rest of the gateway knows it: starts the imaging thread, brings it back
 * when it dies, and asks the gateway to keep each image before its device is told so.
 */
import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { statuses } from '../../protocols/dicom/command-set.ts'
import type { HostAnswer } from '../../protocols/dicom/service.ts'
import type { WorklistEntry } from '../../protocols/dicom/worklist.ts'
import { imagingTrouble } from '../errors/imaging.ts'
import type { Trouble } from '../errors/trouble.ts'
import type { Address } from './listen.ts'
import type { FromWorker, ToWorker, WorkerData } from './messages.ts'
import { imagingDefaults, temporaryPrefix, type ImagingOptions } from './options.ts'
import type { Asked, AssociationEvent } from './received-image.ts'
import type { ReportOrder, ReportOutcome } from './report-order.ts'
import type { KnownSender } from './senders.ts'
import { storing, type Keeper, type Storing } from './storing.ts'

const restartMs = 1_000
const restartMaxMs = 60_000
/** A thread that lived so long did not die of what it was started into. */
const healthyMs = 60_000
/** The node's own grace and some more; then the thread is ended. */
const stopMs = 10_000
/** Garbage of a hostile peer must not become the memory of the whole box. */
const heapMegabytes = 256

export interface ImagingHears extends Keeper {
  trouble(trouble: Trouble): void
  association(event: AssociationEvent): void
  /** A service of the node asks. May reject: then the device is told of a failure. */
  asked?(asked: Asked): Promise<HostAnswer>
}

export interface Imaging {
  /** Ports that are open. Empty while the thread is down. */
  address(): readonly Address[]
  /** False: new associations are refused, because the journal takes nothing. */
  intake(open: boolean): void
  /** Brings a report of commitment to its device, once. Never rejects. */
  report(order: ReportOrder): Promise<ReportOutcome>
  /** Who has a name, from now on. */
  know(senders: readonly KnownSender[]): void
  /**
   * What modalities are told that ask for their worklist, in this order, until it is said anew.
   * Before the first time they are asked to come back.
   */
  worklist(entries: readonly WorklistEntry[]): void
  /** Finishes and answers what is under way, then closes. */
  stop(): Promise<void>
}

/** Resolves when every port has been tried once. A taken port is a trouble, not a rejection. */
export async function startImaging(
  options: Partial<ImagingOptions> & Pick<ImagingOptions, 'incomingFolder'>,
  hears: ImagingHears,
): Promise<Imaging> {
  const thread = new ImagingThread({ ...imagingDefaults, ...options }, hears)
  await thread.start()
  return thread
}

class ImagingThread implements Imaging {
  readonly #options: ImagingOptions
  readonly #hears: ImagingHears
  readonly #storing: Storing
  /** Files that the gateway is about to take over, whatever becomes of the thread. */
  readonly #handedOver = new Set<string>()
  /** As many as are on their way. */
  readonly #reporting = new Map<number, (outcome: ReportOutcome) => void>()
  #reports = 0
  #senders: readonly KnownSender[]
  #worklist: readonly WorklistEntry[] | null = null
  #worker: Worker | null = null
  #addresses: readonly Address[] = []
  #open = true
  #stopping = false
  #deaths = 0
  #restart: NodeJS.Timeout | null = null

  constructor(options: ImagingOptions, hears: ImagingHears) {
    this.#options = options
    this.#senders = options.senders
    this.#hears = hears
    this.#storing = storing(hears, {
      conflict: (image) => {
        const { callingAeTitle } = image.image
        const details = { sender: callingAeTitle, peer: image.peerAddress, device: image.device }
        hears.trouble(imagingTrouble('imaging-uid-conflict', details))
      },
      failed: (error) => hears.trouble(imagingTrouble('imaging-keep-failed', {}, error)),
    })
  }

  address(): readonly Address[] {
    return this.#addresses
  }

  intake(open: boolean): void {
    this.#open = open
    tell(this.#worker, { kind: 'intake', open })
  }

  report(order: ReportOrder): Promise<ReportOutcome> {
    const worker = this.#worker
    if (worker === null) return Promise.resolve({ kind: 'no-association' })
    const id = ++this.#reports
    return new Promise((resolve) => {
      this.#reporting.set(id, resolve)
      tell(worker, { kind: 'report', id, order })
    })
  }

  know(senders: readonly KnownSender[]): void {
    this.#senders = senders
    tell(this.#worker, { kind: 'know', senders })
  }

  worklist(entries: readonly WorklistEntry[]): void {
    this.#worklist = entries
    tell(this.#worker, { kind: 'worklist', entries })
  }

  /** Resolves when the thread is ready, or has died before it was. */
  async start(): Promise<void> {
    const startedMs = performance.now()
    const workerData: WorkerData = {
      ...this.#options,
      senders: this.#senders,
      worklist: this.#worklist,
    }
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      name: 'imaging',
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    })
    this.#worker = worker
    await new Promise<void>((resolve) => {
      let why = 'it ended'
      worker.on('error', (error) => (why = error instanceof Error ? error.message : String(error)))
      worker.on('exit', () => {
        this.#worker = null
        this.#addresses = []
        for (const reported of this.#reporting.values()) reported({ kind: 'failed', why: 'cut' })
        this.#reporting.clear()
        resolve()
        if (!this.#stopping) this.#died(why, performance.now() - startedMs)
      })
      worker.on('message', (message: FromWorker) => {
        this.#heard(worker, message)
        if (message.kind === 'ready') resolve()
      })
    })
    if (!this.#open) tell(this.#worker, { kind: 'intake', open: false })
  }

  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#restart !== null) clearTimeout(this.#restart)
    const worker = this.#worker
    if (worker === null) return
    const ended = new Promise<void>((resolve) => void worker.once('exit', () => resolve()))
    tell(this.#worker, { kind: 'stop' })
    const limit = setTimeout(() => void worker.terminate(), stopMs)
    await ended
    clearTimeout(limit)
  }

  #heard(worker: Worker, message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        this.#addresses = message.addresses
        return
      case 'expect':
        return this.#storing.expect(message.sopInstanceUid)
      case 'store':
        return void this.#keep(worker, message)
      case 'ask':
        return void this.#ask(worker, message)
      case 'reported':
        this.#reporting.get(message.id)?.(message.outcome)
        this.#reporting.delete(message.id)
        return
      case 'trouble':
        return this.#hears.trouble(imagingTrouble(message.notice.code, message.notice.details))
      case 'association':
        return this.#hears.association(message.event)
    }
  }

  async #keep(worker: Worker, message: Extract<FromWorker, { kind: 'store' }>): Promise<void> {
    const { id, image } = message
    this.#handedOver.add(image.temporaryPath)
    const outcome = await this.#storing.store(image)
    this.#handedOver.delete(image.temporaryPath)
    // To the thread that asked: another one has given its own ids.
    tell(worker, { kind: 'outcome', id, outcome })
  }

  async #ask(worker: Worker, { id, asked }: Extract<FromWorker, { kind: 'ask' }>): Promise<void> {
    const answer = await (
      this.#hears.asked?.(asked) ?? Promise.reject(new Error('nobody answers'))
    ).catch((error: unknown): HostAnswer => {
      this.#hears.trouble(imagingTrouble('imaging-keep-failed', {}, error))
      const comment = 'Could not be stored, please send again'
      return { kind: 'failed', status: statuses.processingFailure, comment }
    })
    tell(worker, { kind: 'answer', id, answer })
  }

  #died(why: string, livedMs: number): void {
    this.#deaths = livedMs > healthyMs ? 1 : this.#deaths + 1
    const waitMs = Math.min(restartMs * 2 ** (this.#deaths - 1), restartMaxMs)
    this.#hears.trouble(imagingTrouble('imaging-thread-died', { why, waitMs }))
    this.#restart = setTimeout(() => void this.#again(), waitMs)
  }

  async #again(): Promise<void> {
    await this.#sweep()
    if (!this.#stopping) await this.start()
  }

  /** Removes what the dead thread had half received. Nobody was told that it was stored. */
  async #sweep(): Promise<void> {
    const { incomingFolder } = this.#options
    const names = await readdir(incomingFolder).catch(() => [])
    for (const name of names.filter((one) => one.startsWith(temporaryPrefix))) {
      const path = join(incomingFolder, name)
      if (!this.#handedOver.has(path)) await unlink(path).catch(() => {})
    }
  }
}

function tell(worker: Worker | null, message: ToWorker): void {
  worker?.postMessage(message)
}
