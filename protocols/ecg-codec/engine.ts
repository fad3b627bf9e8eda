/**
 * The model of one packet or one chain: numbers to bytes and back, state kept in between. It runs
 * as WebAssembly where there is any; the TypeScript of core/ is the reference and gives the same
 * bits.
 */
import { base64Bytes } from './base64.ts'
import { Model } from './core/model.ts'
import { moduleBase64 } from './core/module.ts'
import { compileWasm, instantiateWasm } from './web-assembly.ts'
import type { WasmMemory } from './web-assembly.ts'

/** `best` for whole strips, `live` for chains of short packets, `light` for slow boxes. */
export type Profile = 'light' | 'live' | 'best'

/** What an engine codes with, in the order of their number in a packet. */
export const profiles: readonly Profile[] = ['light', 'live', 'best']

export interface Engine {
  /** `values` holds `count` numbers of the first lead, then as many of the second … */
  encode(values: Int32Array, count: number): Uint8Array
  /** Bytes that no encoder wrote decode to some numbers too: their CRC tells. */
  decode(bytes: Uint8Array, count: number): Int32Array
}

/**
 * Room for a body: more than the values take raw. What would be longer is cut off, and never used
 * because the raw body is shorter.
 */
const bytesPerValueMax = 5
const bytesLeast = 512

function roomFor(values: number): number {
  return values * bytesPerValueMax + bytesLeast
}

export function createEngine(profile: Profile, leads: number): Engine {
  return createWasmEngine(profile, leads) ?? new ReferenceEngine(profile, leads)
}

export class ReferenceEngine implements Engine {
  readonly #model: Model
  readonly #leads: number

  constructor(profile: Profile, leads: number) {
    this.#model = new Model(profiles.indexOf(profile), leads)
    this.#leads = leads
  }

  encode(values: Int32Array, count: number): Uint8Array {
    const bytes = new Uint8Array(roomFor(values.length))
    return bytes.slice(0, this.#model.encode(values, count, bytes))
  }

  decode(bytes: Uint8Array, count: number): Int32Array {
    const values = new Int32Array(this.#leads * count)
    this.#model.decode(values, count, bytes, bytes.length)
    return values
  }
}

/** What entry.as offers. */
interface CoreExports {
  readonly memory: WasmMemory
  open(level: number, leads: number): void
  valuesFor(count: number): number
  bytesFor(count: number): number
  encode(count: number, bytesMax: number): number
  decode(count: number, length: number): void
}

let compiled: object | null | undefined

/** null where there is no WebAssembly with SIMD. */
export function createWasmEngine(profile: Profile, leads: number): Engine | null {
  if (compiled === undefined) compiled = compileWasm(base64Bytes(moduleBase64))
  const core = compiled === null ? null : instantiateWasm(compiled)
  return core === null ? null : new WasmEngine(core as CoreExports, profile, leads)
}

class WasmEngine implements Engine {
  readonly #core: CoreExports
  readonly #leads: number

  constructor(core: CoreExports, profile: Profile, leads: number) {
    this.#core = core
    this.#leads = leads
    core.open(profiles.indexOf(profile), leads)
  }

  encode(values: Int32Array, count: number): Uint8Array {
    const core = this.#core
    const room = roomFor(values.length)
    const from = core.valuesFor(values.length)
    const to = core.bytesFor(room)
    new Int32Array(core.memory.buffer, from, values.length).set(values)
    const length = core.encode(count, room)
    return new Uint8Array(core.memory.buffer, to, length).slice()
  }

  decode(bytes: Uint8Array, count: number): Int32Array {
    const core = this.#core
    const length = this.#leads * count
    const to = core.valuesFor(length)
    const from = core.bytesFor(bytes.length)
    new Uint8Array(core.memory.buffer, from, bytes.length).set(bytes)
    core.decode(count, bytes.length)
    return new Int32Array(core.memory.buffer, to, length).slice()
  }
}
