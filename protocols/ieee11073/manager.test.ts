/** What the manager does with agents that behave, and with those that do not. */
import t from 'tap'
import { fromHex } from '../packet/hex.ts'
import type { AssociationParameters } from './association.ts'
import { objectsOf } from './configuration-objects.ts'
import type { ConfigurationObject, MapEntry } from './configuration.ts'
import { encodeHandleMaps, encodeMap } from './configuration.ts'
import { TestAgent } from './manager-testing.ts'
import { joinBytes } from '../bytes/bytes.ts'
import { u16, u32 } from './mder.ts'
import { attributes, events, objectClasses } from './nomenclature.ts'
import { standardConfigurations } from './standard-configurations.ts'
import { encodeSegmentData, encodeSegmentMap, encodeSegments, type SegmentData } from './store.ts'

function hex(text: string): Uint8Array {
  const bytes = fromHex(text.replaceAll(' ', '').toLowerCase())
  if (bytes === null) throw new Error(text)
  return bytes
}

function objects(id: number): readonly ConfigurationObject[] {
  const known = standardConfigurations.get(id)
  if (known === undefined) throw new Error('unreachable')
  return objectsOf(known)
}

const nothing = new Uint8Array(0)
const fixedReport = 3_357
const pressureReport = hex(
  'F000 0000 0002 0024 0001 0012 0003 0006 007B 004C 0061 20261122 03340750 ' +
    '0002 000A 0055 20261122 03340750',
)
const systemAnswer = { kind: 'get-answer', handle: 0, attributes: [] } as const

/** An agent in operation that has answered who it is. */
function operating(more: Partial<AssociationParameters> = {}, agent = new TestAgent()): TestAgent {
  agent.associate(more)
  agent.data(0, systemAnswer)
  return agent
}

t.test('association: a set of versions is masked, and one of them is answered', async (t) => {
  const answered = (protocolVersions: number) =>
    new TestAgent().associate({ protocolVersions }).find((done) => done.startsWith('send'))
  t.equal(answered(0x8000_0000), 'send association-response 0 80000000')
  t.equal(answered(0xe000_0000), 'send association-response 0 80000000')
  t.equal(answered(0x8000_0002), 'send association-response 0 80000000', 'with odd bits')
  t.equal(answered(0x6000_0000), 'send association-response 0 40000000')
  t.equal(answered(0x0000_0002), 'send association-response 5 80000000')
})

t.test('association: what cannot be agreed on is turned away', async (t) => {
  const turned = (parameters: Partial<AssociationParameters>, more = {}) =>
    new TestAgent().associate(parameters, more).at(-1)
  t.equal(turned({}, { versions: 0x4000_0000 }), 'send association-response 8 80000000')
  t.equal(turned({}, { protocols: [65_535] }), 'send association-response 4 empty')
  t.equal(turned({}, { protocols: [] }), 'send association-response 4 empty')
  t.equal(turned({ encodingRules: 0x6000 }), 'send association-response 5 80000000')
  t.equal(turned({ nomenclatureVersions: 0 }), 'send association-response 5 80000000')
  t.equal(
    new TestAgent().associate({}, { protocols: [65_535, 20_601] })[0],
    'send association-response 0 80000000',
    'the list is looked through',
  )
  const cut = { kind: 'association-request', associationVersions: 0x8000_0000 } as const
  const agent = new TestAgent()
  const protocols = [{ id: 20_601, parameters: hex('8000') }]
  t.equal(agent.say({ ...cut, protocols }).at(-1), 'send association-response 1 80000000')
})

t.test('association: who was turned away and stays is left', async (t) => {
  const agent = new TestAgent()
  agent.associate({ encodingRules: 0x2000 })
  t.equal(agent.manager.dueMs, 10_000)
  t.strictSame(agent.pass(10_000), ['close'])
  t.equal(agent.manager.dueMs, null)
})

t.test('association: a test is told as one', async (t) => {
  t.strictSame(new TestAgent().associate({ functionalUnits: 0x2000_0000 }), [
    'send association-response 0 80000000',
    'associated for a test',
    'send 0 get 0',
  ])
})

