/** Rules that must not be broken, each with the change of our sources that breaks it. */
export interface Mutant {
  readonly name: string
  readonly rule: string
  readonly edits: readonly Edit[]
}

export interface Edit {
  readonly file: string
  readonly find: string
  readonly replace: string
}

export const mutants: readonly Mutant[] = []
