/**
 * A small reader of XML files of devices. Source: XML 1.0 (fifth edition) and Namespaces in XML
 * 1.0.
 *
 * It knows elements, attributes, text, CDATA, comments and the five predefined entities. A document
 * type is refused, and with it every entity of its own: nothing is ever expanded or fetched. All
 * sizes have a limit, so that a hostile file costs as much as an honest one.
 */
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { xmlText } from './encoding.ts'

export const xmlLimits = {
  /** Of the file. Twelve leads of ten seconds take some 500 kB. */
  bytes: 4_194_304,
  depth: 64,
  elements: 100_000,
  attributesOfOne: 64,
  /** Characters of one value of an attribute, and of one name. */
  attribute: 4_096,
  name: 128,
} as const

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string
  /** What its prefix stands for; empty when it has none. */
  readonly namespace: string
  /** By name without prefix, `xsi:type` as `type`. */
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** The text directly in it, in pieces joined. */
  readonly text: string
}

/** While it is open. */
interface Open {
  readonly tag: string
  readonly prefixes: ReadonlyMap<string, string>
  readonly name: string
  readonly namespace: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: XmlElement[]
  text: string
}

/** The outermost element. */
export function parseXml(bytes: Uint8Array): Decoded<XmlElement> {
  if (bytes.length > xmlLimits.bytes) return undecoded(`XML: more than ${xmlLimits.bytes} bytes`)
  const text = xmlText(bytes)
  if (!text.ok) return text
  try {
    return decoded(new Reader(text.value).root())
  } catch (error) {
    if (error instanceof Refused) return undecoded(error.message)
    throw error
  }
}

/** Never leaves this file. */
class Refused extends Error {}

const namePattern = /[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?/y
/** In characters: longer ones are none that we know. */
const entityLimit = 12
const spacePattern = /[ \t\r\n]*/y
const predefined: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])

class Reader {
  readonly #text: string
  readonly #open: Open[] = []
  #at = 0
  #elements = 0
  #root: XmlElement | null = null

  constructor(text: string) {
    this.#text = text
  }

