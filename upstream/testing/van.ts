/** A van for the tests of the hospital's end: seals real packets with a real key. */
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import { encodeVanState } from '../../protocols/packet/messages.ts'
import { encodeCbor } from '../../protocols/packet/cbor.ts'
import {
  encodeHeader,
  encodePacket,
  signedBytes,
  type PacketClass,
} from '../../protocols/packet/packet.ts'
import type {
  Event,
  Image,
  Loss,
  Measurement,
  Numerics,
  Record,
  Waveform,
} from '../../protocols/packet/record.ts'
import { sealPacket, type SealContent, type SealedPacket } from '../../protocols/packet/seal.ts'
import { WavePacker } from '../../protocols/packet/wave-packer.ts'
import { stateTopic, upTopic } from '../../protocols/packet/topics.ts'
import { sha256 } from '../open-tools.ts'

export const bootOfTests = '11111111-2222-4333-8444-555555555555'

export interface TestPacket extends SealedPacket {
  readonly topic: string
}

interface Keys {
  readonly publicKey: Uint8Array
  readonly privateKey: KeyObject
}

function newKeys(): Keys {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const der = publicKey.export({ format: 'der', type: 'spki' })
  return { publicKey: new Uint8Array(der.subarray(-32)), privateKey }
}

export class TestVan {
  readonly van: string
  readonly epoch: string
  readonly publicKey: Uint8Array
  readonly #privateKey: KeyObject
  readonly #last = new Map<string, SealedPacket>()
  readonly #chains = new Map<string, { readonly packer: WavePacker; readonly keySeq: number }>()

  constructor(van: string, epoch = '01890000-0000-7000-8000-000000000001', keys?: Keys) {
    this.van = van
    this.epoch = epoch
    const { publicKey, privateKey } = keys ?? newKeys()
    this.publicKey = publicKey
    this.#privateKey = privateKey
  }

