/** What the links of USB devices need of the hardware, small enough that a test can be a device. */
import { joinBytes, noBytes } from '../../protocols/bytes/bytes.ts'
import type { UsbEndpoint } from '../../protocols/usb/descriptors.ts'
import { linkTrouble } from '../errors/links.ts'
import type { Trouble } from '../errors/trouble.ts'
import type { UsbDevice } from './usb-devices.ts'

export interface UsbBus {
  list(): Promise<readonly UsbDevice[]>
  /** Rejects with a `UsbFault`, as everything below does. */
  open(device: UsbDevice): Promise<UsbHandle>
}

export interface UsbRequest {
  readonly type: 'standard' | 'class'
  readonly recipient: 'device' | 'interface'
  readonly request: number
  readonly value: number
  readonly index: number
}

export interface UsbHandle {
  /** Takes an interface from the driver of the kernel that may have it. */
  claim(interfaceNumber: number): Promise<void>
  /** The next packet, of up to `packetBytes` of the endpoint. Waits until there is one. */
  read(endpoint: UsbEndpoint): Promise<Uint8Array>
  /** One transfer, in as many packets as it takes; none at all is a packet of no bytes. */
  write(endpoint: UsbEndpoint, bytes: Uint8Array): Promise<void>
  controlIn(request: UsbRequest, bytes: number): Promise<Uint8Array>
  controlOut(request: UsbRequest, bytes: Uint8Array): Promise<void>
  clearHalt(endpoint: UsbEndpoint): Promise<void>
  /** Ends what waits, and gives back to the kernel what it had. Never rejects. */
  close(): Promise<void>
}

export class UsbFault extends Error {
  /** `halted`: the device says no, and must be cleared. `late`: it did not take what was sent. */
  readonly kind: 'halted' | 'gone' | 'denied' | 'late' | 'other'

  constructor(kind: UsbFault['kind'], message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'UsbFault'
    this.kind = kind
  }
}

/** `path`: where the device is, for people. */
export function usbTrouble(path: string, error: unknown): Trouble {
  if (error instanceof UsbFault && error.kind === 'gone') {
    return linkTrouble('link-unplugged', { path }, error)
  }
  if (error instanceof UsbFault && error.kind === 'denied') {
    return linkTrouble('link-usb-denied', { path }, error)
  }
  const why = error instanceof Error ? error.message : 'unknown'
  return linkTrouble('link-usb-failed', { path, why }, error)
}

/** The next transfer to us: packets up to a short one, or until `isWhole` says so. */
export async function readTransfer(
  handle: UsbHandle,
  endpoint: UsbEndpoint,
  limitBytes: number,
  isWhole: (bytes: Uint8Array) => boolean = () => false,
): Promise<Uint8Array> {
  let whole: Uint8Array = noBytes
  for (;;) {
    const packet = await handle.read(endpoint)
    whole = joinBytes(whole, packet)
    const isShort = packet.length < endpoint.packetBytes
    if (isShort || whole.length >= limitBytes || isWhole(whole)) return whole
  }
}
