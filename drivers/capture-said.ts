/** What stands behind `=` in a capture: see capture.ts for the form of each line. */
import type { DeviceTime, EventLevel, Value, Words } from '../protocols/packet/record.ts'
import { quote, quoteIfNeeded, unquote, wordsIn } from './capture-words.ts'
import type { Said } from './driver.ts'

const levels: readonly EventLevel[] = ['info', 'warning', 'alarm']
/** Before what a device in demo mode says. */
const simulatedWord = 'simulated '
const durations = { begin: true, end: false, once: null } as const

/** null when the text is none of the forms. */
export function parseSaid(text: string): Said | null {
  if (text.startsWith(simulatedWord)) {
    const said = parseSaid(text.slice(simulatedWord.length))
    if (said === null || said.kind === 'event' || said.kind === 'identity') return null
    return 'simulated' in said ? null : { ...said, simulated: true }
  }
  const all = wordsIn(text)
  if (all === null) return null
  const withAt = all.indexOf('with')
  const [kind = '', ...words] = withAt === -1 ? all : all.slice(0, withAt)
  const qualifiers = withAt === -1 ? {} : parsePairs(all.slice(withAt + 1))
  if (qualifiers === null) return null
  switch (kind) {
    case 'measurement':
      return parseMeasurement(words, qualifiers)
    case 'numerics':
      return parseNumerics(words, qualifiers)
    case 'event':
      return parseEvent(words, qualifiers)
    case 'samples':
      return withAt === -1 ? parseSamples(words) : null
    case 'identity':
      return withAt === -1 ? parseIdentity(words) : null
    default:
      return null
  }
}

function parseMeasurement(words: readonly string[], qualifiers: Words): Said | null {
  const ofAt = words.indexOf('of')
  const identifiers = ofAt === -1 ? {} : parsePairs(words.slice(ofAt + 1))
  const before = ofAt === -1 ? words : words.slice(0, ofAt)
  const atAt = before.indexOf('at')
  const triples = atAt === -1 ? before : before.slice(0, atAt)
  const deviceTime = atAt === -1 ? null : parseTime(before.slice(atAt + 1))
  const values = parseValues(triples)
  if (deviceTime === undefined || values === null || identifiers === null) return null
  return {
    kind: 'measurement',
    values,
    ...(deviceTime === null ? {} : { deviceTime }),
    ...(isEmpty(qualifiers) ? {} : { qualifiers }),
    ...(isEmpty(identifiers) ? {} : { identifiers }),
  }
}

function parseNumerics(words: readonly string[], qualifiers: Words): Said | null {
  const values = parseValues(words)
  if (values === null) return null
  return { kind: 'numerics', values, ...(isEmpty(qualifiers) ? {} : { qualifiers }) }
}

function parseValues(words: readonly string[]): readonly Value[] | null {
  if (words.length === 0 || words.length % 3 !== 0) return null
  const values: Value[] = []
  for (let at = 0; at < words.length; at += 3) {
    const [code = '', number = '', unit = ''] = words.slice(at, at + 3)
    const text = unquote(number)
    const value = number === 'null' || text !== null ? null : Number(number)
    if (Number.isNaN(value) || text === '') return null
    values.push({ code, value, unit, ...(text === null ? {} : { text }) })
  }
  return values
}

/** undefined when it is no time. */
function parseTime(words: readonly string[]): DeviceTime | undefined {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?$/.exec(words.join(' '))
  if (found === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = found.slice(1, 6).map(Number)
  const second = found[6] === undefined ? null : Number(found[6])
  return { year, month, day, hour, minute, second }
}

function parseEvent(words: readonly string[], detail: Words): Said | null {
  const [code, levelWord, durationWord = '', more] = words
  const level = levels.find((one) => one === levelWord)
  if (code === undefined || level === undefined || more !== undefined) return null
  if (!Object.hasOwn(durations, durationWord)) return null
  const active = durations[durationWord as keyof typeof durations]
  return { kind: 'event', code, level, active, ...(isEmpty(detail) ? {} : { detail }) }
}

function parseSamples(words: readonly string[]): Said | null {
  const [wave, ...numbers] = words
  if (wave === undefined || numbers.length === 0) return null
  if (numbers.length === 1 && numbers[0] === 'null') return { kind: 'samples', wave, samples: null }
  if (!numbers.every((number) => /^-?\d+$/.test(number))) return null
  return { kind: 'samples', wave, samples: numbers.map(Number) }
}

function parseIdentity(words: readonly string[]): Said | null {
  if (words.length !== 3) return null
  const [model = null, serialNumber = null, firmware = null] = words.map((word) =>
    word === 'null' ? null : (unquote(word) ?? word),
  )
  return { kind: 'identity', model, serialNumber, firmware }
}

function parsePairs(words: readonly string[]): Words | null {
  const pairs: [string, string][] = []
  for (const word of words) {
    const at = word.indexOf('=')
    if (at < 1) return null
    const value = word.slice(at + 1)
    pairs.push([word.slice(0, at), unquote(value) ?? value])
  }
  return pairs.length === 0 ? null : Object.fromEntries(pairs)
}

export function formatSaid(said: Said): string {
  const isSimulated = 'simulated' in said
  return `${isSimulated ? simulatedWord : ''}${formatPlain(said)}`
}

function formatPlain(said: Said): string {
  switch (said.kind) {
    case 'measurement': {
      const at = said.deviceTime === undefined ? [] : ['at', formatTime(said.deviceTime)]
      const of = formatPairs(said.identifiers, 'of')
      const words = [...formatValues(said.values), ...at, ...of, ...formatPairs(said.qualifiers)]
      return ['measurement', ...words].join(' ')
    }
    case 'numerics':
      return ['numerics', ...formatValues(said.values), ...formatPairs(said.qualifiers)].join(' ')
    case 'event': {
      const duration = said.active === null ? 'once' : said.active ? 'begin' : 'end'
      return ['event', said.code, said.level, duration, ...formatPairs(said.detail)].join(' ')
    }
    case 'samples':
      return ['samples', said.wave, ...(said.samples ?? ['null'])].join(' ')
    // Too long for a line, so that no capture holds one: in words for whoever looks.
    case 'strip':
      return `strip ${said.wave} ${said.leads.length} leads ${said.samples[0]?.length ?? 0} samples`
    case 'document':
      return `document ${said.mediaType} ${said.bytes.length} bytes`
    default: {
      const names = [said.model, said.serialNumber, said.firmware]
      return [
        'identity',
        ...names.map((name) => (name === null ? 'null' : quoteIfNeeded(name))),
      ].join(' ')
    }
  }
}

function formatValues(values: readonly Value[]): readonly string[] {
  return values.map(({ code, value, unit, text }) => {
    return `${code} ${text === undefined ? value : quote(text)} ${unit}`
  })
}

function formatTime(time: DeviceTime): string {
  const date = [String(time.year).padStart(4, '0'), two(time.month), two(time.day)].join('-')
  const clock = [time.hour, time.minute, ...(time.second === null ? [] : [time.second])]
  return `${date}T${clock.map(two).join(':')}`
}

function two(part: number): string {
  return String(part).padStart(2, '0')
}

function formatPairs(words: Words | undefined, before = 'with'): readonly string[] {
  if (words === undefined || isEmpty(words)) return []
  return [
    before,
    ...Object.entries(words).map(([name, value]) => `${name}=${quoteIfNeeded(value)}`),
  ]
}

function isEmpty(words: Words): boolean {
  return Object.keys(words).length === 0
}
