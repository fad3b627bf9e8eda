import t from 'tap'
import { FakeHost, services } from '../../test/dicom/fake-host.ts'
import {
  answersIn,
  asker,
  cancelRequest,
  entries,
  entry,
  findRequest,
  statusesIn,
  usualKeys,
} from '../../test/dicom/worklist.ts'
import { textIn } from './data-set.ts'
import { encodeIdentifier } from './identifier.ts'
import type { RequestorEvent } from './requestor.ts'
import { concat } from './text.ts'
import { explicitLittle } from './uids.ts'
import { wholeDataSetLimitBytes } from './whole-data-set.ts'
import { worklistService } from './worklist-service.ts'
import { worklistUid, type WorklistEntry } from './worklist.ts'

/** A modality and a node with this list; null: it has none yet. */
function meeting(list: readonly WorklistEntry[] | null) {
  const worklist = worklistService({ entries: () => list, characterSet: () => 'ISO_IR 100' })
  const host = new FakeHost({ services: [...services, worklist] })
  const modality = asker()
  host.receive(modality.associate())
  const heard: RequestorEvent[] = []
  const hear = (): readonly RequestorEvent[] => {
    const events = modality.received(host.take())
    heard.push(...events)
    return events
  }
  hear()
  heard.length = 0
  const statuses = (): readonly (number | null)[] => statusesIn(heard)
  return { host, modality, heard, hear, statuses }
}

/** Gives turns until none is wanted. */
function finish({ host, hear }: ReturnType<typeof meeting>): void {
  hear()
  while (host.turn() > 0) hear()
}

t.test('worklist service: one answer a turn, then that it was all', async (t) => {
  for (const contextId of [1, 3] as const) {
    const meet = meeting(entries(3))
    meet.host.receive(findRequest(meet.modality, usualKeys, contextId))
    meet.hear()
    t.strictSame(meet.statuses(), [0xff00], 'the next waits for its turn')
    t.equal(meet.host.acceptor.busy, true)
    finish(meet)
    t.strictSame(meet.statuses(), [0xff00, 0xff00, 0xff00, 0])
    const names = answersIn(meet.heard).map((one) => textIn(one, 0x0008_0050))
    t.strictSame(names, ['A0', 'A1', 'A2'])
    t.equal(meet.host.acceptor.busy, false)
  }
})

t.test('worklist service: nothing found, nothing known, a value that cannot choose', async (t) => {
  const empty = meeting([])
  empty.host.receive(findRequest(empty.modality))
  finish(empty)
  t.strictSame(empty.statuses(), [0])
  const early = meeting(null)
  early.host.receive(findRequest(early.modality))
  finish(early)
  t.strictSame(early.statuses(), [0xa700])
  t.match(early.host.notes, [{ code: 'worklist-not-ready' }])
  const odd = meeting([entry()])
  odd.host.receive(findRequest(odd.modality, [[0x0032_1030, 'LO', 'why'], ...usualKeys]))
  finish(odd)
  t.strictSame(odd.statuses(), [0xff01, 0])
})

t.test('worklist service: called off, it ends with the next answer', async (t) => {
  const meet = meeting(entries(500))
  meet.host.receive(findRequest(meet.modality))
  meet.host.turn()
  meet.host.receive(cancelRequest(1))
  finish(meet)
  t.strictSame(meet.statuses(), [0xff00, 0xff00, 0xfe00])
  meet.host.receive(meet.modality.echo(1))
  finish(meet)
  t.equal(meet.statuses().at(-1), 0, 'and the association goes on')
})

t.test(
  'worklist service: a cancel that is late or of another request is passed over',
  async (t) => {
    const meet = meeting(entries(1))
    meet.host.receive(findRequest(meet.modality))
    finish(meet)
    meet.host.receive(cancelRequest(1))
    finish(meet)
    t.strictSame(meet.statuses(), [0xff00, 0])
    meet.host.receive(findRequest(meet.modality))
    meet.host.receive(cancelRequest(1))
    finish(meet)
    t.strictSame(meet.statuses(), [0xff00, 0, 0xff00, 0])
    t.strictSame(meet.host.notes, [])
  },
)

