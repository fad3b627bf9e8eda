import t from 'tap'
import { Window, type Ticket } from './window.ts'

const KiB = 1024
const limits = { count: 512, bytes: 4 * KiB * KiB }

/** Sends packets of `bytes` whenever the window admits them, for `ms`. Answers how many arrived. */
function load(window: Window, link: Link, bytes: number, ms: number): number {
  const endMs = link.nowMs + ms
  for (let arrived = 0; ; arrived++) {
    while (window.admits(bytes, false)) link.send(window.send(bytes, link.nowMs))
    if (!link.answerNext(window) || link.nowMs > endMs) return arrived
  }
}

class Link {
  nowMs = 0
  bytesPerMs: number
  readonly #tripMs: number
  #freeMs = 0
  readonly #way: { readonly ticket: Ticket; readonly answerMs: number }[] = []

  constructor(bytesPerMs: number, tripMs: number) {
    this.bytesPerMs = bytesPerMs
    this.#tripMs = tripMs
  }

  send(ticket: Ticket): void {
    this.#freeMs = Math.max(this.#freeMs, this.nowMs) + ticket.bytes / this.bytesPerMs
    this.#way.push({ ticket, answerMs: this.#freeMs + this.#tripMs })
  }

  answerNext(window: Window): boolean {
    const next = this.#way.shift()
    if (next === undefined) return false
    this.nowMs = Math.max(this.nowMs, next.answerMs)
    window.answered(next.ticket, this.nowMs)
    return true
  }
}

t.test('window: counts what is on its way', async (t) => {
  const window = new Window({ count: 2, bytes: 1_000 })
  t.equal(window.admits(400, false), true)
  const first = window.send(400, 0)
  window.send(400, 0)
  t.equal(window.admits(1, false), false, 'by number')
  t.match(window, { count: 2, bytes: 800 })
  window.answered(first, 30)
  t.match(window, { count: 1, bytes: 400, roundTripMs: 30 })
  t.equal(window.admits(601, false), false, 'by bytes')
  t.equal(window.admits(600, false), true)
})

t.test('window: a packet that is larger than the window goes alone', async (t) => {
  const window = new Window({ count: 10, bytes: 1_000 })
  t.equal(window.admits(50_000, false), true)
  const large = window.send(50_000, 0)
  t.equal(window.admits(1, false), false)
  t.equal(window.admits(10_000, true), true, 'what is urgent has room of its own')
  window.answered(large, 10)
  t.equal(window.admits(50_000, false), true)
})

t.test('window: fills any link, and lets no more than a second wait in it', async (t) => {
  for (const [bytesPerMs, tripMs] of [
    [8, 300],
    [25, 100],
    [125, 600],
    [625, 50],
    [2_000, 600],
  ] as const) {
    const window = new Window(limits)
    const link = new Link(bytesPerMs, tripMs)
    const arrived = load(window, link, 1_000, 60_000)
    const possible = 60_000 * Math.min(bytesPerMs / 1_000, limits.count / tripMs)
    t.ok(arrived > 0.9 * possible, `${bytesPerMs} bytes/ms: ${arrived} of ${possible}`)
    const standingMs = window.limits.bytes / bytesPerMs - tripMs
    const least = window.limits.bytes <= 32 * KiB
    t.ok(standingMs <= 1_100 || least, `${Math.round(standingMs)} ms of backlog`)
  }
})

t.test('window: follows a link that slows down', async (t) => {
  const window = new Window(limits)
  const link = new Link(625, 50)
  load(window, link, 5_000, 20_000)
  t.ok(window.limits.bytes > 500_000)
  link.bytesPerMs = 25
  load(window, link, 5_000, 60_000)
  t.ok(window.limits.bytes < 60_000, `${window.limits.bytes} bytes`)
  link.bytesPerMs = 625
  load(window, link, 5_000, 20_000)
  t.ok(window.limits.bytes > 500_000, 'and recovers')
})

t.test('window: little to send says nothing about the link', async (t) => {
  const window = new Window(limits)
  const link = new Link(625, 50)
  load(window, link, 5_000, 20_000)
  const before = window.limits.bytes
  for (let packet = 0; packet < 100; packet++) {
    t.equal(window.admits(100, false), true)
    link.send(window.send(100, link.nowMs))
    link.answerNext(window)
    link.nowMs += 1_000
  }
  t.equal(window.limits.bytes, before)
})

t.test(
  'window: patience is ten seconds, or eight round trips, and the time of the bytes',
  async (t) => {
    const window = new Window(limits)
    t.equal(window.patienceMs, 10_000)
    window.send(64_000, 0)
    t.equal(window.patienceMs, 42_000, '16 kbit/s is possible before anything was measured')
    const slow = new Window(limits)
    slow.answered(slow.send(100, 0), 3_000)
    t.equal(slow.patienceMs, 24_000)
    slow.answered(slow.send(100, 3_000), 3_000_000)
    t.equal(slow.patienceMs, 300_000, 'but not for ever')
  },
)
