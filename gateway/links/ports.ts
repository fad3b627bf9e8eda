/**
 * Which serial ports the box has, read from /dev and /sys alone (udev's rules for by-id and
 * by-path: 60-serial.rules; sysfs: Documentation/ABI/testing/sysfs-bus-usb). Helpers such as
 * udevadm may be absent, and pseudo terminals are in no list: those are given by the
 * configuration.
 */
import { watch, promises as fs, type FSWatcher } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Clock } from '../../protocols/world/clock.ts'

export interface UsbIdentity {
  /** Four hex digits, lower case. */
  readonly vid: string
  readonly pid: string
  /** null when the adapter has none; cheap ones share one, so it proves nothing. */
  readonly serialNumber: string | null
  readonly manufacturer: string | null
  readonly product: string | null
  /** Which of the adapter's ports it is; null when it has only one kind. */
  readonly interface: number | null
}

export interface PortInfo {
  /** As the kernel names it today, for example /dev/ttyUSB0. */
  readonly path: string
  /** A name that stays: by its identity where that is its own, else by its socket, else `path`. */
  readonly stablePath: string
  /** By the USB socket that it is plugged into; null when udev did not say. */
  readonly socketPath: string | null
  /** null for a port that is not on USB. */
  readonly usb: UsbIdentity | null
  /** From the configuration, and not found by looking. */
  readonly configured: boolean
  /** A pseudo terminal: a program is at its other end, and no device. */
  readonly pseudo: boolean
  /** Changes when the kernel made the port anew, even under the same name. */
  readonly node: string
}

export interface PortsChange {
  readonly ports: readonly PortInfo[]
  readonly appeared: readonly PortInfo[]
  readonly vanished: readonly PortInfo[]
}

export interface PortsOptions {
  /** Paths that are ports although nothing in /sys says so. */
  readonly extraPaths?: readonly string[]
  /** Default: /dev. */
  readonly devFolder?: string
  /** Default: /sys. */
  readonly sysFolder?: string
}

/** ttyUSB0, ttyACM0, ttyAMA0, ttyS0; not the consoles and pseudo terminals, which are many. */
const portName = /^tty[A-Z]+\d+$/

/** A hub full of adapters stays below; more is a broken /dev. */
const portsMax = 256

/** udev makes its links some time after the kernel made the node. */
const udevSettleMs = 500

/** Where watching does not work, and for what it misses. */
const pollEveryMs = 5_000

/** From a port up to its USB device there are three folders. */
const parentsMax = 8

export async function listPorts(options: PortsOptions = {}): Promise<readonly PortInfo[]> {
  const devFolder = options.devFolder ?? '/dev'
  const sysFolder = options.sysFolder ?? '/sys'
  const byId = await linksIn(join(devFolder, 'serial/by-id'))
  const byPath = await linksIn(join(devFolder, 'serial/by-path'))
  const names = (await namesIn(join(sysFolder, 'class/tty')))
    .filter((name) => portName.test(name))
    .slice(0, portsMax)

  const found: PortInfo[] = []
  for (const name of names) {
    const folder = join(sysFolder, 'class/tty', name)
    const usb = await usbIdentity(join(folder, 'device'))
    if (usb === null && !(await hasHardware(folder))) continue
    const path = join(devFolder, name)
    const node = await nodeOf(path)
    if (node === null) continue
    const real = await realPathOf(path)
    const socketPath = byPath.get(real) ?? null
    const stablePath = byId.get(real) ?? socketPath ?? path
    const pseudo = isPseudo(real)
    found.push({ path, stablePath, socketPath, usb, configured: false, pseudo, node })
  }
  for (const [index, port] of found.entries()) {
    // Two adapters that call themselves the same share one name, and it moves between them.
    const isUnique = port.usb?.serialNumber !== null && !hasTwin(port, found)
    if (!isUnique) found[index] = { ...port, stablePath: port.socketPath ?? port.stablePath }
  }
  for (const path of options.extraPaths ?? []) {
    const node = await nodeOf(path)
    if (node === null || found.some((port) => port.path === path || port.stablePath === path)) {
      continue
    }
    found.push({
      path,
      stablePath: path,
      socketPath: null,
      usb: null,
      configured: true,
      pseudo: isPseudo(await realPathOf(path)),
      node,
    })
  }
  return found.sort((one, other) => one.path.localeCompare(other.path, 'en', { numeric: true }))
}