t.test('worklist service: abort, release and a lost wire end it at once', async (t) => {
  const ends: readonly ((meet: ReturnType<typeof meeting>) => void)[] = [
    ({ host, modality }) => host.receive(modality.abort()),
    ({ host, modality }) => host.receive(concat([cancelRequest(1), modality.abort()])),
    ({ host, modality }) => host.receive(modality.release()),
    ({ host }) => host.do(host.acceptor.lost()),
  ]
  for (const end of ends) {
    const meet = meeting(entries(500))
    meet.host.receive(findRequest(meet.modality))
    end(meet)
    finish(meet)
    t.strictSame(
      meet.statuses().filter((status) => status !== 0xfe00),
      [0xff00],
    )
    t.equal(meet.host.acceptor.established, false)
  }
})

t.test('worklist service: what is asked meanwhile waits, and is then answered', async (t) => {
  const meet = meeting(entries(3))
  const { host, modality } = meet
  host.receive(concat([findRequest(modality), modality.echo(1), findRequest(modality)]))
  t.equal(host.paused, true)
  finish(meet)
  t.strictSame(meet.statuses(), [0xff00, 0xff00, 0xff00, 0, 0, 0xff00, 0xff00, 0xff00, 0])
  t.equal(host.paused, false)
})

t.test('worklist service: a cancel is heard before what was asked after it', async (t) => {
  const meet = meeting(entries(9))
  const { host, modality } = meet
  host.receive(concat([findRequest(modality), cancelRequest(1), modality.echo(1)]))
  finish(meet)
  t.strictSame(meet.statuses(), [0xff00, 0xfe00, 0])
})

t.test('worklist service: the list is the one of when it was asked', async (t) => {
  const list = [...entries(2)]
  const meet = meeting(list)
  meet.host.receive(findRequest(meet.modality))
  list.length = 0
  finish(meet)
  t.strictSame(meet.statuses(), [0xff00, 0xff00, 0])
})

t.test('worklist service: more than may be given is none', async (t) => {
  const meet = meeting(entries(501))
  meet.host.receive(findRequest(meet.modality))
  finish(meet)
  t.strictSame(meet.statuses(), [0xa700])
  t.strictSame(meet.host.notes, [
    { code: 'worklist-too-long', details: { count: 501, limit: 500 } },
  ])
  const narrow = [[0x0010_0020, 'LO', 'P7'], ...usualKeys.slice(4)] as const
  meet.host.receive(findRequest(meet.modality, narrow))
  finish(meet)
  t.strictSame(meet.statuses(), [0xa700, 0xff00, 0])
})

t.test('worklist service: refuses what it cannot read, and stays', async (t) => {
  const cases: readonly (readonly [Uint8Array, number, string])[] = [
    [new Uint8Array(), 0xa900, 'query-refused'],
    [Uint8Array.of(8, 0, 5, 0, 0x43, 0x53, 20, 0), 0xc000, 'data-set-malformed'],
    [Uint8Array.of(8, 0, 5, 0, 0, 0, 0, 0), 0xc000, 'data-set-malformed'],
    [
      encodeIdentifier([[0x0040_0100, 'SQ', [[[0x0040_0002, 'DA', '1.1.26']]]]], explicitLittle),
      0xa900,
      'query-refused',
    ],
    [new Uint8Array(wholeDataSetLimitBytes + 2), 0xa700, 'data-set-too-large'],
  ]
  const meet = meeting(entries(1))
  for (const [dataSet, status, code] of cases) {
    meet.host.receive(findRequest(meet.modality, dataSet))
    finish(meet)
    t.equal(meet.statuses().at(-1), status, code)
    t.equal(meet.host.notes.at(-1)?.code, code)
  }
  meet.host.receive(findRequest(meet.modality))
  finish(meet)
  t.strictSame(meet.statuses().slice(-2), [0xff00, 0])
})

t.test('worklist service: another operation is none of it', async (t) => {
  const meet = meeting(entries(1))
  const move = { field: 0x0021, sopClassUid: worklistUid } as const
  meet.host.receive(meet.modality.request(1, move, encodeIdentifier(usualKeys, explicitLittle)))
  finish(meet)
  t.strictSame(meet.statuses(), [0x0211])
})
