/**
 * SQLite's own kind of loop: make the n-th operation fail, for n = 1, 2, 3 … until all pass. After each
 * the journal, opened anew, must hold exactly the records whose `store` resolved.
 */
import t, { type Test } from 'tap'
import { nodeFiles } from './files.ts'
import { fastFolder, samplesOf, sha256Hex, timesOf, type Hospital } from './journal-testing.ts'
import { everythingIn, openStepped, pdf, work, type Outcome } from './stepped-testing.ts'

/** Fails once, at operation number `at`, or from there on, as when the power is cut. */
class Faults {
  readonly #code: string
  readonly #forEver: boolean
  #at = Number.POSITIVE_INFINITY
  #count = 0

  constructor(code: string, forEver: boolean) {
    this.#code = code
    this.#forEver = forEver
  }

  arm(at: number): void {
    this.#at = at
    this.#count = 0
  }

  get hasFaulted(): boolean {
    return this.#count >= this.#at
  }

  readonly step = (): void => {
    this.#count++
    const isNow = this.#forEver ? this.hasFaulted : this.#count === this.#at
    if (!isNow) return
    throw Object.assign(new Error(`operation ${this.#count} fails`), { code: this.#code })
  }
}

function compare(t: Test, hospital: Hospital, outcome: Outcome, what: string): void {
  const have = hospital.records()
  const spots = [...have.values()].flat().filter(({ kind }) => kind !== 'waveform')
  const wanted = outcome.stored
  t.strictSame(timesOf(spots), timesOf(wanted), `${what}: records`)
  t.strictSame(samplesOf(have.get('ecg-1/waveform') ?? []), samplesOf(wanted), `${what}: samples`)
  const documents = spots.filter(({ kind }) => kind === 'document').length
  t.equal(documents, outcome.adopted.length, `${what}: documents`)
  if (documents > 0) t.not(hospital.object(sha256Hex(pdf)), null, `${what}: object`)
  t.strictSame([hospital.gaps(), hospital.broken()], [[], []], `${what}: numbers`)
}

const modes = [
  { name: 'the disk is full once', code: 'SQLITE_FULL', forEver: false },
  { name: 'the disk fails once', code: 'SQLITE_IOERR_WRITE', forEver: false },
  { name: 'the power is cut', code: 'SQLITE_IOERR_WRITE', forEver: true },
]

for (const { name, code, forEver } of modes) {
  t.test(`faults: ${name}, at any operation`, async (t) => {
    const base = fastFolder(t)
    let faulted = 0
    for (let at = 1; ; at++) {
      const folder = `${base}/${at}`
      nodeFiles.makeFolder(folder)
      const faults = new Faults(code, forEver)
      const rig = openStepped(folder, faults.step)
      faults.arm(at)
      const outcome: Outcome = { stored: [], adopted: [], refused: [] }
      await work(rig, outcome)
      const isOver = !faults.hasFaulted
      rig.db.close()
      compare(t, await everythingIn(folder, rig.journal.epoch), outcome, `operation ${at}`)
      nodeFiles.remove(folder)
      if (isOver) {
        t.strictSame(outcome.refused, [], 'without a fault nothing is refused')
        break
      }
      faulted++
    }
    t.ok(faulted > 50, `${faulted} operations were made to fail`)
  })
}
