/**
 * To which device an AE title belongs: as the configuration says, and as a person has answered on
 * the page. What is configured counts.
 */
import { listOf, object, oneOf, readOwn, text } from './config/own-file.ts'
import { isName } from '../protocols/packet/topics.ts'
import type { RegistryFile } from './devices/registry-file.ts'
import { imagingTrouble } from './errors/imaging.ts'
import { findSender, type KnownSender } from './imaging/senders.ts'
import type { Log } from './world.ts'

/** More carts than visit a van in its life. */
const answersMax = 256
const titleCharactersMax = 16
const usualPort = 104

const answersFile = object({
  version: oneOf(1),
  senders: listOf(
    object({ aeTitle: text(titleCharactersMax, /./), device: text(32, /^[a-z0-9-]+$/) }),
    answersMax,
  ),
})

type Answer = Pick<KnownSender, 'aeTitle' | 'device'>

export class SenderBook {
  readonly #file: RegistryFile
  readonly #configured: readonly KnownSender[]
  #answers: readonly Answer[]
  #saving: Promise<void> = Promise.resolve()

  static async open(
    file: RegistryFile,
    log: Log,
    configured: readonly KnownSender[],
  ): Promise<SenderBook> {
    const text = await file.read()
    const answers = text === null ? [] : parse(text)
    if (answers !== null) return new SenderBook(file, configured, answers)
    log.warn('the list of senders was damaged; they are asked about anew')
    await file.setAside()
    return new SenderBook(file, configured, [])
  }

  private constructor(
    file: RegistryFile,
    configured: readonly KnownSender[],
    answers: readonly Answer[],
  ) {
    this.#file = file
    this.#configured = configured
    this.#answers = answers
  }

  /** Configured ones first. */
  all(): readonly KnownSender[] {
    return [
      ...this.#configured,
      ...this.#answers.map((answer) => ({ ...answer, simulated: false })),
    ]
  }

  /** Where a device listens itself, as the configuration says; null when it does not. */
  addressOf(aeTitle: string): { readonly host: string; readonly port: number } | null {
    const { host, port } = findSender(this.#configured, aeTitle) ?? {}
    return host === undefined ? null : { host, port: port ?? usualPort }
  }

  /**
   * Resolves when the answer is on the disk. Rejects with a `Trouble` when it cannot be taken, and
   * then nothing has changed.
   */
  async answer(aeTitle: string, device: string): Promise<void> {
    const isTitle = aeTitle.length >= 1 && aeTitle.length <= titleCharactersMax
    if (!isTitle || !isName(device) || device === 'van') {
      throw imagingTrouble('imaging-name-refused', { name: device })
    }
    const saved = this.#saving.then(async () => {
      const others = this.#answers.filter((one) => one.aeTitle !== aeTitle)
      const answers = [...others.slice(1 - answersMax), { aeTitle, device }]
      await this.#file.write(`${JSON.stringify({ version: 1, senders: answers }, null, 2)}\n`)
      this.#answers = answers
    })
    this.#saving = saved.catch(() => {})
    await saved
  }
}

function parse(json: string): readonly Answer[] | null {
  const read = readOwn(json, answersFile) as { readonly senders: readonly Answer[] } | null
  return read?.senders ?? null
}
