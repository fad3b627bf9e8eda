/**
 * Takes images to a DICOMweb server: each in a request of its own, so that an interruption costs
 * one image at most, and asks for it afterwards. Source: PS3.18 sections 10.5 and 10.6.
 */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { answersWith, instanceQuery } from '../../protocols/dicomweb/qido.ts'
import { dicomJson, stowBody, stowVerdict } from '../../protocols/dicomweb/stow.ts'
import {
  Notes,
  unreadable,
  type Carrier,
  type CarrierWorld,
  type Errand,
  type Ledger,
  type Stops,
} from './carrier.ts'
import type { WebDestination } from './destinations.ts'
import { WebClient } from './http.ts'
import { stowOutcome, type Outcome } from './outcomes.ts'
import { PeerFailed } from './peer-failed.ts'
import type { Proof, QueuedImage } from './queue.ts'

const boundaryBytes = 24
const readBytes = 262_144
/** An image that names no study or series cannot be asked for. */
const unaskableAgainMs = 86_400_000
const offeredAgainMs = 3_600_000

export class WebCarrier implements Carrier {
  readonly #world: CarrierWorld
  readonly #destination: WebDestination
  readonly #client: WebClient

  constructor(world: CarrierWorld, destination: WebDestination) {
    this.#world = world
    this.#destination = destination
    this.#client = new WebClient(destination)
  }

  async carry({ images, unproven }: Errand, ledger: Ledger, stops: Stops): Promise<void> {
    const stored = await this.#sendEach(images, ledger, stops)
    if (this.#destination.proof === 'none') return
    for (const image of [...unproven, ...stored]) {
      if (stops.soon.aborted) return
      ledger.prove(new Map([[image.id, await this.#lookFor(image, stops.now)]]))
    }
  }

  async #sendEach(
    images: readonly QueuedImage[],
    ledger: Ledger,
    stops: Stops,
  ): Promise<readonly QueuedImage[]> {
    const notes = new Notes(ledger, () => this.#world.clock.monotonicMs())
    const stored: QueuedImage[] = []
    try {
      for (const image of images) {
        if (stops.soon.aborted) break
        if (!ledger.stillGoes(image)) continue
        const outcome = await this.#send(image, ledger, stops.now).catch((err: unknown) => {
          const said = err instanceof PeerFailed ? err.message : 'we failed'
          // The image may be the reason: others go before it is tried again.
          notes.add(image.id, { kind: 'later', said, whole: true })
          throw err
        })
        notes.add(image.id, outcome)
        if (outcome.kind === 'stored') stored.push(image)
        // Whatever is wrong with the server is shown as its trouble, and waited for.
        if (outcome.kind === 'later' && outcome.whole) throw new PeerFailed('refused', outcome.said)
      }
    } finally {
      notes.write()
    }
    return stored
  }

  async #send(image: QueuedImage, ledger: Ledger, kill: AbortSignal): Promise<Outcome> {
    const path = ledger.pathOf(image.sha256)
    const size = path === null ? null : await sizeOf(path)
    if (path === null || size !== image.sizeBytes) return unreadable
    const boundary = Buffer.from(this.#world.random.bytes(boundaryBytes)).toString('hex')
    const { contentType, head, tail } = stowBody(boundary)
    const { status, body } = await this.#client.ask(
      {
        method: 'POST',
        path: '/studies',
        headers: {
          'content-type': contentType,
          'content-length': head.length + size + tail.length,
          accept: dicomJson,
        },
        body: Readable.from(pieces(head, path, tail), { objectMode: false }),
      },
      kill,
    )
    const outcome = stowOutcome(status, stowVerdict(body, image.sopInstanceUid))
    if (outcome.kind === 'trouble') throw new PeerFailed('refused', outcome.said)
    return outcome
  }

  async #lookFor(image: QueuedImage, kill: AbortSignal): Promise<Proof> {
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = image
    const open = (askAgainMs: number): Proof => ({ kind: 'open', question: null, askAgainMs })
    if (studyInstanceUid === null || seriesInstanceUid === null) return open(unaskableAgainMs)
    const path = instanceQuery({ studyInstanceUid, seriesInstanceUid, sopInstanceUid })
    const headers = { accept: dicomJson }
    const { status, body } = await this.#client.ask(
      { method: 'GET', path, headers, body: null },
      kill,
    )
    if (status === 200 && answersWith(body, sopInstanceUid)) {
      return { kind: 'confirmed', said: 'found by QIDO-RS' }
    }
    // A server without the study may call that not found.
    if (status === 200 || status === 204 || status === 404) {
      return { kind: 'absent', said: `not found by QIDO-RS, HTTP ${status}` }
    }
    if (status >= 500 || status === 429)
      throw new PeerFailed('refused', `HTTP ${status} to a query`)
    return open(offeredAgainMs)
  }
}

async function sizeOf(path: string): Promise<number | null> {
  const handle = await open(path).catch(() => null)
  if (handle === null) return null
  try {
    return (await handle.stat()).size
  } finally {
    await handle.close()
  }
}

async function* pieces(
  head: Uint8Array,
  path: string,
  tail: Uint8Array,
): AsyncGenerator<Uint8Array, void, void> {
  yield head
  yield* createReadStream(path, { highWaterMark: readBytes }) as AsyncIterable<Uint8Array>
  yield tail
}