  /** The same van and key with a new journal. */
  withNewEpoch(epoch: string): TestVan {
    return new TestVan(this.van, epoch, { publicKey: this.publicKey, privateKey: this.#privateKey })
  }

  get trust(): ReadonlyMap<string, readonly Uint8Array[]> {
    return new Map([[this.van, [this.publicKey]]])
  }

  /** Seals the next packet of a stream. */
  seal(stream: string, content: SealContent, options: SealOptions = {}): TestPacket {
    const last = this.#last.get(stream)
    const order = {
      van: this.van,
      epoch: this.epoch,
      stream,
      seq: last === undefined ? 0 : last.header.seq + 1,
      previousHeader: last?.headerBytes ?? null,
      class: options.class ?? 2,
      boot: options.boot ?? bootOfTests,
      visit: options.visit ?? null,
      signed: options.signed ?? last === undefined,
      content,
    }
    const sealed = sealPacket(order, {
      sha256,
      compress: (bytes) => new Uint8Array(zstdCompressSync(bytes)),
      sign: (bytes) => new Uint8Array(sign(null, bytes, this.#privateKey)),
    })
    if (options.forget !== true) this.#last.set(stream, sealed)
    return { ...sealed, topic: upTopic(this.van, stream) }
  }

  records(stream: string, records: readonly Record[], options: SealOptions = {}): TestPacket {
    return this.seal(stream, { kind: 'records', records }, options)
  }

  /** The next packet of a chain of waves, which begins anew when `isKey`. */
  waves(stream: string, blocks: readonly Waveform[], isKey: boolean): TestPacket {
    const seq = (this.#last.get(stream)?.header.seq ?? -1) + 1
    const known = this.#chains.get(stream)
    const chain = known === undefined || isKey ? { packer: new WavePacker(), keySeq: seq } : known
    this.#chains.set(stream, chain)
    for (const block of blocks) chain.packer.add(block)
    const packed = chain.packer.finish()
    if (packed === null) throw new RangeError('the waves do not fit into a packet')
    const keyDistance = seq - chain.keySeq
    return this.seal(stream, { kind: 'waves', ...packed, keyDistance, times: blocks }, { class: 1 })
  }

  /** A first packet whose body is right, and holds a kind of record that is not known yet. */
  unreadable(stream: string): TestPacket {
    const { header } = this.records(stream, [pulse(0, 60)], { forget: true })
    const plain = encodeCbor([new Map([['kind', 'from-the-future']])])
    const digest = sha256(plain).slice(0, 16)
    const headerBytes = encodeHeader({ ...header, digest, sizeBytes: plain.length })
    const body = new Uint8Array(zstdCompressSync(plain))
    const signature = new Uint8Array(sign(null, signedBytes(headerBytes), this.#privateKey))
    const bytes = encodePacket({ header: headerBytes, body, signature })
    return { header, headerBytes, body, signature, bytes, topic: upTopic(this.van, stream) }
  }

  withoutSignature(packet: TestPacket): TestPacket {
    const { headerBytes: header, body } = packet
    return { ...packet, signature: null, bytes: encodePacket({ header, body, signature: null }) }
  }

  /** `count` packets with one pulse rate each, at 0, 1000, 2000 ms … after `startMs`. */
  pulses(stream: string, count: number, options: SealOptions = {}, startMs = 0): TestPacket[] {
    return Array.from({ length: count }, (_, index) =>
      this.records(stream, [pulse(startMs + index * 1000, 60 + (index % 40))], options),
    )
  }

  /** The chunks of an object in the stream of its device. */
  chunks(device: string, bytes: Uint8Array, chunkBytes: number): TestPacket[] {
    const hash = hexOf(bytes)
    const packets: TestPacket[] = []
    for (let offset = 0; offset < bytes.length; offset += chunkBytes) {
      const content: SealContent = {
        kind: 'chunk',
        bytes: bytes.slice(offset, offset + chunkBytes),
        place: { sha256: hash, offset, totalBytes: bytes.length },
        atMs: 500,
        utc: null,
      }
      packets.push(this.seal(`${device}/object`, content, { class: 4 }))
    }
    return packets
  }

  state(online: boolean): { readonly topic: string; readonly payload: Uint8Array } {
    const { van, epoch, publicKey } = this
    const state = { van, online, epoch, publicKey, software: 'test', wallMs: 0 }
    return { topic: stateTopic(van), payload: encodeVanState(state) }
  }
}

export interface SealOptions {
  readonly class?: PacketClass
  readonly signed?: boolean
  readonly visit?: string | null
  readonly boot?: string
  /** The next packet is sealed as if this one had never been. */
  readonly forget?: boolean
}

const stamps = { utcMs: null, uncertaintyMs: null, source: 'device', simulated: true } as const

export function pulse(atMs: number, value: number | null): Measurement {
  return {
    kind: 'measurement',
    ...stamps,
    atMs,
    values: [{ code: 'MDC_PULS_OXIM_PULS_RATE', value, unit: '/min' }],
    deviceTime: null,
    qualifiers: {},
  }
}

/** Of one of several probes, once a second. */
export function temperature(atMs: number, value: number, probe: string): Numerics {
  return {
    kind: 'numerics',
    ...stamps,
    atMs,
    values: [{ code: 'MDC_TEMP', value, unit: 'Cel' }],
    qualifiers: { probe },
  }
}

/** Half a second of one lead at 100 Hz. */
export function wave(index: number): Waveform {
  const from = index * 50
  const sample = (at: number): number => Math.round(200 * Math.sin(at / 9) + 30 * Math.sin(at * 5))
  return {
    kind: 'waveform',
    ...stamps,
    atMs: index * 500,
    wave: 'ecg',
    run: 1,
    firstSample: from,
    rate: { samples: 100, perMs: 1_000 },
    leads: [{ code: 'MDC_ECG_ELEC_POTL_II', unit: 'mV', lsb: 0.005, zero: 0 }],
    samples: [Int32Array.from({ length: 50 }, (_, at) => sample(from + at))],
  }
}

export function event(atMs: number, code: string): Event {
  return { kind: 'event', ...stamps, atMs, code, level: 'info', active: null, detail: {} }
}

export function loss(epoch: string, stream: string, fromSeq: number, toSeq: number): Loss {
  return { kind: 'loss', ...stamps, atMs: 0, epoch, stream, fromSeq, toSeq, reason: 'card damaged' }
}

export function image(atMs: number, bytes: Uint8Array, chunkBytes: number): Image {
  return {
    kind: 'image',
    ...stamps,
    atMs,
    object: {
      sha256: hexOf(bytes),
      sizeBytes: bytes.length,
      mediaType: 'application/dicom',
      chunkBytes,
    },
    sopClassUid: '1.2.840.10008.5.1.4.1.1.1.1',
    sopInstanceUid: '2.25.1',
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    studyInstanceUid: '2.25.2',
    seriesInstanceUid: '2.25.3',
    modality: 'DX',
    callingAeTitle: 'XRAY',
    dataSetOffset: 0,
    flags: [],
  }
}

export function hexOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
