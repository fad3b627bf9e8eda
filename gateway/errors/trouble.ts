/** A trouble is something outside that went wrong: a code, words for people, and a next step. */
import type { LogFields } from '../world.ts'

export interface TroubleText {
  /** What was seen. `{name}` is replaced from the details. */
  readonly what: string
  /** What the person at the device should do. */
  readonly todo: string
}

export interface TroubleEntry {
  readonly en: TroubleText
  readonly id: TroubleText
  /** Whether trying again without a person can help. */
  readonly retriable: boolean
}

export type TroubleTable = Readonly<{ [code: string]: TroubleEntry }>

export class Trouble extends Error {
  readonly code: string
  readonly retriable: boolean
  readonly details: Readonly<{ [name: string]: string | number }>
  readonly entry: TroubleEntry

  constructor(
    code: string,
    entry: TroubleEntry,
    details: Readonly<{ [name: string]: string | number }> = {},
    cause?: unknown,
  ) {
    super(fill(`${entry.en.what} ${entry.en.todo}`, details), cause === undefined ? {} : { cause })
    this.name = 'Trouble'
    this.code = code
    this.retriable = entry.retriable
    this.details = details
    this.entry = entry
  }

  /** The sentence in the language of the page. */
  words(language: 'en' | 'id'): { readonly what: string; readonly todo: string } {
    const text = this.entry[language]
    return { what: fill(text.what, this.details), todo: fill(text.todo, this.details) }
  }

  logFields(): LogFields {
    return { code: this.code, why: this.message }
  }
}

/** Binds a table to what makes its troubles, so that a code that is not listed does not compile. */
export function troublesOf<Table extends TroubleTable>(table: Table) {
  return (
    code: keyof Table & string,
    details?: Readonly<{ [name: string]: string | number }>,
    cause?: unknown,
  ): Trouble => new Trouble(code, table[code] as TroubleEntry, details, cause)
}

function fill(text: string, details: Readonly<{ [name: string]: string | number }>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(details[name] ?? whole))
}
