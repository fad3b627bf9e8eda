/** A real mosquitto as a child process on the loopback, for contract tests and benchmarks. */
import { spawn, type ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'

const program = '/usr/sbin/mosquitto'
const startTimeoutMs = 10_000
const pollMs = 10

export interface MosquittoOptions {
  /** An existing folder for its configuration. */
  readonly folder: string
  /** Lines of mosquitto.conf, beside the listener on the loopback. */
  readonly lines?: readonly string[]
}

export interface Mosquitto {
  readonly port: number
  /** Like a power cut: nothing is saved and nobody is told. */
  kill(): Promise<void>
  /** On the same port, with the same configuration. */
  start(): Promise<void>
}

/** Resolves when it takes connections. Whoever calls it kills it. */
export async function startMosquitto(options: MosquittoOptions): Promise<Mosquitto> {
  const port = await freePort()
  const file = join(options.folder, `mosquitto-${port}.conf`)
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    // As root it would become another user and could not read keys in a temporary folder.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
    ...(options.lines ?? []),
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  let child: ChildProcess | null = null
  const mosquitto: Mosquitto = {
    port,
    async start() {
      const started = spawn(program, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] })
      child = started
      let said = ''
      started.stderr.on('data', (text: Buffer) => {
        said = (said + text.toString()).slice(-2000)
      })
      const deadline = performance.now() + startTimeoutMs
      while (!(await listens(port))) {
        if (started.exitCode !== null || performance.now() > deadline) {
          throw new Error(`mosquitto did not start: ${said}`)
        }
        await new Promise((resolve) => setTimeout(resolve, pollMs))
      }
    },
    async kill() {
      const running = child
      child = null
      if (running === null || running.exitCode !== null) return
      const gone = new Promise((resolve) => running.once('exit', resolve))
      running.kill('SIGKILL')
      await gone
    },
  }
  await mosquitto.start()
  return mosquitto
}

/** mosquitto cannot pick a free port by itself, so one is taken that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
