/** The page, the CDDL, the AsyncAPI file and the code say the same. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { encodeRecord, decodeRecord } from '../protocols/packet/body.ts'
import { decodeCbor, encodeCbor, itemsMax, nestingMax } from '../protocols/packet/cbor.ts'
import * as limits from '../protocols/packet/limits.ts'
import { headerKeys } from '../protocols/packet/packet.ts'
import {
  directoryRequestTopic,
  directoryTopic,
  deviceStreamKinds,
  downTopic,
  landingStateTopic,
  replayRequestTopic,
  replayTopic,
  stateTopic,
  timeRequestTopic,
  upTopic,
  vanStreamKinds,
} from '../protocols/packet/topics.ts'
import { record, recordKinds } from '../test/wire/arbitraries.ts'
import { Cddl } from '../test/wire/cddl.ts'
import { holds } from '../test/wire/holds.ts'
import { sampleMessages } from '../test/wire/sample-messages.ts'
import { laboratoryResult, sampleRecords } from '../test/wire/samples.ts'
import { packetVectors, refusedVectors } from '../test/wire/vectors.ts'

function text(file: string): string {
  return readFileSync(join(import.meta.dirname, file), 'utf8')
}

const page = text('wire-format.md')
const asyncApi = text('asyncapi.yaml')
const cddl = new Cddl(text('wire-format.cddl'))

/** The part of the page under the first heading that begins so, up to the next one. */
function under(heading: string): string {
  const from = page.indexOf(`\n${heading}`)
  if (from < 0) throw new Error(`no heading ${heading}`)
  const rest = page.slice(from + 1)
  const end = rest.slice(1).search(/\n##/)
  return end < 0 ? rest : rest.slice(0, end + 1)
}

/** First column of each table in a part of the page. */
function tablesIn(part: string): readonly (readonly string[])[] {
  const blocks = part.split(/\n(?!\|)/).filter((block) => /\n\|/.test(`\n${block}`))
  return blocks.map((block) =>
    block.split('\n').flatMap((line) => line.match(/^\| `([A-Za-z0-9]+)` \|/)?.slice(1, 2) ?? []),
  )
}

function wireOf(bytes: Uint8Array): unknown {
  const answer = decodeCbor(bytes)
  if (!answer.ok) throw new Error(answer.reason)
  return answer.value
}

function keysOf(value: unknown): readonly string[] {
  return value instanceof Map ? [...value.keys()].map(String).sort((a, b) => (a < b ? -1 : 1)) : []
}

function sorted(names: readonly string[]): readonly string[] {
  return [...names].sort((a, b) => (a < b ? -1 : 1))
}

function first(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : null
}

/** With every field that a record of its kind can have. */
const fullest = { ...sampleRecords, measurement: laboratoryResult }

/** The maps inside records, by the rule and the table that describe them. */
function innerMaps(): { readonly [rule: string]: readonly string[] } {
  const [measurement, waveform, document, order, procedure] = [
    fullest.measurement,
    fullest.waveform,
    fullest.document,
    fullest.order,
    fullest.procedure,
  ].map((record) => wireOf(encodeRecord(record)) as Map<string, unknown>)
  return {
    value: keysOf(first(measurement?.get('values'))),
    'device-time': keysOf(measurement?.get('deviceTime')),
    rate: keysOf(waveform?.get('rate')),
    lead: keysOf(first(waveform?.get('leads'))),
    object: keysOf(document?.get('object')),
    'coded-term': keysOf(order?.get('code')),
    'performed-series': keysOf(first(procedure?.get('series'))),
  }
}

t.test('wire format: page, CDDL and code name the same fields of records', async (t) => {
  const [stamps = []] = tablesIn(under('## 6.'))
  t.strictSame(sorted(stamps), sorted(['kind', ...cddl.namesIn('stamps')]))
  for (const [kind, record] of Object.entries(fullest)) {
    const inCode = keysOf(wireOf(encodeRecord(record)))
    t.strictSame(sorted(cddl.namesIn(kind)), inCode, `CDDL: ${kind}`)
    const [own = []] = tablesIn(under(`### ${kind}`))
    t.strictSame(sorted([...stamps, ...own]), inCode, `page: ${kind}`)
  }
  const tables: { readonly [rule: string]: readonly string[] | undefined } = {
    value: tablesIn(under('### measurement'))[1],
    'device-time': tablesIn(under('### measurement'))[2],
    rate: tablesIn(under('### waveform'))[1],
    lead: tablesIn(under('### waveform'))[2],
    object: tablesIn(under('## 8.'))[0],
    'coded-term': tablesIn(under('### order'))[1],
    'performed-series': tablesIn(under('### procedure'))[1],
  }
  for (const [rule, inCode] of Object.entries(innerMaps())) {
    t.ok(inCode.length > 1)
    t.strictSame(sorted(cddl.namesIn(rule)), inCode, `CDDL: ${rule}`)
    t.strictSame(sorted(tables[rule] ?? []), inCode, `page: ${rule}`)
  }
})

t.test('wire format: page, CDDL and code name the same keys of the header', async (t) => {
  const rows = [...under('## 4.').matchAll(/^\| (\d+) \| `(\w+)` \|/gm)]
  const onPage = rows.map(([, key, name]) => [name, Number(key)])
  t.strictSame(onPage, Object.entries(headerKeys))
  t.strictSame(cddl.namesIn('header'), Object.values(headerKeys).map(String))
  const commented = [...text('wire-format.cddl').matchAll(/^ {2}(?:\? )?(\d+) => .*; (\w+)$/gm)]
  t.strictSame(
    commented.map(([, key, name]) => [name, Number(key)]),
    Object.entries(headerKeys),
  )
})

const messageRules: {
  readonly [name: string]: readonly [rule: string, section: string, table: number]
} = {
  receipt: ['receipt', '## 10.', 1],
  backfill: ['backfill', '## 11.', 0],
  watch: ['watch', '## 13.', 0],
  vanState: ['van-state', '## 12.', 0],
  vanGone: ['van-state', '## 12.', 0],
  landingState: ['landing-state', '## 12.', 1],
  timeRequest: ['time-request', '## 14.', 0],
  timeAnswer: ['time-answer', '## 14.', 1],
  replayRequest: ['replay-request', '## 11.', 1],
  replayAnswer: ['replay-answer', '## 11.', 2],
  directoryRequest: ['directory-request', '## 11.', 3],
  directoryAnswer: ['directory-answer', '## 11.', 4],
}

t.test('wire format: page, CDDL and code name the same fields of messages', async (t) => {
  for (const { name, bytes } of sampleMessages) {
    const [rule, section, table] = messageRules[name] ?? ['', '', 0]
    const wire = wireOf(bytes)
    t.strictSame(sorted(cddl.namesIn(rule)), keysOf(wire), `CDDL: ${name}`)
    t.strictSame(sorted(tablesIn(under(section))[table] ?? []), keysOf(wire), `page: ${name}`)
    t.equal(cddl.matches(rule, wire), true, name)
  }
})

t.test('wire format: the CDDL has no rule that nothing uses', async (t) => {
  const source = text('wire-format.cddl').replaceAll(/;.*$/gm, '')
  const messages = Object.values(messageRules).map(([rule]) => rule)
  for (const rule of cddl.rules) {
    const uses = source.match(new RegExp(`(?<![\\w-])${rule}(?![\\w-])`, 'g'))?.length ?? 0
    t.ok(uses > 1 || ['packet', 'records', 'waves'].includes(rule) || messages.includes(rule), rule)
  }
})

t.test('wire format: the CDDL accepts what the code writes', async (t) => {
  const { packets } = packetVectors() as {
    readonly packets: readonly {
      readonly name: string
      readonly packet: string
      readonly body: string
      readonly header: { readonly codec: 'records' | 'chunk' | 'waves' }
      readonly records: unknown
    }[]
  }
  for (const { name, packet, body, header, records } of packets) {
    t.equal(cddl.matches('packet', wireOf(Buffer.from(packet, 'hex'))), true, name)
    if (records === null) continue
    t.equal(cddl.matches(header.codec, wireOf(Buffer.from(body, 'hex'))), true, name)
  }
  const property = fc.property(record, (record) =>
    cddl.matches('record', wireOf(encodeRecord(record))),
  )
  holds(t, 'any record', property, { numRuns: 500 })
})

t.test(
  'wire format: the CDDL is not stricter than the code, and refuses what has another form',
  async (t) => {
    const strangers = [
      null,
      -1,
      0.5,
      2 ** 53,
      'x',
      '',
      'x'.repeat(300),
      new Uint8Array(3),
      [],
      new Map(),
      true,
    ]
    let refusedByBoth = 0
    for (const record of Object.values(fullest)) {
      const wire = wireOf(encodeRecord(record)) as Map<string, unknown>
      for (const key of wire.keys()) {
        for (const stranger of strangers) {
          const changed = new Map([...wire, [key, stranger]])
          const inCode = decodeRecord(encodeCbor(changed))
          const inCddl = cddl.matches('record', changed)
          if (inCode.ok && !inCddl)
            t.fail(`CDDL refuses ${record.kind}.${key} = ${JSON.stringify(stranger)}`)
          if (!inCode.ok && !inCddl) refusedByBoth++
          // What only the code knows: how fields depend on each other, and signs of numbers.
          const dependent = /together|up to|leads|number, at least|sample|name of a stream/
          if (!inCode.ok && inCddl) t.match(inCode.reason, dependent, `${record.kind}.${key}`)
        }
        const without = new Map(wire)
        without.delete(key)
        const isOptional = cddl.optionalIn(record.kind).includes(key)
        t.equal(cddl.matches('record', without), isOptional, `${record.kind} without ${key}`)
        t.equal(decodeRecord(encodeCbor(without)).ok, isOptional)
      }
    }
    t.ok(refusedByBoth > 500, `${refusedByBoth} refused by both`)
  },
)

t.test('wire format: the CDDL refuses broken headers', async (t) => {
  const { packets } = refusedVectors() as {
    readonly packets: readonly { readonly name: string; readonly packet: string }[]
  }
  const names = ['version 2', 'an unknown kind of stream', 'class 7']
  for (const name of names) {
    const vector = packets.find((one) => one.name === name)
    t.equal(cddl.matches('packet', wireOf(Buffer.from(vector?.packet ?? '', 'hex'))), false, name)
  }
})

t.test('wire format: the page names every limit, and no other', async (t) => {
  // The two ends of a watch's packets stand in the table of the watch.
  const { watchPacketMsMin, watchPacketMsMax, ...rest } = limits
  const inCode = Object.values({ ...rest, itemsMax, nestingMax })
  const rows = [...under('## 16.').matchAll(/^\|.*\| ([\d,]+)[^|]*\|$/gm)]
  const onPage = rows.map(([, words]) => Number(words?.replaceAll(',', '')))
  t.strictSame(ascending(onPage), ascending(inCode))
  t.match(under('## 13.'), `${watchPacketMsMin} to ${watchPacketMsMax}`)
})

function ascending(numbers: readonly number[]): readonly number[] {
  return [...numbers].sort((a, b) => a - b)
}

const topics = [
  upTopic('van-02', 'ecg-1/waveform'),
  stateTopic('van-02'),
  ...(['receipt', 'backfill', 'watch', 'time'] as const).map((kind) => downTopic('van-02', kind)),
  landingStateTopic,
  timeRequestTopic,
  replayRequestTopic,
  replayTopic('review-7'),
  directoryRequestTopic,
  directoryTopic('review-7'),
].map((topic) =>
  topic
    .replace('van-02', '{van}')
    .replace('ecg-1/waveform', '{device}/{kind}')
    .replace('review-7', '{clientId}'),
)

t.test('wire format: page, AsyncAPI and code have the same topics', async (t) => {
  const addresses = [...asyncApi.matchAll(/^ {4}address: (\S+)$/gm)].map((match) => match[1])
  t.strictSame(addresses, topics)
  const onPage = [...under('## 2.').matchAll(/^\| `(simpul\/\S+)` \|/gm)].map((match) => match[1])
  t.strictSame(onPage, topics)
})

t.test('wire format: AsyncAPI names rules of the CDDL and all kinds of streams', async (t) => {
  const rules = [...asyncApi.matchAll(/x-cddl: (\S+)$/gm)].map((match) => match[1] ?? '')
  t.strictSame(
    sorted(rules),
    sorted(['packet', ...new Set(Object.values(messageRules).map(([rule]) => rule))]),
  )
  for (const rule of rules) t.ok(cddl.rules.includes(rule), rule)
  const kinds = [...deviceStreamKinds, ...vanStreamKinds]
  t.strictSame(
    [...asyncApi.matchAll(/^ {10}- (\w+)$/gm)].map((match) => match[1]),
    kinds,
  )
  for (const kind of kinds) t.match(under('## 2.'), `\`${kind}\``)
  for (const kind of kinds) t.equal(cddl.matches('stream', `a-1/${kind}`), true)
  t.strictSame(recordKinds, Object.keys(sampleRecords))
})
