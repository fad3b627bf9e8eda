/**
 * Each header names the hash of the header before it, so a verified signature vouches for the whole
 * unbroken run of packets below it. Packets come in any order: whichever of two neighbours comes
 * second ties them together.
 */
import { sameBytes } from '../../protocols/packet/hex.ts'
import type { Alarms } from './alarms.ts'
import type { SqliteDatabase } from './database.ts'
import type { StreamState } from './streams.ts'

export type Proof = 'signed' | 'chained' | 'pending'

/** How many predecessors one transaction follows; the rest waits for the next. */
export const chainStepsMost = 2_000

interface LinkRow {
  readonly link: Uint8Array
  readonly prev: Uint8Array
  readonly proof: Proof
}

export class Chain {
  readonly #alarms: Alarms
  readonly #row
  readonly #setProof
  readonly #keepWalk
  readonly #takeWalks
  readonly #dropWalk

  constructor(database: SqliteDatabase, alarms: Alarms) {
    this.#alarms = alarms
    this.#row = database.prepare<[number, number], LinkRow>(
      'SELECT link, prev, proof FROM packet WHERE stream_id = ? AND seq = ?',
    )
    this.#setProof = database.prepare('UPDATE packet SET proof = ? WHERE stream_id = ? AND seq = ?')
    this.#keepWalk = database.prepare(
      'INSERT INTO chain_walk (stream_id, seq) VALUES (?, ?) ON CONFLICT DO NOTHING',
    )
    this.#takeWalks = database.prepare<
      [number],
      { readonly stream_id: number; readonly seq: number }
    >('SELECT stream_id, seq FROM chain_walk LIMIT ?')
    this.#dropWalk = database.prepare('DELETE FROM chain_walk WHERE stream_id = ? AND seq = ?')
  }

  /** After a packet was stored as `pending`, or its signature added. Answers the steps it took. */
  added(
    state: StreamState,
    seq: number,
    link: Uint8Array,
    signed: boolean,
    steps: number,
    wallMs: number,
  ): number {
    if (signed) this.#setProof.run('signed', state.id, seq)
    const vouched =
      state.received.has(seq + 1) && this.#vouchedBySuccessor(state, seq, link, wallMs)
    if (vouched && !signed) this.#setProof.run('chained', state.id, seq)
    return signed || vouched ? this.#walk(state, seq, steps, wallMs) : 0
  }

  #vouchedBySuccessor(state: StreamState, seq: number, link: Uint8Array, wallMs: number): boolean {
    const next = this.#row.get(state.id, seq + 1)
    if (next === undefined || next.proof === 'pending') return false
    if (sameBytes(next.prev, link)) return true
    this.#broken(state, seq, wallMs)
    return false
  }

  /** From a proven packet downwards, until there is a hole, a proven packet or a broken link. */
  #walk(state: StreamState, start: number, stepsMost: number, wallMs: number): number {
    let seq = start
    let row = this.#row.get(state.id, seq)
    let steps = 0
    while (row !== undefined && seq > 0 && state.received.has(seq - 1)) {
      if (steps >= stepsMost) {
        this.#keepWalk.run(state.id, seq)
        break
      }
      steps += 1
      const before = this.#row.get(state.id, seq - 1)
      if (before === undefined) break
      if (!sameBytes(row.prev, before.link)) {
        this.#broken(state, seq - 1, wallMs)
        break
      }
      if (before.proof !== 'pending') break
      this.#setProof.run('chained', state.id, seq - 1)
      seq -= 1
      row = before
    }
    return steps
  }

  /** Goes on where the limit stopped earlier walks. Answers whether something was done. */
  goOn(byId: (id: number) => StreamState | undefined, wallMs: number): boolean {
    let steps = 0
    const walks = this.#takeWalks.all(chainStepsMost)
    for (const { stream_id: id, seq } of walks) {
      if (steps >= chainStepsMost) break
      this.#dropWalk.run(id, seq)
      const state = byId(id)
      if (state !== undefined) steps += this.#walk(state, seq, chainStepsMost - steps, wallMs)
    }
    return walks.length > 0
  }

  #broken(state: StreamState, seq: number, wallMs: number): void {
    const { van, epoch, stream } = state
    const detail = `packet ${seq + 1} is proven and names another predecessor`
    this.#alarms.raise({ code: 'chain-broken', van, epoch, stream, seq, detail }, wallMs)
  }
}
