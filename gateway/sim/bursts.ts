/**
 * Records that come without a simulated device: numbers, alarms, waves, images and papers. Who
 * sends
 * an image or a paper keeps it until it was told that it is stored, and comes again in the next
 * life
 * of the gateway.
 */
import { createHash } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nobody } from '../../protocols/dicom/stated-identity.ts'
import type {
  Document,
  Event,
  Image,
  Measurement,
  Numerics,
  Record,
  Unstamped,
  Waveform,
} from '../../protocols/packet/record.ts'
import { terms } from '../../protocols/vocabulary/terms.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Random } from '../../protocols/world/random.ts'
import type { Burst } from './plan.ts'
import type { VanLife } from './van-life.ts'

export interface BurstsParts {
  readonly clock: Clock
  readonly random: Random
  readonly bursts: readonly Burst[]
  /** null while the gateway is down. */
  readonly running: () => VanLife | null
}

interface Parcel {
  readonly number: number
  readonly kind: 'image' | 'document'
  readonly bytes: Uint8Array
  /** By which its sender names it: another name is another record of the same bytes. */
  name: string
  /** How often it is handed over, and is stored already from the second time on. */
  times: number
  isUnderWay: boolean
}

const againMs = 3_000
const blockMs = 250
const samplesPerBlock = 25
const secondMs = 1_000
const numbersPerKilogram = 100

const stamps = { utcMs: null, uncertaintyMs: null, source: 'device', simulated: true } as const

export class Bursts {
  readonly #parts: BurstsParts
  readonly #parcels = new Set<Parcel>()
  #count = 0

  constructor(parts: BurstsParts) {
    this.#parts = parts
    for (const burst of parts.bursts) {
      parts.clock.after('burst', burst.atMs, () => this.#begin(burst))
    }
  }

  /** Nothing waits to be handed over. */
  get isDone(): boolean {
    return this.#parcels.size === 0
  }

  /** The gateway is there again. */
  began(): void {
    for (const parcel of this.#parcels) {
      parcel.isUnderWay = false
      this.#send(parcel)
    }
  }

  #begin({ kind, amount }: Burst): void {
    if (kind === 'image' || kind === 'document') return this.#pack(kind, amount)
    const running = this.#parts.running()
    if (running?.gateway === null || running === null) return
    if (kind === 'waveform') return this.#wave(running, amount)
    if (kind === 'numerics') return this.#numbers(running, amount)
    for (let index = 0; index < amount; index++) this.#store(running, 'bench-1', this.#spot(kind))
  }

