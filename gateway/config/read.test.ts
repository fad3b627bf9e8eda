import t from 'tap'
import type { SerialLine } from '../../drivers/driver.ts'
import { findingText, type ReadConfig } from './finding.ts'
import type { KnownDriver } from './meaning.ts'
import { readConfig as read } from './read.ts'

const driver = 'and-tm2657'
const usb = ['1a79:7410', '1a79:7800']
const known: readonly KnownDriver[] = [
  { id: driver, links: [{ kind: 'serial', lines: [line(9_600)], usb: [], splits: 'bytes' }] },
  { id: 'meter', links: [{ kind: 'hid', usb, carries: 'reports', lines: [] }] },
  { id: 'ecg', links: [{ kind: 'folder', endings: ['.scp', '.pdf'], limitBytes: 1_000_000 }] },
  {
    id: 'analyser',
    links: [
      { kind: 'tcp', weAre: 'server', port: 5_000, splits: 'bytes' },
      { kind: 'tcp', weAre: 'client', port: 5_000, splits: 'bytes' },
    ],
  },
  { id: 'hands', links: [{ kind: 'keypad' }] },
]
const readConfig = (text: string) => read(text, known)

function line(baud: number): SerialLine {
  return { baud, dataBits: 8, parity: 'none', stopBits: 1 }
}

const uplink = (fields: object) =>
  findings(readConfig(JSON.stringify({ van: 'van-02', uplink: fields })))

function findings(result: ReadConfig, language: 'en' | 'id' = 'en'): readonly string[] {
  return result.ok ? [] : result.findings.map((one) => findingText(one, language))
}

t.test('config: a van and a broker are enough, the rest has defaults', async (t) => {
  const result = readConfig('{"van":"van-02","uplink":{"url":"mqtt://broker.example:1883"}}')
  t.ok(result.ok)
  if (!result.ok) return
  t.equal(result.config.folder, '/var/lib/simpul')
  t.strictSame(result.config.imaging.ports, [11_112, 104])
  t.equal(result.config.imaging.titles, 'forgiving')
  t.equal(result.config.imaging.tls, undefined)
  t.equal(result.config.uplink.windowMax, 512)
  t.strictSame(result.config.devices, [])
})

t.test('config: line settings inside a link get their defaults', async (t) => {
  const link = { kind: 'serial', path: '/dev/ttyUSB0', line: { baud: 9600 } }
  const result = readConfig(
    JSON.stringify({
      van: 'van-02',
      uplink: { url: 'mqtt://broker.example' },
      devices: [{ id: 'bp-1', driver, link }],
    }),
  )
  t.strictSame(findings(result), [])
  if (!result.ok) return
  t.match(result.config.devices[0], {
    simulated: false,
    link: { line: { baud: 9600, dataBits: 8, parity: 'none', stopBits: 1 } },
  })
})

t.test(
  'config: all mistakes are found at once, each with its place and what was seen',
  async (t) => {
    const text = JSON.stringify({
      van: 'Van 2',
      devices: [
        { id: 'bp-1', driver, link: { kind: 'serial', path: 'ttyUSB0' } },
        {
          id: 'bp-1',
          driver: 'no-such',
          link: { kind: 'serial', path: '/dev/a', line: { baud: 'fast' } },
        },
        { id: 'bp-2', driver, link: { kind: 'telepathy' } },
        { id: 'van', driver, link: { kind: 'serial', path: '/dev/a' } },
      ],
      uplink: { url: 'http://broker', windowMax: 0 },
      pagee: {},
    })
    const found = findings(readConfig(text))
    for (const part of [
      'pagee: is not a known setting',
      'van: expected a-z, 0-9 and -, at most 32 characters, found "Van 2"',
      'devices/0/link/path: expected a path such as',
      'devices/1/link/line/baud: expected a value of type integer, found "fast"',
      'devices/2/link/kind: expected one of serial, tcp-client, tcp-server, udp, hid, usb, folder, keypad, found "telepathy"',
      'uplink/url: expected mqtt://host:port or mqtts://host:port, found "http://broker"',
      'uplink/windowMax: expected at least 1, found 0',
      'devices/1/id: bp-1 is the name of devices/0 already',
      'devices/1/driver: there is no driver no-such',
      'devices/3/id: van is the gateway itself',
      'devices/3/link: /dev/a is used by devices/1 already',
    ]) {
      t.equal(found.filter((line) => line.startsWith(part)).length, 1, part)
    }
    t.equal(found.length, 11, found.join('\n'))
    const inIndonesian = findings(readConfig(text), 'id')
    t.equal(
      inIndonesian[1],
      'van: harus a-z, 0-9, dan -, paling banyak 32 karakter, tertulis "Van 2"',
    )
    t.notMatch(inIndonesian.join(' '), /expected|found|at most|address/)
  },
)

