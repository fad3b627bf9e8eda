import t from 'tap'
import { findingText, readConfig as read, type ReadConfig } from './read.ts'

const driver = 'and-tm2657'
const readConfig = (text: string) => read(text, [driver])

function findings(result: ReadConfig, language: 'en' | 'id' = 'en'): readonly string[] {
  return result.ok ? [] : result.findings.map((one) => findingText(one, language))
}

t.test('config: a van and a broker are enough, the rest has defaults', async (t) => {
  const result = readConfig('{"van":"van-02","uplink":{"url":"mqtt://broker.example:1883"}}')
  t.ok(result.ok)
  if (!result.ok) return
  t.equal(result.config.folder, '/var/lib/simpul')
  t.strictSame(result.config.imaging.ports, [11_112])
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
      'devices/2/link/kind: expected one of serial, tcp-client, tcp-server, keypad, found "telepathy"',
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
  },
)

t.test('config: what is missing is named, in both languages', async (t) => {
  t.strictSame(findings(readConfig('{}')), ['van: is missing', 'uplink: is missing'])
  t.strictSame(findings(readConfig('{}'), 'id'), ['van: belum diisi', 'uplink: belum diisi'])
})

t.test('config: text that is not JSON, or not an object, is one finding', async (t) => {
  t.match(findings(readConfig('{x')), [/^\(file\): this is not JSON/])
  t.match(findings(readConfig('[1]')), [/^\(file\): expected a value of type object, found \[1\]/])
  t.equal(findings(readConfig('null')).length, 1)
})
