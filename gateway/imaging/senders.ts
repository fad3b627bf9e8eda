/** Who is calling: from an application entity title to a device of the van. */
import type { AnswerCharacterSet } from '../../protocols/dicom/worklist-answer.ts'

export interface KnownSender {
  readonly aeTitle: string
  readonly device: string
  readonly simulated: boolean
  /** In which names are answered to it that Latin-1 does not hold; else in letters near them. */
  readonly characterSet?: AnswerCharacterSet
  /** Where it listens itself, for reports of commitment; absent when nobody has said it. */
  readonly host?: string
  readonly port?: number
}

export interface Sender {
  readonly device: string
  readonly simulated: boolean
  readonly known: boolean
  /** The title that it matches but for case, spaces and dashes; null when exact or unknown. */
  readonly nearly: string | null
}

const nameCharactersMax = 32
const nameless = 'dicom'
/** Streams under this name are the van's own. */
const reserved = 'van'

/** More strangers than this share a name: each name is a stream that is kept and sent for ever. */
const strangersMax = 32

export class Senders {
  #known: readonly KnownSender[]
  readonly #strangers = new Set<string>()

  constructor(known: readonly KnownSender[]) {
    this.#known = known
  }

  /** For those who call from now on. */
  know(known: readonly KnownSender[]): void {
    this.#known = known
  }

  /**
   * The standard compares titles by case; people who type them on a console do not. What is taken
   * leniently is said, so that it can be set right.
   */
  identify(callingAeTitle: string): Sender {
    const sender = this.#find(callingAeTitle)
    if (sender === undefined) {
      const device = this.#strangerNamed(deviceNameOf(callingAeTitle))
      return { device, simulated: false, known: false, nearly: null }
    }
    const nearly = isExactly(sender, callingAeTitle) ? null : sender.aeTitle
    return { device: sender.device, simulated: sender.simulated, known: true, nearly }
  }

  characterSet(callingAeTitle: string): AnswerCharacterSet {
    return this.#find(callingAeTitle)?.characterSet ?? 'ISO_IR 100'
  }

  #find(callingAeTitle: string): KnownSender | undefined {
    return findSender(this.#known, callingAeTitle)
  }

  #strangerNamed(name: string): string {
    if (this.#strangers.size >= strangersMax && !this.#strangers.has(name)) return nameless
    this.#strangers.add(name)
    return name
  }
}

/** An exact match counts before one that only looks alike. */
export function findSender(
  known: readonly KnownSender[],
  callingAeTitle: string,
): KnownSender | undefined {
  const alike = (one: KnownSender): boolean => folded(one.aeTitle) === folded(callingAeTitle)
  return known.find((one) => isExactly(one, callingAeTitle)) ?? known.find(alike)
}

/** A name of the form [a-z0-9-], 1 to 32 characters, for a sender that nobody has named. */
export function deviceNameOf(callingAeTitle: string): string {
  const name = callingAeTitle
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, nameCharactersMax)
  if (name === '') return nameless
  return name === reserved ? `${nameless}-${reserved}` : name
}

function isExactly({ aeTitle }: KnownSender, callingAeTitle: string): boolean {
  return aeTitle.trim() === callingAeTitle
}

function folded(title: string): string {
  return title.toLowerCase().replace(/[\s_-]/g, '')
}
