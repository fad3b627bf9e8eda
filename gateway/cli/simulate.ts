/** `simpul simulate`: a device that does not exist, on a tty that does. */
import { appendFileSync } from 'node:fs'
import { drivers } from '../../drivers/index.ts'
import { Player } from '../../drivers/replay.ts'
import type { Driver, Said } from '../../drivers/driver.ts'
import { seededRandom } from '../clock/seeded-random.ts'
import { playOn } from './play.ts'
import { factoryLine, simulated, simulatedIds } from './simulated-devices.ts'
import { exitCodes, readArgs, UsageError, wholeNumber, type Verb } from './verb.ts'

export const simulate: Verb = {
  name: 'simulate',
  summary: 'play a device on a tty',
  help: `simpul simulate ID --port PATH [--seed N] [--number N] [--every MS] [--ledger FILE]

ID is a driver (${simulatedIds.join(', ')}) and PATH one end of a line whose other end
the gateway opens, for example a pseudo-terminal pair made by socat. Plays until it is interrupted.

  --seed N       repeats the same chance (default 1)
  --number N     results are distinct and count on from N (default 0)
  --every MS     from one result to the next (default 6000)
  --ledger FILE  appends one JSON line for each thing that was said and has left the simulator`,
  async run(args) {
    const { values, positionals } = readArgs(args, {
      port: { type: 'string' },
      seed: { type: 'string' },
      number: { type: 'string' },
      every: { type: 'string' },
      ledger: { type: 'string' },
    })
    const [id, ...more] = positionals
    if (id === undefined || more.length > 0) throw new UsageError('exactly one ID')
    if (values.port === undefined) throw new UsageError('--port PATH is needed')
    const max = 2 ** 31
    const device = simulated(id, {
      random: seededRandom(wholeNumber(values.seed, 'seed', { min: 0, max, otherwise: 1 })),
      firstNumber: wholeNumber(values.number, 'number', { min: 0, max, otherwise: 0 }),
      everyMs: wholeNumber(values.every, 'every', { min: 100, max, otherwise: 6_000 }),
      deviceClockMs: Date.now() + 7 * 3_600_000,
    })
    const driver = drivers.find((one) => one.id === id)
    const line = factoryLine(id)
    if (device === null || driver === undefined || line === null) {
      throw new UsageError(`${id} cannot be simulated; ${simulatedIds.join(', ')} can`)
    }
    const ledger = values.ledger === undefined ? null : new Ledger(values.ledger, driver)
    await playOn(device, {
      path: values.port,
      line,
      left: (bytes, sinceLastMs) => ledger?.left(bytes, sinceLastMs),
    })
    ledger?.flush()
    return exitCodes.ok
  },
}

/**
 * What the device said and what left it, so that an end-to-end check knows what may arrive. Said is
 * found by reading the bytes back with the driver that the gateway uses.
 */
class Ledger {
  readonly #path: string
  readonly #reader: Player
  #samples = 0
  #dirty = false

  constructor(path: string, driver: Driver) {
    this.#path = path
    this.#reader = new Player(driver.session())
  }

  left(bytes: Uint8Array, afterMs: number): void {
    this.#reader.pass(afterMs)
    this.#reader.hear(bytes)
    const said = this.#reader.takeSaid()
    const samples = said.filter((one) => one.kind === 'samples')
    this.#samples += samples.length
    this.#dirty ||= samples.length > 0
    const values = said.filter((one) => one.kind === 'measurement' || one.kind === 'numerics')
    if (values.length > 0) this.#write(values)
  }

  flush(): void {
    if (this.#dirty) this.#write([])
  }

  #write(said: readonly Said[]): void {
    const samples = { kind: 'samples', count: this.#samples }
    const lines = [...said, ...(this.#dirty ? [samples] : [])].map((one) => JSON.stringify(one))
    this.#dirty = false
    appendFileSync(this.#path, `${lines.join('\n')}\n`)
  }
}
