/** Tells which of the known devices is the one that was found: by what is its own alone. */
import type { PortInfo, UsbIdentity } from '../../links/ports.ts'

export type Recognised =
  | { readonly kind: 'new' }
  /** `isCertain`: it said its own serial number. Else it is the only one of its kind missing. */
  | { readonly kind: 'known'; readonly device: string; readonly isCertain: boolean }
  /** Several of its kind are missing, and nothing tells which of them it is. */
  | { readonly kind: 'one-of'; readonly devices: readonly string[] }

type Usb = Pick<UsbIdentity, 'vid' | 'pid' | 'serialNumber'>

/** A known device that is not where it was. */
export interface MissingDevice {
  readonly device: string
  readonly driver: string
  /** Of the adapter on which it was; null when it was on none. */
  readonly usb: Usb | null
  /** As it said it, or as it stands on its label; null when nobody knows. */
  readonly serialNumber: string | null
}

export interface FoundDevice {
  readonly driver: string
  readonly usb: Usb | null
  /** null when it did not say. */
  readonly saidSerialNumber: string | null
  readonly missing: readonly MissingDevice[]
}

export function recognise({ driver, usb, saidSerialNumber, missing }: FoundDevice): Recognised {
  const ofKind = missing.filter((one) => one.driver === driver)
  if (saidSerialNumber !== null) {
    const same = ofKind.find((one) => one.serialNumber === saidSerialNumber)
    if (same !== undefined) return { kind: 'known', device: same.device, isCertain: true }
  }
  const maybe = ofKind.filter(
    (one) => isSameKind(one.usb, usb) && (saidSerialNumber === null || one.serialNumber === null),
  )
  const own = maybe.filter(
    (one) => isOwn(usb?.serialNumber ?? null) && one.usb?.serialNumber === usb?.serialNumber,
  )
  const [first, ...others] = own.length > 0 ? own : maybe
  if (first === undefined) return { kind: 'new' }
  if (others.length === 0) return { kind: 'known', device: first.device, isCertain: false }
  return { kind: 'one-of', devices: [first, ...others].map(({ device }) => device) }
}

/**
 * The name by which a port is kept: of its adapter where that has one of its own, else its socket.
 */
export function steadyPath({ stablePath, socketPath, usb }: PortInfo): string {
  return isOwn(usb?.serialNumber ?? null) ? stablePath : (socketPath ?? stablePath)
}

/** Cheap adapters all carry the same number: 0001, 12345678, or one digit again and again. */
function isOwn(serialNumber: string | null): boolean {
  if (serialNumber === null || serialNumber.length < 6) return false
  return new Set(serialNumber).size >= 4 && !'0123456789abcdef'.includes(serialNumber.toLowerCase())
}

function isSameKind(one: Usb | null, other: Usb | null): boolean {
  return one?.vid === other?.vid && one?.pid === other?.pid
}
