/**
 * Which devices are on USB, read from /sys alone (Documentation/ABI/testing/sysfs-bus-usb): the
 * kernel has read their descriptors already, and looking at them needs no permission.
 */
import { promises as fs } from 'node:fs'
import { join } from 'node:path'
import { parseDescriptors, type UsbInterface } from '../../protocols/usb/descriptors.ts'
import type { Clock } from '../../protocols/world/clock.ts'

export interface UsbDevice {
  /** The socket that it is plugged into: `1-1.2` is the second of the hub in the first of bus 1. */
  readonly socket: string
  /** `vid:pid`, four hex digits each, lower case. */
  readonly id: string
  readonly serialNumber: string | null
  readonly manufacturer: string | null
  readonly product: string | null
  /** Under which it is opened. The address changes each time that it is plugged in. */
  readonly bus: number
  readonly address: number
  readonly interfaces: readonly UsbInterface[]
}

/** Hubs in the trunk of a van have fewer sockets; more is a broken /sys. */
const devicesMax = 127

const socketName = /^\d+-\d+(\.\d+)*$/

export async function listUsbDevices(sysFolder = '/sys'): Promise<readonly UsbDevice[]> {
  const folder = join(sysFolder, 'bus/usb/devices')
  const sockets = await socketsIn(folder)
  const found = await Promise.all(sockets.map((socket) => deviceAt(folder, socket)))
  return found.filter((device) => device !== null)
}

/** Calls `appeared` when a device is there that was not. Call what is returned to end it. */
export function watchUsbDevices(
  clock: Clock,
  appeared: () => void,
  sysFolder = '/sys',
): () => void {
  const folder = join(sysFolder, 'bus/usb/devices')
  let known: ReadonlySet<string> | null = null
  let stopped = false
  let cancel = (): void => {}
  const look = async (): Promise<void> => {
    const now = await namesIn(folder)
    const before = known
    known = now
    if (stopped) return
    if (before !== null && [...now].some((name) => !before.has(name))) appeared()
    cancel = clock.after('look for USB devices', lookEveryMs, () => void look())
  }
  void look()
  return () => {
    stopped = true
    cancel()
  }
}

/** The kernel tells changes over a socket that Node cannot open, and looking costs little. */
const lookEveryMs = 2_000

/** With their addresses: who is unplugged and plugged in again between two looks is new. */
async function namesIn(folder: string): Promise<ReadonlySet<string>> {
  const sockets = await socketsIn(folder)
  const names = sockets.map(async (socket) => {
    return `${socket} ${await attribute(join(folder, socket), 'devnum')}`
  })
  return new Set(await Promise.all(names))
}

async function socketsIn(folder: string): Promise<readonly string[]> {
  try {
    const names = await fs.readdir(folder)
    return names
      .filter((name) => socketName.test(name))
      .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))
      .slice(0, devicesMax)
  } catch {
    return []
  }
}

/** null when it was unplugged while we looked. */
async function deviceAt(folder: string, socket: string): Promise<UsbDevice | null> {
  const path = join(folder, socket)
  const [vendor, product, bus, address, descriptors] = await Promise.all([
    attribute(path, 'idVendor'),
    attribute(path, 'idProduct'),
    attribute(path, 'busnum'),
    attribute(path, 'devnum'),
    fs.readFile(join(path, 'descriptors')).catch(() => null),
  ])
  if (vendor === null || product === null || descriptors === null) return null
  return {
    socket,
    id: `${vendor}:${product}`.toLowerCase(),
    serialNumber: await attribute(path, 'serial'),
    manufacturer: await attribute(path, 'manufacturer'),
    product: await attribute(path, 'product'),
    bus: Number(bus),
    address: Number(address),
    interfaces: parseDescriptors(descriptors),
  }
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