t.test('config: what is too long or too much says how much may be', async (t) => {
  const text = JSON.stringify({
    van: 'van-02',
    devices: [{ id: 'bp-1', driver, link: { kind: 'tcp-client', host: '', port: 4001 } }],
    imaging: { ports: [1, 2, 3, 4, 5], senders: [{ aeTitle: 'A'.repeat(17), device: 'us-1' }] },
    uplink: { url: 'mqtt://broker.example' },
  })
  t.strictSame(findings(readConfig(text)), [
    'devices/0/link/host: expected at least 1 characters, found ""',
    'imaging/ports: expected at most 4 entries, found [1,2,3,4,5]',
    'imaging/senders/0/aeTitle: expected at most 16 characters, found "AAAAAAAAAAAAAAAAA"',
  ])
})

t.test('config: two that want one port or one name are found, whatever they are', async (t) => {
  const text = JSON.stringify({
    van: 'van-02',
    devices: [{ id: 'ecg-1', driver, link: { kind: 'tcp-server', port: 8_080 } }],
    imaging: {
      ports: [104, 104],
      // A device may speak on a line and send images as well.
      senders: [
        { aeTitle: 'ECG', device: 'ecg-1' },
        { aeTitle: 'US', device: 'van' },
      ],
    },
    uplink: { url: 'mqtt://broker.example' },
  })
  t.strictSame(findings(readConfig(text)), [
    'imaging/senders/1/device: van is the gateway itself',
    'imaging/ports/1: TCP port 104 is used by imaging/ports/0 already',
    'page/port: TCP port 8080 is used by devices/0 already',
  ])
})

t.test('config: what should protect the line and does not is found', async (t) => {
  t.strictSame(uplink({ url: 'mqtt://broker.example', authority: '/etc/simpul/ca.pem' }), [
    'uplink/authority: is only used when the address begins with mqtts://',
  ])
  t.strictSame(uplink({ url: 'mqtts://broker.example', certificate: '/etc/simpul/van.pem' }), [
    'uplink/key: is missing, although certificate is there',
  ])
  t.strictSame(uplink({ url: 'mqtts://broker.example', key: '/etc/simpul/van.key' }), [
    'uplink/certificate: is missing, although key is there',
  ])
  const both = { certificate: '/etc/simpul/van.pem', key: '/etc/simpul/van.key' }
  t.strictSame(uplink({ url: 'mqtts://broker.example', ...both }), [])
})

t.test('config: the place of the page is known whatever else is wrong', async (t) => {
  const page = { host: '0.0.0.0', port: 9_000 }
  t.match(readConfig('{"van":1,"page":{"port":9000}}'), { ok: false, page })
  const usual = { host: '0.0.0.0', port: 8_080 }
  for (const text of ['{}', '{x', 'null', '[]', '{"page":{"port":"x"}}', '{"page":1}']) {
    t.match(readConfig(text), { ok: false, page: usual }, text)
  }
})

t.test('config: what is missing is named, in both languages', async (t) => {
  t.strictSame(findings(readConfig('{}')), ['van: is missing', 'uplink: is missing'])
  t.strictSame(findings(readConfig('{}'), 'id'), ['van: belum diisi', 'uplink: belum diisi'])
})

