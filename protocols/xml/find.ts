/** Finding one's way in what was read, and writing text that can be read. */
import type { XmlElement } from './xml.ts'

/** The first element on the way of names, one level each; null when there is none. */
export function elementAt(from: XmlElement | null, ...names: readonly string[]): XmlElement | null {
  let here = from
  for (const name of names) here = here?.children.find((child) => child.name === name) ?? null
  return here
}

export function elementsOf(from: XmlElement | null, name: string): readonly XmlElement[] {
  return from?.children.filter((child) => child.name === name) ?? []
}

/** Every element of this name below, in the order of the file. */
export function* elementsBelow(
  from: XmlElement,
  name: string,
): Generator<XmlElement, void, undefined> {
  for (const child of from.children) {
    if (child.name === name) yield child
    yield* elementsBelow(child, name)
  }
}

/** null when the element or the attribute is not there, or says nothing. */
export function attributeOf(element: XmlElement | null, name: string): string | null {
  const text = element?.attributes.get(name)?.trim() ?? ''
  return text === '' ? null : text
}

/** null when the element is not there, or says nothing. */
export function textAt(from: XmlElement | null, ...names: readonly string[]): string | null {
  const text = elementAt(from, ...names)?.text.trim() ?? ''
  return text === '' ? null : text
}

/** What XML 1.0 does not allow at all is left out. */
export function escapeXml(text: string): string {
  const signs: { readonly [sign: string]: string } = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  }
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"]/g, (sign) => signs[sign] ?? '')
}
