/**
 * The gateway as people run it: the command as a process, its devices on pseudo-terminals. What a
 * person would see is looked at where a person would look: the status page, the log, the console.
 */
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DeviceView } from '../../gateway/page/view.ts'
import type { Start, StatusWire } from '../../gateway/page/wire.ts'
import { simpulPath, start, type Running } from '../../gateway/cli/demo/processes.ts'
import { startTtyPair, type TtyPair } from '../../gateway/cli/demo/ttys.ts'

const pollMs = 50
/** What takes so long is looked for less often, because each look costs the van as much as us. */
const longMs = 2_000
const pollLongMs = 250
/** Only what is wrong waits so long: a busy machine may be slow. */
const withinMsUsual = 60_000

/** Polls until there is an answer. What was seen instead is in the error. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null> | T | null,
  options: { readonly withinMs?: number; readonly seen?: () => unknown } = {},
): Promise<T> {
  const begunMs = performance.now()
  const deadline = begunMs + (options.withinMs ?? withinMsUsual)
  for (;;) {
    const found = await look()
    if (found !== null) return found
    if (performance.now() > deadline) {
      const seen = await options.seen?.()
      throw new Error(`too late: ${what}; seen ${JSON.stringify(seen)}`)
    }
    await sleep(performance.now() - begunMs > longMs ? pollLongMs : pollMs)
  }
}

/** A device's cable: what is written arrives at the gateway, as long as it is plugged in. */
export class Cable {
  readonly #folder: string
  readonly #name: string
  #tty: TtyPair

  static async plug(folder: string, name: string): Promise<Cable> {
    return new Cable(folder, name, await startTtyPair(folder, name))
  }

  private constructor(folder: string, name: string, tty: TtyPair) {
    this.#folder = folder
    this.#name = name
    this.#tty = tty
  }

  get gatewayPath(): string {
    return this.#tty.gatewayPath
  }

  say(bytes: Uint8Array): void {
    const file = openSync(this.#tty.devicePath, constants.O_WRONLY | constants.O_NOCTTY)
    writeSync(file, bytes)
    closeSync(file)
  }

  async unplug(): Promise<void> {
    await this.#tty.process.stop()
  }

  async plugIn(): Promise<void> {
    this.#tty = await startTtyPair(this.#folder, this.#name)
  }
}

export interface TestedVan {
  /** Of the data. */
  readonly folder: string
  readonly configPath: string
  /** Everything that it has printed so far. */
  printed(): string
  status(): Promise<StatusWire>
  device(id: string): Promise<DeviceView>
  /** Waits until a device shows what is wanted; the view is the answer. */
  shows(id: string, wanted: (view: DeviceView) => boolean, withinMs?: number): Promise<DeviceView>
  /** Records of one stream that are stored. */
  storedCount(stream: string): Promise<number>
  /** Waits until so many are stored. */
  stores(stream: string, count: number, withinMs?: number): Promise<void>
  /** Names the start: another one means that it has crashed and came again. */
  instance(): Promise<string>
  /** SIGTERM; the exit code is the answer. */
  stop(): Promise<number | string>
}

export interface VanConfig {
  readonly van?: string
  readonly folder?: string
  readonly devices?: readonly object[]
  readonly imaging?: object
  readonly journal?: object
  readonly uplink: object
}

/** Writes the configuration and starts the gateway. Resolves when its page answers. */
export async function startTestedVan(folder: string, config: VanConfig): Promise<TestedVan> {
  mkdirSync(folder, { recursive: true })
  const configPath = join(folder, 'simpul.json')
  const dataFolder = config.folder ?? join(folder, 'data')
  const whole = {
    van: 'van-test',
    folder: dataFolder,
    imaging: { ports: [] },
    page: { host: '127.0.0.1', port: 0 },
    ...config,
    journal: { reserveBytes: 0, packetSeconds: 1, ...config.journal },
  }
  writeFileSync(configPath, JSON.stringify(whole))
  const running = runSimpul(folder, ['run', configPath])
  const page = await running.page()
  const ask = async <T>(path: string): Promise<T> => {
    const response = await fetch(new URL(path, page))
    return (await response.json()) as T
  }
  const status = () => ask<StatusWire>('/api/status')
  const device = async (id: string): Promise<DeviceView> => {
    const view = (await status()).devices.find((one) => one.id === id)
    if (view === undefined) throw new Error(`the page shows no device ${id}`)
    return view
  }
  const storedCount = async (stream: string): Promise<number> => {
    const { journal } = await status()
    return journal.streams.find((one) => one.stream === stream)?.recordsStored ?? 0
  }
  return {
    folder: dataFolder,
    configPath,
    printed: () => running.printed(),
    status,
    device,
    storedCount,
    shows: (id, wanted, withinMs = withinMsUsual) =>
      until(
        `the card of ${id}`,
        async () => {
          const view = await device(id)
          return wanted(view) ? view : null
        },
        { withinMs, seen: () => device(id) },
      ),
    async stores(stream, count, withinMs = withinMsUsual) {
      await until(
        `${count} records in ${stream}`,
        async () => ((await storedCount(stream)) >= count ? true : null),
        { withinMs, seen: () => storedCount(stream) },
      )
    },
    instance: async () => (await ask<Start>('/api/start')).instance,
    stop: () => running.stop(),
  }
}

export interface RunningSimpul {
  readonly process: Running
  printed(): string
  /** Waits for the address of its page. */
  page(): Promise<string>
  stop(): Promise<number | string>
}

/** The command, with everything that it prints in one file of the folder. */
export function runSimpul(folder: string, args: readonly string[]): RunningSimpul {
  const logPath = join(folder, `${args[0]}-${++runs}.log`)
  const process = start({ name: `simpul ${args[0]}`, command: simpulPath, args, logPath })
  const printed = () => readFileSync(logPath, 'utf8')
  return {
    process,
    printed,
    page: () =>
      until('the address of the page', () => /^page (\S+)$/m.exec(printed())?.[1] ?? null, {
        seen: printed,
      }),
    async stop() {
      await process.stop()
      return process.ended
    },
  }
}

let runs = 0

/** Free a moment ago: the configuration wants to know it before it is taken. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => void server.close(done))
  return port
}
