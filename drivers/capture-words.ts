/** Words of a capture line: separated by blanks, and in double quotes when they hold blanks. */

/** The words as they stand, quotes included; null when a quote has no end. */
export function wordsIn(text: string): readonly string[] | null {
  const words: readonly string[] = text.match(/(?:[^\s"]|"(?:[^"\\]|\\.)*")+|"/g) ?? []
  return words.includes('"') ? null : words
}

export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

/** null when the word is not quoted as a whole. */
export function unquote(word: string): string | null {
  const found = /^"((?:[^"\\]|\\.)*)"$/.exec(word)
  return found === null ? null : (found[1] ?? '').replace(/\\(.)/g, '$1')
}

/** Quoted only where it has to be, so that `null` in quotes is a text and without them is none. */
export function quoteIfNeeded(text: string): string {
  return /^[^\s"\\=]+$/.test(text) && text !== 'null' ? text : quote(text)
}