t.test('association: an idle link is given up, when it is to be', async (t) => {
  const agent = operating({}, new TestAgent({ idleCloseMs: 300_000 }))
  t.strictSame(agent.say({ kind: 'release-request', reason: 0 }), ['send release-response 0'])
  t.strictSame(agent.pass(299_999), [])
  t.strictSame(agent.pass(1), ['close'])
})

t.test('configuration: is answered before anything is asked', async (t) => {
  const agent = new TestAgent()
  t.strictSame(agent.associate({ configurationId: 0x4000 }), [
    'send association-response 3 80000000',
    'associated',
  ])
  t.strictSame(agent.configure(5, 0x4000, objects(0x02bc)), [
    'send 5 event-answer 3356 40000000',
    'send 0 get 0',
  ])
})

t.test('configuration: a standard one that we do not know must be told', async (t) => {
  const agent = new TestAgent()
  agent.associate({ configurationId: 0x07d0 })
  t.strictSame(agent.configure(1, 0x07d0, []), [
    'send 1 event-answer 3356 07d00002',
    'note configuration-refused without objects',
  ])
  t.strictSame(agent.configure(2, 0x07d0, objects(0x05dc))[0], 'send 2 event-answer 3356 07d00000')
  const known = new TestAgent({})
  known.associate({ configurationId: 0x4000 })
  t.equal(known.configure(1, 0x02bc, [])[0], 'send 1 event-answer 3356 02bc0000', 'by its number')
  const own = new TestAgent()
  own.associate({ configurationId: 0x4000 })
  t.equal(own.configure(1, 0x4000, [])[0], 'send 1 event-answer 3356 40000001')
})

/** Of a thermometer, whose map gives a FLOAT two bytes. */
function wrongObjects(): readonly ConfigurationObject[] {
  const map: readonly MapEntry[] = [{ id: attributes.simpleObserved, length: 2 }]
  return objects(0x0320).map((object) => ({
    ...object,
    attributes: object.attributes.map((one) =>
      one.id === attributes.attributeMap ? { ...one, value: encodeMap(map) } : one,
    ),
  }))
}

t.test('configuration: offering a refused one for ever comes to an end', async (t) => {
  const agent = new TestAgent()
  agent.associate({ configurationId: 0x4000 })
  t.strictSame(agent.configure(1, 0x4000, wrongObjects()), [
    'send 1 event-answer 3356 40000001',
    'note configuration-refused object 1: attribute 2646 cannot have 2 bytes',
  ])
  t.equal(agent.manager.dueMs, 10_000)
  t.strictSame(agent.configure(2, 0x4000, wrongObjects()), [
    'send 2 event-answer 3356 40000001',
    'send release-request 0',
  ])
  t.strictSame(agent.configure(3, 0x4000, wrongObjects()), [], 'while it is released')
  t.strictSame(agent.say({ kind: 'release-response', reason: 0 }), [])
  t.strictSame(agent.associate({ configurationId: 0x4000 }), [
    'note association-refused 1',
    'send association-response 1 80000000',
  ])
  t.strictSame(agent.pass(10_000), ['close'])
  t.equal(
    agent.associate({ configurationId: 0x4000, systemId: '09090909 09090909' })[0],
    'send association-response 3 80000000',
    'another device is welcome',
  )
})

t.test('configuration: the next one that is offered is taken', async (t) => {
  const agent = new TestAgent()
  agent.associate({ configurationId: 0x4000 })
  agent.configure(1, 0x4000, wrongObjects())
  t.equal(agent.configure(2, 0x4001, objects(0x02bc))[0], 'send 2 event-answer 3356 40010000')
  agent.say({ kind: 'abort', reason: 0 })
  t.equal(
    agent.associate({ configurationId: 0x4001 })[0],
    'send association-response 0 80000000',
    'and remembered',
  )
  agent.say({ kind: 'abort', reason: 0 })
  t.equal(
    agent.associate({ configurationId: 0x4000 })[0],
    'send association-response 3 80000000',
    'never under the number of the refused one',
  )
})

t.test('configuration: told again in operation, it is accepted again', async (t) => {
  const agent = operating({ configurationId: 0x02bc })
  t.strictSame(agent.configure(7, 0x02bc, objects(0x02bc)), ['send 7 event-answer 3356 02bc0000'])
})