  root(): XmlElement {
    while (this.#at < this.#text.length) this.#step()
    if (this.#open.length > 0) throw this.#refuse('the file ends inside of an element')
    if (this.#root === null) throw this.#refuse('no element')
    return this.#root
  }

  #refuse(what: string): Refused {
    return new Refused(`XML: ${what}, at character ${this.#at}`)
  }

  #step(): void {
    const text = this.#text
    if (text[this.#at] !== '<') return this.#characters()
    if (text.startsWith('<!--', this.#at)) return this.#skipBehind('-->')
    if (text.startsWith('<?', this.#at)) return this.#skipBehind('?>')
    if (text.startsWith('<![CDATA[', this.#at)) return this.#rawText()
    if (text.startsWith('<!', this.#at)) throw this.#refuse('a document type is refused')
    if (text[this.#at + 1] === '/') return this.#end()
    this.#begin()
  }

  #skipBehind(mark: string): void {
    const end = this.#text.indexOf(mark, this.#at)
    if (end === -1) throw this.#refuse(`no ${mark}`)
    this.#at = end + mark.length
  }

  #rawText(): void {
    const from = this.#at + '<![CDATA['.length
    this.#skipBehind(']]>')
    this.#addText(this.#text.slice(from, this.#at - ']]>'.length))
  }

  #characters(): void {
    const end = this.#text.indexOf('<', this.#at)
    const to = end === -1 ? this.#text.length : end
    const raw = this.#text.slice(this.#at, to)
    this.#addText(this.#withoutEntities(raw))
    this.#at = to
  }

  #addText(text: string): void {
    const open = this.#open.at(-1)
    if (open !== undefined) open.text += text
    else if (/[^ \t\r\n\ufeff]/.test(text)) throw this.#refuse('text outside of the elements')
  }

  #withoutEntities(raw: string): string {
    const pieces: string[] = []
    let from = 0
    for (;;) {
      const at = raw.indexOf('&', from)
      if (at === -1) break
      const end = raw.indexOf(';', at)
      if (end === -1 || end - at > entityLimit) throw this.#refuse('an & that begins no entity')
      pieces.push(raw.slice(from, at), this.#entity(raw.slice(at + 1, end)))
      from = end + 1
    }
    return from === 0 ? raw : pieces.join('') + raw.slice(from)
  }

  #entity(name: string): string {
    const known = predefined.get(name)
    if (known !== undefined) return known
    const number = /^#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}))$/.exec(name)
    if (number === null) throw this.#refuse('an entity of its own is refused')
    const [, hex, decimal = ''] = number
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    const isCharacter = code === 9 || code === 10 || code === 13 || code >= 0x20
    if (!isCharacter || code > 0x10_ffff || (code >= 0xd800 && code <= 0xdfff)) {
      throw this.#refuse('a number that is no character')
    }
    return String.fromCodePoint(code)
  }

  #name(): string {
    namePattern.lastIndex = this.#at
    const name = namePattern.exec(this.#text)?.[0]
    if (name === undefined) throw this.#refuse('no name where one must be')
    if (name.length > xmlLimits.name) throw this.#refuse(`a name over ${xmlLimits.name} characters`)
    this.#at += name.length
    return name
  }

  #spaces(): number {
    spacePattern.lastIndex = this.#at
    const length = spacePattern.exec(this.#text)?.[0].length ?? 0
    this.#at += length
    return length
  }

  #begin(): void {
    if (this.#root !== null) throw this.#refuse('a second outermost element')
    if (this.#open.length >= xmlLimits.depth) throw this.#refuse(`deeper than ${xmlLimits.depth}`)
    if (++this.#elements > xmlLimits.elements) {
      throw this.#refuse(`more than ${xmlLimits.elements} elements`)
    }
    this.#at++
    const tag = this.#name()
    const written = this.#attributes()
    const prefixes = this.#prefixesIn(written)
    const { prefix, local } = splitName(tag)
    const namespace = prefixes.get(prefix)
    if (namespace === undefined && prefix !== '') throw this.#refuse('a prefix nobody declared')
    const attributes = new Map(
      [...written].flatMap(([name, value]) =>
        isDeclaration(name) ? [] : [[splitName(name).local, value] as const],
      ),
    )
    const element: Open = {
      tag,
      prefixes,
      name: local,
      namespace: namespace ?? '',
      attributes,
      children: [],
      text: '',
    }
    this.#open.push(element)
    if (this.#text[this.#at] === '/') {
      this.#at++
      this.#close()
    }
    if (this.#text[this.#at] !== '>') throw this.#refuse('no > at the end of an element')
    this.#at++
  }

  #attributes(): ReadonlyMap<string, string> {
    const found = new Map<string, string>()
    for (;;) {
      const spaces = this.#spaces()
      const next = this.#text[this.#at]
      if (next === '>' || next === '/' || next === undefined) return found
      if (spaces === 0) throw this.#refuse('no space in front of an attribute')
      if (found.size >= xmlLimits.attributesOfOne) {
        throw this.#refuse(`more than ${xmlLimits.attributesOfOne} attributes`)
      }
      const name = this.#name()
      this.#spaces()
      if (this.#text[this.#at] !== '=') throw this.#refuse('an attribute without =')
      this.#at++
      this.#spaces()
      if (found.has(name)) throw this.#refuse('an attribute twice')
      found.set(name, this.#attributeValue())
    }
  }

  #attributeValue(): string {
    const quote = this.#text[this.#at]
    if (quote !== '"' && quote !== "'") throw this.#refuse('an attribute without quotes')
    const from = this.#at + 1
    const end = this.#text.indexOf(quote, from)
    if (end === -1) throw this.#refuse('an attribute without end')
    if (end - from > xmlLimits.attribute) {
      throw this.#refuse(`an attribute over ${xmlLimits.attribute} characters`)
    }
    const raw = this.#text.slice(from, end)
    if (raw.includes('<')) throw this.#refuse('a < in an attribute')
    this.#at = end + 1
    return this.#withoutEntities(raw)
  }

  #prefixesIn(written: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const around = this.#open.at(-1)?.prefixes ?? outermostPrefixes
    const declared = [...written].filter(([name]) => isDeclaration(name))
    if (declared.length === 0) return around
    const own = declared.map(([name, uri]) => [name.slice(6), uri] as const)
    return new Map([...around, ...own])
  }

  #end(): void {
    this.#at += 2
    const tag = this.#name()
    this.#spaces()
    if (this.#text[this.#at] !== '>') throw this.#refuse('no > at the end of an element')
    this.#at++
    if (this.#open.at(-1)?.tag !== tag) throw this.#refuse('an end that does not fit')
    this.#close()
  }

  #close(): void {
    const closed = this.#open.pop()
    if (closed === undefined) return
    const { name, namespace, attributes, children, text } = closed
    const element: XmlElement = { name, namespace, attributes, children, text }
    const around = this.#open.at(-1)
    if (around === undefined) this.#root = element
    else around.children.push(element)
  }
}

const outermostPrefixes: ReadonlyMap<string, string> = new Map([
  ['xml', 'http://www.w3.org/XML/1998/namespace'],
])

function isDeclaration(name: string): boolean {
  return name === 'xmlns' || name.startsWith('xmlns:')
}

function splitName(name: string): { readonly prefix: string; readonly local: string } {
  const colon = name.indexOf(':')
  return { prefix: name.slice(0, Math.max(0, colon)), local: name.slice(colon + 1) }
}
