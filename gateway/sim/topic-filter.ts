/** Which topics a subscription lets through (MQTT 5 section 4.7). */

export function matchesAny(filters: Iterable<string>, topic: string): boolean {
  for (const filter of filters) if (matches(filter, topic)) return true
  return false
}

/** `+` stands for one level, a trailing `#` for the rest. */
export function matches(filter: string, topic: string): boolean {
  const wanted = filter.split('/')
  const levels = topic.split('/')
  for (let index = 0; index < wanted.length; index++) {
    if (wanted[index] === '#') return true
    if (index >= levels.length) return false
    if (wanted[index] !== '+' && wanted[index] !== levels[index]) return false
  }
  return wanted.length === levels.length
}