t.test('config: text that is not JSON, or not an object, is one finding', async (t) => {
  t.match(findings(readConfig('{x')), [/^\(file\): this is not JSON/])
  t.match(findings(readConfig('[1]')), [/^\(file\): expected a value of type object, found \[1\]/])
  t.equal(findings(readConfig('null')).length, 1)
})

/** Findings of a van with these devices, without those of what is missing. */
const ofDevices = (devices: readonly object[], language: 'en' | 'id' = 'en') =>
  findings(
    readConfig(
      JSON.stringify({
        van: 'van-02',
        uplink: { url: 'mqtt://broker.example' },
        devices: devices.map((device, index) => ({ id: `device-${index}`, ...device })),
      }),
    ),
    language,
  )

t.test('config: each kind of link with its driver', async (t) => {
  const good = [
    { driver, link: { kind: 'tcp-client', host: '192.168.1.5', port: 4_001 } },
    { driver: 'meter', link: { kind: 'hid' } },
    { driver: 'ecg', link: { kind: 'folder', path: '/srv/ecg' } },
    { driver: 'analyser', link: { kind: 'tcp-server', port: 5_000 } },
    { driver: 'hands', link: { kind: 'keypad' } },
  ]
  t.strictSame(ofDevices(good), [])
  const result = readConfig(
    JSON.stringify({
      van: 'van-02',
      uplink: { url: 'mqtt://broker.example' },
      devices: [{ id: 'ecg-1', ...good[2] }],
    }),
  )
  t.match(result, { config: { devices: [{ link: { after: 'leave' } }] } })
})

t.test('config: a driver that cannot be reached so is found', async (t) => {
  const wrong = [
    { driver, link: { kind: 'hid' } },
    { driver: 'meter', link: { kind: 'serial', path: '/dev/a' } },
    { driver: 'hands', link: { kind: 'tcp-server', port: 5_000 } },
    { driver: 'ecg', link: { kind: 'keypad' } },
    { driver: 'meter', link: { kind: 'usb', usb: '1A79:7410', socket: 'left' } },
  ]
  t.strictSame(ofDevices(wrong), [
    'devices/4/link/usb: expected vendor and product as `lsusb` prints them, such as 10c4:ea80, found "1A79:7410"',
    'devices/4/link/socket: expected as in /sys/bus/usb/devices, such as 1-1.2, found "left"',
    'devices/0/link/kind: the driver and-tm2657 cannot be reached by hid; it can by serial, tcp-client, tcp-server',
    'devices/1/link/kind: the driver meter cannot be reached by serial; it can by hid',
    'devices/2/link/kind: the driver hands cannot be reached by tcp-server; it can by keypad',
    'devices/3/link/kind: the driver ecg cannot be reached by keypad; it can by folder',
    'devices/4/link/kind: the driver meter cannot be reached by usb; it can by hid',
  ])
  t.match(ofDevices(wrong, 'id')[2], /tidak bisa lewat hid; bisa lewat serial/)
})

t.test('config: of several devices with the same USB ids each is named', async (t) => {
  const meter = (place: object) => ({ driver: 'meter', link: { kind: 'hid', ...place } })
  t.strictSame(ofDevices([meter({ serialNumber: 'a' }), meter({ socket: '1-1.2' })]), [])
  t.strictSame(ofDevices([meter({ usb: '1a79:7410' }), meter({ usb: '1a79:7800' })]), [])
  t.strictSame(ofDevices([meter({}), meter({ serialNumber: 'a' })]), [
    'devices/0/link: another device has the USB ids 1a79:7800 too: give the serialNumber or the socket of each',
  ])
  t.strictSame(ofDevices([meter({ socket: '1-1' }), meter({ socket: '1-1' })]), [
    'devices/1/link: USB socket 1-1 is used by devices/0 already',
  ])
})

t.test('config: two may not read the same files', async (t) => {
  const ecg = { driver: 'ecg', link: { kind: 'folder', path: '/srv/ecg' } }
  t.strictSame(ofDevices([ecg, ecg]), [
    'devices/1/link: /srv/ecg/*.scp is used by devices/0 already',
    'devices/1/link: /srv/ecg/*.pdf is used by devices/0 already',
  ])
})