t.test('configuration: associated under one number and reported as another', async (t) => {
  const agent = new TestAgent()
  agent.associate({ configurationId: 0x4000 })
  agent.configure(1, 0x02bc, objects(0x02bc))
  agent.data(0, systemAnswer)
  agent.say({ kind: 'release-request', reason: 0 })
  t.equal(agent.associate({ configurationId: 0x4000 })[0], 'send association-response 0 80000000')
})

t.test('configuration: what many devices share as their identity is not remembered', async (t) => {
  for (const systemId of ['4c4e494147454e54', '1122334455667788']) {
    const agent = new TestAgent()
    agent.associate({ configurationId: 0x4000, systemId })
    agent.configure(1, 0x4000, objects(0x02bc))
    agent.say({ kind: 'abort', reason: 0 })
    const again = agent.associate({ configurationId: 0x4000, systemId })
    t.equal(again[0], 'send association-response 3 80000000')
  }
})

t.test('configuration: a device that was changed is asked anew', async (t) => {
  const agent = new TestAgent()
  agent.associate({ configurationId: 0x4000 })
  agent.configure(1, 0x4000, objects(0x02bc))
  agent.say({ kind: 'abort', reason: 0 })
  agent.associate({ configurationId: 0x4000 })
  t.strictSame(agent.report(9, fixedReport, hex('F000 0000 0001 0006 0002 0002 0055')), [
    'send abort 0',
  ])
  t.equal(agent.associate({ configurationId: 0x4000 })[0], 'send association-response 3 80000000')
})

t.test('configuration: none for ten seconds aborts', async (t) => {
  const agent = new TestAgent()
  agent.associate({ configurationId: 0x4000 })
  t.strictSame(agent.pass(9_999), [])
  t.strictSame(agent.pass(1), ['note no-configuration', 'send abort 3'])
})

t.test('reports: are answered when they are stored, and not before', async (t) => {
  const agent = operating()
  t.strictSame(agent.report(4, fixedReport, pressureReport), [
    'observed 2',
    'commit',
    'send 4 event-answer 3357',
  ])
  agent.isDiskFull = true
  t.strictSame(
    agent.report(5, fixedReport, pressureReport),
    ['observed 2', 'commit', 'send 5 error 26'],
    'so that the agent keeps it',
  )
})

t.test('reports: unconfirmed ones are not answered', async (t) => {
  const agent = operating()
  const how = { isConfirmed: false }
  t.strictSame(agent.report(0x1111, fixedReport, pressureReport, how), ['observed 2'])
  t.strictSame(agent.report(0x1111, fixedReport, hex('F000'), how), [
    'note not-understood a report of values cut short',
  ])
  t.strictSame(agent.report(0x1111, 9_999, nothing, how), ['note unknown-report 9999'])
})

t.test('reports: what is not understood is rejected, and noted once', async (t) => {
  const agent = operating()
  t.strictSame(agent.report(4, fixedReport, hex('F000 0000 0001')), [
    'note not-understood a report of values cut short',
    'send 4 reject 2',
  ])
  t.strictSame(agent.report(5, fixedReport, hex('F000 0000 0001')), ['send 5 reject 2'])
  t.strictSame(agent.report(6, 9_999, nothing), ['note unknown-report 9999', 'send 6 error 24'])
  t.strictSame(agent.say({ kind: 'malformed', reason: 'odd', invoke: 7 }), [
    'note not-understood odd',
    'send 7 reject 2',
  ])
})

t.test('reports: missing ones are noted when their numbers move', async (t) => {
  const agent = operating()
  const numbered = (number: string) => joinBytes(hex(`F000 ${number}`), pressureReport.subarray(4))
  const how = { isConfirmed: false }
  agent.report(1, fixedReport, numbered('0001'), how)
  t.strictSame(agent.report(1, fixedReport, numbered('0004'), how), [
    'note reports-missing 2',
    'observed 2',
  ])
})

t.test('unassociated: the table of states', async (t) => {
  const agent = new TestAgent()
  const abort = ['send abort 0']
  t.strictSame(
    agent.say({ kind: 'association-response', result: 0, protocol: 0, parameters: nothing }),
    abort,
  )
  t.strictSame(agent.say({ kind: 'release-request', reason: 0 }), abort)
  t.strictSame(agent.report(1, fixedReport, pressureReport), abort)
  t.strictSame(agent.say({ kind: 'release-response', reason: 0 }), [])
  t.strictSame(agent.say({ kind: 'abort', reason: 0 }), [])
  t.strictSame(agent.hear({ kind: 'garbled' }), [])
  t.equal(agent.say({ kind: 'malformed', reason: 'odd', invoke: null }).at(-1), 'send abort 0')
})

