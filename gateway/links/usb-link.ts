/** A USB device without a serial port, found by what it is and where, and opened for us alone. */
import { findInterface, usbClasses, type UsbInterface } from '../../protocols/usb/descriptors.ts'
import { linkTrouble } from '../errors/links.ts'
import type { Trouble } from '../errors/trouble.ts'
import type { Link, LinkAddress, LinkHears } from '../world.ts'
import type { Claims } from './claims.ts'
import type { Ear } from './ear.ts'
import { pipesOf, talkPhdc, talkScsi } from './usb-bulk.ts'
import { usbTrouble, type UsbBus, type UsbHandle } from './usb-bus.ts'
import type { UsbDevice } from './usb-devices.ts'
import { talkCp2110, talkReports } from './usb-hid.ts'
import type { UsbTalk } from './usb-talk.ts'

type Address = Extract<LinkAddress, { kind: 'hid' | 'usb' }>

export interface UsbParts {
  readonly bus: UsbBus
  readonly claims: Claims
}

export async function openUsb(
  address: Address,
  { bus, claims }: UsbParts,
  { ear, hears }: { readonly ear: Ear; readonly hears: LinkHears },
): Promise<Link> {
  const { device, one, release } = await take(address, bus, claims)
  const path = pathOf(device)
  let handle: UsbHandle | null = null
  try {
    handle = await bus.open(device)
    await handle.claim(one.number)
    const talk = await talkWith(address, handle, one, { ear, hears })
    return new UsbLink(path, { handle, talk, ear, release })
  } catch (error) {
    await handle?.close()
    release()
    throw usbTrouble(path, error)
  }
}

/** The first that fits and that nobody else here has. */
async function take(
  address: Address,
  bus: UsbBus,
  claims: Claims,
): Promise<{ device: UsbDevice; one: UsbInterface; release: () => void }> {
  const named = (await bus.list()).filter((device) => isNamed(address, device))
  let busy: unknown = null
  for (const device of named) {
    const one = findInterface(device.interfaces, (each) => fits(address, each))
    if (one === null) continue
    try {
      return { device, one, release: claims.take(`usb ${device.socket}`, pathOf(device)) }
    } catch (error) {
      busy = error
    }
  }
  if (busy instanceof Error) throw busy
  const [unfit] = named
  if (unfit === undefined) throw linkTrouble('link-no-usb-device', { path: wantedOf(address) })
  const why = `no interface for ${address.carries}`
  throw linkTrouble('link-usb-unfit', { path: pathOf(unfit), why })
}

function isNamed({ usb, serialNumber, socket, kind }: Address, device: UsbDevice): boolean {
  // Any HID device may be the keyboard of somebody.
  const isKnown = usb.includes(device.id) || (usb.length === 0 && kind === 'usb')
  return (
    isKnown &&
    (serialNumber === null || serialNumber === device.serialNumber) &&
    (socket === null || socket === device.socket)
  )
}

function fits(address: Address, one: UsbInterface): boolean {
  if (address.kind === 'hid') return one.class === usbClasses.hid
  if (pipesOf(one) === null) return false
  if (address.carries === 'scsi') return one.class === usbClasses.massStorage
  // Meters of one maker speak it over an interface of their own class: by id, then.
  return one.class === usbClasses.personalHealthcare || address.usb.length > 0
}

function talkWith(
  address: Address,
  handle: UsbHandle,
  one: UsbInterface,
  { ear, hears }: { readonly ear: Ear; readonly hears: LinkHears },
): Promise<UsbTalk> {
  const hear = (bytes: Uint8Array): void => ear.bytes(bytes)
  if (address.kind === 'usb') {
    return address.carries === 'phdc' ? talkPhdc(handle, one, hear) : talkScsi(handle, one, hear)
  }
  if (address.carries === 'reports') return talkReports(handle, one, hear)
  return talkCp2110(handle, one, address.line, {
    bytes: hear,
    noise: (reason, bytes) => hears.noise?.(reason, bytes),
  })
}

/** For people: what is plugged in, and where. */
function pathOf({ socket, product, id }: UsbDevice): string {
  return `USB socket ${socket} (${product ?? id})`
}

function wantedOf({ usb, serialNumber, socket }: Address): string {
  const words = [
    usb.length === 0 ? null : usb.join(' or '),
    serialNumber === null ? null : `number ${serialNumber}`,
    socket === null ? null : `socket ${socket}`,
  ]
  return ['USB', ...words.filter((word) => word !== null)].join(' ')
}

interface LinkParts {
  readonly handle: UsbHandle
  readonly talk: UsbTalk
  readonly ear: Ear
  readonly release: () => void
}

class UsbLink implements Link {
  readonly #path: string
  readonly #parts: LinkParts
  readonly #finished = Promise.withResolvers<void>()
  #isClosing = false

  constructor(path: string, parts: LinkParts) {
    this.#path = path
    this.#parts = parts
    parts.talk.listen().catch((error: unknown) => this.#end(usbTrouble(path, error)))
  }

  async write(bytes: Uint8Array, as?: 'feature'): Promise<void> {
    const path = this.#path
    if (this.#isClosing) throw linkTrouble('link-closed', { path })
    try {
      await this.#parts.talk.write(bytes, as)
    } catch (error) {
      const trouble = usbTrouble(path, error)
      // Whether it came through is not known, so whoever wrote begins anew.
      this.#end(trouble)
      throw trouble
    }
  }

  async close(): Promise<void> {
    this.#end(null)
    await this.#finished.promise
  }

  #end(why: Trouble | null): void {
    if (this.#isClosing) return
    this.#isClosing = true
    const { handle, ear, release } = this.#parts
    void handle.close().then(() => {
      release()
      ear.closed(why)
      this.#finished.resolve()
      return undefined
    })
  }
}
