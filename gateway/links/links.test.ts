/**
 * One contract for every kind of link, run over a real pseudo terminal, over TCP in both roles, and
 * over the fake, so that what is proven with the fake holds on the wire.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { pbkdf2 } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import type { SerialLine } from '../../drivers/driver.ts'
import { fakeLinks } from '../devices/fake-links.ts'
import { Trouble } from '../errors/trouble.ts'
import { monotonicMs } from '../../protocols/world/clock.ts'
import { fakeClock } from '../clock/fake-clock.ts'
import type { Link, LinkAddress, Links } from '../world.ts'
import { hostLinks } from './links.ts'
import { compareSilentMs } from './serial.ts'

const line: SerialLine = { baud: 115_200, dataBits: 8, parity: 'none', stopBits: 1 }
const limitMs = 60_000
const hardWork = promisify(pbkdf2)

async function until(condition: () => boolean, what = 'it'): Promise<void> {
  const end = performance.now() + limitMs
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited too long for ${what}`)
    await sleep(2)
  }
}

/** The device at the other end of the wire. */
interface Rig {
  readonly links: Links
  readonly address: LinkAddress
  /** An address of the same kind at which there is nothing. */
  readonly nowhere: LinkAddress
  /** Called beside `open`: a device that calls us must do so now. */
  meet(): Promise<void>
  say(bytes: Uint8Array): Promise<void>
  heard(): Buffer
  leave(): Promise<void>
  close(): Promise<void>
}

class Listener {
  readonly chunks: Uint8Array[] = []
  readonly ages: number[] = []
  readonly rawChunks: Uint8Array[] = []
  readonly noises: string[] = []
  readonly ends: (Error | null)[] = []
  bytes(bytes: Uint8Array, ageMs = 0): void {
    this.chunks.push(bytes)
    this.ages.push(ageMs)
  }
  raw(bytes: Uint8Array): void {
    this.rawChunks.push(bytes)
  }
  noise(reason: string, bytes: Uint8Array): void {
    this.noises.push(`${reason}: ${bytes.length}`)
  }
  closed(trouble: Error | null): void {
    this.ends.push(trouble)
  }
  all(): Buffer {
    return Buffer.concat(this.chunks)
  }
  arrived(): Buffer {
    return Buffer.concat(this.rawChunks)
  }
  lines(): readonly string[] {
    return this.chunks.map((chunk) => Buffer.from(chunk).toString('latin1'))
  }
}

async function opened(rig: Rig, splits: 'bytes' | 'lines' = 'bytes') {
  const listener = new Listener()
  const [link] = await Promise.all([rig.links.open(rig.address, splits, listener), rig.meet()])
  return { link, listener }
}

