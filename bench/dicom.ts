/**
 * How fast images are taken in, and what memory that needs: the DICOM node beside DCMTK's storescp,
 * Orthanc and dcmjs-dimse, all fed by DCMTK's storescu over the loopback, in turns.
 *
 *     node bench/dicom.ts [--rounds 5] [--only NAME] [--folder FOLDER]
 *
 * Ours answers when file and journal are on the disk, as in the daemon; the others promise less,
 * which the first table says. Each measure has a fresh server and empty folder, and begins when
 * nothing waits for the disk any more: who promises nothing must not leave its work to the next.
 * The exit code is 1 when a goal is missed.
 */
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { tableText } from '../gateway/cli/demo/table.ts'
import { encodeFileHead } from '../protocols/dicom/part10.ts'
import { explicitLittle } from '../protocols/dicom/uids.ts'
import { encodeDataSet, instance, ultrasoundImage } from '../test/dicom/data-set.ts'
import { peers, type Peer, type RunningPeer } from './dicom-peers.ts'
import { usageOf } from './usage.ts'

const smallBytes = 530_000
const largeBytes = 18_000_000
const atOnce = 50
const filesEach = 3
/** Where an answer waits for Nagle and a delayed acknowledgement, 500 would take half a minute. */
const untunedFiles = 100
const sendWithinMs = 300_000
const disksEach = 40
const goalMiB = 100