  #spot(kind: 'measurement' | 'alarm' | 'event'): Unstamped<Measurement | Event> {
    const number = this.#count++
    if (kind !== 'measurement') {
      const level = kind === 'alarm' ? 'alarm' : 'info'
      const detail = { number: String(number) }
      return { kind: 'event', code: 'lead-off', level, active: null, detail }
    }
    const value = number / numbersPerKilogram
    return {
      kind: 'measurement',
      values: [{ code: terms.weight.code, value, unit: terms.weight.unit }],
      deviceTime: null,
      qualifiers: {},
    }
  }

  #store(running: VanLife, device: string, unstamped: Unstamped<Record>): void {
    const atMs = Math.floor(running.life.clock.monotonicMs())
    this.#storeAgain(running, device, { ...unstamped, ...stamps, atMs })
  }

  #storeAgain(running: VanLife, device: string, record: Record): void {
    const { journal, life, gateway } = running
    journal.store(device, record).then(
      () => gateway?.uplink.nudge(),
      () =>
        life.clock.after('store again', againMs, () => this.#storeAgain(running, device, record)),
    )
  }

  #wave(running: VanLife, blocks: number): void {
    const { life } = running
    const run = this.#count++
    const block = (index: number): void => {
      if (index >= blocks) return
      this.#store(running, 'ecg-9', this.#block(run, index))
      life.clock.after('wave', blockMs, () => block(index + 1))
    }
    block(0)
  }

  #block(run: number, index: number): Unstamped<Waveform> {
    const samples = new Int32Array(samplesPerBlock)
    for (let at = 0; at < samples.length; at++) samples[at] = this.#parts.random.below(4_000)
    return {
      kind: 'waveform',
      wave: 'ecg',
      run,
      firstSample: index * samplesPerBlock,
      rate: { samples: 1, perMs: 10 },
      leads: [{ code: 'MDC_ECG_ELEC_POTL_I', unit: 'uV', lsb: 2.5, zero: 0 }],
      samples: [samples],
    }
  }

  /** As a monitor says them, once a second. */
  #numbers(running: VanLife, count: number): void {
    if (count === 0) return
    const rate = 40 + this.#parts.random.below(160)
    const numerics: Unstamped<Numerics> = {
      kind: 'numerics',
      values: [{ code: terms.heartRate.code, value: rate, unit: terms.heartRate.unit }],
      qualifiers: {},
    }
    this.#store(running, 'ecg-9', numerics)
    running.life.clock.after('numbers', secondMs, () => this.#numbers(running, count - 1))
  }

  #pack(kind: Parcel['kind'], size: number): void {
    const { random } = this.#parts
    const number = this.#count++
    const parcel: Parcel = {
      number,
      kind,
      bytes: random.bytes(size),
      name: `1.2.${number}`,
      times: random.below(4) === 0 ? 2 : 1,
      isUnderWay: false,
    }
    this.#parcels.add(parcel)
    this.#send(parcel)
  }

  #send(parcel: Parcel): void {
    const running = this.#parts.running()
    if (running?.imaging === null || running === null || parcel.isUnderWay) return
    parcel.isUnderWay = true
    const path = join(running.journal.incomingFolder, `parcel-${parcel.number}`)
    writeFileSync(path, parcel.bytes)
    this.#hand(running, parcel, path).then(
      () => this.#taken(parcel),
      () => {
        rmSync(path, { force: true })
        running.life.clock.after('send again', againMs, () => {
          parcel.isUnderWay = false
          this.#send(parcel)
        })
      },
    )
  }

  /** A sender that has not heard of it in time sends it once more; some give it another name. */
  #taken(parcel: Parcel): void {
    this.#parts.running()?.gateway?.uplink.nudge()
    parcel.isUnderWay = false
    parcel.times--
    if (parcel.times === 0) {
      this.#parcels.delete(parcel)
      return
    }
    if (this.#parts.random.below(2) === 0) parcel.name = `1.3.${parcel.number}`
    this.#send(parcel)
  }

  async #hand(running: VanLife, parcel: Parcel, path: string): Promise<void> {
    const { bytes, name } = parcel
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const chunkBytes = 1_024 + (parcel.number % 3) * 1_024
    if (parcel.kind === 'document') {
      const object = { sha256, sizeBytes: bytes.length, mediaType: 'application/pdf', chunkBytes }
      const atMs = Math.floor(running.life.clock.monotonicMs())
      const record: Document = { kind: 'document', ...stamps, atMs, object, title: name }
      await running.journal.adopt('paper-1', record, path)
      return
    }
    const object = { sha256, sizeBytes: bytes.length, mediaType: 'application/dicom', chunkBytes }
    await running.imaging?.store({
      device: 'x-ray-1',
      simulated: true,
      peerAddress: '127.0.0.1',
      calledAeTitle: 'SIMPUL',
      temporaryPath: path,
      receivingMs: 100,
      identity: nobody,
      image: imageOf(object, name),
    })
  }
}

function imageOf(object: Image['object'], sopInstanceUid: string): Unstamped<Image> {
  return {
    kind: 'image',
    object,
    sopClassUid: '1.2.840.10008.5.1.4.1.1.1.1',
    sopInstanceUid,
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    studyInstanceUid: null,
    seriesInstanceUid: null,
    modality: 'DX',
    callingAeTitle: 'XRAY',
    dataSetOffset: 0,
    flags: [],
  }
}