function linkContract(name: string, make: () => Promise<Rig>): void {
  const test = (title: string, body: (t: Test, rig: Rig) => Promise<void>) =>
    t.test(`${name}: ${title}`, async (t) => {
      const rig = await make()
      try {
        await body(t, rig)
      } finally {
        await rig.close()
      }
    })

  test('every byte is heard, in order', async (t, rig) => {
    const { link, listener } = await opened(rig)
    const all = Uint8Array.from({ length: 20_000 }, (_, index) => (index * 7 + (index >> 8)) & 255)
    for (let at = 0; at < all.length; at += 1_111) await rig.say(all.subarray(at, at + 1_111))
    await until(() => listener.all().length >= all.length, 'all bytes')
    t.ok(listener.all().equals(all))
    t.ok(listener.chunks.every((chunk) => chunk.length > 0))
    await link.close()
  })

  test('what is written reaches the device, in order', async (t, rig) => {
    const { link } = await opened(rig)
    const writes = Array.from({ length: 20 }, (_, index) => link.write(Buffer.of(index, 0, 255)))
    await Promise.all(writes)
    await until(() => rig.heard().length >= 60, 'what was written')
    t.ok(
      rig
        .heard()
        .equals(Buffer.from(Array.from({ length: 20 }, (_, index) => [index, 0, 255]).flat())),
    )
    await link.close()
  })

  test('text is cut into lines, whichever line end the device uses', async (t, rig) => {
    const { link, listener } = await opened(rig, 'lines')
    let said = ''
    for (const part of ['ST,+001', '2.5 kg\r', '\n\n\nOL\rA\n', 'B\r\n', '\xb5\n', 'half']) {
      await rig.say(Buffer.from(part, 'latin1'))
      said += part
      await until(() => listener.arrived().length === said.length, 'a part')
      await sleep(3)
    }
    t.strictSame(listener.lines(), ['ST,+0012.5 kg', 'OL', 'A', 'B', '\xb5'])
    t.ok((listener.ages[0] ?? 0) >= 2, 'the first line is as old as its first byte')
    t.equal(listener.arrived().toString('latin1'), said)
    await link.close()
    t.strictSame(listener.noises, ['a line that was cut off: 4'])
  })

  test('after close nothing is heard, and the end is told once', async (t, rig) => {
    const { link, listener } = await opened(rig)
    await link.close()
    t.strictSame(listener.ends, [null])
    await link.close()
    await rig.say(Buffer.from('late'))
    await sleep(10)
    t.strictSame(listener.ends, [null])
    t.equal(listener.chunks.length, 0)
    await t.rejects(link.write(Buffer.of(1)), { code: 'link-closed' })
  })

  test('a device that leaves ends the link with words', async (t, rig) => {
    const { link, listener } = await opened(rig)
    await rig.say(Buffer.from('bye'))
    await until(() => listener.all().length === 3, 'the last words')
    await rig.leave()
    await until(() => listener.ends.length > 0, 'the end')
    await sleep(10)
    t.equal(listener.ends.length, 1)
    const [trouble] = listener.ends
    if (!(trouble instanceof Trouble)) throw new Error('no trouble')
    t.equal(trouble.retriable, true)
    for (const language of ['en', 'id'] as const) {
      const words = trouble.words(language)
      t.notMatch(`${words.what} ${words.todo}`, /[{}]|undefined/)
    }
    await t.rejects(link.write(Buffer.of(1)))
    await link.close()
  })

  test('a port has one owner, and the next when it is closed', async (t, rig) => {
    const { link } = await opened(rig)
    await t.rejects(rig.links.open(rig.address, 'bytes', new Listener()), { code: 'link-busy' })
    await link.close()
    const again = await opened(rig)
    await rig.say(Buffer.from('hello'))
    await until(() => again.listener.all().length === 5, 'hello')
    await again.link.close()
  })

  test('where nothing is, opening fails with words', async (t, rig) => {
    const error: unknown = await rig.links.open(rig.nowhere, 'bytes', new Listener()).then(
      (link: Link) => link,
      (error: unknown) => error,
    )
    if (!(error instanceof Trouble)) throw new Error('no trouble')
    t.equal(error.retriable, true)
    for (const language of ['en', 'id'] as const) {
      const words = error.words(language)
      t.notMatch(`${words.what} ${words.todo}`, /[{}]|undefined/)
    }
  })
}

/** A pseudo terminal whose other end is the standard input and output of socat. */
class Pty {
  readonly path: string
  #child: ChildProcess | null = null
  readonly #heard: Buffer[] = []

  constructor(path: string) {
    this.path = path
  }

  async plugIn(): Promise<void> {
    const child = spawn('socat', [`PTY,raw,echo=0,link=${this.path}`, 'STDIO'])
    child.stdout.on('data', (bytes: Buffer) => this.#heard.push(bytes))
    child.stdin.on('error', () => {})
    this.#child = child
    await until(() => existsSync(this.path), 'the pty')
  }

  say(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#child?.stdin?.write(bytes, () => resolve())
    })
  }

  heard(): Buffer {
    return Buffer.concat(this.#heard)
  }

  async unplug(): Promise<void> {
    const child = this.#child
    if (child === null) return
    this.#child = null
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill()
    await gone
  }
}

