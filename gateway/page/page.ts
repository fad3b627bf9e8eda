/**
 * The local page: what the technician and the nurse in the van see. Before anybody signs in it
 * shows how the van is, and no value of a patient.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '../../protocols/world/clock.ts'
import { pageTrouble } from '../errors/page.ts'
import { Trouble } from '../errors/trouble.ts'
import type { Log } from '../world.ts'
import { answerApi, sendTrouble } from './api.ts'
import { loadAssets, sendAsset, type Assets } from './assets.ts'
import { Entrance } from './entrance.ts'
import { isOurHost, securityHeaders } from './guard.ts'
import { Live } from './live.ts'
import { Patients } from './patients.ts'
import type { ApiParts } from './route.ts'
import { IntakePace, totalsOf } from './totals.ts'
import { Typist } from './typist.ts'
import { Uploads } from './uploads.ts'
import type { PageSource } from './view.ts'
import type { MainThread, StatusWire, Zone } from './wire.ts'

export interface PageOptions {
  readonly clock: Clock
  readonly log: Log
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /**
   * Names besides addresses and `localhost` by which the page is opened, such as `simpul.local`.
   */
  readonly names: readonly string[]
  /** Where the owner is kept. */
  readonly folder: string
  /** Where `make page` put the files. */
  readonly assetsFolder: string
  /** Printed on the label of this box; null makes a code at the first start and keeps it. */
  readonly claimCode: string | null
  readonly zone: Zone
  readonly mainThread: () => MainThread
}

export interface Page {
  readonly port: number
  /** What the daemon prints for the technician; null once the gateway is claimed. */
  claimCode(): string | null
  close(): Promise<void>
}

/** Banten lies in the western zone of Indonesia, which has no summer time. */
export const westernIndonesia: Zone = { name: 'WIB', offsetMinutes: 420 }

/** An import would ask for all of the module, and so for its WebSocket, which costs 7 MB. */
const { createServer } = process.getBuiltinModule('node:http')

const connectionsMax = 128
const headerBytesMax = 8 * 1_024
const headersTimeoutMs = 10_000
const requestTimeoutMs = 20_000
const paceEveryMs = 30_000

/** Rejects with a `Trouble`: `page-not-built`, `page-owner-unreadable`, `page-port-taken`. */
export async function startPage(options: PageOptions, source: PageSource): Promise<Page> {
  const { clock, log } = options
  const assets = await loadAssets(options.assetsFolder)
  const entrance = await Entrance.open(options)
  const instance = randomUUID()
  const pace = new IntakePace()
  const status = async (): Promise<StatusWire> => {
    const seen = await source.status()
    const nowMs = clock.monotonicMs()
    pace.see(nowMs, seen.journal)
    const totals = totalsOf(seen.journal, pace)
    return { ...seen, nowMs, totals, mainThread: options.mainThread() }
  }
  const live = new Live({ clock, source, status })
  const parts: ApiParts = {
    source,
    entrance,
    live,
    status,
    typist: new Typist(source, instance),
    patients: new Patients(source, instance, options.zone),
    uploads: await Uploads.open(join(options.folder, 'uploads'), clock),
    nowMs: () => clock.monotonicMs(),
    start: (signedIn, address) => ({
      instance,
      build: assets.build,
      claimed: entrance.owner !== null,
      signedIn,
      hasSeat: live.hasSeat(address),
      language: entrance.owner?.language ?? 'id',
      zone: options.zone,
    }),
  }
  const server = createServer({ maxHeaderSize: headerBytesMax }, (request, response) => {
    void answer(options, parts, assets, request, response)
  })
  server.maxConnections = connectionsMax
  server.headersTimeout = headersTimeoutMs
  server.requestTimeout = requestTimeoutMs
  try {
    await listen(server, options)
  } catch (error) {
    live.close()
    const why = error instanceof Error ? error.message : String(error)
    throw pageTrouble('page-port-taken', { address: options.host, port: options.port, why }, error)
  }
  const stopPace = keepPace(clock, status)
  const { port } = server.address() as AddressInfo
  log.info('the local page is open', { link: `http://${options.host}:${port}` })
  return {
    port,
    claimCode: () => entrance.claimCode,
    async close() {
      stopPace()
      live.close()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(
  options: PageOptions,
  parts: ApiParts,
  assets: Assets,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
  try {
    if (!isOurHost(request.headers.host, options.names)) throw pageTrouble('page-foreign-host')
    const url = urlOf(request)
    if (url.pathname.startsWith('/api/')) await answerApi(parts, request, response, url)
    else {
      const looks = request.method === 'GET' || request.method === 'HEAD'
      if (!looks || !sendAsset(assets, url.pathname, request, response)) {
        throw pageTrouble('page-not-found')
      }
    }
  } catch (error) {
    if (error instanceof Trouble) sendTrouble(response, error)
    else if (request.destroyed && !request.complete) response.destroy()
    else {
      options.log.error('the page failed to answer', { code: 'page-failed', err: error })
      sendTrouble(response, pageTrouble('page-failed', {}, error))
    }
  }
}

function urlOf(request: IncomingMessage): URL {
  const url = URL.parse(request.url ?? '/', 'http://page')
  if (url === null) throw pageTrouble('page-bad-request', { why: 'address' })
  return url
}

function listen(server: Server, { host, port }: PageOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Watches the journal's room also while nobody watches the page. */
function keepPace(clock: Clock, status: () => Promise<unknown>): () => void {
  let cancel: (() => void) | null = null
  const again = () => {
    cancel = clock.after('page room left', paceEveryMs, () => {
      // A source that does not answer leaves a hole in the pace, which is all that it can do here.
      status().then(again, again)
    })
  }
  again()
  return () => cancel?.()
}
