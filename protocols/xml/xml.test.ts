import * as fc from 'fast-check'
import t from 'tap'
import { character } from '../../test/wire/character.ts'
import { holds } from '../../test/wire/holds.ts'
import { latin1Bytes } from '../bytes/bytes.ts'
import { utf8Bytes } from '../bytes/utf8.ts'
import { attributeOf, elementAt, elementsBelow, escapeXml, textAt } from './find.ts'
import { parseXml, xmlLimits, type XmlElement } from './xml.ts'

function parsed(text: string): XmlElement {
  const read = parseXml(utf8Bytes(text))
  if (!read.ok) throw new Error(read.reason)
  return read.value
}

t.test('xml: elements, attributes, text and namespaces', async (t) => {
  const root = parsed(`\ufeff<?xml version="1.0"?>
<!-- a note with <elements> -->
<a xmlns="urn:one" xmlns:x='urn:two' n = "1 &lt; 2" x:type='PQ'>
  one<b/>two<x:c>&#65;&#x42;&amp;</x:c ><![CDATA[<b> & ]]></a>
<!-- behind it -->`)
  t.equal(root.name, 'a')
  t.equal(root.namespace, 'urn:one')
  t.strictSame(
    [...root.attributes],
    [
      ['n', '1 < 2'],
      ['type', 'PQ'],
    ],
  )
  t.strictSame(
    root.children.map(({ name, namespace }) => `${name} ${namespace}`),
    ['b urn:one', 'c urn:two'],
  )
  t.equal(textAt(root, 'c'), 'AB&')
  t.equal(root.text.trim(), 'onetwo<b> &')
  t.equal(attributeOf(elementAt(root, 'b'), 'n'), null)
  t.equal(elementAt(root, 'b', 'd'), null)
  t.equal([...elementsBelow(parsed('<a><b><b/></b></a>'), 'b')].length, 2)
})

t.test('xml: the encodings that devices write', async (t) => {
  const text = '<?xml version="1.0" encoding="utf-16"?><a>hög µV</a>'
  const utf16 = Buffer.from(text, 'utf16le')
  const marked = Uint8Array.from([0xff, 0xfe, ...utf16])
  const big = Uint8Array.from([0xfe, 0xff, ...Buffer.from(utf16).swap16()])
  const latin = latin1Bytes('<?xml version="1.0" encoding="ISO-8859-1"?><a>hög µV</a>')
  for (const bytes of [marked, big, new Uint8Array(utf16), latin, utf8Bytes('<a>hög µV</a>')]) {
    const read = parseXml(bytes)
    t.match(read, { ok: true, value: { text: 'hög µV' } })
  }
  t.match(parseXml(latin1Bytes('<a>h\xf6g</a>')), { ok: false, reason: /encoding/ })
  t.match(parseXml(latin1Bytes('<?xml encoding="utf-7"?><a/>')), { ok: false, reason: /other/ })
  t.match(parseXml(marked.subarray(0, 41)), { ok: false, reason: /half a character/ })
})

t.test('xml: hostile files are refused in words', async (t) => {
  const hostile: readonly (readonly [string, RegExp])[] = [
    ['<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>', /document type/],
    ['<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', /document type/],
    ['<a>&b;</a>', /entity of its own/],
    ['<a>&#0;</a>', /no character/],
    ['<a>&#xD800;</a>', /no character/],
    ['<a>this & that</a>', /begins no entity/],
    ['<a>'.repeat(xmlLimits.depth + 1), /deeper than 64/],
    [`<a>${'<b/>'.repeat(xmlLimits.elements)}</a>`, /more than 100000 elements/],
    [`<a b="${'c'.repeat(xmlLimits.attribute + 1)}"/>`, /attribute over 4096/],
    [`<${'a'.repeat(xmlLimits.name + 1)}/>`, /name over 128/],
    [`<a ${Array.from({ length: 65 }, (_, at) => `b${at}=""`).join(' ')}/>`, /more than 64/],
    ['<a b="1" b="2"/>', /twice/],
    ['<a b=1/>', /without quotes/],
    ['<a b="<"/>', /a < in/],
    ['<a b/>', /without =/],
    ['<a b="1"c="2"/>', /no space/],
    ['<a><b></a></b>', /does not fit/],
    ['<a></a><b/>', /second outermost/],
    ['<a', /no >/],
    ['<a>', /ends inside/],
    ['<!-- a', /no -->/],
    ['a', /outside/],
    ['', /no element/],
    ['<x:a/>', /nobody declared/],
    ['< a/>', /no name/],
    ['<a/ >', /no >/],
  ]
  for (const [text, reason] of hostile) {
    t.match(parseXml(utf8Bytes(text)), { ok: false, reason }, text.slice(0, 40))
  }
})

t.test('xml: a file that is too long is not even looked at', async (t) => {
  const long = new Uint8Array(xmlLimits.bytes + 1)
  t.match(parseXml(long), { ok: false, reason: 'XML: more than 4194304 bytes' })
})

t.test('xml: text that was escaped comes back', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: character }), (text) => {
      const root = parsed(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`)
      t.equal(root.text, root.attributes.get('b'))
      t.equal(escapeXml(root.text), escapeXml(text))
    }),
    { numRuns: 60 },
  )
})

t.test('xml: whatever comes, it answers', async (t) => {
  const unit = fc.constantFrom(
    '<',
    '>',
    '/',
    'a',
    'x:',
    '"',
    '=',
    ' ',
    '&',
    ';',
    '!',
    '-',
    '[',
    ']',
  )
  const any = fc.property(
    fc.string({ unit, maxLength: 60 }),
    (text) => typeof parseXml(utf8Bytes(text)).ok === 'boolean',
  )
  holds(t, 'any text is answered', any, { numRuns: 2_000 })
})
