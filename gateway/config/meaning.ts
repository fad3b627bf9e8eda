/** What a schema cannot say: names that clash, drivers that do not exist, a port used twice. */
import type { Driver } from '../../drivers/driver.ts'
import { linkOf } from '../../drivers/link.ts'
import { linkKindsOf } from '../devices/address.ts'
import { deviceLinks } from './device-links.ts'
import type { Finding } from './finding.ts'

export type KnownDriver = Pick<Driver, 'id' | 'links'>

/** A configuration may be wrong anywhere, so nothing of its form is believed here. */
interface Loose {
  readonly devices?: unknown
  readonly imaging?: {
    readonly ports?: unknown
    readonly tls?: { readonly port?: unknown } | null
    readonly senders?: unknown
  } | null
  readonly uplink?: { readonly [name: string]: unknown } | null
  readonly page?: { readonly port?: unknown } | null
}

interface LooseDevice {
  readonly id?: unknown
  readonly driver?: unknown
  readonly link?: LooseLink | null
}

interface LooseLink {
  readonly kind?: unknown
  readonly path?: unknown
  readonly port?: unknown
  readonly usb?: unknown
  readonly serialNumber?: unknown
  readonly socket?: unknown
}

export function meaningFindings(
  value: unknown,
  knownDrivers: readonly KnownDriver[],
): readonly Finding[] {
  if (typeof value !== 'object' || value === null) return []
  const whole: Loose = value
  const devices = listOf<LooseDevice>(whole.devices)
  return [
    ...driverFindings(devices, knownDrivers),
    ...nameFindings(devices, listOf<{ readonly device?: unknown }>(whole.imaging?.senders)),
    ...linkFindings(devices, knownDrivers),
    ...usbFindings(devices, knownDrivers),
    ...portFindings(whole, devices, knownDrivers),
    ...certificateFindings(whole.uplink ?? {}),
  ]
}

/** Entries that are objects, each with its place in the list. */
type Listed<T> = readonly { readonly index: number; readonly entry: T }[]

function listOf<T extends object>(value: unknown): Listed<T> {
  if (!Array.isArray(value)) return []
  return value.flatMap((entry: T, index) =>
    typeof entry === 'object' && entry !== null ? [{ index, entry }] : [],
  )
}

function driverFindings(
  devices: Listed<LooseDevice>,
  knownDrivers: readonly KnownDriver[],
): readonly Finding[] {
  const known = knownDrivers.map(({ id }) => id).join(', ')
  return devices.flatMap(({ index, entry: { driver } }) => {
    if (typeof driver !== 'string' || driverOf(driver, knownDrivers) !== null) return []
    return {
      path: `devices/${index}/driver`,
      en: `there is no driver ${driver}; known are ${known}`,
      id: `driver ${driver} tidak ada; yang ada: ${known}`,
    }
  })
}

function driverOf(id: unknown, knownDrivers: readonly KnownDriver[]): KnownDriver | null {
  return knownDrivers.find((one) => one.id === id) ?? null
}

const linkKinds: readonly string[] = deviceLinks.map(
  (schema): string => schema.properties.kind.const,
)

function linkFindings(
  devices: Listed<LooseDevice>,
  knownDrivers: readonly KnownDriver[],
): readonly Finding[] {
  return devices.flatMap(({ index, entry: { driver: id, link } }) => {
    const driver = driverOf(id, knownDrivers)
    const kind = link?.kind
    if (driver === null || typeof kind !== 'string' || !linkKinds.includes(kind)) return []
    const kinds: readonly string[] = linkKindsOf(driver)
    if (kinds.includes(kind)) return []
    const known = kinds.join(', ')
    return {
      path: `devices/${index}/link/kind`,
      en: `the driver ${driver.id} cannot be reached by ${kind}; it can by ${known}`,
      id: `driver ${driver.id} tidak bisa lewat ${kind}; bisa lewat ${known}`,
    }
  })
}

/** Of several devices with the same ids, one that may be any of them would take another's place. */
function usbFindings(
  devices: Listed<LooseDevice>,
  knownDrivers: readonly KnownDriver[],
): readonly Finding[] {
  const onUsb = devices.flatMap(({ index, entry }) => {
    const ids = usbIdsOf(entry, knownDrivers)
    return ids.map((id) => ({ index, id, isAny: isAnyOfThem(entry.link ?? {}) }))
  })
  const clashing = onUsb.filter(
    ({ index, id, isAny }) => isAny && onUsb.some((one) => one.id === id && one.index !== index),
  )
  const byDevice = new Map(clashing.map(({ index, id }) => [index, id]))
  return [...byDevice].map(([index, id]) => ({
    path: `devices/${index}/link`,
    en: `another device has the USB ids ${id} too: give the serialNumber or the socket of each`,
    id: `alat lain juga memakai USB ${id}: isi serialNumber atau socket masing-masing`,
  }))
}

function isAnyOfThem({ serialNumber, socket }: LooseLink): boolean {
  return serialNumber === undefined && socket === undefined
}

