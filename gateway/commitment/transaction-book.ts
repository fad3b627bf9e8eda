/**
 * Requests for commitment that are not answered yet, in a file: a device is told that its question
 * was taken, and does not ask again after the van was switched off.
 */
import type { InstanceName } from '../../protocols/dicom/commitment.ts'
import { listOf, object, oneOf, orNull, readOwn, text, whole } from '../config/own-file.ts'
import type { RegistryFile } from '../devices/registry-file.ts'
import type { Log } from '../world.ts'

export interface Transaction {
  readonly transactionUid: string
  /** Name in the van of who asked. */
  readonly device: string
  /** By which it called itself, and by which it called us. */
  readonly aeTitle: string
  readonly calledAeTitle: string
  readonly instances: readonly InstanceName[]
  /**
   * How long it has waited while the van was on, in ms. The van's clock may stand years off, and
   * jumps; what passes while it is switched off does not count.
   */
  readonly ranMs: number
  /** `ranMs` when the answer was known first; null before. */
  readonly readyMs: number | null
}

/** Who was not told in all the time that is spent on it. */
export interface GivenUp {
  readonly device: string
  readonly aeTitle: string
  /** Images of which it does not know. */
  readonly count: number
}

/** A van that was away for a week, with a request for every examination. */
export const transactionsMax = 512
/** Together: the file is written whole, and has about 70 bytes for each. */
export const instancesMax = 30_000
/** Answered ones that are recognised when they are asked a second time. */
const answeredMax = 1_024
const givenUpMax = 64

const uid = text(64, /^[0-9][0-9.]*$/)
const title = text(16)
const name = text(32)
const number = whole(0, Number.MAX_SAFE_INTEGER)
const classInstances = object({ sopClassUid: uid, instances: listOf(uid, instancesMax) })

const transactionsFile = object({
  version: oneOf(1),
  waiting: listOf(
    object({
      transactionUid: uid,
      device: name,
      aeTitle: title,
      calledAeTitle: title,
      classes: listOf(classInstances, instancesMax),
      ranMs: number,
      readyMs: orNull(number),
    }),
    transactionsMax,
  ),
  answered: listOf(uid, answeredMax),
  givenUp: listOf(object({ device: name, aeTitle: title, count: number }), givenUpMax),
})

interface Contents {
  readonly waiting: readonly StoredTransaction[]
  readonly answered: readonly string[]
  readonly givenUp: readonly GivenUp[]
}

interface StoredTransaction extends Omit<Transaction, 'instances'> {
  readonly classes: readonly {
    readonly sopClassUid: string
    readonly instances: readonly string[]
  }[]
}

export class TransactionBook {
  readonly #file: RegistryFile
  readonly #waiting: Map<string, Transaction>
  #answered: readonly string[]
  #givenUp: readonly GivenUp[]
  /** The last writing, and one behind it that has not begun and will write what is then. */
  #writing: Promise<void> = Promise.resolve()
  #next: Promise<void> | null = null

  static async open(file: RegistryFile, log: Log): Promise<TransactionBook> {
    const json = await file.read()
    const none: Contents = { waiting: [], answered: [], givenUp: [] }
    const contents = json === null ? none : (readOwn(json, transactionsFile) as Contents | null)
    if (contents !== null) return new TransactionBook(file, contents)
    log.warn('the list of requests for commitment was damaged; devices have to ask anew')
    await file.setAside()
    return new TransactionBook(file, none)
  }

  private constructor(file: RegistryFile, { waiting, answered, givenUp }: Contents) {
    this.#file = file
    this.#waiting = new Map(waiting.map((one) => [one.transactionUid, transactionOf(one)]))
    this.#answered = answered
    this.#givenUp = givenUp
  }

  waiting(): readonly Transaction[] {
    return [...this.#waiting.values()]
  }

  givenUp(): readonly GivenUp[] {
    return this.#givenUp
  }

  /** Waits, or was answered lately. */
  knows(transactionUid: string): boolean {
    return this.#waiting.has(transactionUid) || this.#answered.includes(transactionUid)
  }

  hasRoomFor(instances: number): boolean {
    const count = this.waiting().reduce((sum, one) => sum + one.instances.length, instances)
    return this.#waiting.size < transactionsMax && count <= instancesMax
  }

  /** Resolves when it is on the disk. When it rejects, nothing was added. */
  async add(transaction: Transaction): Promise<void> {
    this.#waiting.set(transaction.transactionUid, transaction)
    try {
      await this.#save()
    } catch (error) {
      this.#waiting.delete(transaction.transactionUid)
      throw error
    }
  }

  /** How long each has waited by now. In memory: it goes to the disk with the next `save`. */
  age(transactionUid: string, times: Pick<Transaction, 'ranMs' | 'readyMs'>): void {
    const known = this.#waiting.get(transactionUid)
    if (known !== undefined) this.#waiting.set(transactionUid, { ...known, ...times })
  }

  /** Its device has the answer. */
  answered(transactionUid: string): Promise<void> {
    const known = this.#waiting.get(transactionUid)
    this.#givenUp = this.#givenUp.filter(({ aeTitle }) => aeTitle !== known?.aeTitle)
    return this.#forget(transactionUid)
  }

  /** Its device could not be told. */
  giveUp(transactionUid: string): Promise<void> {
    const known = this.#waiting.get(transactionUid)
    if (known !== undefined) {
      const { device, aeTitle, instances } = known
      const before = this.#givenUp.find((one) => one.aeTitle === aeTitle)?.count ?? 0
      const others = this.#givenUp.filter((one) => one.aeTitle !== aeTitle)
      const one = { device, aeTitle, count: before + instances.length }
      this.#givenUp = [...others.slice(1 - givenUpMax), one]
    }
    return this.#forget(transactionUid)
  }

  save(): Promise<void> {
    return this.#save()
  }

  #forget(transactionUid: string): Promise<void> {
    this.#waiting.delete(transactionUid)
    this.#answered = [...this.#answered.slice(1 - answeredMax), transactionUid]
    return this.#save()
  }

  #save(): Promise<void> {
    this.#next ??= this.#writing
      .catch(() => {})
      .then(() => {
        this.#next = null
        this.#writing = this.#file.write(this.#contents())
        return this.#writing
      })
    return this.#next
  }

  #contents(): string {
    const contents: Contents = {
      waiting: this.waiting().map(storedOf),
      answered: this.#answered,
      givenUp: this.#givenUp,
    }
    return `${JSON.stringify({ version: 1, ...contents })}\n`
  }
}

/** The class of each once, not with each instance. */
function storedOf({ instances, ...rest }: Transaction): StoredTransaction {
  const classes = Map.groupBy(instances, ({ sopClassUid }) => sopClassUid)
  return {
    ...rest,
    classes: [...classes].map(([sopClassUid, ones]) => ({
      sopClassUid,
      instances: ones.map(({ sopInstanceUid }) => sopInstanceUid),
    })),
  }
}

function transactionOf({ classes, ...rest }: StoredTransaction): Transaction {
  return {
    ...rest,
    instances: classes.flatMap(({ sopClassUid, instances }) =>
      instances.map((sopInstanceUid) => ({ sopClassUid, sopInstanceUid })),
    ),
  }
}
