import { words, type Key, type Say } from './words.ts'

/** What was found about an image. One that nobody named is shown by its code. */
export function findingName(finding: string, say: Say): string {
  const key = `finding-${finding}`
  const isKnown = (name: string): name is Key => Object.hasOwn(words, name)
  return isKnown(key) ? say(key as 'finding-no-order') : finding.replaceAll('-', ' ')
}
