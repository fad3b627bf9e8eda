/**
 * What the tests of this folder share: records of all kinds, a journal on a fake clock, and a
 * hospital.
 */
import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type {
  ClockFix,
  Document,
  Event,
  Image,
  Measurement,
  Numerics,
  Record,
  Waveform,
} from '../../protocols/packet/record.ts'
import { followsHeader, openPacket, type OpenedPacket } from '../../protocols/packet/seal.ts'
import { WaveReader } from '../../protocols/packet/wave-reader.ts'
import { fakeClock, type FakeClock } from '../clock/fake-clock.ts'
import { seededRandom } from '../clock/seeded-random.ts'
import type { Trouble } from '../errors/trouble.ts'
import type { Log, LogFields } from '../world.ts'
import type { Journal, Outgoing } from './journal.ts'
import type { LocalJournal } from './local-journal.ts'
import { openLocalJournal, type JournalOptions, type JournalWorld } from './open.ts'
import { nodeTools, type JournalTools } from './seal-tools.ts'

export const firstBoot = '11111111-1111-4111-8111-111111111111'
export const secondBoot = '22222222-2222-4222-8222-222222222222'

const stamp = { utcMs: null, uncertaintyMs: null, source: 'device', simulated: false } as const

/** A measurement that is recognised by its time. */
export function measurement(atMs: number, more: Partial<Measurement> = {}): Measurement {
  return {
    kind: 'measurement',
    atMs,
    ...stamp,
    values: [{ code: 'MDC_PULS_OXIM_SAT_O2', value: 97, unit: '%' }],
    deviceTime: null,
    qualifiers: {},
    ...more,
  }
}

/** What a monitor says each second, recognised by its time: number `index` since 10 s. */
export function numerics(index: number): Numerics {
  return {
    kind: 'numerics',
    atMs: 10_000 + index * 1_000,
    ...stamp,
    values: [{ code: 'MDC_ECG_HEART_RATE', value: 60 + (index % 40), unit: '/min' }],
    qualifiers: {},
  }
}

export function event(atMs: number, level: Event['level']): Event {
  return { kind: 'event', atMs, ...stamp, code: 'lead-off', level, active: true, detail: {} }
}

export function clockFix(atMs: number): ClockFix {
  const fix = { offsetMs: 5, fixUncertaintyMs: 1, authority: 'ntp' }
  return { kind: 'clock', atMs, ...stamp, ...fix }
}

/** 100 samples a second of one lead: block `index` of `blockMs` each, without a gap. */
export function block(index: number, blockMs = 250, run = 1): Waveform {
  const length = blockMs / 10
  const samples = new Int32Array(length)
  for (let at = 0; at < length; at++) {
    samples[at] = Math.round(1_000 * Math.sin((index * length + at) / 9))
  }
  return {
    kind: 'waveform',
    atMs: 10_000 + index * blockMs,
    ...stamp,
    wave: 'ecg',
    run,
    firstSample: index * length,
    rate: { samples: 100, perMs: 1_000 },
    leads: [{ code: 'MDC_ECG_ELEC_POTL_I', unit: 'uV', lsb: 2.5, zero: 0 }],
    samples: [samples],
  }
}

export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export function documentOf(atMs: number, bytes: Uint8Array, title = 'ECG report'): Document {
  const object = {
    sha256: sha256Hex(bytes),
    sizeBytes: bytes.length,
    mediaType: 'application/pdf',
    chunkBytes: 4_096,
  }
  return { kind: 'document', atMs, ...stamp, object, title }
}

