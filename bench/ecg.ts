/**
 * How small the waveform codec makes recordings, and how fast, beside FLAC -8 and zstd -19.
 *
 *     node bench/ecg.ts DIR [--seconds 300]
 *
 * DIR holds `NAME.i16` (16-bit samples, little-endian, all leads of one instant, then of the next)
 * and `NAME.json` (`fs` in Hz, `leads` as a list of names). Of a long record the first seconds
 * count. Bits are bits a sample over all leads of the file, those included that follow from others.
 * `best` and `light` pack the whole record, `10 s` is `best` in packets of 10 s that each stand for
 * themselves; `live` packs a second at a time, in chains of 30 s.
 * Speed is in times real time, encoding and decoding, without the self-check. FLAC has a file for
 * every eight leads, which are its most, without anything in it but the samples; zstd has the
 * samples of one lead after the other. Everything is decoded and compared; the exit code is 1 when
 * anything differs.
 */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { constants, zstdCompressSync } from 'node:zlib'
import { tableText } from '../gateway/cli/demo/table.ts'
import { WaveDecoder, WaveEncoder } from '../protocols/ecg-codec/chain.ts'
import { decodeWave, encodeWave, isSame } from '../protocols/ecg-codec/wave.ts'

interface Recorded {
  readonly name: string
  readonly rate: number
  readonly leads: readonly Int32Array[]
}

interface Measured {
  readonly bytes: number
  readonly encodeMs: number
  readonly decodeMs: number
  readonly isSame: boolean
}

const profiles = ['best', 'live', 'light'] as const
type Profile = (typeof profiles)[number]

interface Row {
  readonly name: string
  readonly leads: number
  readonly samples: number
  readonly seconds: number
  readonly flacBytes: number
  readonly zstdBytes: number
  readonly packetBytes: number
  readonly of: Readonly<{ [P in Profile]: Measured }>
}

const keySeconds = 30
const packetSeconds = 10
const zstdLevel = { params: { [constants.ZSTD_c_compressionLevel]: 19 } }

function readRecorded(path: string, secondsMax: number): Recorded {
  const header = JSON.parse(readFileSync(path.replace(/\.i16$/, '.json'), 'utf8')) as {
    readonly fs: number
    readonly leads: readonly unknown[]
  }
  const bytes = readFileSync(path)
  const leadCount = header.leads.length
  const count = Math.min(
    Math.floor(bytes.length / 2 / leadCount),
    Math.round(secondsMax * header.fs),
  )
  const leads = Array.from({ length: leadCount }, (_, lead) =>
    Int32Array.from({ length: count }, (_, at) => bytes.readInt16LE(2 * (at * leadCount + lead))),
  )
  return { name: basename(path, '.i16'), rate: header.fs, leads }
}

function timed<T>(work: () => T): readonly [T, number] {
  const began = performance.now()
  const done = work()
  return [done, performance.now() - began]
}

function measureWhole({ leads }: Recorded, profile: 'best' | 'light'): Measured {
  const [packet, encodeMs] = timed(() => encodeWave(leads, profile, { selfCheck: false }))
  const [back, decodeMs] = timed(() => decodeWave(packet))
  return { bytes: packet.length, encodeMs, decodeMs, isSame: isSame(back, leads) }
}

/** `best` in packets that stand for themselves. */
function packetBytes({ leads, rate }: Recorded): number {
  const step = Math.round(packetSeconds * rate)
  let bytes = 0
  for (let from = 0; from < (leads[0]?.length ?? 0); from += step) {
    const part = leads.map((lead) => lead.slice(from, from + step))
    bytes += encodeWave(part, 'best').length
  }
  return bytes
}

function measureLive({ leads, rate }: Recorded): Measured {
  const encoder = new WaveEncoder('live', { selfCheck: false })
  const decoder = new WaveDecoder()
  const step = Math.round(rate)
  const sum = { bytes: 0, encodeMs: 0, decodeMs: 0, isSame: true }
  for (let from = 0, second = 0; from < (leads[0]?.length ?? 0); from += step, second++) {
    const part = leads.map((lead) => lead.slice(from, from + step))
    const key = second % keySeconds === 0
    const [packet, encodeMs] = timed(() => encoder.encode(part, { key }))
    const [back, decodeMs] = timed(() => decoder.decode(packet))
    sum.bytes += packet.length
    sum.encodeMs += encodeMs
    sum.decodeMs += decodeMs
    sum.isSame &&= isSame(back, part)
  }
  return sum
}

function samplesOf(lead: Int32Array): Buffer {
  const { buffer } = Int16Array.from(lead)
  return Buffer.from(buffer)
}

const flacChannelsMax = 8

