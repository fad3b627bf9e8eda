/** A serial port, opened for ourselves alone. */
import { constants, fstat, promises as fs } from 'node:fs'
import { promisify } from 'node:util'
import { SerialPort } from 'serialport'
import type { SerialLine } from '../../drivers/driver.ts'
import { linkTrouble } from '../errors/links.ts'
import type { Trouble } from '../errors/trouble.ts'
import type { Link } from '../world.ts'
import type { Claims } from './claims.ts'
import type { Ear } from './ear.ts'
import { lineWords } from './line-words.ts'
import { Pending } from './pending.ts'
import { promptBinding } from './prompt-binding.ts'

export interface SerialAddress {
  readonly path: string
  readonly line: SerialLine
}

/**
 * After so long without a byte the path is compared with the open port: an adapter that lost its
 * power comes back under the same name, and the old descriptor stays silent for ever.
 */
export const compareSilentMs = 2_000

export async function openSerial(address: SerialAddress, ear: Ear, claims: Claims): Promise<Link> {
  const { path } = address
  const release = claims.take(await portKey(path), path)
  let port: SerialPort
  try {
    port = await openPort(address, ear)
  } catch (error) {
    release()
    throw error
  }
  return new SerialLink(path, port, ear, release)
}

/** Names the device behind the path, whichever of its names is used. */
async function portKey(path: string): Promise<string> {
  try {
    const stat = await fs.stat(path)
    if (!stat.isCharacterDevice()) throw linkTrouble('link-no-serial-port', { path })
    await fs.access(path, constants.R_OK | constants.W_OK)
    return `tty ${stat.rdev}`
  } catch (error) {
    throw openTrouble(path, error)
  }
}

function openPort(address: SerialAddress, ear: Ear): Promise<SerialPort> {
  const { path, line } = address
  return new Promise((resolve, reject) => {
    const options = {
      binding: promptBinding,
      path,
      baudRate: line.baud,
      dataBits: line.dataBits,
      parity: line.parity,
      stopBits: line.stopBits,
      lock: true,
      autoOpen: false,
    }
    const port = new SerialPort(options)
    // Before opening, so that the first byte has somebody who hears it.
    port.on('data', (bytes: Buffer) => ear.bytes(bytes))
    port.open((error) => {
      if (error === null) resolve(port)
      else reject(openTrouble(path, error, line))
    })
  })
}

/** The binding gives no codes for a failed opening, only the words of strerror. */
function openTrouble(path: string, error: unknown, line?: SerialLine): Error {
  if (!(error instanceof Error)) return linkTrouble('link-not-opened', { path, why: 'unknown' })
  if ('code' in error && String(error.code).startsWith('link-')) return error
  const why = error.message
  if (/ENOENT|ENODEV|ENXIO|No such/.test(why)) {
    return linkTrouble('link-not-there', { path }, error)
  }
  if (/EACCES|EPERM|Permission denied|not permitted/.test(why)) {
    return linkTrouble('link-no-permission', { path }, error)
  }
  if (/EBUSY|Cannot lock port|Resource busy|busy/.test(why)) {
    return linkTrouble('link-busy', { path }, error)
  }
  if (/Inappropriate ioctl/.test(why)) {
    return linkTrouble('link-no-serial-port', { path }, error)
  }
  if (line !== undefined && /baud rate|Invalid (?:data bits|parity|stop bits)/.test(why)) {
    return linkTrouble('link-line-refused', { path, line: lineWords(line) }, error)
  }
  return linkTrouble('link-not-opened', { path, why }, error)
}

const statDescriptor = promisify(fstat)

class SerialLink implements Link {
  readonly #path: string
  readonly #port: SerialPort
  readonly #ear: Ear
  readonly #release: () => void
  readonly #pending = new Pending()
  readonly #watch: NodeJS.Timeout
  readonly #finished = Promise.withResolvers<void>()
  #heardSinceCompare = false
  #closing = false
  #why: Trouble | null = null

  constructor(path: string, port: SerialPort, ear: Ear, release: () => void) {
    this.#path = path
    this.#port = port
    this.#ear = ear
    this.#release = release
    port.on('data', () => {
      this.#heardSinceCompare = true
    })
    port.on('error', (error) => this.#end(linkTrouble('link-unplugged', { path }, error)))
    // With an error the binding met the end of the port before we asked for it.
    port.once('close', (error: Error | null) => this.#finish(error))
    this.#watch = setInterval(() => void this.#compare(), compareSilentMs)
    // A pending look at a port is no reason for the process to stay.
    this.#watch.unref()
  }

  write(bytes: Uint8Array): Promise<void> {
    if (!this.#port.isOpen) return Promise.reject(linkTrouble('link-closed', { path: this.#path }))
    return this.#pending.promise((done) => {
      this.#port.write(bytes, undefined, (error) => {
        const path = this.#path
        done(error ? linkTrouble('link-unplugged', { path }, error) : null)
      })
    })
  }

  async close(): Promise<void> {
    this.#end(null)
    await this.#finished.promise
  }

  #end(why: Trouble | null): void {
    if (this.#closing) return
    this.#closing = true
    this.#why = why
    // A port that cannot be closed is gone: the descriptor is lost, and so is the adapter.
    if (this.#port.isOpen) this.#port.close((error) => error && this.#finish(error))
  }

  #finish(error: Error | null): void {
    const path = this.#path
    if (!this.#closing && error !== null) {
      this.#why = linkTrouble('link-unplugged', { path }, error)
    }
    this.#closing = true
    clearInterval(this.#watch)
    this.#pending.fail(this.#why ?? linkTrouble('link-closed', { path }))
    this.#release()
    this.#ear.closed(this.#why)
    this.#finished.resolve()
  }

  async #compare(): Promise<void> {
    const heard = this.#heardSinceCompare
    this.#heardSinceCompare = false
    const descriptor = this.#port.port?.fd ?? null
    if (heard || descriptor === null || this.#closing) return
    const path = this.#path
    try {
      const named = await fs.stat(path)
      const open = await statDescriptor(descriptor)
      const same = named.rdev === open.rdev && named.ino === open.ino && named.dev === open.dev
      // A node that was made anew has another inode even where its numbers are the same.
      if (!same || open.nlink === 0) this.#end(linkTrouble('link-replaced', { path }))
    } catch (error) {
      this.#end(linkTrouble('link-unplugged', { path }, error))
    }
  }
}
