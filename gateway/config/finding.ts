/** What is wrong with a configuration, in words. */
import type { Config } from './schema.ts'

export interface Finding {
  /** Where, as a path of names and numbers: `devices/0/link/path`. Empty for the whole. */
  readonly path: string
  readonly en: string
  readonly id: string
}

export type ReadConfig =
  | { readonly ok: true; readonly config: Config }
  | {
      readonly ok: false
      readonly findings: readonly Finding[]
      /** Where the page belongs all the same: it is the page that shows the findings. */
      readonly page: Config['page']
    }

/** One line a finding, for the command line. */
export function findingText(finding: Finding, language: 'en' | 'id'): string {
  return `${finding.path === '' ? '(file)' : finding.path}: ${finding[language]}`
}