t.test('waiting: the table of states', async (t) => {
  const waiting = (): TestAgent => {
    const agent = new TestAgent()
    agent.associate({ configurationId: 0x4000 })
    return agent
  }
  const error = ['send 1 error 1']
  t.strictSame(waiting().report(1, fixedReport, pressureReport), error)
  t.strictSame(waiting().data(1, { kind: 'get', handle: 0, attributes: [] }), error)
  t.strictSame(waiting().data(1, systemAnswer), [], 'a late answer of an earlier association')
  const abort = ['send abort 0']
  t.strictSame(waiting().associate(), abort)
  t.strictSame(waiting().say({ kind: 'release-response', reason: 0 }), abort)
  t.strictSame(waiting().say({ kind: 'release-request', reason: 0 }), ['send release-response 0'])
  t.strictSame(waiting().hear({ kind: 'garbled' }), abort)
  t.strictSame(waiting().report(1, events.configuration, hex('4000 0001')), [
    'note not-understood a configuration report cut short',
    'send 1 reject 2',
  ])
})

t.test('operating: the table of states', async (t) => {
  const action = { handle: 0, action: 3_095, info: nothing }
  t.strictSame(operating().data(1, { kind: 'get', handle: 0, attributes: [] }), ['send 1 error 9'])
  t.strictSame(operating().data(1, { kind: 'action', isConfirmed: true, ...action }), [
    'send 1 error 9',
  ])
  t.strictSame(operating().data(1, { kind: 'action', isConfirmed: false, ...action }), [])
  t.strictSame(operating().data(77, systemAnswer), [], 'nobody waits for that')
  t.strictSame(operating().data(77, { kind: 'error', error: 1, parameter: nothing }), [])
  const again = operating()
  t.strictSame(again.associate(), ['send abort 0'], 'the agent began anew')
  t.equal(again.associate()[0], 'send association-response 0 80000000')
  t.strictSame(operating().hear({ kind: 'garbled' }), ['send abort 0'])
  const aborted = operating()
  t.strictSame(aborted.say({ kind: 'abort', reason: 0 }), [])
  t.equal(aborted.manager.dueMs, null)
})

t.test('questions: an agent that does not answer is not asked again', async (t) => {
  const agent = new TestAgent()
  agent.associate()
  t.equal(agent.manager.dueMs, 3_000)
  t.strictSame(agent.pass(3_000), ['note no-answer system', 'send abort 2'])
  t.strictSame(agent.associate(), ['send association-response 0 80000000', 'associated'])
  t.strictSame(
    agent.report(1, fixedReport, pressureReport).at(-1),
    'send 1 event-answer 3357',
    'its readings are taken all the same',
  )
})

t.test('questions: a refusal is as good as an answer', async (t) => {
  const agent = new TestAgent()
  agent.associate()
  t.strictSame(agent.data(0, { kind: 'error', error: 1, parameter: nothing }), [
    'note request-refused',
  ])
  t.equal(agent.manager.dueMs, null)
})

t.test('scanners: are switched on', async (t) => {
  const agent = new TestAgent()
  agent.associate({ configurationId: 0x4000 })
  const map = [{ handle: 1, map: [{ id: attributes.basicObserved, length: 2 }] }]
  const scanner = {
    objectClass: objectClasses.episodicScanner,
    handle: 55,
    attributes: [{ id: attributes.scanMap, value: encodeHandleMaps(map) }],
  }
  agent.configure(1, 0x4000, [...objects(0x0190), scanner])
  t.strictSame(agent.data(0, systemAnswer), [
    'system',
    'send 1 0105000e0037000100080000095300020001',
  ])
  t.strictSame(agent.data(1, { kind: 'set-answer', handle: 55, attributes: [] }), [])
  const grouped = 3_364
  const info = hex('F000 0001 0001 0004 0002 0061')
  t.strictSame(agent.report(9, grouped, info, { handle: 55 }), [
    'observed 1',
    'commit',
    'send 9 event-answer 3364',
  ])
})

