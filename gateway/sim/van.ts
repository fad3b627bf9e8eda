/** The van: one box, and on it one life of the gateway after the other. */
import { join } from 'node:path'
import type { Random } from '../../protocols/world/random.ts'
import type { RegistryFile } from '../devices/registry-file.ts'
import type { Box } from './box.ts'
import { Countdown, type Cuts } from './cuts.ts'
import type { Incarnation } from './incarnation.ts'
import { tearLog, type Scratch } from './scratch.ts'
import { beginVanLife, vanName, type VanLife, type VanLifeParts } from './van-life.ts'

type Inherited = 'plan' | 'broker' | 'links' | 'ward' | 'witness' | 'log' | 'started'

export interface VanParts extends Pick<VanLifeParts, Inherited> {
  readonly box: Box
  readonly random: Random
  readonly scratch: Scratch
  /** The first data folder: empty, or with a journal that was just made. */
  readonly folder: string
  /** Calls later, on the clock of the world. */
  readonly later: (ms: number, work: () => void) => void
}

export interface Fall {
  /** The box goes down too: its clocks begin anew, and the broker does not notice. */
  readonly isPower: boolean
  readonly awayMs: number
}

const startAgainMs = 1_000
const freeDiskBytes = 2 ** 40
/** Wall clock of a box after power came back: a few seconds after the beginning of 1970. */
const wallAfterBootMs = 12_000

export class Van {
  readonly #parts: VanParts
  readonly #cuts: Cuts = { operations: new Countdown(), files: new Countdown() }
  readonly #random: Random
  #folder: string
  #life: Incarnation | null = null
  #running: VanLife | null = null
  #registry: string | null = null
  #diskIsFull = false
  #knowsTime: boolean
  /** An operation has failed on purpose in this life. */
  #mayFail = false
  #lives = 0

  constructor(parts: VanParts) {
    this.#parts = parts
    this.#folder = parts.folder
    this.#random = parts.random.fork('falls')
    this.#knowsTime = parts.plan.knowsTime
  }

  /** null while the gateway is down. */
  get running(): VanLife | null {
    return this.#running
  }

  get lives(): number {
    return this.#lives
  }

  setDiskFull(isFull: boolean): void {
    this.#diskIsFull = isFull
  }

  /** NTP holds the box's clock from now on, or does so no more. */
  setKnowsTime(knows: boolean): void {
    this.#knowsTime = knows
  }

  start(): void {
    if (this.#life !== null) return
    const { box, random, witness } = this.#parts
    const life = box.begin()
    this.#life = life
    this.#lives++
    this.#mayFail = false
    try {
      const running = beginVanLife({
        ...this.#parts,
        life,
        bootId: box.bootId,
        folder: this.#folder,
        random: random.fork('life'),
        cuts: this.#cuts,
        freeBytes: () => (this.#diskIsFull ? 0 : freeDiskBytes),
        knowsTime: () => this.#knowsTime,
        registryFile: this.#registryFile(life),
        failed: (trouble) => this.#failed(trouble),
      })
      if (!life.alive) return running.bury()
      this.#running = running
      witness.trace.note('van', `starts with epoch ${running.journal.epoch}`)
    } catch (error) {
      if (life.alive) this.#failed(error)
    }
  }

  /** As in the daemon: the process ends, and the next one sees what it can do. */
  #failed(error: unknown): void {
    const { witness, later } = this.#parts
    if (!this.#mayFail) return witness.fail(`the journal failed: ${String(error)}`)
    witness.trace.note('van', 'ends because its journal failed')
    later(0, () => this.fall({ isPower: false, awayMs: startAgainMs }))
  }

  /** Dies at once. What lies on its disk is what it gets back. */
  fall(fall: Fall): void {
    if (this.#life === null) return
    this.#parts.witness.trace.note('van', fall.isPower ? 'loses its power' : 'is killed')
    this.#end(fall, false)
  }

  /** Dies within the n-th operation on files or in sealing from now on. */
  fallWithin(operations: number, isTorn: boolean, fall: Fall): void {
    this.#cuts.operations.arm(operations, () => {
      if (this.#life === null) return
      this.#parts.witness.trace.note('van', `falls within an operation${isTorn ? ', torn' : ''}`)
      this.#end(fall, isTorn)
    })
  }

  /**
   * The n-th operation on files from now on fails. A journal that cannot live with it starts anew.
   */
  failFile(operations: number, code: string): void {
    this.#cuts.files.arm(operations, () => {
      this.#parts.witness.trace.note('van', `${code} at an operation on files`)
      this.#mayFail = true
      throw Object.assign(new Error(`${code}: on purpose`), { code })
    })
  }

  /** Says goodbye, and comes back on the same disk. */
  stop(awayMs: number): void {
    const running = this.#running
    if (running === null || running.gateway === null) return
    const { witness, later } = this.#parts
    witness.trace.note('van', 'is asked to stop')
    running.gateway.stop().then(
      () => {
        witness.trace.note('van', 'has stopped')
        this.#life = null
        this.#running = null
        running.life.kill()
        running.bury()
        later(awayMs, () => this.start())
      },
      (error: unknown) => witness.fail(`the gateway did not stop: ${String(error)}`),
    )
  }

  /** Nothing is left that could still fall. */
  calm(): void {
    this.#cuts.operations.disarm()
    this.#cuts.files.disarm()
    this.#diskIsFull = false
  }

  /** For good. */
  leave(): void {
    this.#life?.kill()
    this.#running?.bury()
    this.#life = null
    this.#running = null
  }

  #end({ isPower, awayMs }: Fall, isTorn: boolean): void {
    const { scratch, broker, box, later, witness } = this.#parts
    const fallen = this.#folder
    this.#folder = scratch.copyOf(fallen, 'van')
    const copy = this.#folder
    const running = this.#running
    this.#life?.kill()
    this.#life = null
    this.#running = null
    if (isPower) broker.strandClient(vanName)
    else broker.dropClient(vanName)
    // What runs to its end after the cut works on the disk that nobody will see again.
    later(0, () => {
      if (isTorn) {
        const [torn, after] = [copy, fallen].map((folder) => join(folder, 'journal.db-wal'))
        if (torn !== undefined && after !== undefined) tearLog(torn, after, this.#random)
      }
      running?.bury()
      scratch.discard(fallen)
    })
    later(1 + awayMs, () => {
      if (isPower) {
        box.reboot(wallAfterBootMs)
        this.#knowsTime = false
        witness.boots.set(box.bootId, box.bootedAtMs)
      }
      this.start()
    })
  }

  /** Replaced as a whole, so it is there or not. */
  #registryFile(life: Incarnation): RegistryFile {
    return {
      read: async () => this.#registry,
      write: async (text) => {
        if (life.alive) this.#registry = text
      },
      setAside: async () => {
        this.#registry = null
      },
    }
  }
}