interface Client {
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

const tunedClient: Client = { args: ['-pdu', '131072'], env: { TCP_NODELAY: '1' } }
const plainClient: Client = { args: [], env: {} }

interface Scenario {
  readonly name: string
  readonly client: Client
  /** The files of each association; all are opened at once. */
  readonly associations: readonly (readonly string[])[]
  readonly fileBytes: number
}

interface Measured {
  readonly seconds: number
  readonly peakMiB: number
  /** Without the pages of files, which are of the program and shared. */
  readonly ownMiB: number
  readonly cpuMs: number
}

function makeFiles(folder: string, count: number, pixelBytes: number): readonly string[] {
  mkdirSync(folder)
  return Array.from({ length: count }, (_, index) => {
    const sopInstanceUid = `1.2.3.${pixelBytes}.${index + 1}`
    const names = { sopClassUid: ultrasoundImage, sopInstanceUid }
    const head = encodeFileHead({ ...names, transferSyntaxUid: explicitLittle })
    const encoding = { explicit: true, little: true }
    const path = join(folder, `${index}.dcm`)
    writeFileSync(path, head)
    writeFileSync(path, encodeDataSet(instance({ ...names, pixelBytes }), encoding), { flag: 'a' })
    return path
  })
}

function scenariosIn(folder: string): readonly Scenario[] {
  const small = makeFiles(join(folder, 'small'), 500, smallBytes)
  const large = makeFiles(join(folder, 'large'), 20, largeBytes)
  const groups = Array.from({ length: atOnce }, (_, index) =>
    small.slice(index * filesEach, (index + 1) * filesEach),
  )
  const sized = { small: { fileBytes: smallBytes }, large: { fileBytes: largeBytes } }
  return [
    { name: '500 of 0.5 MB', client: tunedClient, associations: [small], ...sized.small },
    { name: '20 of 18 MB', client: tunedClient, associations: [large], ...sized.large },
    { name: '50 at once, 3 each', client: tunedClient, associations: groups, ...sized.small },
    {
      name: `${untunedFiles} of 0.5 MB, client as it comes`,
      client: plainClient,
      associations: [small.slice(0, untunedFiles)],
      ...sized.small,
    },
  ]
}

async function send(port: number, client: Client, files: readonly string[]): Promise<void> {
  const titles = ['-aet', 'CART_1', '-aec', 'SIMPUL', '-R', '-xe']
  const child = spawn('storescu', [...titles, ...client.args, '127.0.0.1', `${port}`, ...files], {
    env: { ...process.env, ...client.env },
    stdio: 'ignore',
    timeout: sendWithinMs,
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`storescu ended with ${String(code)}`)
}

/** The most that was ever resident, and without what is mapped from files (proc(5)). */
function peakOf({ pid }: RunningPeer): Pick<Measured, 'peakMiB' | 'ownMiB'> {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mib = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1_024
  return { peakMiB: mib('VmHWM'), ownMiB: mib('VmHWM') - mib('RssFile') }
}

async function measure(peer: Peer, scenario: Scenario, folder: string): Promise<Measured> {
  mkdirSync(folder)
  const server = await peer.start(folder)
  try {
    execFileSync('sync')
    const before = usageOf(server.pid).cpuMs
    const beganMs = performance.now()
    const { client, associations } = scenario
    await Promise.all(associations.map((files) => send(server.port, client, files)))
    const seconds = (performance.now() - beganMs) / 1_000
    return { seconds, ...peakOf(server), cpuMs: usageOf(server.pid).cpuMs - before }
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Disk {
  readonly fileMs: number
  readonly nameMs: number
}

/** How long one waits for the disk here: for a small file, and for its new name after that. */
function measureDisk(folder: string): Disk {
  mkdirSync(folder)
  const bytes = randomBytes(smallBytes)
  const waits = Array.from({ length: disksEach }, (_, index): Disk => {
    const beganMs = performance.now()
    const path = join(folder, `${index}.part`)
    const file = openSync(path, 'wx')
    writeSync(file, bytes)
    fsyncSync(file)
    closeSync(file)
    const syncedMs = performance.now()
    renameSync(path, join(folder, `${index}`))
    const names = openSync(folder, 'r')
    fsyncSync(names)
    closeSync(names)
    return { fileMs: syncedMs - beganMs, nameMs: performance.now() - syncedMs }
  })
  rmSync(folder, { recursive: true })
  return {
    fileMs: median(waits.map(({ fileMs }) => fileMs)),
    nameMs: median(waits.map(({ nameMs }) => nameMs)),
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    folder: { type: 'string', default: tmpdir() },
  },
})
const rounds = Number(values.rounds)
const measuredPeers = peers.filter(({ name }) => name.startsWith(values.only))
const folder = mkdtempSync(join(values.folder, 'simpul-dicom-'))
const results = new Map<string, Measured[]>()
const disks: Disk[] = []

try {
  const scenarios = scenariosIn(folder)
  // Once unmeasured: what Node makes of the sources is kept for the next start.
  for (const peer of measuredPeers) await (await peer.start(mkdtempSync(join(folder, 'w-')))).stop()
  for (let round = 0; round < rounds; round++) {
    disks.push(measureDisk(join(folder, 'disk')))
    for (const scenario of scenarios) {
      for (const peer of measuredPeers) {
        const measured = await measure(peer, scenario, join(folder, 'server'))
        const key = `${scenario.name} ${peer.name}`
        results.set(key, [...(results.get(key) ?? []), measured])
      }
    }
  }
  report(scenarios)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

interface Median extends Measured {
  readonly filesPerSecond: number
  readonly range: string
}

function medianOf(scenario: Scenario, peer: Peer): Median {
  const all = results.get(`${scenario.name} ${peer.name}`) ?? []
  const times = all.map(({ seconds }) => seconds)
  const seconds = median(times)
  return {
    seconds,
    filesPerSecond: scenario.associations.flat().length / seconds,
    range: `${Math.min(...times).toFixed(2)}-${Math.max(...times).toFixed(2)}`,
    peakMiB: Math.max(...all.map(({ peakMiB }) => peakMiB)),
    ownMiB: Math.max(...all.map(({ ownMiB }) => ownMiB)),
    cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
  }
}

function report(scenarios: readonly Scenario[]): void {
  const load = (loadavg()[0] ?? 0).toFixed(1)
  console.log(`medians of ${rounds} rounds, in turns; load ${load}`)
  const fileMs = median(disks.map((disk) => disk.fileMs))
  const nameMs = median(disks.map((disk) => disk.nameMs))
  console.log(
    `A file of 0.5 MB is on this disk after ${fileMs.toFixed(2)} ms, its name ` +
      `${nameMs.toFixed(2)} ms later: no more than ${(1_000 / fileMs).toFixed(0)} files a second on\n` +
      'one association, whoever waits for the disk and takes no time for anything else.\n',
  )
  console.log(
    tableText(
      ['', 'answers when'],
      measuredPeers.map(({ name, promise }) => [name, promise]),
    ),
  )
  const head = ['', 's', 'range', 'files/s', 'MB/s', 'peak MiB', 'own MiB', 'CPU s']
  for (const scenario of scenarios) {
    const rows = measuredPeers.map((peer) => {
      const { seconds, range, filesPerSecond, peakMiB, ownMiB, cpuMs } = medianOf(scenario, peer)
      const megabytes = (filesPerSecond * scenario.fileBytes) / 1e6
      return [
        peer.name,
        seconds.toFixed(2),
        range,
        filesPerSecond.toFixed(0),
        megabytes.toFixed(0),
        peakMiB.toFixed(0),
        ownMiB.toFixed(0),
        (cpuMs / 1_000).toFixed(2),
      ]
    })
    console.log(`${scenario.name}\n${tableText(head, rows)}`)
  }
  judge(scenarios)
}

/** Each goal on its line; a missed one makes the exit code 1. */
function judge(scenarios: readonly Scenario[]): void {
  const [our, ...others] = measuredPeers
  if (our === undefined || our.name !== 'simpul') return
  const goal = (words: string, holds: boolean): void => {
    console.log(`${holds ? 'reached' : 'MISSED '}  ${words}`)
    if (!holds) process.exitCode = 1
  }
  for (const scenario of scenarios) {
    const { filesPerSecond, peakMiB } = medianOf(scenario, our)
    for (const other of others) {
      const times = filesPerSecond / medianOf(scenario, other).filesPerSecond
      const words = `${scenario.name}: ${times.toFixed(2)} times ${other.name}, at least ${other.goal}`
      goal(words, times >= other.goal)
    }
    goal(`${scenario.name}: ${peakMiB.toFixed(0)} MiB, at most ${goalMiB}`, peakMiB <= goalMiB)
  }
}
