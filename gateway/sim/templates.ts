/** Databases as they are just after they were made: copying one is faster than making one. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase as openLandingDatabase } from '../../upstream/landing/database.ts'
import { openDatabase } from '../journal/database.ts'
import { journalPaths } from '../journal/paths.ts'
import { migrate } from '../journal/migrations.ts'
import { Scratch } from './scratch.ts'

const landingFile = 'landing.db'

export class Templates {
  readonly #scratch = new Scratch()
  readonly #journal: string
  readonly #landing: string

  constructor() {
    this.#journal = this.#scratch.folder('journal')
    this.#landing = this.#scratch.folder('landing')
    const journal = openDatabase(journalPaths(this.#journal).database)
    migrate(journal)
    journal.close()
    openLandingDatabase(join(this.#landing, landingFile)).close()
  }

  journalInto(folder: string): void {
    copyFileSync(journalPaths(this.#journal).database, journalPaths(folder).database)
  }

  landingInto(folder: string): void {
    copyFileSync(join(this.#landing, landingFile), join(folder, landingFile))
  }

  remove(): void {
    this.#scratch.remove()
  }
}
