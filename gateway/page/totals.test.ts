import t from 'tap'
import { monotonicMs } from '../../protocols/world/clock.ts'
import { IntakePace, totalsOf } from './totals.ts'
import type { JournalView } from './view.ts'

function journal(change: Partial<JournalView>): JournalView {
  return {
    streams: [],
    usedBytes: 0,
    limitBytes: 1_000_000,
    full: false,
    unreceiptedPackets: 0,
    unreceiptedBytes: 0,
    ...change,
  }
}

const stream = (name: string, stored: number, receipted: number, oldest: number | null) => ({
  stream: name,
  recordsStored: stored,
  recordsReceipted: receipted,
  oldestUnreceiptedUtcMs: oldest,
})

t.test('totals: add the streams up and find the oldest that waits', async (t) => {
  const view = journal({
    streams: [
      stream('bp-1/measurement', 10, 8, 5_000),
      stream('ecg-1/waveform', 90, 90, null),
      stream('van/devices', 3, 1, 2_000),
    ],
  })
  t.strictSame(totalsOf(view, new IntakePace()), {
    recordsStored: 103,
    recordsReceipted: 99,
    recordsWaiting: 4,
    oldestWaitingUtcMs: 2_000,
    bufferHoursLeft: null,
  })
  t.match(totalsOf(journal({}), new IntakePace()), { recordsWaiting: 0, oldestWaitingUtcMs: null })
})

const minuteMs = 60_000

t.test(
  'totals: room left is not known before ten minutes, nor while nothing comes in',
  async (t) => {
    const pace = new IntakePace()
    pace.see(monotonicMs(0), journal({}))
    pace.see(monotonicMs(9 * minuteMs), journal({ usedBytes: 9_000, unreceiptedBytes: 9_000 }))
    t.equal(pace.bufferHoursLeft(journal({})), null)
    const idle = new IntakePace()
    for (let minute = 0; minute < 30; minute++)
      idle.see(monotonicMs(minute * minuteMs), journal({}))
    t.equal(idle.bufferHoursLeft(journal({})), null)
  },
)

t.test('totals: offline, the room ends when what waits has filled it', async (t) => {
  const pace = new IntakePace()
  let now = journal({})
  for (let minute = 0; minute <= 30; minute++) {
    const bytes = minute * 1_000
    now = journal({ usedBytes: bytes, unreceiptedBytes: bytes })
    pace.see(monotonicMs(minute * minuteMs), now)
  }
  // 970,000 bytes of room at 60,000 an hour.
  t.equal(Math.round((pace.bufferHoursLeft(now) ?? 0) * 10) / 10, 16.2)
})

t.test('totals: receipts and removal do not hide what comes in', async (t) => {
  const receipted = new IntakePace()
  const removed = new IntakePace()
  for (let minute = 0; minute <= 30; minute++) {
    const at = monotonicMs(minute * minuteMs)
    // Everything is receipted at once, and nothing is removed yet.
    receipted.see(at, journal({ usedBytes: minute * 1_000 }))
    // The disk is at its limit, so each intake removes as much; receipts come every other minute.
    removed.see(at, journal({ usedBytes: 900_000, unreceiptedBytes: (minute % 2) * 2_000 }))
  }
  t.equal(Math.round(receipted.bufferHoursLeft(journal({})) ?? 0), 17)
  t.equal(Math.round(removed.bufferHoursLeft(journal({})) ?? 0), 17)
})

t.test('totals: the pace is that of the last hour', async (t) => {
  const pace = new IntakePace()
  let bytes = 0
  for (let minute = 0; minute <= 600; minute++) {
    bytes += minute < 500 ? 50_000 : 1_000
    pace.see(monotonicMs(minute * minuteMs), journal({ usedBytes: bytes }))
  }
  t.equal(Math.round(pace.bufferHoursLeft(journal({})) ?? 0), 17)
})
