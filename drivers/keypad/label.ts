/** Reads what stands on a label, such as the number of a lot. */

/** Letters, digits and what stands between them. */
const labelPattern = /^[\p{L}\p{N}][\p{L}\p{N} ./#()+-]*$/u
/** As long as an identity number, which is nobody's lot. */
const identityPattern = /\d{16}/

/** What is wrong with it; null when it is one. */
export function labelProblem(
  text: string,
  lengthMax: number,
): 'not-a-label' | 'looks-like-identity' | null {
  if (identityPattern.test(text)) return 'looks-like-identity'
  return text.length <= lengthMax && labelPattern.test(text) ? null : 'not-a-label'
}