/** In a folder of its own, also when the same test runs twice at the same time. */
function ptyFolder(t: Pick<Test, 'teardown'>): string {
  const folder = mkdtempSync(`${tmpdir()}/pty-`)
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

async function pluggedPty(folder: string): Promise<Pty> {
  const pty = new Pty(`${folder}/tty`)
  await pty.plugIn()
  return pty
}

linkContract('serial', async () => {
  const pty = await pluggedPty(ptyFolder(t))
  return {
    links: hostLinks(),
    address: { kind: 'serial', path: pty.path, line },
    nowhere: { kind: 'serial', path: `${pty.path}-absent`, line },
    meet: async () => {},
    say: (bytes) => pty.say(bytes),
    heard: () => pty.heard(),
    leave: () => pty.unplug(),
    close: () => pty.unplug(),
  }
})

/** The device's side of a TCP connection. */
class TcpDevice {
  socket: Socket | null = null
  readonly #heard: Buffer[] = []

  take(socket: Socket): void {
    this.socket = socket
    socket.on('data', (bytes: Buffer) => this.#heard.push(bytes))
    socket.on('error', () => {})
  }

  say(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.socket?.write(bytes, () => resolve())
    })
  }

  heard(): Buffer {
    return Buffer.concat(this.#heard)
  }
}

linkContract('tcp client', async () => {
  const device = new TcpDevice()
  const server = createServer({ noDelay: true }, (socket) => device.take(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address !== 'object') throw new Error('no address')
  const unused = createServer()
  await new Promise<void>((resolve) => unused.listen(0, '127.0.0.1', resolve))
  const nowhere = unused.address()
  if (nowhere === null || typeof nowhere !== 'object') throw new Error('no address')
  await new Promise((resolve) => unused.close(resolve))
  let met = 0
  return {
    links: hostLinks(),
    address: { kind: 'tcp-client', host: '127.0.0.1', port: address.port },
    nowhere: { kind: 'tcp-client', host: '127.0.0.1', port: nowhere.port },
    meet: async () => {
      const before = met++ === 0 ? null : device.socket
      await until(() => device.socket !== before, 'the connection')
    },
    say: (bytes) => device.say(bytes),
    heard: () => device.heard(),
    leave: async () => void device.socket?.destroy(),
    close: async () => {
      device.socket?.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
})

linkContract('tcp server', async () => {
  const links = hostLinks()
  const device = new TcpDevice()
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, resolve))
  const nowhere = taken.address()
  if (nowhere === null || typeof nowhere !== 'object') throw new Error('no address')
  return {
    links,
    address: { kind: 'tcp-server', port: 0 },
    nowhere: { kind: 'tcp-server', port: nowhere.port },
    meet: async () => {
      await until(() => links.listeningPort(0) !== null, 'the port')
      device.take(connect(links.listeningPort(0) ?? 0, '127.0.0.1'))
    },
    say: (bytes) => device.say(bytes),
    heard: () => device.heard(),
    leave: async () => void device.socket?.destroy(),
    close: async () => {
      device.socket?.destroy()
      await links.close()
      await new Promise((resolve) => taken.close(resolve))
    },
  }
})

linkContract('fake', async () => {
  const links = fakeLinks({ monotonicMs: () => monotonicMs(performance.now()) })
  const address: LinkAddress = { kind: 'serial', path: '/dev/fake', line }
  const plug = links.plug(address)
  return {
    links,
    address,
    nowhere: { ...address, path: '/dev/absent' },
    meet: async () => {},
    say: async (bytes) => void plug.say(bytes),
    heard: () => Buffer.concat(plug.heard),
    leave: async () => plug.unplug(),
    close: async () => {},
  }
})

t.test('serial: a port that comes back under the same name can be opened again', async (t) => {
  const pty = await pluggedPty(ptyFolder(t))
  const links = hostLinks()
  for (let round = 0; round < 3; round++) {
    const listener = new Listener()
    const address: LinkAddress = { kind: 'serial', path: pty.path, line }
    const link = await links.open(address, 'bytes', listener)
    await pty.say(Buffer.from(`round ${round}`))
    await until(() => listener.all().length === 7, 'the words')
    t.equal(listener.all().toString(), `round ${round}`)
    await pty.unplug()
    await until(() => listener.ends.length > 0, 'the end')
    t.match(listener.ends, [{ code: 'link-unplugged' }])
    await t.rejects(links.open(address, 'bytes', new Listener()), { code: 'link-not-there' })
    await link.close()
    await pty.plugIn()
  }
  await pty.unplug()
})

t.test('serial: an adapter that was made anew under the same name is noticed', async (t) => {
  const folder = ptyFolder(t)
  const one = await pluggedPty(ptyFolder(t))
  const other = await pluggedPty(ptyFolder(t))
  const path = `${folder}/tty`
  symlinkSync(readlinkSync(one.path), path)
  const listener = new Listener()
  const link = await hostLinks().open({ kind: 'serial', path, line }, 'bytes', listener)
  // The old descriptor stays open and silent, as after a power dip on the hub.
  unlinkSync(path)
  symlinkSync(readlinkSync(other.path), path)
  await until(() => listener.ends.length > 0, 'the comparison')
  t.match(listener.ends, [{ code: 'link-replaced' }])
  t.ok(compareSilentMs < 4_000)
  await link.close()
  await one.unplug()
  await other.unplug()
})

t.test('serial: what is no serial port is refused', async (t) => {
  const links = hostLinks()
  const open = (path: string) => links.open({ kind: 'serial', path, line }, 'bytes', new Listener())
  await t.rejects(open(t.testdir({ file: '' }) + '/file'), { code: 'link-no-serial-port' })
  await t.rejects(open('/dev/null'), { code: 'link-no-serial-port' })
})

t.test('serial: a port that we may not open says so', async (t) => {
  const pty = await pluggedPty(ptyFolder(t))
  const links = hostLinks()
  const path = readlinkSync(pty.path)
  chmodSync(path, 0)
  // Root may open everything, so it steps down for a moment.
  const isRoot = process.getuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    await t.rejects(links.open({ kind: 'serial', path, line }, 'bytes', new Listener()), {
      code: 'link-no-permission',
    })
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
  await pty.unplug()
})

t.test('serial: the same port under two names has one owner', async (t) => {
  const pty = await pluggedPty(ptyFolder(t))
  const links = hostLinks()
  const link = await links.open({ kind: 'serial', path: pty.path, line }, 'bytes', new Listener())
  const path = readlinkSync(pty.path)
  await t.rejects(links.open({ kind: 'serial', path, line }, 'bytes', new Listener()), {
    code: 'link-busy',
  })
  // Another process is kept out by the kernel's lock.
  await t.rejects(hostLinks().open({ kind: 'serial', path, line }, 'bytes', new Listener()), {
    code: 'link-busy',
  })
  await link.close()
  await pty.unplug()
})

t.test('serial: no byte is lost at ten times 115,200 baud', async (t) => {
  const pty = await pluggedPty(ptyFolder(t))
  const listener = new Listener()
  const link = await hostLinks().open({ kind: 'serial', path: pty.path, line }, 'bytes', listener)
  const total = 1_000_000
  const all = Uint8Array.from({ length: total }, (_, index) => (index ^ (index >> 9)) & 255)
  const before = process.cpuUsage()
  for (let at = 0; at < total; at += 10_000) await pty.say(all.subarray(at, at + 10_000))
  await until(() => listener.chunks.reduce((sum, chunk) => sum + chunk.length, 0) >= total, 'all')
  // Of our own time, so that what else runs on this machine does not count.
  const { user, system } = process.cpuUsage(before)
  const bytesPerSecond = (total * 1_000_000) / (user + system)
  t.ok(listener.all().equals(all))
  t.ok(bytesPerSecond > 115_200, `${Math.round(bytesPerSecond)} bytes a second`)
  await link.close()
  await pty.unplug()
})

t.test('serial: bytes are heard while every thread for files is busy', async (t) => {
  const pty = await pluggedPty(ptyFolder(t))
  const listener = new Listener()
  const link = await hostLinks().open({ kind: 'serial', path: pty.path, line }, 'bytes', listener)
  let finished = 0
  const work = Array.from({ length: 4 }, async () => {
    await hardWork('password', 'salt', 400_000, 64, 'sha512')
    finished++
  })
  await pty.say(Buffer.from('now'))
  await until(() => listener.all().length === 3, 'the bytes')
  t.equal(finished, 0)
  await Promise.all(work)
  await link.close()
  await pty.unplug()
})

t.test('tcp server: the newest peer wins, and its first bytes are kept', async (t) => {
  const links = hostLinks()
  const address: LinkAddress = { kind: 'tcp-server', port: 0 }
  const first = new Listener()
  const opening = links.open(address, 'bytes', first)
  await until(() => links.listeningPort(0) !== null, 'the port')
  const call = () => connect(links.listeningPort(0) ?? 0, '127.0.0.1').on('error', () => {})
  const old = call()
  await opening
  old.write('old')
  await until(() => first.all().length === 3, 'the old peer')

  const young = call()
  young.write('young')
  await until(() => first.ends.length > 0, 'the end of the old one')
  t.match(first.ends, [{ code: 'link-peer-replaced' }])
  t.equal(first.all().toString(), 'old')

  const second = new Listener()
  await sleep(30)
  const link = await links.open(address, 'bytes', second)
  await until(() => second.all().length === 5, 'the young peer')
  t.equal(second.all().toString(), 'young')
  await link.close()
  await links.close()
})

t.test('tcp server: a peer that speaks and leaves before the opening is heard', async (t) => {
  const links = hostLinks()
  const address: LinkAddress = { kind: 'tcp-server', port: 0 }
  const opening = links.open(address, 'bytes', new Listener())
  await until(() => links.listeningPort(0) !== null, 'the port')
  const call = () => connect(links.listeningPort(0) ?? 0, '127.0.0.1').on('error', () => {})
  call()
  const link = await opening
  await link.close()
  const brief = call()
  brief.end('one result')
  await sleep(30)
  const listener = new Listener()
  await links.open(address, 'bytes', listener)
  await until(() => listener.ends.length > 0, 'the end')
  t.equal(listener.all().toString(), 'one result')
  t.match(listener.ends, [{ code: 'link-cut' }])
  await links.close()
})

t.test('tcp server: without a peer, opening says so, and goes on listening', async (t) => {
  const links = hostLinks({ tcpServer: { peerWaitMs: 30, lingerMs: 80 } })
  const address: LinkAddress = { kind: 'tcp-server', port: 0 }
  await t.rejects(links.open(address, 'bytes', new Listener()), { code: 'link-no-peer' })
  t.type(links.listeningPort(0), 'number')
  // Given back when nobody opens it again.
  await until(() => links.listeningPort(0) === null, 'the port to be given back')
})

t.test('tcp server: closing the links ends an opening that waits', async (t) => {
  const links = hostLinks()
  const opening = links.open({ kind: 'tcp-server', port: 0 }, 'bytes', new Listener())
  await until(() => links.listeningPort(0) !== null, 'the port')
  const refused = t.rejects(opening, { code: 'link-closed' })
  await links.close()
  await refused
})

t.test('fake: what is said while nobody listens is gone', async (t) => {
  const links = fakeLinks(fakeClock())
  const plug = links.plug({ kind: 'tcp-client', host: 'moxa', port: 4_001 })
  t.equal(plug.say(Buffer.of(1)), false)
  t.equal(plug.isOpen, false)
})
