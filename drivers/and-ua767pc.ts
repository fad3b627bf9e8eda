/** A&D UA-767PC: a monitor for the upper arm that says its result once its PC mode is open. */
import {
  encodeUa767Open,
  scanUa767,
  ua767LimitBytes,
  type Ua767Packet,
} from '../protocols/and-ua767/frame.ts'
import { cuffMeasured } from './blood-pressure.ts'
import type { Said } from './driver.ts'
import { measurementFailed } from './measured.ts'
import { streaming, type Reader } from './streaming.ts'

const eight = { dataBits: 8, parity: 'none', stopBits: 1 } as const
const saidAgainMs = 10_000

export const andUa767pc = streaming({
  id: 'and-ua767pc',
  label: 'A&D UA-767PC blood pressure monitor',
  source:
    'Two related public drivers with one printed result; no manual. The line speed is not known, ' +
    'so that several are tried',
  evidence: 'inferred',
  confidence: 'low',
  links: [
    {
      kind: 'serial',
      lines: [
        { baud: 9_600, ...eight },
        { baud: 4_800, ...eight },
        { baud: 2_400, ...eight },
      ],
      usb: [],
      splits: 'bytes',
    },
  ],
  asks: 'only-when-chosen',
  waves: [],
  streams: ['measurement', 'event'],
  silentAfterMs: null,

  scan: scanUa767,
  packetLimitBytes: 4 * ua767LimitBytes,
  pausedAfterMs: 300,
  opening: {
    commands: [{ bytes: encodeUa767Open(), why: 'PC mode' }],
    spacingMs: 1_000,
    // Whether it has to be opened again after each result, nobody has said.
    againAfterMs: 30_000,
  },
  read: () => new Results(),
})

class Results implements Reader<Ua767Packet> {
  #last: { readonly key: string; readonly atMs: number } | null = null;

  *packet(packet: Ua767Packet, atMs: number): Generator<Said, void, undefined> {
    if (packet.kind === 'answer') return
    // It has no clock. A measurement takes half a minute, so that what comes sooner is repeated.
    const key = JSON.stringify(packet)
    const before = this.#last
    this.#last = { key, atMs }
    if (before?.key === key && atMs - before.atMs < saidAgainMs) {
      yield { kind: 'event', code: 'said-twice', level: 'info', active: null }
    } else if (packet.kind === 'failed') yield measurementFailed(packet.status)
    else yield cuffMeasured({ ...packet, deviceTime: null }, { status: packet.status })
  }
}
