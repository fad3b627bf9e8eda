/** A van in which devices are plugged in and recognised, on fake wires that know their speed. */
import type { Driver, SerialLine } from '../../../drivers/driver.ts'
import { parseCapture } from '../../../drivers/capture.ts'
import { joinBytes } from '../../../protocols/bytes/bytes.ts'
import type { Record } from '../../../protocols/packet/record.ts'
import { fakeClock } from '../../clock/fake-clock.ts'
import type { Config, DeviceConfig } from '../../config/schema.ts'
import { memoryLog } from '../../health/log.ts'
import type { PortInfo } from '../../links/ports.ts'
import type { Links } from '../../world.ts'
import { Devices } from '../devices.ts'
import { fakeLinks } from '../fake-links.ts'
import type { RegistryFile } from '../registry-file.ts'
import { vanRecords } from '../van-records.ts'
import { Adopted } from './adopted.ts'
import { HandoverLinks } from './handover.ts'
import { Identification } from './identification.ts'
import { sameLine } from './prior.ts'

export interface PluggedIn {
  /** The device says something, at its own speed. False when the port is not open. */
  say(bytes: Uint8Array): boolean
  readonly heard: readonly Uint8Array[]
  onHeard(work: (bytes: Uint8Array) => void): void
  unplug(): void
  readonly openedCount: number
}

export interface VanOptions {
  readonly drivers: readonly Driver[]
  readonly config?: Partial<Config['identify']>
  readonly configured?: readonly DeviceConfig[]
  readonly adoptedFile?: RegistryFile
  readonly registryFile?: RegistryFile
}

export function memoryFile(): RegistryFile {
  let held: string | null = null
  return {
    read: async () => held,
    write: async (text) => {
      held = text
    },
    setAside: async () => {},
  }
}

export async function identifyingVan(options: VanOptions) {
  const clock = fakeClock()
  const { log } = memoryLog()
  const wires = fakeLinks(clock)
  const lines = new Map<string, SerialLine>()
  const links: Links = {
    open: (address, splits, hears) => {
      if (address.kind === 'serial') lines.set(address.path, address.line)
      return wires.open(address, splits, hears)
    },
    listen: (port, splits, hears) => wires.listen(port, splits, hears),
  }
  const stored: { device: string; record: Record }[] = []
  const sink = {
    record: async (device: string, record: Record) => {
      stored.push({ device, record })
    },
    document: async () => {},
  }
  const handover = new HandoverLinks(links, clock)
  const world = { clock, log, links: handover }
  const { drivers, configured = [] } = options
  const adoptedFile = options.adoptedFile ?? memoryFile()
  const adopted = await Adopted.open(adoptedFile, log, configured)
  const devices = await Devices.open({
    world,
    time: { utcOf: () => null },
    sink,
    drivers,
    devices: [...configured, ...adopted.devices.map(({ device }) => device)],
    registryFile: options.registryFile ?? memoryFile(),
    knownFile: null,
    van: vanRecords(world, sink),
  })
  devices.start()
  const identification = new Identification({
    clock,
    log,
    links: handover,
    drivers,
    config: { accept: 'ask', ports: [], ignore: [], ...options.config },
    devices,
    adopted,
    changed: () => {},
  })
  const ports: PortInfo[] = []
  const plugIn = (path: string, line: SerialLine, port: Partial<PortInfo> = {}): PluggedIn => {
    const plug = wires.plug({ kind: 'serial', path, line })
    ports.push({ ...usbPort(path), ...port })
    identification.portsSeen([...ports])
    devices.portsAppeared([path])
    return {
      say: (bytes) => {
        const set = lines.get(path)
        const isRight = set !== undefined && sameLine(set, line)
        // As a real port gives them.
        return plug.say(Buffer.from(isRight ? bytes : garbled(bytes)))
      },
      get heard() {
        return plug.heard
      },
      onHeard: (work) => {
        plug.onHeard = work
      },
      unplug: () => {
        plug.unplug()
        ports.splice(
          ports.findIndex((one) => one.path === path),
          1,
        )
        identification.portsSeen([...ports])
      },
      get openedCount() {
        return plug.openedCount
      },
    }
  }
  return {
    clock,
    devices,
    identification,
    adoptedFile,
    stored,
    plugIn,
    /** Lets time pass until it is so; throws when it is not so after `ms`. */
    async until(isSo: () => boolean, ms = 600_000): Promise<number> {
      const beganMs = clock.monotonicMs()
      while (!isSo()) {
        if (clock.monotonicMs() - beganMs > ms) throw new Error(`not so after ${ms} ms`)
        await clock.advance(100)
      }
      return clock.monotonicMs() - beganMs
    },
    async stop() {
      const stopped = Promise.all([identification.stop(), devices.stop()])
      await clock.advance(1_000)
      await stopped
    },
  }
}

export function usbPort(path: string): PortInfo {
  return {
    path,
    stablePath: path,
    socketPath: path,
    usb: {
      vid: '0403',
      pid: '6001',
      serialNumber: null,
      manufacturer: null,
      product: null,
      interface: 0,
    },
    configured: false,
    pseudo: false,
    node: path,
  }
}

/** What arrives at another speed: as many bytes, and none of them as it was. */
function garbled(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, at) => ((byte * 37 + at * 11) & 0x7f) | 0x80)
}

/** All that a device says in a capture. */
export function saidIn(text: string): Uint8Array {
  const capture = parseCapture(text)
  if (!capture.ok) throw new Error(capture.reason)
  return joinBytes(...capture.value.flatMap((step) => (step.kind === 'device' ? [step.bytes] : [])))
}
