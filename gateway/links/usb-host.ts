/**
 * The USB of this box. The package `usb` talks to the kernel's usbfs, without any library of the
 * system; it is loaded when the first USB device is opened, so that a van without one needs none of
 * it.
 *
 * Reading is one packet at a time. A transfer of several packets that is cut off by a time limit
 * would lose those that had come, and the package knows no other way to end a wait than a limit.
 */
import type { UsbEndpoint } from '../../protocols/usb/descriptors.ts'
import { UsbFault, type UsbBus, type UsbHandle, type UsbRequest } from './usb-bus.ts'
import { listUsbDevices, type UsbDevice } from './usb-devices.ts'

/** What we use of the package. Times in ms, and a wait that is over rejects. */
interface NativeDevice {
  readonly bus: string
  readonly address: number
  open(): Promise<void>
  close(): Promise<void>
  detachKernelDriver(interfaceNumber: number): Promise<void>
  attachKernelDriver(interfaceNumber: number): Promise<void>
  claimInterface(interfaceNumber: number): Promise<void>
  releaseInterface(interfaceNumber: number): Promise<void>
  nativeTransferIn(endpoint: number, ms: number, bytes: number): Promise<Uint8Array | null>
  nativeTransferOut(endpoint: number, ms: number, bytes: Uint8Array): Promise<number>
  nativeControlTransferIn(
    setup: NativeRequest,
    ms: number,
    bytes: number,
  ): Promise<Uint8Array | null>
  nativeControlTransferOut(setup: NativeRequest, ms: number, bytes: Uint8Array): Promise<number>
  clearHalt(direction: 'in' | 'out', endpoint: number): Promise<void>
}

interface NativeRequest extends Omit<UsbRequest, 'type'> {
  readonly requestType: UsbRequest['type']
}

export interface NativeUsb {
  getDevices(): Promise<readonly NativeDevice[]>
}

/** So long it takes at most until a wait notices that the link is closed. */
const readSliceMs = 500
const writeLimitMs = 5_000
const controlLimitMs = 1_000

export function hostUsbBus(load: () => Promise<NativeUsb> = loadUsb): UsbBus {
  return {
    list: () => listUsbDevices(),
    async open(device) {
      const native = await find(await load(), device)
      await faulty(native.open())
      return new HostHandle(native)
    },
  }
}

async function loadUsb(): Promise<NativeUsb> {
  return (await import('usb')).usb
}

async function find(usb: NativeUsb, { bus, address }: UsbDevice): Promise<NativeDevice> {
  const devices = await faulty(usb.getDevices())
  const found = devices.find((one) => Number(one.bus) === bus && one.address === address)
  if (found === undefined) throw new UsbFault('gone', 'it was unplugged')
  return found
}

class HostHandle implements UsbHandle {
  readonly #native: NativeDevice
  /** Interfaces that we have, and whether the kernel had them before. */
  readonly #claimed = new Map<number, boolean>()
  readonly #reads = new Set<Promise<void>>()
  #isClosing = false

  constructor(native: NativeDevice) {
    this.#native = native
  }

  async claim(interfaceNumber: number): Promise<void> {
    const hadDriver = await this.#native.detachKernelDriver(interfaceNumber).then(
      () => true,
      // None had it.
      () => false,
    )
    await faulty(this.#native.claimInterface(interfaceNumber))
    this.#claimed.set(interfaceNumber, hadDriver)
  }

  read(endpoint: UsbEndpoint): Promise<Uint8Array> {
    const reading = this.#read(endpoint)
    const over: Promise<void> = reading.then(ignore, ignore).then(() => {
      this.#reads.delete(over)
      return undefined
    })
    this.#reads.add(over)
    return reading
  }

  async write({ number }: UsbEndpoint, bytes: Uint8Array): Promise<void> {
    const sent = await faulty(this.#native.nativeTransferOut(number, writeLimitMs, bytes))
    if (sent !== bytes.length) throw new UsbFault('late', `${sent} of ${bytes.length} bytes left`)
  }

  async controlIn(request: UsbRequest, bytes: number): Promise<Uint8Array> {
    const setup = nativeRequest(request)
    const heard = await faulty(this.#native.nativeControlTransferIn(setup, controlLimitMs, bytes))
    if (heard === null) throw new UsbFault('halted', 'the request was refused')
    return heard
  }

  async controlOut(request: UsbRequest, bytes: Uint8Array): Promise<void> {
    const setup = nativeRequest(request)
    await faulty(this.#native.nativeControlTransferOut(setup, controlLimitMs, bytes))
  }

  async clearHalt({ direction, number }: UsbEndpoint): Promise<void> {
    await faulty(this.#native.clearHalt(direction, number))
  }

  async close(): Promise<void> {
    this.#isClosing = true
    await Promise.all(this.#reads)
    for (const [interfaceNumber, hadDriver] of this.#claimed) {
      await this.#native.releaseInterface(interfaceNumber).catch(ignore)
      if (hadDriver) await this.#native.attachKernelDriver(interfaceNumber).catch(ignore)
    }
    await this.#native.close().catch(ignore)
  }

  async #read({ number, packetBytes }: UsbEndpoint): Promise<Uint8Array> {
    while (!this.#isClosing) {
      try {
        const heard = await faulty(this.#native.nativeTransferIn(number, readSliceMs, packetBytes))
        if (heard !== null) return heard
      } catch (error) {
        if (!(error instanceof UsbFault) || error.kind !== 'late') throw error
      }
    }
    throw new UsbFault('gone', 'the link was closed')
  }
}

function nativeRequest({ type, ...rest }: UsbRequest): NativeRequest {
  return { requestType: type, ...rest }
}

/** A device that is gone cannot be given back. */
function ignore(): void {}

async function faulty<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw faultOf(error)
  }
}

/** The package has no codes, only the words of its Rust and of the kernel. */
function faultOf(error: unknown): UsbFault {
  const message = error instanceof Error ? error.message : String(error)
  const kind = faultWords.find(([words]) => words.test(message))?.[1] ?? 'other'
  return new UsbFault(kind, message, error)
}

const faultWords: readonly (readonly [RegExp, UsbFault['kind']])[] = [
  [/cancell?ed|timed? ?out/i, 'late'],
  [/stall/i, 'halted'],
  [/permission|access|EACCES|EPERM/i, 'denied'],
  [/disconnected|no such device|not found|ENODEV|ENOENT|ESHUTDOWN/i, 'gone'],
]
