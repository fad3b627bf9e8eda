/**
 * The live stream to the browsers, as Server-Sent Events. Everything here may be lost: a browser
 * that is too slow is dropped and comes back, and what it then sees begins with the newest.
 */
import type { ServerResponse } from 'node:http'
import type { Measurement, Numerics, Record, Waveform } from '../../protocols/packet/record.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Happened, PageSource } from './view.ts'
import type { EventMessage, LiveMessages, SamplesBlock, Start, StatusWire } from './wire.ts'

const viewersMax = 16
const viewersOfOneAddressMax = 6
/**
 * A viewer that has not taken this much is dropped: at 12 leads of 500 Hz it is some 10 s behind.
 */
const viewerBufferBytesMax = 512 * 1_024
const batchMs = 150
const pendingSamplesMax = 200_000
const statusPauseMs = 400
const statusEveryMs = 5_000
const changedPauseMs = 300
const beatMs = 2_000
/** So long a browser waits before it comes back by itself. */
const comeBackMs = 1_500
const devicesMax = 128
const namesMax = 64

export interface Viewer {
  readonly response: ServerResponse
  readonly address: string
  /** Asked again with every beat: values end with the session. */
  readonly isSignedIn: () => boolean
  readonly wantsSamples: boolean
  readonly start: Start
}

interface Seat extends Viewer {
  /** Values are shown to this viewer. It loses its seat when its session ends. */
  readonly signedIn: boolean
}

export interface LiveOptions {
  readonly clock: Clock
  readonly source: PageSource
  readonly status: () => Promise<StatusWire>
}

type Values = LiveMessages['values']

export class Live {
  readonly #options: LiveOptions
  readonly #seats = new Set<Seat>()
  readonly #timers = new Map<string, () => void>()
  readonly #values = new Map<string, Map<string, Omit<Values, 'nowMs'>>>()
  readonly #events = new Map<string, Map<string, Omit<EventMessage, 'nowMs'>>>()
  #pending: SamplesBlock[] = []
  #pendingSamples = 0
  #asking = false
  #askAgain = false
  #unsubscribe: (() => void) | null

  constructor(options: LiveOptions) {
    this.#options = options
    this.#unsubscribe = options.source.live((happened) => this.#hear(happened))
  }

  hasSeat(address: string): boolean {
    const ofAddress = [...this.#seats].filter((seat) => seat.address === address).length
    return this.#seats.size < viewersMax && ofAddress < viewersOfOneAddressMax
  }

  /** False when there is no room for one more viewer. */
  seat(viewer: Viewer): boolean {
    if (this.#unsubscribe === null || !this.hasSeat(viewer.address)) return false
    const { response } = viewer
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    })
    response.write(`retry: ${comeBackMs}\n\n`)
    const seat: Seat = { ...viewer, signedIn: viewer.isSignedIn() }
    this.#seats.add(seat)
    response.on('close', () => this.#leave(seat))
    response.on('error', () => this.#leave(seat))
    this.#say(seat, 'hello', { nowMs: this.#now(), start: viewer.start })
    if (seat.signedIn) this.#sayLatest(seat)
    this.#askStatus()
    this.#every('page status', statusEveryMs, () => this.#askStatus())
    this.#every('page heartbeat', beatMs, () => this.#beat())
    return true
  }

  /** Takes the seat of everybody whose session has ended. */
  checkSessions(): void {
    for (const seat of this.#seats) {
      if (!seat.signedIn || seat.isSignedIn()) continue
      this.#leave(seat)
      seat.response.end()
    }
  }

  get viewers(): number {
    return this.#seats.size
  }

  close(): void {
    this.#unsubscribe?.()
    this.#unsubscribe = null
    for (const seat of this.#seats) this.#drop(seat)
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
  }

  #hear(happened: Happened): void {
    if (happened.kind === 'changed') {
      if (this.#seats.size === 0) return
      const { what } = happened
      if (what === 'status') {
        this.#once('page status soon', statusPauseMs, () => this.#askStatus())
      } else {
        this.#once(`page ${what} soon`, changedPauseMs, () => {
          this.#sayAll(what, { nowMs: this.#now() }, (seat) => seat.signedIn)
        })
      }
      return
    }
    this.#hearRecord(happened.device, happened.record)
  }

  #hearRecord(device: string, record: Record): void {
    switch (record.kind) {
      case 'measurement':
      case 'numerics':
        return this.#hearValues(device, record)
      case 'waveform':
        return this.#hearSamples(device, record)
      case 'event': {
        const { atMs, code, level, active } = record
        const message = { device, atMs, code, level, active }
        if (active === true) remember(this.#events, device, code, message)
        else this.#events.get(device)?.delete(code)
        this.#sayAll('event', { nowMs: this.#now(), ...message }, (seat) => seat.signedIn)
        return
      }
      case 'document':
      case 'image':
      case 'rendition':
      case 'clock':
      case 'loss':
      case 'device':
      case 'patient':
      case 'visit':
      case 'order':
      case 'identity':
      case 'procedure':
        // These are seen in the records and in the status.
        return
    }
  }

  #hearValues(device: string, record: Measurement | Numerics): void {
    const { atMs, simulated, values } = record
    const probe = record.qualifiers['probe'] ?? ''
    for (const value of values) {
      const message = { device, atMs, simulated, probe, values: [value] }
      remember(this.#values, device, `${value.code} ${probe}`, message)
    }
    const message = { nowMs: this.#now(), device, atMs, simulated, probe, values }
    this.#sayAll('values', message, (seat) => seat.signedIn)
  }

  #hearSamples(device: string, waveform: Waveform): void {
    if (![...this.#seats].some(takesSamples)) return
    const { wave, run, firstSample, atMs, rate, leads, simulated } = waveform
    const samples = waveform.samples.map((lead) => [...lead])
    const count = samples.length * (samples[0]?.length ?? 0)
    // Oldest first: a trace with a gap is honest, one that lags behind is not.
    while (this.#pendingSamples + count > pendingSamplesMax && this.#pending.length > 0) {
      this.#pendingSamples -= countOf(this.#pending.shift())
    }
    this.#pending.push({
      device,
      wave,
      run,
      firstSample,
      atMs,
      rate,
      leads,
      simulated,
      samples,
    })
    this.#pendingSamples += count
    this.#once('page samples', batchMs, () => this.#saySamples())
  }

  #saySamples(): void {
    const blocks = mergeBlocks(this.#pending)
    this.#pending = []
    this.#pendingSamples = 0
    this.#sayAll('samples', { nowMs: this.#now(), blocks }, takesSamples)
  }

  #sayLatest(seat: Seat): void {
    const nowMs = this.#now()
    for (const byCode of this.#values.values()) {
      for (const message of byCode.values()) this.#say(seat, 'values', { nowMs, ...message })
    }
    for (const byCode of this.#events.values()) {
      for (const message of byCode.values()) this.#say(seat, 'event', { nowMs, ...message })
    }
  }

