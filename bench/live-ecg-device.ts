/**
 * A device that plays a recorded ECG of any number of leads over TCP, and its driver.
 *
 *   AA 55  number (4)  a sample of each lead (2 each)  XOR of all before     little-endian
 */
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { xorOf } from '../protocols/bytes/checksum.ts'
import { incomplete, noise, packet, type Scanner } from '../protocols/bytes/scan.ts'
import { ecgLeads } from '../protocols/vocabulary/waves.ts'
import type { Driver } from '../drivers/driver.ts'
import { streaming } from '../drivers/streaming.ts'

export interface Playing {
  readonly rate: number
  readonly microvolts: number
  readonly names: readonly string[]
  /** Samples of one instant, of all leads, over and over. */
  instant(number: number): readonly number[]
}

export function readPlaying(path: string): Playing {
  const header = JSON.parse(readFileSync(path.replace(/\.i16$/, '.json'), 'utf8')) as {
    readonly fs: number
    readonly lsb_uV: number
    readonly leads: readonly string[]
  }
  const bytes = readFileSync(path)
  const leads = header.leads.length
  const count = Math.floor(bytes.length / 2 / leads)
  return {
    rate: header.fs,
    microvolts: header.lsb_uV,
    names: header.leads,
    instant: (number) =>
      header.leads.map((_, lead) => bytes.readInt16LE(2 * ((number % count) * leads + lead))),
  }
}

function frameOf(playing: Playing, number: number): Uint8Array {
  const samples = playing.instant(number)
  const view = new DataView(new ArrayBuffer(7 + 2 * samples.length))
  view.setUint16(0, 0xaa55)
  view.setUint32(2, number, true)
  for (const [lead, sample] of samples.entries()) view.setInt16(6 + 2 * lead, sample, true)
  const bytes = new Uint8Array(view.buffer)
  bytes[bytes.length - 1] = xorOf(bytes.subarray(0, -1))
  return bytes
}

function scanFrames(leads: number): Scanner<readonly number[]> {
  const length = 7 + 2 * leads
  return (bytes) => {
    if (bytes[0] !== 0xaa || (bytes.length > 1 && bytes[1] !== 0x55)) return noise('no frame', 1)
    if (bytes.length < length) return incomplete
    if (xorOf(bytes.subarray(0, length)) !== 0) return noise('wrong check', 1)
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    const samples = Array.from({ length: leads }, (_, lead) => view.getInt16(6 + 2 * lead, true))
    return packet(samples, length)
  }
}

export function driverFor(playing: Playing): Driver {
  const { rate, microvolts, names } = playing
  const leads = names.map((name) => ({
    code: Object.hasOwn(ecgLeads, name) ? ecgLeads[name as keyof typeof ecgLeads].code : name,
    unit: 'uV',
    lsb: microvolts,
    zero: 0,
  }))
  return streaming({
    id: 'played-ecg',
    label: 'Played ECG',
    source: 'bench/live-ecg-device.ts',
    evidence: 'documented',
    confidence: 'high',
    links: [{ kind: 'tcp', weAre: 'client', port: null, splits: 'bytes' }],
    asks: 'nothing',
    waves: [{ name: 'ecg', rate: { samples: rate, perMs: 1_000 }, leads }],
    streams: ['waveform'],
    silentAfterMs: 5_000,
    scan: scanFrames(names.length),
    packetLimitBytes: 256,
    pausedAfterMs: 1_000,
    opening: null,
    read: () => ({
      packet: (samples) => [{ kind: 'samples', wave: 'ecg', samples }],
    }),
  })
}

const tickMs = 20

/** Plays to whoever connects. Resolves with its port. */
export async function play(playing: Playing): Promise<{ port: number; stop(): void }> {
  const server = createServer((socket) => {
    const beganMs = performance.now()
    let number = 0
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - beganMs) * playing.rate) / 1_000)
      const frames: Uint8Array[] = []
      while (number < due) frames.push(frameOf(playing, number++))
      socket.write(Buffer.concat(frames))
    }, tickMs)
    socket.on('error', () => {})
    socket.on('close', () => clearInterval(timer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, stop: () => void server.close() }
}
