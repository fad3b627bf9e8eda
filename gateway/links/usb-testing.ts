/** USB devices without hardware, for tests of the links that read them. */
import type { UsbEndpoint, UsbInterface } from '../../protocols/usb/descriptors.ts'
import { UsbFault, type UsbBus, type UsbHandle, type UsbRequest } from './usb-bus.ts'
import type { UsbDevice } from './usb-devices.ts'

/** A device: what it is, what it says, and what it was told. */
export class FakeUsb {
  readonly device: UsbDevice
  /** In order: `out 2 0102`, `set 0341 4101`, `claim 0`, `clear in 1`, `close`. */
  readonly log: string[] = []
  /** Called with each transfer that it is sent. */
  onWrite: ((bytes: Uint8Array) => void) | null = null
  /** Answers control requests; null refuses. */
  onControlIn: (request: UsbRequest) => Uint8Array | null = () => null
  refuseOpen: UsbFault | null = null
  refuseWrite: UsbFault | null = null
  readonly #packets: (Uint8Array | UsbFault)[] = []
  #waiting: ((packet: Uint8Array | UsbFault) => void) | null = null

  constructor(device: Partial<UsbDevice>) {
    this.device = {
      socket: '1-1',
      id: '10c4:ea80',
      serialNumber: null,
      manufacturer: null,
      product: null,
      bus: 1,
      address: 2,
      interfaces: [],
      ...device,
    }
  }

  /** One packet, or a fault in place of one. */
  say(packet: Uint8Array | UsbFault): void {
    const waiting = this.#waiting
    this.#waiting = null
    if (waiting === null) this.#packets.push(packet)
    else waiting(packet)
  }

  unplug(): void {
    this.say(new UsbFault('gone', 'unplugged'))
  }

  handle(): UsbHandle {
    const write = async (text: string, bytes: Uint8Array): Promise<void> => {
      this.log.push(`${text} ${Buffer.from(bytes).toString('hex')}`.trimEnd())
      if (this.refuseWrite !== null) throw this.refuseWrite
    }
    return {
      claim: async (number) => void this.log.push(`claim ${number}`),
      read: () => this.#next(),
      write: async ({ number }, bytes) => {
        await write(`out ${number}`, bytes)
        this.onWrite?.(bytes)
      },
      controlIn: async (request) => {
        const answer = this.onControlIn(request)
        if (answer === null) throw new UsbFault('halted', 'refused')
        return answer
      },
      controlOut: ({ request, value }, bytes) =>
        write(`set ${request.toString(16)} ${value.toString(16)}`, bytes),
      clearHalt: async ({ direction, number }) =>
        void this.log.push(`clear ${direction} ${number}`),
      close: async () => {
        this.log.push('close')
        if (this.#waiting !== null) this.unplug()
      },
    }
  }

  async #next(): Promise<Uint8Array> {
    const packet =
      this.#packets.shift() ??
      (await new Promise<Uint8Array | UsbFault>((resolve) => {
        this.#waiting = resolve
      }))
    if (packet instanceof UsbFault) throw packet
    return packet
  }
}

export function fakeUsbBus(devices: readonly FakeUsb[]): UsbBus {
  return {
    list: async () => devices.map(({ device }) => device),
    open: async ({ socket }) => {
      const found = devices.find((one) => one.device.socket === socket)
      if (found === undefined) throw new UsbFault('gone', 'not there')
      if (found.refuseOpen !== null) throw found.refuseOpen
      return found.handle()
    },
  }
}

/** An interface with an endpoint each way. */
export function interfaceOf(
  ofClass: number,
  type: UsbEndpoint['type'],
  more: Partial<UsbInterface> & { readonly packetBytes?: number } = {},
): UsbInterface {
  const { packetBytes = 64, ...rest } = more
  return {
    number: 0,
    alternate: 0,
    class: ofClass,
    subclass: 0,
    protocol: 0,
    reportDescriptorBytes: null,
    endpoints: [
      { number: 1, direction: 'in', type, packetBytes },
      { number: 2, direction: 'out', type, packetBytes },
    ],
    ...rest,
  }
}
