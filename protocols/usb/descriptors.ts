/**
 * What a USB device says of itself, as the kernel keeps it: the device descriptor, and behind it
 * each configuration with its interfaces and endpoints.
 *
 *     length (1)  type (1)  fields …             type 01 device, 02 configuration, 04 interface,
 *                                                05 endpoint, 21 HID
 *     04: number (1)  alternate (1)  endpoints (1)  class (1)  subclass (1)  protocol (1)  text (1)
 *     05: address (1, bit 7: to the host)  attributes (1, bits 0-1)  packet size (2, little endian)
 *     21: version (2)  country (1)  count (1)  { type (1) 22: report  length (2) } …
 *
 * Source: Universal Serial Bus Specification 2.0, sections 9.5 and 9.6; Device Class Definition for
 * HID 1.11, section 6.2.1. What is behind the first configuration is passed over, and so is what
 * does not fit: devices do say nonsense.
 */
export interface UsbEndpoint {
  /** 1 to 15. */
  readonly number: number
  readonly direction: 'in' | 'out'
  readonly type: 'control' | 'isochronous' | 'bulk' | 'interrupt'
  /** Of the longest packet. */
  readonly packetBytes: number
}

export interface UsbInterface {
  readonly number: number
  readonly alternate: number
  readonly class: number
  readonly subclass: number
  readonly protocol: number
  readonly endpoints: readonly UsbEndpoint[]
  /** Length of the description of its reports; null when it has none. */
  readonly reportDescriptorBytes: number | null
}

/** Interfaces of known classes. */
export const usbClasses = { hid: 0x03, massStorage: 0x08, personalHealthcare: 0x0f } as const

const endpointTypes = ['control', 'isochronous', 'bulk', 'interrupt'] as const

const types = { configuration: 2, interface: 4, endpoint: 5, hid: 0x21, hidReport: 0x22 } as const

/** More descriptors are noise: a device has some dozen. */
const descriptorsMax = 1_024

/** All interfaces, the alternates too, of the first configuration. */
export function parseDescriptors(bytes: Uint8Array): readonly UsbInterface[] {
  const found: (UsbInterface & { endpoints: UsbEndpoint[] })[] = []
  let configurations = 0
  for (let at = 0, count = 0; at + 2 <= bytes.length && count < descriptorsMax; count++) {
    const length = bytes[at] ?? 0
    if (length < 2 || at + length > bytes.length) break
    const one = bytes.subarray(at, at + length)
    at += length
    if (one[1] === types.configuration && ++configurations > 1) break
    const last = found.at(-1)
    if (one[1] === types.interface && length >= 9) {
      found.push({ ...interfaceOf(one), endpoints: [], reportDescriptorBytes: null })
    } else if (one[1] === types.endpoint && length >= 7 && last !== undefined) {
      last.endpoints.push(endpointOf(one))
    } else if (one[1] === types.hid && last !== undefined) {
      found[found.length - 1] = { ...last, reportDescriptorBytes: reportBytesOf(one) }
    }
  }
  return found
}

function interfaceOf(one: Uint8Array) {
  const [, , number = 0, alternate = 0, , ofClass = 0, subclass = 0, protocol = 0] = one
  return { number, alternate, class: ofClass, subclass, protocol }
}

function endpointOf(one: Uint8Array): UsbEndpoint {
  const [, , address = 0, attributes = 0, low = 0, high = 0] = one
  return {
    number: address & 0x0f,
    direction: (address & 0x80) === 0 ? 'out' : 'in',
    type: endpointTypes[attributes & 0x03] ?? 'control',
    // Bits 11 and 12 are of high speed isochronous ones.
    packetBytes: (low | (high << 8)) & 0x07ff,
  }
}

function reportBytesOf(one: Uint8Array): number | null {
  for (let at = 6; at + 3 <= one.length; at += 3) {
    if (one[at] === types.hidReport) return (one[at + 1] ?? 0) | ((one[at + 2] ?? 0) << 8)
  }
  return null
}

/** The first interface that fits, in its first alternate. */
export function findInterface(
  interfaces: readonly UsbInterface[],
  fits: (one: UsbInterface) => boolean,
): UsbInterface | null {
  return interfaces.find((one) => one.alternate === 0 && fits(one)) ?? null
}

/** The first endpoint of a kind; null when there is none. */
export function findEndpoint(
  one: UsbInterface,
  type: UsbEndpoint['type'],
  direction: UsbEndpoint['direction'],
): UsbEndpoint | null {
  const fits = (endpoint: UsbEndpoint): boolean =>
    endpoint.type === type && endpoint.direction === direction
  return one.endpoints.find(fits) ?? null
}
