/** The forwarder in a process of its own, to be killed. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readForwardStatus, type DestinationStatus } from '../../upstream/pacs/status.ts'

export interface Used {
  readonly cpuMs: number
  readonly rssMb: number
}

const lookEveryMs = 25

export class ForwardProcess {
  readonly folder: string
  readonly #settings: string
  #child: ChildProcess | null = null

  /** `folder` holds a landing. `settings` as in the file of destinations. */
  constructor(folder: string, settings: object) {
    this.folder = folder
    this.#settings = join(folder, 'forward.json')
    writeFileSync(this.#settings, JSON.stringify(settings))
  }

  /** Resolves when it works. */
  async start(): Promise<void> {
    const script = join(import.meta.dirname, 'forward-daemon.ts')
    const child = spawn(process.execPath, [script, this.folder, this.#settings], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    await once(child.stdout, 'data')
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  /** Answers what it has used. */
  async stop(): Promise<Used> {
    const child = this.#child
    if (child?.stdout === null || child?.stdout === undefined) throw new Error('not started')
    const said = once(child.stdout, 'data') as Promise<[Buffer]>
    const gone = once(child, 'exit')
    child.kill()
    const [line] = await said
    await gone
    return JSON.parse(line.toString()) as Used
  }

  /** Of its only destination; null before anything was taken in. */
  status(): DestinationStatus | null {
    return readForwardStatus(this.folder)[0] ?? null
  }

  /** Waits until so many images have come to `phase` or further. Throws when any is parked. */
  async until(phase: 'sent' | 'confirmed', images: number, withinMs: number): Promise<void> {
    const endMs = performance.now() + withinMs
    for (;;) {
      const status = this.status()
      const done = status === null ? 0 : status.confirmed + (phase === 'sent' ? status.sent : 0)
      if (done >= images) return
      const isParked = status !== null && status.parked.length > 0
      if (isParked || performance.now() > endMs) throw new Error(JSON.stringify(status))
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
    }
  }
}