function usbIdsOf(
  { driver: id, link }: LooseDevice,
  knownDrivers: readonly KnownDriver[],
): readonly string[] {
  const kind = link?.kind
  if (kind !== 'hid' && kind !== 'usb') return []
  if (typeof link?.usb === 'string') return [link.usb]
  const driver = driverOf(id, knownDrivers)
  return (driver === null ? null : linkOf(driver, kind))?.usb ?? []
}

/** A device that also sends images is one device, but two of the same kind may not share a name. */
function nameFindings(
  devices: Listed<LooseDevice>,
  senders: Listed<{ readonly device?: unknown }>,
): readonly Finding[] {
  const names = [
    ...devices.map(({ index, entry }) => ({ path: `devices/${index}/id`, name: entry.id })),
    ...senders.map(({ index, entry }) => ({
      path: `imaging/senders/${index}/device`,
      name: entry.device,
    })),
  ]
  const reserved = names.flatMap(({ path, name }) =>
    name === 'van'
      ? [{ path, en: 'van is the gateway itself', id: 'van adalah gateway sendiri' }]
      : [],
  )
  const ids = devices.map(({ index, entry }) => ({
    path: `devices/${index}/id`,
    owner: `devices/${index}`,
    thing: typeof entry.id === 'string' && entry.id !== 'van' ? entry.id : null,
  }))
  const twice = twiceOf(ids, (id, owner) => ({
    en: `${id} is the name of ${owner} already`,
    id: `${id} sudah dipakai oleh ${owner}`,
  }))
  return [...reserved, ...twice]
}

interface Claimed {
  readonly path: string
  readonly owner: string
  /** null: claims nothing. */
  readonly thing: string | null
}

function portFindings(
  whole: Loose,
  devices: Listed<LooseDevice>,
  knownDrivers: readonly KnownDriver[],
): readonly Finding[] {
  const imaging = Array.isArray(whole.imaging?.ports) ? whole.imaging.ports : []
  const claims: readonly Claimed[] = [
    ...devices.flatMap(({ index, entry }) =>
      thingsOf(entry, knownDrivers).map((thing) => ({
        path: `devices/${index}/link`,
        owner: `devices/${index}`,
        thing,
      })),
    ),
    ...imaging.map((port: unknown, index) => ({
      path: `imaging/ports/${index}`,
      owner: `imaging/ports/${index}`,
      thing: tcpPort(port),
    })),
    {
      path: 'imaging/tls/port',
      owner: 'imaging/tls',
      thing: tcpPort(whole.imaging?.tls?.port),
    },
    { path: 'page/port', owner: 'page', thing: tcpPort(whole.page?.port) },
  ]
  return twiceOf(claims, (thing, owner) => ({
    en: `${thing} is used by ${owner} already`,
    id: `${thing} sudah dipakai oleh ${owner}`,
  }))
}

/** What only one device may have. */
function thingsOf(
  { driver: id, link }: LooseDevice,
  knownDrivers: readonly KnownDriver[],
): readonly (string | null)[] {
  const { kind, path, port, serialNumber, socket } = link ?? {}
  if (kind === 'folder' && typeof path === 'string') {
    const driver = driverOf(id, knownDrivers)
    const endings = (driver === null ? null : linkOf(driver, 'folder'))?.endings ?? ['']
    return endings.map((ending) => `${path}/*${ending}`)
  }
  if (typeof path === 'string') return [path]
  if (kind === 'tcp-server') return [tcpPort(port)]
  if (kind !== 'hid' && kind !== 'usb') return []
  return [
    typeof socket === 'string' ? `USB socket ${socket}` : null,
    typeof serialNumber === 'string' ? `USB serial number ${serialNumber}` : null,
  ]
}

/** 0 takes any that is free. */
function tcpPort(port: unknown): string | null {
  return typeof port === 'number' && port > 0 ? `TCP port ${port}` : null
}

function twiceOf(
  claims: readonly Claimed[],
  words: (thing: string, owner: string) => { readonly en: string; readonly id: string },
): readonly Finding[] {
  const owners = new Map<string, string>()
  return claims.flatMap(({ path, owner, thing }) => {
    if (thing === null) return []
    const first = owners.get(thing)
    if (first !== undefined) return [{ path, ...words(thing, first) }]
    owners.set(thing, owner)
    return []
  })
}

/** What was meant to protect the line and does not must not be passed over. */
function certificateFindings(uplink: { readonly [name: string]: unknown }): readonly Finding[] {
  const { url, certificate, key } = uplink
  const plain = typeof url === 'string' && url.startsWith('mqtt:')
  const unused = ['authority', 'certificate', 'key', 'serverName']
    .filter((name) => plain && uplink[name] !== undefined)
    .map((name) => ({
      path: `uplink/${name}`,
      en: 'is only used when the address begins with mqtts://',
      id: 'hanya dipakai jika alamat diawali mqtts://',
    }))
  if (plain || (certificate === undefined) === (key === undefined)) return unused
  const [missing, there] = key === undefined ? ['key', 'certificate'] : ['certificate', 'key']
  return [
    {
      path: `uplink/${missing}`,
      en: `is missing, although ${there} is there`,
      id: `belum diisi, padahal ${there} ada`,
    },
  ]
}