export function imageOf(atMs: number, bytes: Uint8Array, sopInstanceUid = '1.2.3'): Image {
  return {
    kind: 'image',
    atMs,
    ...stamp,
    object: {
      sha256: sha256Hex(bytes),
      sizeBytes: bytes.length,
      mediaType: 'application/dicom',
      chunkBytes: 4_096,
    },
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

/** Bytes that do not compress and that a seed repeats. */
export function noise(length: number, seed: number | string): Uint8Array {
  return seededRandom(seed).bytes(length)
}

export interface Told {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: LogFields
}

export function keepingLog(told: Told[]): Log {
  const at =
    (level: Told['level']) =>
    (message: string, fields: LogFields = {}) => {
      told.push({ level, message, fields })
    }
  const log: Log = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => log,
  }
  return log
}

export interface Rig {
  readonly journal: LocalJournal
  readonly clock: FakeClock
  readonly folder: string
  readonly told: Told[]
  readonly failures: Trouble[]
  /** Lets the group interval pass, so that what waits is committed. */
  readonly commit: () => Promise<void>
  /** Puts bytes where `adopt` wants them. */
  readonly incoming: (name: string, bytes: Uint8Array) => string
}

export type RigOptions = Partial<JournalOptions> &
  Partial<Pick<JournalWorld, 'files' | 'tools' | 'syncAside'>> & {
    readonly seed?: number
    /** The key in the folder instead of the key of all tests. */
    readonly ownKey?: boolean
  }

/** One key for all journals of a test, as a van keeps its key. */
export const testTools: JournalTools = nodeTools(generateKeyPairSync('ed25519').privateKey)

export function openRig(folder: string, options: RigOptions = {}): Rig {
  const { files, syncAside, tools = testTools, seed = 1, ownKey = false, ...rest } = options
  const told: Told[] = []
  const failures: Trouble[] = []
  const clock = fakeClock()
  const journal = openLocalJournal(
    {
      folder,
      van: 'van-1',
      bootId: firstBoot,
      limitBytes: 1e9,
      reserveBytes: 0,
      // Journals are opened thousands of times here, and each packs its open end anew.
      waves: 'light',
      busyMs: 0,
      ...rest,
    },
    {
      clock,
      random: seededRandom(seed),
      log: keepingLog(told),
      ...(ownKey ? {} : { tools }),
      ...(files === undefined ? {} : { files }),
      ...(syncAside === undefined ? {} : { syncAside }),
    },
    (error) => failures.push(error),
  )
  return {
    journal,
    clock,
    folder,
    told,
    failures,
    commit: () => clock.advance(250),
    incoming(name, bytes) {
      const path = `${journal.incomingFolder}/${name}`
      writeFileSync(path, bytes)
      return path
    },
  }
}

/** In memory where there is such a folder: there waiting for the disk costs nothing. */
export function fastFolder(t: { teardown(work: () => void): unknown }): string {
  const shared = '/dev/shm'
  const folder = mkdtempSync(`${existsSync(shared) ? shared : tmpdir()}/simpul-journal-`)
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** The files as they are now, as a power cut leaves them: what was not written yet is not there. */
export function copyOfFolder(folder: string, copy: string): void {
  cpSync(folder, copy, {
    recursive: true,
    filter: (path) => !path.endsWith('journal.lock') && existsSync(path),
  })
}

/** All packets that wait, in the order in which they would be sent. */
export async function allOutgoing(journal: Journal): Promise<Outgoing[]> {
  const found: Outgoing[] = []
  let after: { [K in Outgoing['class']]?: number } = {}
  for (;;) {
    const query = { after, limitCount: 1_000, limitBytes: 4e6 }
    const packets = await journal.outgoing(query)
    if (packets.length === 0) return found
    for (const packet of packets) after = { ...after, [packet.class]: packet.id }
    found.push(...packets)
  }
}

const openedBefore = new WeakMap<Outgoing, OpenedPacket>()

export function opened(packet: Outgoing): OpenedPacket {
  const before = openedBefore.get(packet)
  if (before !== undefined) return before
  const answer = openPacket(packet.bytes, testTools)
  if (!answer.ok) throw new Error(`${packet.stream} ${packet.seq}: ${answer.reason}`)
  openedBefore.set(packet, answer.value)
  return answer.value
}

/** Of one packet that stands for itself. */
export function recordsOf(packet: Outgoing): readonly Record[] {
  return recordsIn([packet])
}

/** By the hash of all packets: hundreds of damaged journals give back the same few sequences. */
const readBefore = new Map<string, readonly Record[]>()

/** Of packets of one stream, in order. Throws when one of them cannot be read. */
export function recordsIn(packets: readonly Outgoing[]): readonly Record[] {
  const hash = createHash('sha256')
  for (const { bytes } of packets) hash.update(bytes)
  const key = hash.digest('hex')
  const before = readBefore.get(key)
  if (before !== undefined) return before
  const records = readAnew(packets)
  readBefore.set(key, records)
  return records
}

function readAnew(packets: readonly Outgoing[]): readonly Record[] {
  const reader = new WaveReader()
  return packets.flatMap((packet): readonly Record[] => {
    const { header, content } = opened(packet)
    if (content.kind !== 'waves') return content.kind === 'records' ? content.records : []
    const waves = reader.read(header, content.body)
    if (!waves.ok) throw new Error(`${packet.stream} ${packet.seq}: ${waves.reason}`)
    return waves.value
  })
}

/**
 * What a hospital would have that received these packets. Throws when a packet does not open, when
 * two differ under one number, or when a number of a stream is neither there nor lost.
 */
export class Hospital {
  readonly packets = new Map<string, Map<number, Outgoing>>()

  take(packets: readonly Outgoing[]): void {
    for (const packet of packets) {
      const name = `${packet.epoch} ${packet.stream}`
      const stream = this.packets.get(name) ?? new Map<number, Outgoing>()
      this.packets.set(name, stream)
      opened(packet)
      const before = stream.get(packet.seq)
      if (before !== undefined && Buffer.compare(before.bytes, packet.bytes) !== 0) {
        throw new Error(`two packets ${name} ${packet.seq}`)
      }
      stream.set(packet.seq, packet)
    }
  }

  /** Numbers that are missing below the highest of each stream, as `epoch stream seq`. */
  gaps(): string[] {
    const gaps: string[] = []
    for (const [name, stream] of this.packets) {
      const highest = Math.max(...stream.keys())
      for (let seq = 0; seq < highest; seq++) if (!stream.has(seq)) gaps.push(`${name} ${seq}`)
    }
    return gaps
  }

  /** Places where a packet does not name the hash of the one before it. */
  broken(): string[] {
    const broken: string[] = []
    const { sha256 } = testTools
    for (const [name, stream] of this.packets) {
      for (const [seq, packet] of stream) {
        const before = stream.get(seq - 1)
        if (before === undefined) continue
        const fits = followsHeader(opened(packet).headerBytes, opened(before).headerBytes, sha256)
        if (!fits) broken.push(`${name} ${seq}`)
      }
    }
    return broken
  }

  /** Records by stream name, all epochs together, in the order of their numbers. */
  records(isWanted: (stream: string) => boolean = () => true): Map<string, Record[]> {
    const records = new Map<string, Record[]>()
    for (const [name, stream] of [...this.packets].sort(([one], [other]) =>
      one < other ? -1 : 1,
    )) {
      const [, key = ''] = name.split(' ')
      if (!isWanted(key)) continue
      const list = records.get(key) ?? []
      records.set(key, list)
      const ordered = [...stream.values()].sort((one, other) => one.seq - other.seq)
      list.push(...recordsIn(ordered))
    }
    return records
  }

  /** The bytes of an object, put together from its chunks; null when some are missing. */
  object(sha256: string): Uint8Array | null {
    const parts = new Map<number, Uint8Array>()
    let total = -1
    for (const stream of this.packets.values()) {
      for (const packet of stream.values()) {
        const { content } = opened(packet)
        if (content.kind !== 'chunk' || content.place.sha256 !== sha256) continue
        parts.set(content.place.offset, content.bytes)
        total = content.place.totalBytes
      }
    }
    const ordered = [...parts].sort(([one], [other]) => one - other)
    const bytes = new Uint8Array(Buffer.concat(ordered.map(([, part]) => part)))
    return bytes.length === total && sha256Hex(bytes) === sha256 ? bytes : null
  }
}

/** By what spots are recognised here, in order. Waveforms and documents are counted otherwise. */
export function timesOf(records: readonly Record[]): number[] {
  return records
    .filter(({ kind }) => kind !== 'waveform' && kind !== 'document')
    .map(({ atMs }) => atMs)
    .sort((one, other) => one - other)
}

/** How long a wave is, in samples, and whether each sample is the one that `block` made. */
export function samplesOf(records: readonly Record[]): number[] {
  const numbers: number[] = []
  for (const record of records) {
    if (record.kind !== 'waveform') continue
    for (const [at, sample] of (record.samples[0] ?? new Int32Array()).entries()) {
      const number = record.firstSample + at
      if (sample !== Math.round(1_000 * Math.sin(number / 9))) throw new Error(`sample ${number}`)
      numbers.push(number)
    }
  }
  return numbers
}

export async function rejection(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'resolved'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

export function ed25519Verify(
  publicKey: Uint8Array,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  const prefix = Buffer.from('302a300506032b6570032100', 'hex')
  const der = Buffer.concat([prefix, publicKey])
  return verify(null, bytes, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature)
}
