/** What a schema cannot say: names that clash, drivers that do not exist, a port used twice. */
import type { Finding } from './finding.ts'

/** A configuration may be wrong anywhere, so nothing of its form is believed here. */
interface Loose {
  readonly devices?: unknown
  readonly imaging?: { readonly ports?: unknown; readonly senders?: unknown } | null
  readonly uplink?: { readonly [name: string]: unknown } | null
  readonly page?: { readonly port?: unknown } | null
}

interface LooseDevice {
  readonly id?: unknown
  readonly driver?: unknown
  readonly link?: { readonly kind?: unknown; readonly path?: unknown; readonly port?: unknown }
}

export function meaningFindings(
  value: unknown,
  knownDrivers: readonly string[],
): readonly Finding[] {
  if (typeof value !== 'object' || value === null) return []
  const whole: Loose = value
  const devices = listOf<LooseDevice>(whole.devices)
  return [
    ...driverFindings(devices, knownDrivers),
    ...nameFindings(devices, listOf<{ readonly device?: unknown }>(whole.imaging?.senders)),
    ...portFindings(whole, devices),
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
  knownDrivers: readonly string[],
): readonly Finding[] {
  const known = knownDrivers.join(', ')
  return devices.flatMap(({ index, entry: { driver } }) => {
    if (typeof driver !== 'string' || knownDrivers.includes(driver)) return []
    return {
      path: `devices/${index}/driver`,
      en: `there is no driver ${driver}; known are ${known}`,
      id: `driver ${driver} tidak ada; yang ada: ${known}`,
    }
  })
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

function portFindings(whole: Loose, devices: Listed<LooseDevice>): readonly Finding[] {
  const imaging = Array.isArray(whole.imaging?.ports) ? whole.imaging.ports : []
  const claims: readonly Claimed[] = [
    ...devices.map(({ index, entry: { link } }) => ({
      path: `devices/${index}/link`,
      owner: `devices/${index}`,
      thing:
        typeof link?.path === 'string'
          ? link.path
          : tcpPort(link?.kind === 'tcp-server' ? link.port : null),
    })),
    ...imaging.map((port: unknown, index) => ({
      path: `imaging/ports/${index}`,
      owner: `imaging/ports/${index}`,
      thing: tcpPort(port),
    })),
    { path: 'page/port', owner: 'page', thing: tcpPort(whole.page?.port) },
  ]
  return twiceOf(claims, (thing, owner) => ({
    en: `${thing} is used by ${owner} already`,
    id: `${thing} sudah dipakai oleh ${owner}`,
  }))
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
