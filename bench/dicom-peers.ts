/** The servers that are measured beside each other, each a process of its own on a free port. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answers, ended, freePort } from '../test/dicom/dcmtk.ts'

export interface Peer {
  readonly name: string
  /** What it has done when it answers. */
  readonly promise: string
  /** So many times its files a second we want to take. */
  readonly goal: number
  /** `folder` is empty. Resolves when it answers. */
  start(folder: string): Promise<RunningPeer>
}

export interface RunningPeer {
  readonly pid: number
  readonly port: number
  stop(): Promise<void>
}

const tuned = { TCP_NODELAY: '1' }
const tunedPduBytes = 131_072
const inMemory = 'in memory of the kernel'
const startTurnMs = 20
const startTurnsMax = 1_000

/** As the command starts the daemon: see `gateway/cli/simpul`. */
const ourFlags = ['--disable-warning=ExperimentalWarning', '--optimize-for-size', '--expose-gc']

export const peers: readonly Peer[] = [
  {
    name: 'simpul',
    promise: 'on the disk, in the journal',
    goal: 1,
    async start(folder) {
      const script = join(import.meta.dirname, 'dicom-daemon.ts')
      const compiled = join(import.meta.dirname, '..', 'build', 'code')
      const child = spawn(process.execPath, [...ourFlags, script, folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, MALLOC_ARENA_MAX: '2', NODE_COMPILE_CACHE: compiled },
      })
      const [said] = await Promise.race([
        once(child.stdout, 'data') as Promise<[Buffer]>,
        once(child, 'exit').then(() => Promise.reject(new Error('the node did not start'))),
      ])
      return running(child, Number(said.toString()))
    },
  },
  storescp('storescp, tuned', ['+B', '-pdu', String(tunedPduBytes)], tuned),
  storescp('storescp, as it comes', [], {}),
  orthanc('Orthanc, tuned', { MaximumPduLength: tunedPduBytes }, tuned),
  orthanc('Orthanc, as it comes', {}, {}),
  {
    ...orthanc(
      'Orthanc, tuned, no sync',
      { MaximumPduLength: tunedPduBytes, SyncStorageArea: false },
      tuned,
    ),
    promise: inMemory,
    goal: 1,
  },
  {
    name: 'dcmjs-dimse',
    promise: inMemory,
    goal: 1,
    async start(folder) {
      const port = await freePort()
      const script = join(import.meta.dirname, 'dicom-dimse-peer.ts')
      return started(process.execPath, [script, String(port), folder], port, {})
    },
  },
]

function storescp(name: string, options: readonly string[], env: NodeJS.ProcessEnv): Peer {
  return {
    name,
    promise: inMemory,
    goal: 1,
    async start(folder) {
      const port = await freePort()
      return started('storescp', [...options, '-od', folder, String(port)], port, env)
    },
  }
}

function orthanc(name: string, options: object, env: NodeJS.ProcessEnv): Peer {
  return {
    name,
    promise: 'file on the disk, index not',
    goal: 2.5,
    async start(folder) {
      const port = await freePort()
      const path = join(folder, 'orthanc.json')
      mkdirSync(join(folder, 'storage'))
      const settings = {
        Name: 'bench',
        StorageDirectory: join(folder, 'storage'),
        IndexDirectory: join(folder, 'storage'),
        HttpServerEnabled: false,
        DicomAet: 'SIMPUL',
        DicomPort: port,
        Plugins: [],
        ...options,
      }
      writeFileSync(path, JSON.stringify(settings))
      return started('Orthanc', [path], port, env)
    },
  }
}

async function started(
  command: string,
  args: readonly string[],
  port: number,
  env: NodeJS.ProcessEnv,
): Promise<RunningPeer> {
  const child = spawn(command, args, { stdio: 'ignore', env: { ...process.env, ...env } })
  child.on('error', () => {})
  for (let turn = 0; turn < startTurnsMax && !(await answers(port)); turn++) {
    if (child.exitCode !== null) throw new Error(`${command} did not start`)
    await new Promise((resolve) => setTimeout(resolve, startTurnMs))
  }
  return running(child, port)
}

function running(child: ChildProcess, port: number): RunningPeer {
  if (child.pid === undefined) throw new Error('a server could not be started')
  return { pid: child.pid, port, stop: () => ended(child) }
}