function flacBytes({ leads, rate }: Recorded): number {
  let bytes = 0
  for (let from = 0; from < leads.length; from += flacChannelsMax) {
    const some = leads.slice(from, from + flacChannelsMax)
    const form = ['--endian=little', '--sign=signed', `--channels=${some.length}`, '--bps=16']
    const plain = ['--force-raw-format', ...form, `--sample-rate=${Math.round(rate)}`]
    const args = ['-8', '--silent', '--no-padding', '--no-seektable', '--stdout', ...plain, '-']
    const run = spawnSync('flac', args, { input: interleaved(some), maxBuffer: 1e9 })
    if (run.status !== 0) throw new Error(`flac, of the Debian package flac: ${String(run.stderr)}`)
    bytes += run.stdout.length
  }
  return bytes
}

function interleaved(leads: readonly Int32Array[]): Buffer {
  const count = leads[0]?.length ?? 0
  const all = new Int32Array(leads.length * count)
  for (const [lead, samples] of leads.entries()) {
    for (const [at, sample] of samples.entries()) all[at * leads.length + lead] = sample
  }
  return samplesOf(all)
}

function measure(record: Recorded): Row {
  const leads = record.leads.length
  const count = record.leads[0]?.length ?? 0
  return {
    name: record.name,
    leads,
    samples: leads * count,
    seconds: count / record.rate,
    flacBytes: flacBytes(record),
    zstdBytes: zstdCompressSync(Buffer.concat(record.leads.map(samplesOf)), zstdLevel).length,
    packetBytes: packetBytes(record),
    of: {
      best: measureWhole(record, 'best'),
      live: measureLive(record),
      light: measureWhole(record, 'light'),
    },
  }
}

const head = [
  'record',
  'leads',
  'FLAC -8',
  'zstd -19',
  'best',
  '10 s',
  'live',
  'light',
  'of FLAC',
  ...profiles.flatMap((profile) => [`${profile} enc`, 'dec']),
  '8 leads at 500 Hz: best',
  'live',
  'light',
]

/** Bits a sample, and times real time. */
function cells(rows: readonly Row[], name: string): readonly string[] {
  const sum = (value: (row: Row) => number): number =>
    rows.reduce((total, row) => total + value(row), 0)
  // The mean of the records, so that a long one does not speak for all.
  const bits = (bytes: (row: Row) => number): number =>
    sum((row) => (8 * bytes(row)) / row.samples) / rows.length
  const flac = bits((row) => row.flacBytes)
  const best = bits((row) => row.of.best.bytes)
  const seconds = sum((row) => row.seconds)
  const speed = (profile: Profile, which: 'encodeMs' | 'decodeMs'): string =>
    ((1_000 * seconds) / sum((row) => row.of[profile][which])).toFixed(0)
  const normal = (profile: Profile): string => {
    const slower = sum(({ of }) => Math.max(of[profile].encodeMs, of[profile].decodeMs))
    return ((1_000 * sum((row) => row.samples)) / slower / (8 * 500)).toFixed(0)
  }
  return [
    name,
    rows.length === 1 ? String(rows[0]?.leads) : '',
    flac.toFixed(2),
    bits((row) => row.zstdBytes).toFixed(2),
    best.toFixed(3),
    bits((row) => row.packetBytes).toFixed(3),
    bits((row) => row.of.live.bytes).toFixed(3),
    bits((row) => row.of.light.bytes).toFixed(3),
    (best / flac).toFixed(2),
    ...profiles.flatMap((profile) => [speed(profile, 'encodeMs'), speed(profile, 'decodeMs')]),
    ...profiles.map(normal),
  ]
}

const groups: readonly (readonly [string, (leads: number) => boolean])[] = [
  ['all of 12 leads', (leads) => leads === 12],
  ['all of 8 leads', (leads) => leads === 8],
  ['all of 2 or 3 leads', (leads) => leads === 2 || leads === 3],
  ['all', () => true],
]

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '300' } },
  allowPositionals: true,
})
const folder = positionals[0]
if (folder === undefined) throw new Error('expected a folder of recordings')
const paths = globSync(join(folder, '**/*.i16')).toSorted()
if (paths.length === 0) throw new Error(`no .i16 in ${folder}`)
// Compiled and warm, as the daemon is after its first minute.
for (const path of paths.slice(0, 2)) measure(readRecorded(path, 20))
const rows = paths.map((path) => measure(readRecorded(path, Number(values.seconds))))
const table = rows.map((row) => cells([row], row.name))
for (const [name, isOf] of groups) {
  const group = rows.filter(({ leads }) => isOf(leads))
  if (group.length > 1) table.push(cells(group, name))
}
process.stdout.write(tableText(head, table))
const wrong = rows.filter(({ of }) => profiles.some((profile) => !of[profile].isSame))
const verdict =
  wrong.length === 0 ? 'all of them' : `NOT: ${wrong.map(({ name }) => name).join(' ')}`
process.stdout.write(`decoded bit for bit: ${verdict}\n`)
process.exitCode = wrong.length === 0 ? 0 : 1
