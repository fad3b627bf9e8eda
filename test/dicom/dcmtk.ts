/** The reference implementation as a peer: DCMTK's command line tools, as Debian packages them. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { createServer, connect } from 'node:net'
import { promisify } from 'node:util'

const run = promisify(execFile)
/** DCMTK leaves Nagle's algorithm on, which costs 40 ms an image on an idle machine. */
const env = { ...process.env, TCP_NODELAY: '1' }

/** What to propose so that a file goes as it is, by transfer syntax. */
export const proposals: ReadonlyMap<string, string> = new Map([
  ['1.2.840.10008.1.2', '-xi'],
  ['1.2.840.10008.1.2.1', '-xe'],
  ['1.2.840.10008.1.2.2', '-xb'],
  ['1.2.840.10008.1.2.1.99', '-xd'],
  ['1.2.840.10008.1.2.4.50', '-xy'],
  ['1.2.840.10008.1.2.4.51', '-xx'],
  ['1.2.840.10008.1.2.4.70', '-xs'],
  ['1.2.840.10008.1.2.4.80', '-xt'],
  ['1.2.840.10008.1.2.4.81', '-xu'],
  ['1.2.840.10008.1.2.4.90', '-xv'],
  ['1.2.840.10008.1.2.4.91', '-xw'],
  ['1.2.840.10008.1.2.5', '-xr'],
])

/** The tool's own words, whether it succeeded or not. */
export async function tool(name: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run(name, args, { env, timeout: 120_000 })
    return stdout + stderr
  } catch (error) {
    if (!(error instanceof Error) || !('stderr' in error)) throw error
    if ('code' in error && error.code === 'ENOENT') throw error
    return String(error.stderr)
  }
}

/** A storescp that writes what it gets byte for byte. Resolves when it answers. */
export async function startStorescp(
  folder: string,
  options: readonly string[] = ['+B', '-pm', '+xa', '+uf'],
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const port = await freePort()
  const child = spawn('storescp', [...options, '-od', folder, String(port)], { env })
  child.on('error', () => {})
  for (let turn = 0; turn < 200 && !(await answers(port)); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return { port, stop: () => ended(child) }
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill()
  await gone
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = address === null || typeof address === 'string' ? 0 : address.port
      server.close(() => resolve(port))
    })
  })
}

export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
