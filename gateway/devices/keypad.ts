/** A keypad of the local page: a person types, and the driver says what that means. */
import { createHash } from 'node:crypto'
import type { Driver, Said } from '../../drivers/driver.ts'
import { photoTitle, type Filled, type Photo } from '../../drivers/keypad/photo.ts'
import type { Record, Source, Words } from '../../protocols/packet/record.ts'
import { Trouble } from '../errors/trouble.ts'
import { dayOf } from './calibration.ts'
import type { DeviceStatus } from './device-status.ts'
import { lostWords, Outbox } from './outbox.ts'
import { itemsOf } from './said-items.ts'
import type { SessionParts } from './session.ts'
import { stamp, type Stamp } from './stamp.ts'
import { sayForm } from './typing.ts'

export interface KeypadDevice {
  readonly id: string
  readonly driver: Driver
  readonly simulated: boolean
}

export class Keypad {
  readonly #device: KeypadDevice
  readonly #parts: SessionParts
  readonly #outbox: Outbox
  #entries = 0
  #refused = 0
  #lastRefusal: string | null = null

  constructor(device: KeypadDevice, parts: SessionParts) {
    this.#device = device
    this.#parts = parts
    this.#outbox = new Outbox(device.id, parts.sink, parts.world.clock, {
      trouble: () => parts.hears.changed(device.id),
      lost: (lost) => this.#lostEvent(lostWords(lost)),
    })
  }

  /**
   * Resolves with the records after their commit. Rejects with a `Trouble` when the form is
   * refused, or when nothing of it could be stored, so that typing it again doubles nothing.
   */
  async typed(filled: Filled): Promise<readonly Record[]> {
    const source = filled.photo?.isSource === true ? 'photo' : 'typed'
    const records = this.#say(filled).flatMap((said) => this.#recordsOf(said, source))
    const { sink, hears } = this.#parts
    // Before the values that name it. Stored without them, a second try finds it there.
    if (filled.photo !== null) await this.#storePhoto(filled.photo)
    const outcomes = await Promise.allSettled(
      records.map((record) => sink.record(this.#device.id, record)),
    )
    const failures = outcomes.filter((outcome) => outcome.status === 'rejected')
    const [failure] = failures
    if (failure !== undefined && failures.length === outcomes.length) throw failure.reason
    // A form that is stored in part must not be typed again: the rest is kept and tried here.
    for (const [index, record] of records.entries()) {
      const outcome = outcomes[index]
      if (outcome?.status === 'rejected') this.#keep(record, outcome.reason)
      hears.record(this.#device.id, record)
    }
    this.#entries++
    return records
  }

  async stop(): Promise<void> {
    await this.#outbox.drained()
    this.#outbox.stop()
  }

  status(): DeviceStatus {
    const { id, driver, simulated } = this.#device
    const stored = this.#outbox.status()
    return {
      id,
      driver: driver.id,
      label: driver.label,
      where: '',
      over: 'keypad',
      line: null,
      simulated,
      state: 'waiting',
      link: 'open',
      hearing: this.#entries > 0 ? 'packets' : 'nothing',
      bytesIn: 0,
      bytesOut: 0,
      packets: this.#entries,
      noiseCount: this.#refused,
      noiseBytes: 0,
      lastNoise: this.#lastRefusal,
      lastHeardMs: null,
      silentAfterMs: null,
      retries: 0,
      driverFailures: 0,
      trouble: null,
      recordsWaiting: stored.waiting,
      recordsLost: stored.lost,
      storeTrouble: stored.trouble,
    }
  }

  #keep(record: Record, why: unknown): void {
    const isHopeless = why instanceof Trouble && !why.retriable
    this.#outbox.add(isHopeless ? this.#lostEvent({ count: '1' }) : record)
  }

  #lostEvent(detail: Words): Record {
    const code = 'records-lost'
    return { kind: 'event', code, level: 'warning', active: null, detail, ...this.#stamp('typed') }
  }

  async #storePhoto({ mediaType, bytes }: Photo): Promise<void> {
    const document = { kind: 'document', title: photoTitle, mediaType, bytes } as const
    await this.#parts.sink.document(this.#device.id, { ...document, ...this.#stamp('photo') })
  }

  #say({ form, texts, confirmed, photo }: Filled): readonly Said[] {
    const sha256 = photo === null ? null : createHash('sha256').update(photo.bytes).digest('hex')
    try {
      const today = this.#today()
      return sayForm(this.#device.driver, { form, texts, confirmed, photo: sha256, today })
    } catch (error) {
      this.#refused++
      this.#lastRefusal = error instanceof Error ? error.message : 'refused'
      throw error
    }
  }

  /** A form is typed: it holds no samples and no file. */
  #recordsOf(said: Said, source: Source): readonly Record[] {
    if (said.kind !== 'measurement' && said.kind !== 'event') return []
    const parts = { stamp: () => this.#stamp(source), newRun: () => 0 }
    return itemsOf(said, parts).flatMap((item) => ('bytes' in item ? [] : [item]))
  }

  #today(): string | null {
    const { time, world } = this.#parts
    const utc = time.utcOf(world.clock.monotonicMs())
    return utc === null ? null : dayOf(utc.utcMs)
  }

  #stamp(source: Source): Stamp {
    const { time, world } = this.#parts
    const { simulated } = this.#device
    return stamp(time, world.clock.monotonicMs(), { source, simulated })
  }
}
