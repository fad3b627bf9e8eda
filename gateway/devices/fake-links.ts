/**
 * Links without wires, for tests and for the simulation: a device is plugged in at an address, says
 * bytes and hears what is written to it. As on a wire, what it says to nobody is gone.
 */
import type { Clock } from '../../protocols/world/clock.ts'
import { linkTrouble } from '../errors/links.ts'
import { earOf, type Ear } from '../links/ear.ts'
import type {
  FileOutcome,
  Link,
  LinkAddress,
  LinkHears,
  Links,
  ListenHears,
  Listening,
  Splits,
} from '../world.ts'
import { placeOf } from './place.ts'

export interface FakePlug {
  /** The device says something. False when nobody listens, and the bytes are lost. */
  say(bytes: Uint8Array): boolean
  /** What was written to the device, the newest last; only the newest are kept. */
  readonly heard: readonly Uint8Array[]
  /** Called with each write, before the write has resolved. */
  onHeard: ((bytes: Uint8Array) => void) | null
  /** The cable is pulled: an open link ends, and there is nothing to open. */
  unplug(): void
  plugIn(): void
  /** For a port that is listened on: somebody connects; null when nobody listens. */
  call(): FakeCall | null
  /** For a folder: a file has appeared; null when nobody has opened it. */
  file(bytes: Uint8Array): Promise<FileOutcome> | null
  /** Every opening fails with this, until null is given. */
  refuse(why: Error | null): void
  /** While true, writes neither succeed nor fail, as when a device server holds them up. */
  stuck: boolean
  readonly isOpen: boolean
  readonly openedCount: number
}

export interface FakeLinks extends Links {
  /** Plugs a device in. The same address gives the same plug. */
  plug(address: LinkAddress): FakePlug
}

/** A test that must see more keeps what `onHeard` gives. */
const heardMax = 1_000

export function fakeLinks(clock: Pick<Clock, 'monotonicMs'>): FakeLinks {
  const sockets = new Map<string, Socket>()
  const socketAt = (address: LinkAddress): Socket => {
    const place = placeOf(address)
    const known = sockets.get(place)
    if (known !== undefined) return known
    const made = new Socket(place, () => clock.monotonicMs())
    sockets.set(place, made)
    return made
  }
  return {
    plug: (address) => {
      const socket = socketAt(address)
      socket.plugIn()
      return socket
    },
    open: async (address, splits, hears) => {
      // As every real opening, this one takes a turn.
      await Promise.resolve()
      return socketAt(address).open(splits, hears)
    },
    listen: async (port, splits, hears) => {
      await Promise.resolve()
      return socketAt({ kind: 'tcp-server', port }).listen(splits, hears)
    },
  }
}

/** Somebody who has connected to a port that is listened on. */
export interface FakeCall {
  /** False when it was hung up. */
  say(bytes: Uint8Array): boolean
  readonly heard: readonly Uint8Array[]
  hangUp(): void
  readonly isOpen: boolean
}

class Socket implements FakePlug {
  readonly #path: string
  readonly #nowMs: () => number
  readonly #heard: Uint8Array[] = []
  #plugged = false
  #refusal: Error | null = null
  #ear: Ear | null = null
  #hears: LinkHears | null = null
  #listener: { readonly splits: Splits; readonly hears: ListenHears } | null = null
  readonly #calls = new Set<Call>()
  #openedCount = 0
  onHeard: ((bytes: Uint8Array) => void) | null = null
  stuck = false

  constructor(path: string, nowMs: () => number) {
    this.#path = path
    this.#nowMs = nowMs
  }

  get heard(): readonly Uint8Array[] {
    return this.#heard
  }

  get isOpen(): boolean {
    return this.#ear !== null || this.#listener !== null
  }

  get openedCount(): number {
    return this.#openedCount
  }

  say(bytes: Uint8Array): boolean {
    if (this.#ear === null) return false
    this.#ear.bytes(bytes)
    return true
  }

  plugIn(): void {
    this.#plugged = true
  }

  unplug(): void {
    this.#plugged = false
    this.#end(linkTrouble('link-unplugged', { path: this.#path }))
  }

  refuse(why: Error | null): void {
    this.#refusal = why
  }

  call(): FakeCall | null {
    const listener = this.#listener
    if (listener === null) return null
    const call = new Call(this.#path, listener.splits, this.#nowMs)
    this.#calls.add(call)
    listener.hears.called((hears) => call.accept(hears))
    return call
  }

  file(bytes: Uint8Array): Promise<FileOutcome> | null {
    const hears = this.#hears
    if (hears === null) return null
    return new Promise((resolve) => {
      hears.file?.(bytes, resolve)
    })
  }

  listen(splits: Splits, hears: ListenHears): Listening {
    this.#refuseIfNeeded()
    this.#listener = { splits, hears }
    this.#openedCount++
    return {
      close: async () => {
        this.#end(null)
      },
    }
  }

  #refuseIfNeeded(): void {
    const path = this.#path
    if (!this.#plugged) throw linkTrouble('link-not-there', { path })
    if (this.#refusal !== null) throw this.#refusal
    if (this.isOpen) throw linkTrouble('link-busy', { path })
  }

  open(splits: Splits, hears: LinkHears): Link {
    const path = this.#path
    this.#refuseIfNeeded()
    const ear = earOf(splits, hears, this.#nowMs)
    this.#ear = ear
    this.#hears = hears
    this.#openedCount++
    return {
      write: async (bytes) => {
        if (this.#ear !== ear) throw linkTrouble('link-closed', { path })
        if (this.stuck) await new Promise(() => {})
        // The device answers after the write, never within it.
        await Promise.resolve()
        if (this.#ear !== ear) throw linkTrouble('link-closed', { path })
        this.#heard.push(bytes)
        if (this.#heard.length > heardMax) this.#heard.shift()
        this.onHeard?.(bytes)
      },
      close: async () => {
        if (this.#ear === ear) this.#end(null)
      },
    }
  }

  #end(why: Error | null): void {
    const ear = this.#ear
    const listener = this.#listener
    this.#ear = null
    this.#hears = null
    this.#listener = null
    for (const call of this.#calls) call.hangUp()
    this.#calls.clear()
    ear?.closed(why)
    listener?.hears.closed(why)
  }
}

class Call implements FakeCall {
  readonly #path: string
  readonly #splits: Splits
  readonly #nowMs: () => number
  readonly heard: Uint8Array[] = []
  #ear: Ear | null = null

  constructor(path: string, splits: Splits, nowMs: () => number) {
    this.#path = path
    this.#splits = splits
    this.#nowMs = nowMs
  }

  get isOpen(): boolean {
    return this.#ear !== null
  }

  accept(hears: LinkHears): Link {
    const ear = earOf(this.#splits, hears, this.#nowMs)
    this.#ear = ear
    return {
      write: async (bytes) => {
        await Promise.resolve()
        if (this.#ear === null) throw linkTrouble('link-closed', { path: this.#path })
        this.heard.push(bytes)
      },
      close: async () => this.#end(null),
    }
  }

  say(bytes: Uint8Array): boolean {
    this.#ear?.bytes(bytes)
    return this.#ear !== null
  }

  hangUp(): void {
    this.#end(linkTrouble('link-cut', { path: this.#path, why: 'the other side closed it' }))
  }

  #end(why: Error | null): void {
    const ear = this.#ear
    this.#ear = null
    ear?.closed(why)
  }
}
