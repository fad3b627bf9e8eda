import t from 'tap'
import type { DriverLink, SerialLine } from '../../drivers/driver.ts'
import type { DeviceLink } from '../config/device-links.ts'
import { addressOf, linkKindsOf } from './address.ts'
import { placeOf } from './place.ts'

const factory: SerialLine = { baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 }
const other: SerialLine = { ...factory, baud: 19_200 }

const serial: DriverLink = { kind: 'serial', lines: [factory, other], usb: [], splits: 'bytes' }
const server: DriverLink = { kind: 'tcp', weAre: 'server', port: 6_024, splits: 'bytes' }
const bridge: DriverLink = { kind: 'hid', usb: ['10c4:ea80'], carries: 'cp2110', lines: [factory] }
const phdc: DriverLink = { kind: 'usb', usb: ['173a:21d5', '173a:21d7'], carries: 'phdc' }
const folder: DriverLink = { kind: 'folder', endings: ['.scp'], limitBytes: 1_000 }
const whole = { links: [serial, server, bridge, phdc, folder] } as const

const placed = (link: DeviceLink): string | null => {
  const address = addressOf(link, whole)
  return address === null ? null : placeOf(address)
}

t.test('address: what the configuration leaves out, the driver knows', async (t) => {
  t.match(addressOf({ kind: 'serial', path: '/dev/a' }, whole), { line: factory })
  t.match(addressOf({ kind: 'serial', path: '/dev/a', line: other }, whole), { line: other })
  t.match(addressOf({ kind: 'hid' }, whole), {
    kind: 'hid',
    carries: 'cp2110',
    usb: ['10c4:ea80'],
    line: factory,
    serialNumber: null,
    socket: null,
  })
  t.match(addressOf({ kind: 'usb', usb: '173a:21d7', socket: '1-1.2' }, whole), {
    carries: 'phdc',
    usb: ['173a:21d7'],
    socket: '1-1.2',
  })
  t.match(addressOf({ kind: 'folder', path: '/srv', after: 'move' }, whole), {
    endings: ['.scp'],
    limitBytes: 1_000,
    after: 'move',
  })
  t.equal(addressOf({ kind: 'keypad' }, whole), null)
})

t.test('address: none where the driver cannot be reached so', async (t) => {
  const networked = { links: [server] } as const
  t.equal(addressOf({ kind: 'serial', path: '/dev/a' }, networked), null)
  t.equal(addressOf({ kind: 'tcp-client', host: 'a', port: 1 }, networked), null)
  t.ok(addressOf({ kind: 'tcp-server', port: 1 }, networked))
  const datagrams = { kind: 'udp', host: 'a', port: 24_105 } as const
  t.equal(addressOf(datagrams, networked), null)
  t.strictSame(addressOf(datagrams, { links: [{ kind: 'udp', port: 24_105 }] }), datagrams)
  for (const kind of ['hid', 'usb'] as const) t.equal(addressOf({ kind }, networked), null)
  t.equal(addressOf({ kind: 'folder', path: '/a', after: 'leave' }, networked), null)
})

t.test('address: the kinds of link of a driver', async (t) => {
  t.strictSame(linkKindsOf(whole), ['serial', 'tcp-client', 'tcp-server', 'hid', 'usb', 'folder'])
  t.strictSame(linkKindsOf({ links: [server] }), ['tcp-server'])
  t.strictSame(linkKindsOf({ links: [{ kind: 'keypad' }] }), ['keypad'])
})

t.test('place: where a person looks', async (t) => {
  t.equal(placed({ kind: 'serial', path: '/dev/a' }), '/dev/a')
  t.equal(placed({ kind: 'tcp-client', host: '10.0.0.1', port: 7 }), '10.0.0.1:7')
  t.equal(placeOf({ kind: 'udp', host: '10.0.0.1', port: 7 }), 'UDP 10.0.0.1:7')
  t.equal(placed({ kind: 'tcp-server', port: 7 }), 'TCP port 7')
  t.equal(placed({ kind: 'folder', path: '/srv', after: 'leave' }), '/srv')
  t.equal(placed({ kind: 'usb' }), 'USB 173a:21d5 173a:21d7')
  t.equal(placed({ kind: 'usb', serialNumber: '42' }), 'USB number 42')
  t.equal(placed({ kind: 'hid', serialNumber: '42', socket: '1-1' }), 'USB socket 1-1 number 42')
})
