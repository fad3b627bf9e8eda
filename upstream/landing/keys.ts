/** With which keys a van may have signed: those that are registered, or the one it showed first. */
import { sameBytes } from '../../protocols/packet/hex.ts'
import { ed25519Verifier, type Verifier } from '../open-tools.ts'
import type { SqliteDatabase } from './database.ts'
import type { TrustedKeys } from './trust.ts'

/** Vans that may be learned on first use. */
const learnedMost = 1_000

interface KeyRow {
  readonly van: string
  readonly public_key: Uint8Array
}

export class VanKeys {
  readonly #onFirstUse: boolean
  readonly #insert
  readonly #select
  #trust: TrustedKeys
  readonly #learned = new Map<string, Uint8Array>()
  readonly #verifiers = new Map<string, readonly Verifier[]>()
  /** The last key that a van showed and that was not believed. */
  readonly #odd = new Map<string, Uint8Array>()

  constructor(database: SqliteDatabase, trust: TrustedKeys, onFirstUse: boolean) {
    this.#trust = trust
    this.#onFirstUse = onFirstUse
    this.#insert = database.prepare(
      'INSERT INTO van_key (van, public_key, learned_wall_ms) VALUES (?, ?, ?)',
    )
    this.#select = database.prepare<[], KeyRow>('SELECT van, public_key FROM van_key')
    this.reload()
  }

  reload(): void {
    const rows = this.#onFirstUse ? this.#select.all() : []
    this.#learned.clear()
    this.#verifiers.clear()
    for (const row of rows) this.#learned.set(row.van, new Uint8Array(row.public_key))
  }

  setTrust(trust: TrustedKeys): void {
    this.#trust = trust
    this.#verifiers.clear()
  }

  /** Empty for a van that nobody knows. */
  of(van: string): readonly Verifier[] {
    const known = this.#verifiers.get(van)
    if (known !== undefined) return known
    const verifiers = this.#keysOf(van)
      .map((key) => ed25519Verifier(key))
      .filter((verifier) => verifier !== null)
    // Names that nobody registered are not remembered: there is no end of them.
    if (verifiers.length > 0) this.#verifiers.set(van, verifiers)
    return verifiers
  }

  #keysOf(van: string): readonly Uint8Array[] {
    const registered = this.#trust.get(van)
    if (registered !== undefined) return registered
    const learned = this.#learned.get(van)
    return learned === undefined ? [] : [learned]
  }

  believes(van: string, publicKey: Uint8Array): boolean {
    return this.#keysOf(van).some((key) => sameBytes(key, publicKey))
  }

  /** Whether `introduce` would learn something, or find something odd that it did not before. */
  hasNews(van: string, publicKey: Uint8Array): boolean {
    const keys = this.#keysOf(van)
    if (keys.some((key) => sameBytes(key, publicKey))) return false
    if (keys.length === 0)
      return (
        this.#onFirstUse && this.#learned.size < learnedMost && ed25519Verifier(publicKey) !== null
      )
    const odd = this.#odd.get(van)
    this.#odd.set(van, publicKey)
    return odd === undefined || !sameBytes(odd, publicKey)
  }

  /** Within a transaction. False when the van is known by other keys than this one. */
  introduce(van: string, publicKey: Uint8Array, wallMs: number): boolean {
    const keys = this.#keysOf(van)
    if (keys.length > 0) return keys.some((key) => sameBytes(key, publicKey))
    this.#insert.run(van, publicKey, wallMs)
    this.#learned.set(van, publicKey)
    return true
  }
}
