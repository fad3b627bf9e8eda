/** Reads an object of settings field by field and keeps all findings. */
import type { ForwardFinding } from './destinations.ts'

const shownCharacters = 40
const findingsMost = 200

export class Form {
  readonly findings: ForwardFinding[] = []

  say(path: string, en: string, id: string): void {
    if (this.findings.length < findingsMost) this.findings.push({ path, en, id })
  }

  /** The fields of an object; what is none counts as empty. */
  fields(path: string, value: unknown): Fields {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return new Fields(this, path, new Map(Object.entries(value)))
    }
    this.expected(path, 'an object', 'objek', value)
    return new Fields(this, path, new Map())
  }

  expected(path: string, en: string, id: string, found: unknown): void {
    const shown = JSON.stringify(found)?.slice(0, shownCharacters) ?? 'nothing'
    this.say(path, `expected ${en}, found ${shown}`, `harus ${id}, tertulis ${shown}`)
  }
}

export class Fields {
  readonly #form: Form
  readonly #path: string
  readonly #values: ReadonlyMap<string, unknown>
  readonly #read = new Set<string>()

  constructor(form: Form, path: string, values: ReadonlyMap<string, unknown>) {
    this.#form = form
    this.#path = path
    this.#values = values
  }

  at(name: string): string {
    return this.#path === '' ? name : `${this.#path}/${name}`
  }

  /** undefined when it is absent. */
  get(name: string): unknown {
    this.#read.add(name)
    return this.#values.get(name)
  }

  /** `rule` in both languages says what `fits` checks. `otherwise` undefined: it must be there. */
  text(
    name: string,
    rule: { readonly fits: RegExp; readonly en: string; readonly id: string },
    otherwise?: string,
  ): string {
    const value = this.get(name)
    if (value === undefined) return this.#absent(name, otherwise, '')
    if (typeof value === 'string' && rule.fits.test(value)) return value
    this.#form.expected(this.at(name), rule.en, rule.id, value)
    return ''
  }

  whole(name: string, min: number, max: number, otherwise?: number): number {
    const value = this.get(name)
    if (value === undefined) return this.#absent(name, otherwise, min)
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
      return value
    }
    const en = `a whole number from ${min} to ${max}`
    this.#form.expected(this.at(name), en, `bilangan bulat ${min} sampai ${max}`, value)
    return min
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.get(name)
    if (value === undefined || typeof value === 'boolean') return value ?? otherwise
    this.#form.expected(this.at(name), 'true or false', 'true atau false', value)
    return otherwise
  }

  choice<const Choice extends string>(
    name: string,
    choices: readonly Choice[],
    otherwise: Choice,
    isRequired = false,
  ): Choice {
    const value = this.get(name)
    if (value === undefined) {
      if (isRequired) this.#absent(name, undefined, '')
      return otherwise
    }
    const found = choices.find((one) => one === value)
    if (found !== undefined) return found
    const list = choices.join(', ')
    this.#form.expected(this.at(name), `one of ${list}`, `salah satu dari ${list}`, value)
    return otherwise
  }

  /** After everything was read: names that nobody asked for are mistakes. */
  end(): void {
    for (const name of this.#values.keys()) {
      if (this.#read.has(name)) continue
      this.#form.say(this.at(name), 'is not a setting', 'bukan pengaturan yang dikenal')
    }
  }

  #absent<T>(name: string, otherwise: T | undefined, nothing: T): T {
    if (otherwise !== undefined) return otherwise
    this.#form.say(this.at(name), 'is missing', 'belum diisi')
    return nothing
  }
}