/** Tells each change, beginning with what is there now. Call what is returned to end it. */
export function watchPorts(
  clock: Clock,
  changed: (change: PortsChange) => void,
  options: PortsOptions = {},
): () => void {
  let known: readonly PortInfo[] = []
  let stopped = false
  let looking = false
  let lookAgain = false
  let cancelPoll = nothing
  let cancelSoon = nothing

  const tell = (ports: readonly PortInfo[]): void => {
    if (stopped) return
    const appeared = ports.filter((port) => !known.some((old) => samePort(old, port)))
    const vanished = known.filter((old) => !ports.some((port) => samePort(old, port)))
    known = ports
    if (appeared.length + vanished.length > 0) changed({ ports, appeared, vanished })
  }
  const look = async (): Promise<void> => {
    lookAgain = true
    if (looking) return
    looking = true
    while (lookAgain) {
      lookAgain = false
      tell(await listPorts(options))
    }
    looking = false
  }
  const poll = (): void => {
    cancelPoll = clock.after('look for ports', pollEveryMs, poll)
    void look()
  }
  const watcher = watchFolder(options.devFolder ?? '/dev', () => {
    cancelSoon()
    cancelSoon = clock.after('look for ports after a change', udevSettleMs, () => void look())
  })
  poll()
  return () => {
    stopped = true
    cancelPoll()
    cancelSoon()
    watcher?.close()
  }
}

function hasTwin(port: PortInfo, all: readonly PortInfo[]): boolean {
  const { usb } = port
  if (usb === null) return false
  return all.some(
    (other) =>
      other.path !== port.path &&
      other.usb?.vid === usb.vid &&
      other.usb.pid === usb.pid &&
      other.usb.serialNumber === usb.serialNumber &&
      other.usb.interface === usb.interface,
  )
}

function samePort(one: PortInfo, other: PortInfo): boolean {
  return one.path === other.path && one.node === other.node && one.stablePath === other.stablePath
}

/** null where the folder cannot be watched: then polling must do. */
function watchFolder(folder: string, changed: () => void): FSWatcher | null {
  try {
    const watcher = watch(folder, changed)
    watcher.on('error', () => watcher.close())
    watcher.unref()
    return watcher
  } catch {
    return null
  }
}

/** By where they lead: the path of each link in the folder. Of two to one port the first counts. */
async function linksIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const links = new Map<string, string>()
  for (const name of (await namesIn(folder)).slice(0, portsMax)) {
    const path = join(folder, name)
    try {
      const target = await fs.realpath(path)
      if (!links.has(target)) links.set(target, path)
    } catch {
      // Unplugged while we looked.
    }
  }
  return links
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await fs.readdir(folder)).sort()
  } catch {
    return []
  }
}

/** null when there is nothing at the path. */
async function nodeOf(path: string): Promise<string | null> {
  try {
    const stat = await fs.stat(path)
    return `${stat.dev}:${stat.ino}:${stat.rdev}`
  } catch {
    return null
  }
}

/** The path itself when it leads nowhere. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await fs.realpath(path)
  } catch {
    return path
  }
}

function isPseudo(realPath: string): boolean {
  return realPath.startsWith('/dev/pts/')
}

async function usbIdentity(device: string): Promise<UsbIdentity | null> {
  let folder: string
  try {
    folder = await fs.realpath(device)
  } catch {
    return null
  }
  let number: number | null = null
  for (let parent = 0; parent < parentsMax; parent++) {
    const text = await attribute(folder, 'bInterfaceNumber')
    if (text !== null) number = Number.parseInt(text, 16)
    const vid = await attribute(folder, 'idVendor')
    const pid = await attribute(folder, 'idProduct')
    if (vid !== null && pid !== null) {
      return {
        vid: vid.toLowerCase(),
        pid: pid.toLowerCase(),
        serialNumber: await attribute(folder, 'serial'),
        manufacturer: await attribute(folder, 'manufacturer'),
        product: await attribute(folder, 'product'),
        interface: number,
      }
    }
    folder = dirname(folder)
  }
  return null
}

/** The driver of built-in ports makes nodes for ports that no board has; their type is 0. */
async function hasHardware(folder: string): Promise<boolean> {
  const type = await attribute(folder, 'type')
  return type !== null && type !== '0'
}

/** null when it is absent or empty. */
async function attribute(folder: string, name: string): Promise<string | null> {
  try {
    const text = (await fs.readFile(join(folder, name), 'utf8')).trim()
    return text === '' ? null : text
  } catch {
    return null
  }
}

function nothing(): void {}
