import { pageTrouble } from '../errors/page.ts'
import { Trouble } from '../errors/trouble.ts'
import type { TroubleWords } from './both.ts'

/**
 * A trouble as the page shows it. Any other error is a fault of our own, whose details help nobody.
 */
export function troubleWords(error: Error): TroubleWords {
  const trouble = error instanceof Trouble ? error : pageTrouble('page-failed', {}, error)
  return { code: trouble.code, en: trouble.words('en'), id: trouble.words('id') }
}
