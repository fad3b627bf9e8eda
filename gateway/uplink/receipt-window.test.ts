import t from 'tap'
import { encodeBackfill } from '../../protocols/packet/messages.ts'
import { ReceiptWindow } from './receipt-window.ts'
import { epoch, onlineStage } from './uplink-testing.ts'

const bp = 'bp-1/measurement'
const ecg = 'ecg-1/waveform'

t.test('receipt window: doubles until something is lost, and is careful afterwards', async (t) => {
  const window = new ReceiptWindow({ first: 100, most: 1_000 })
  t.ok(window.admits(99))
  t.notOk(window.admits(100))
  window.receipted(100)
  t.equal(window.limit, 200)
  window.receipted(700)
  window.receipted(700)
  t.equal(window.limit, 1_000, 'never more than the most')
  window.lost()
  t.equal(window.limit, 500)
  window.lost()
  t.equal(window.limit, 500, 'what follows one loss is the same loss')
  window.receipted(500)
  t.equal(window.limit, 564, 'a little more after a window that came through')
  window.receipted(564)
  t.equal(window.limit, 628)
  window.lost()
  t.equal(window.limit, 314)
})

t.test('receipt window: is never so small that nothing goes', async (t) => {
  const window = new ReceiptWindow({ first: 100, most: 100 })
  for (let loss = 0; loss < 10; loss++) {
    window.receipted(1_000)
    window.lost()
  }
  t.equal(window.limit, 64)
  t.equal(new ReceiptWindow({ first: 4, most: 2 }).limit, 2)
})

async function narrowStage() {
  const limits = { unreceipted: { first: 4, most: 4 } }
  const made = await onlineStage(limits, { receiveMaximum: 500 })
  const { broker, clock, journal, uplink } = made
  broker.answering = (published) => published.answer()
  const seal = async (stream: string, count: number): Promise<void> => {
    for (let packet = 0; packet < count; packet++) journal.seal(stream)
    uplink.nudge()
    await clock.settle()
  }
  const sent = (stream: string): number =>
    broker.labels.filter((one) => one.startsWith(stream)).length
  return { ...made, seal, sent }
}

t.test('receipt window: the backlog waits until the hospital has caught up', async (t) => {
  const { broker, clock, seal, sent } = await narrowStage()
  broker.last.landing(true)
  await clock.settle()
  await seal(bp, 10)
  t.equal(sent(bp), 4)
  broker.last.receipt({ stream: bp, ranges: [{ from: 0, to: 2 }] })
  await clock.settle()
  t.equal(sent(bp), 7)
  // What is asked for again fills the hole for which everything waits.
  const request = encodeBackfill({ epoch, stream: bp, from: 3, to: 3 })
  broker.last.down('backfill', request)
  await clock.settle()
  t.strictSame(broker.labels.slice(-1), [`${bp} 3`])
  t.equal(sent(bp), 8)
})

t.test('receipt window: what is watched live never waits for it', async (t) => {
  const { broker, clock, journal, seal, sent } = await narrowStage()
  broker.last.landing(true)
  await clock.settle()
  await seal(bp, 10)
  journal.seal(ecg, 1)
  await seal(bp, 1)
  t.equal(sent(ecg), 1)
  t.equal(sent(bp), 4)
})

t.test('receipt window: nobody waits for a landing that is away', async (t) => {
  const { broker, clock, seal, sent } = await narrowStage()
  await seal(bp, 10)
  t.equal(sent(bp), 10)
  broker.last.landing(true)
  await clock.settle()
  const before = sent(bp)
  await seal(bp, 10)
  t.ok(sent(bp) - before <= 4)
})
