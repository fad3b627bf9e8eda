/** Databases as they are just after they were made: copying one is faster than making one. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase as openLandingDatabase } from '../../upstream/landing/database.ts'
import { openDatabase } from '../journal/database.ts'
import { journalPaths } from '../journal/paths.ts'
import { migrate } from '../journal/migrations.ts'
import { Scratch } from './scratch.ts'

export interface TemplateFolders {
  /** Worlds have their disks in here too, so that all of it is removed at once. */
  readonly root: string
  readonly journal: string
  readonly landing: string
}

const landingFile = 'landing.db'

export class Templates {
  readonly #scratch = new Scratch()
  /** To be given to other threads, which only copy from there. */
  readonly folders: TemplateFolders

  constructor() {
    this.folders = {
      root: this.#scratch.root,
      journal: this.#scratch.folder('journal'),
      landing: this.#scratch.folder('landing'),
    }
    const journal = openDatabase(journalPaths(this.folders.journal).database)
    migrate(journal)
    journal.close()
    openLandingDatabase(join(this.folders.landing, landingFile)).close()
  }

  remove(): void {
    this.#scratch.remove()
  }
}

export function journalInto(folder: string, { journal }: TemplateFolders): void {
  copyFileSync(journalPaths(journal).database, journalPaths(folder).database)
}

export function landingInto(folder: string, { landing }: TemplateFolders): void {
  copyFileSync(join(landing, landingFile), join(folder, landingFile))
}
