import t from 'tap'
import { storeOutcome, stowOutcome } from './outcomes.ts'

t.test('outcomes: every class of status, as the standard groups them', async (t) => {
  const kinds = (...statuses: readonly number[]) =>
    statuses.map((status) => storeOutcome(status, null).kind)
  t.strictSame(kinds(0x0000, 0xb000, 0xb006, 0xb007, 0x0001, 0x0111), Array(6).fill('stored'))
  t.strictSame(kinds(0xa700, 0xa701, 0xa777, 0x0110, 0x0213), Array(5).fill('later'))
  t.strictSame(
    kinds(0xa900, 0xc000, 0xcfff, 0x0117, 0x0122, 0x0124, 0x0211, 0xfe00),
    Array(8).fill('refused'),
  )
  t.equal(storeOutcome(null, null).kind, 'refused')
})

t.test('outcomes: a peer without room is left alone, one that fails once is not', async (t) => {
  t.match(storeOutcome(0xa700, 'disk full'), { whole: true, said: 'A700 disk full' })
  t.match(storeOutcome(0x0213, null), { whole: true })
  t.match(storeOutcome(0x0110, null), { whole: false })
})

t.test('outcomes: over the web the body decides, and a status only without one', async (t) => {
  const stored = { kind: 'stored', warning: null } as const
  const unknown = { kind: 'unknown' } as const
  const failed = (reason: number | null) => ({ kind: 'failed', reason }) as const
  t.match(stowOutcome(200, stored), { kind: 'stored' })
  t.match(stowOutcome(202, { kind: 'stored', warning: 0xb000 }), {
    kind: 'stored',
    said: 'HTTP 202, warning B000',
  })
  t.match(stowOutcome(200, failed(0xc000)), { kind: 'refused' })
  t.match(stowOutcome(409, failed(0x0111)), { kind: 'stored' })
  t.match(stowOutcome(409, failed(null)), { kind: 'refused' })
  t.match(stowOutcome(200, failed(0xa700)), { kind: 'later' })
  t.match(stowOutcome(200, failed(0x0000)), { kind: 'refused' })
  t.match(stowOutcome(200, unknown), { kind: 'stored', said: /does not name/ })
  for (const http of [408, 429, 500, 503]) t.equal(stowOutcome(http, unknown).kind, 'later')
  for (const http of [301, 401, 403, 404]) t.equal(stowOutcome(http, unknown).kind, 'trouble')
  t.match(stowOutcome(413, unknown), { kind: 'parked', reason: 'too-large' })
  t.match(stowOutcome(415, unknown), { kind: 'refused', reason: 'syntax-refused' })
  for (const http of [400, 409, 422]) t.equal(stowOutcome(http, unknown).kind, 'refused')
})