  /** At most one question to the source at a time; what changed meanwhile is asked once more. */
  #askStatus(): void {
    if (this.#seats.size === 0) return
    if (this.#asking) {
      this.#askAgain = true
      return
    }
    this.#askAgain = false
    void this.#sayStatus()
  }

  async #sayStatus(): Promise<void> {
    this.#asking = true
    // The page shows the age of its status, so a question that failed may wait for the next.
    const status = await this.#options.status().catch(() => null)
    this.#asking = false
    if (status !== null) this.#sayAll('status', status, () => true)
    if (this.#askAgain) this.#once('page status soon', statusPauseMs, () => this.#askStatus())
  }

  #beat(): void {
    this.checkSessions()
    this.#sayAll('beat', { nowMs: this.#now() }, () => true)
  }

  #sayAll<Name extends keyof LiveMessages>(
    name: Name,
    message: LiveMessages[Name],
    to: (seat: Seat) => boolean,
  ): void {
    const text = eventText(name, message)
    for (const seat of this.#seats) if (to(seat)) this.#write(seat, text)
  }

  #say<Name extends keyof LiveMessages>(seat: Seat, name: Name, message: LiveMessages[Name]): void {
    this.#write(seat, eventText(name, message))
  }

  #write(seat: Seat, text: string): void {
    if (seat.response.writableLength > viewerBufferBytesMax) this.#drop(seat)
    else seat.response.write(text)
  }

  #drop(seat: Seat): void {
    this.#leave(seat)
    seat.response.destroy()
  }

  #leave(seat: Seat): void {
    this.#seats.delete(seat)
    if (this.#seats.size > 0) return
    this.#pending = []
    this.#pendingSamples = 0
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
  }

  #now(): number {
    return this.#options.clock.monotonicMs()
  }

  #once(name: string, ms: number, work: () => void): void {
    if (this.#timers.has(name) || this.#unsubscribe === null) return
    const cancel = this.#options.clock.after(name, ms, () => {
      this.#timers.delete(name)
      work()
    })
    this.#timers.set(name, cancel)
  }

  /** Runs while anybody watches. */
  #every(name: string, ms: number, work: () => void): void {
    this.#once(name, ms, () => {
      this.#every(name, ms, work)
      work()
    })
  }
}

/** Joins blocks of one wave that follow each other without a gap. */
export function mergeBlocks(blocks: readonly SamplesBlock[]): readonly SamplesBlock[] {
  const merged: SamplesBlock[] = []
  for (const block of blocks) {
    const index = merged.findLastIndex(
      (earlier) => earlier.device === block.device && earlier.wave === block.wave,
    )
    const before = merged[index]
    const follows =
      before !== undefined &&
      before.run === block.run &&
      before.samples.length === block.samples.length &&
      before.firstSample + (before.samples[0]?.length ?? 0) === block.firstSample
    if (follows) {
      const samples = before.samples.map((lead, at) => [...lead, ...(block.samples[at] ?? [])])
      merged[index] = { ...before, samples }
    } else merged.push(block)
  }
  return merged
}

function takesSamples(seat: Seat): boolean {
  return seat.signedIn && seat.wantsSamples
}

function eventText(name: string, message: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(message)}\n\n`
}

function countOf(block: SamplesBlock | undefined): number {
  return block === undefined ? 0 : block.samples.length * (block.samples[0]?.length ?? 0)
}

function remember<T>(
  all: Map<string, Map<string, T>>,
  device: string,
  name: string,
  what: T,
): void {
  const known = all.get(device)
  const byName = known ?? new Map<string, T>()
  if (known === undefined) {
    if (all.size >= devicesMax) return
    all.set(device, byName)
  }
  if (byName.size < namesMax || byName.has(name)) byName.set(name, what)
}