const segmentMap = encodeSegmentMap({
  times: 0x8000,
  parts: [
    {
      objectClass: objectClasses.numeric,
      type: { partition: 2, code: 29_112 },
      handle: 1,
      map: [{ id: attributes.basicObserved, length: 2 }],
    },
  ],
})
const segments = encodeSegments(
  [7, 8, 9].map((instance) => ({
    instance,
    attributes: [
      { id: attributes.segmentMap, value: segmentMap },
      { id: attributes.segmentUsage, value: u32(instance === 9 ? 0 : 2) },
    ],
  })),
)

const askSegments = '0107000c01000c0d0006000100020000'
const ask = (instance: number): string => `0107000801000c1c0002000${instance}`

/** An agent with a store, whose segments are known: the first is being asked for. */
function withStore(agent = new TestAgent()): TestAgent {
  agent.associate({ configurationId: 0x4000 })
  const store = { objectClass: objectClasses.store, handle: 256, attributes: [] }
  agent.configure(1, 0x4000, [...objects(0x06a4), store])
  agent.data(0, systemAnswer)
  return agent
}

function answerSegments(agent: TestAgent): readonly string[] {
  return agent.data(1, { kind: 'action-answer', handle: 256, action: 3_085, info: segments })
}

function answerTransfer(agent: TestAgent, invoke: number, result: number): readonly string[] {
  const info = joinBytes(u16(7), u16(result))
  return agent.data(invoke, { kind: 'action-answer', handle: 256, action: 3_100, info })
}

const entry = '20261121 03000000 F320'

function sayData(agent: TestAgent, invoke: number, data: Partial<SegmentData>): readonly string[] {
  const all = { instance: 7, firstEntry: 0, count: 1, status: 0x8000, entries: hex(entry), ...data }
  return agent.report(invoke, events.segmentData, encodeSegmentData(all), { handle: 256 })
}

t.test('store: segments that have entries are read one after another', async (t) => {
  const agent = withStore()
  t.strictSame(answerSegments(agent), [`send 2 ${ask(7)}`])
  t.strictSame(answerTransfer(agent, 2, 0), [])
  t.strictSame(sayData(agent, 20, {}), [
    'entries 0',
    'commit',
    'send 20 event-answer 3361 000700000000000000010080',
  ])
  t.strictSame(sayData(agent, 21, { firstEntry: 1, status: 0x4000 }), [
    'entries 1',
    'commit',
    'send 21 event-answer 3361 000700000001000000010080',
    `send 3 ${ask(8)}`,
  ])
  t.strictSame(answerTransfer(agent, 3, 1), [], 'no such segment; the last one is empty')
  t.equal(agent.manager.dueMs, null)
  t.notOk(agent.actions.some((action) => JSON.stringify(action).includes('3084')))
})

t.test('store: is looked at first, when it is to be', async (t) => {
  const agent = new TestAgent({ looksAtStore: true })
  withStore(agent)
  t.equal(agent.manager.dueMs, 3_000)
  const answered = agent.data(1, { kind: 'get-answer', handle: 256, attributes: [] })
  t.strictSame(answered, [`send 2 ${askSegments}`])
})

t.test('store: read to its end, the association is ended, when it is to be', async (t) => {
  const agent = withStore(new TestAgent({ releasesAfterStore: true }))
  answerSegments(agent)
  t.strictSame(answerTransfer(agent, 2, 1), [`send 3 ${ask(8)}`])
  answerTransfer(agent, 3, 0)
  t.strictSame(sayData(agent, 20, { instance: 8, status: 0xc000 }), [
    'entries 0',
    'commit',
    'send 20 event-answer 3361 000800000000000000010080',
    'send release-request 0',
  ])
  t.strictSame(
    agent.say({ kind: 'release-request', reason: 0 }),
    ['send release-response 0'],
    'both at once',
  )
  t.strictSame(agent.report(21, fixedReport, pressureReport), [])
  t.strictSame(agent.say({ kind: 'release-response', reason: 0 }), [])
  t.equal(agent.manager.dueMs, null)
})

