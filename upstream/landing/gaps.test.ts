import t from 'tap'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import { askPacketsMost, asksOfOneVanMost, Gaps, holeAgeMs } from './gaps.ts'
import type { StreamState } from './streams.ts'

let nextId = 1

/** A stream that has these numbers. */
function stream(received: readonly number[], van = 'van-02'): StreamState {
  const id = nextId++
  return {
    id,
    van,
    epoch: 'e',
    stream: `oxi-${id}/measurement`,
    received: RangeSet.of(received.map((seq) => ({ from: seq, to: seq }))),
    lost: new RangeSet(),
    withheld: new Set(),
    packets: 0,
    records: 0,
  }
}

const everybody = () => true

function asked(gaps: Gaps, states: readonly StreamState[], nowMs: number, online = everybody) {
  return gaps
    .look(states, nowMs, online)
    .map(({ backfill }) => `${backfill.stream} ${backfill.from}-${backfill.to}`)
}

t.test('gaps: a hole is left alone while it shrinks, and asked for when it stays', async (t) => {
  const gaps = new Gaps()
  const one = stream([0, 50])
  const name = one.stream
  t.strictSame(asked(gaps, [one], 0), [])
  for (let seq = 1; seq < 20; seq++) {
    one.received.add(seq)
    t.strictSame(asked(gaps, [one], seq * 1_000), [])
  }
  t.strictSame(asked(gaps, [one], 19_000 + holeAgeMs - 1), [])
  t.strictSame(asked(gaps, [one], 19_000 + holeAgeMs), [`${name} 20-49`])
  t.strictSame(asked(gaps, [one], 19_000 + 2 * holeAgeMs), [])
  t.strictSame(asked(gaps, [one], 19_000 + 3 * holeAgeMs), [`${name} 20-49`])
  one.lost.add(20, 49)
  t.strictSame(asked(gaps, [one], 1e9), [])
})

t.test('gaps: nobody who is away is asked, and who comes back gets time', async (t) => {
  const gaps = new Gaps()
  const one = stream([0, 2])
  asked(gaps, [one], 0)
  t.strictSame(
    asked(gaps, [one], 60_000, () => false),
    [],
  )
  t.strictSame(asked(gaps, [one], 61_000), [])
  t.strictSame(asked(gaps, [one], 61_000 + holeAgeMs), [`${one.stream} 1-1`])
})

t.test('gaps: small holes first, and not too much at once', async (t) => {
  const gaps = new Gaps()
  const backlog = stream([0, 100_000])
  const small = Array.from({ length: 12 }, () => stream([0, 2]))
  const other = stream([0, 2], 'van-03')
  const all = [backlog, ...small, other]
  asked(gaps, all, 0)
  const first = asked(gaps, all, holeAgeMs)
  t.equal(first.length, asksOfOneVanMost + 1)
  t.equal(first.includes(`${other.stream} 1-1`), true, 'each van has its own share')
  const second = asked(gaps, all, holeAgeMs + 1_000)
  t.equal(second.length, 12 - asksOfOneVanMost + 1)
  t.equal(second.at(-1), `${backlog.stream} 1-${askPacketsMost - (12 - asksOfOneVanMost)}`)
})

t.test('gaps: a van that answers slowly is given more time', async (t) => {
  const gaps = new Gaps()
  const one = stream([0, 2])
  asked(gaps, [one], 0)
  t.equal(asked(gaps, [one], holeAgeMs).length, 1)
  one.received.add(1)
  asked(gaps, [one], holeAgeMs + 30_000)
  one.received.add(4)
  asked(gaps, [one], 100_000)
  t.strictSame(asked(gaps, [one], 100_000 + 59_000), [])
  t.equal(asked(gaps, [one], 100_000 + 60_000).length, 1)
})