t.test('store: a release that is not answered is an abort', async (t) => {
  const agent = withStore(new TestAgent({ releasesAfterStore: true }))
  const info = encodeSegments([])
  const answer = { kind: 'action-answer', handle: 256, action: 3_085, info } as const
  t.strictSame(agent.data(1, answer), ['send release-request 0'], 'there is nothing to read')
  t.strictSame(agent.pass(3_000), ['send abort 0'])
})

t.test('store: what is not stored is asked for again, from the beginning', async (t) => {
  const agent = withStore()
  answerSegments(agent)
  answerTransfer(agent, 2, 0)
  agent.isDiskFull = true
  t.strictSame(sayData(agent, 20, { status: 0xc000 }), [
    'entries 0',
    'commit',
    'send 20 event-answer 3361 000700000000000000010008',
  ])
  agent.isDiskFull = false
  t.strictSame(agent.pass(1_999), [])
  t.strictSame(agent.pass(1), [`send 3 ${ask(7)}`])
  answerTransfer(agent, 3, 0)
  t.strictSame(sayData(agent, 21, { status: 0xc000 }).at(-1), `send 4 ${ask(8)}`)
})

t.test('store: entries that are missing are asked for again, three times at most', async (t) => {
  const agent = withStore()
  answerSegments(agent)
  for (const [invoke, isLast] of [
    [2, false],
    [3, false],
    [4, true],
  ] as const) {
    answerTransfer(agent, invoke, 0)
    const done = sayData(agent, 20, { firstEntry: 5 })
    t.ok(done.includes('send 20 event-answer 3361 000700000005000000010008'))
    t.equal(done.at(-1) === `send 5 ${ask(8)}`, isLast)
    if (!isLast) t.strictSame(agent.pass(2_000), [`send ${invoke + 1} ${ask(7)}`])
  }
})

t.test('store: data that was not asked for, or is not understood, is stopped', async (t) => {
  const agent = withStore()
  answerSegments(agent)
  answerTransfer(agent, 2, 0)
  t.strictSame(sayData(agent, 20, { instance: 3 }), [
    'note segment-not-asked-for',
    'send 20 event-answer 3361 000300000000000000010008',
  ])
  t.strictSame(sayData(agent, 21, { entries: hex('2026') }), [
    'note segment-not-understood',
    'send 21 event-answer 3361 000700000000000000010008',
    `send 3 ${ask(8)}`,
  ])
  const cut = agent.report(22, events.segmentData, hex('0007'), { handle: 256 })
  t.strictSame(cut, ['note not-understood segment data cut short', 'send 22 reject 2'])
})

t.test('store: an agent that gives up, or is busy, is asked later', async (t) => {
  const agent = withStore()
  answerSegments(agent)
  t.strictSame(answerTransfer(agent, 2, 2), [], 'busy')
  t.strictSame(agent.pass(2_000), [`send 3 ${ask(7)}`])
  answerTransfer(agent, 3, 0)
  t.strictSame(sayData(agent, 20, { status: 0x0800, count: 0, entries: nothing }), [
    'note segment-given-up',
    'send 20 event-answer 3361 000700000000000000000008',
  ])
  t.strictSame(agent.pass(2_000), [`send 4 ${ask(7)}`])
})

t.test('store: actions that are never answered are not asked again', async (t) => {
  const agent = withStore()
  t.strictSame(agent.pass(3_000), ['note no-answer segments 256', 'send abort 2'])
  agent.associate({ configurationId: 0x4000 })
  t.strictSame(agent.data(0, systemAnswer), ['system'], 'the store is left alone')
})

t.test('store: a transfer that stops is aborted, and tried in the next association', async (t) => {
  const agent = withStore()
  answerSegments(agent)
  answerTransfer(agent, 2, 0)
  t.strictSame(agent.pass(9_999), [])
  t.strictSame(agent.pass(1), ['note no-answer transfer 256', 'send abort 2'])
  for (let association = 1; association < 3; association++) {
    agent.associate({ configurationId: 0x4000 })
    t.strictSame(agent.data(0, systemAnswer), ['system', `send 1 ${askSegments}`])
    answerSegments(agent)
    agent.pass(3_000)
  }
  agent.associate({ configurationId: 0x4000 })
  t.strictSame(agent.data(0, systemAnswer), ['system'], 'but not for ever')
})
