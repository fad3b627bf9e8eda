import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import type { MqttSettings, MqttTls } from '../../protocols/mqtt/broker.ts'
import { startMosquitto } from '../sim/mosquitto.ts'
import { dial, door } from './mqtt-testing.ts'

const folder = t.testdir()
const inFolder = (name: string) => join(folder, name)
const text = (name: string) => readFileSync(inFolder(name), 'utf8')

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

function authority(name: string): void {
  const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`]
  openssl('req', '-x509', ...newKey, ...files, '-days', '30', '-subj', `/CN=${name}`)
}

function certificate(name: string, by: string, more: readonly string[] = []): void {
  const request = ['-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`]
  openssl('req', ...newKey, ...request, '-addext', 'subjectAltName=DNS:broker.example')
  const signer = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial']
  const files = ['-in', `${name}.csr`, '-out', `${name}.pem`]
  openssl('x509', '-req', ...files, ...signer, '-copy_extensions', 'copy', '-days', '30', ...more)
}

authority('hospital')
authority('stranger')
certificate('broker', 'hospital')
certificate('van-02', 'hospital')
certificate('thief', 'stranger')
certificate('old-van', 'hospital', ['-days', '-1'])

t.test('mqtt over TLS: mosquitto that wants a client certificate', async (t) => {
  const mosquitto = await startMosquitto({
    folder,
    lines: [
      `cafile ${inFolder('hospital.pem')}`,
      `certfile ${inFolder('broker.pem')}`,
      `keyfile ${inFolder('broker.key')}`,
      'require_certificate true',
      'use_identity_as_username true',
    ],
  })
  t.teardown(() => mosquitto.kill())

  const good: MqttTls = {
    authority: text('hospital.pem'),
    client: { certificate: text('van-02.pem'), key: text('van-02.key') },
    serverName: 'broker.example',
  }
  const client = (name: string) => ({ certificate: text(`${name}.pem`), key: text(`${name}.key`) })
  const toMosquitto = (tls: MqttTls | (() => MqttTls), settings: Partial<MqttSettings> = {}) =>
    door(mosquitto.port, {
      url: `mqtts://127.0.0.1:${mosquitto.port}`,
      tls,
      connectTimeoutMs: 5_000,
      ...settings,
    })
  const attempt = (tls: Partial<MqttTls>, settings: Partial<MqttSettings> = {}) =>
    dial(toMosquitto({ ...good, ...tls }, settings))

  await t.test('lets the right one in', async (t) => {
    const van = attempt({})
    t.match(await van.opened, { protocol: '5', receiveMaximum: 20 })
    t.equal(await van.subscribe('a'), null)
    t.strictSame(await van.publish('a', Uint8Array.of(1)), { refused: null, code: undefined })
    await van.heard(1)
    van.connection.close('farewell')
    t.equal((await van.closed).code, 'asked')
  })

  await t.test('says which file is missing, and sees it when it is there', async (t) => {
    const late = inFolder('late.pem')
    const broker = toMosquitto(() => ({ ...good, authority: readFileSync(late, 'utf8') }))
    const first = await dial(broker).closed
    t.match(first, { code: 'settings', retriable: false, reason: /ENOENT.*late\.pem/ })
    copyFileSync(inFolder('hospital.pem'), late)
    const second = dial(broker)
    t.match(await second.opened, { protocol: '5' })
    second.connection.close('farewell')
    await second.closed
  })

  const refusals: readonly [string, Partial<MqttTls>, object][] = [
    [
      'an authority that did not sign the broker',
      { authority: text('stranger.pem') },
      { code: 'certificate', retriable: false, reason: /not made by an authority that we trust/ },
    ],
    [
      'a broker with another name',
      { serverName: 'other.example' },
      { code: 'certificate', retriable: false, reason: /made for another name/ },
    ],
    [
      'no client certificate',
      { client: null },
      { code: 'certificate-refused', retriable: false, reason: /does not accept our certificate/ },
    ],
    [
      'a client certificate of somebody else',
      { client: client('thief') },
      { code: 'certificate-refused', retriable: false, reason: /does not accept our certificate/ },
    ],
    [
      'a client certificate that has expired',
      { client: client('old-van') },
      { code: 'certificate-refused', retriable: false, reason: /certificate has expired/ },
    ],
    [
      'a key that is none',
      { client: { certificate: text('van-02.pem'), key: 'not a key' } },
      { code: 'settings', retriable: false, reason: /cannot be used/ },
    ],
    [
      'a key of another certificate',
      { client: { certificate: text('van-02.pem'), key: text('thief.key') } },
      { code: 'settings', retriable: false, reason: /cannot be used/ },
    ],
  ]
  for (const [what, tls, expected] of refusals) {
    await t.test(`says clearly: ${what}`, async (t) => {
      const van = attempt(tls)
      t.match(await van.closed, expected)
      t.equal(van.closedCount(), 1)
    })
  }

  await t.test('says clearly: no TLS where the broker wants it', async (t) => {
    const url = `mqtt://127.0.0.1:${mosquitto.port}`
    const van = dial(door(mosquitto.port, { url, connectTimeoutMs: 1_000 }))
    t.match(await van.closed, { code: 'lost', retriable: true })
  })

  await t.test('says clearly: TLS where the broker has none', async (t) => {
    const server = createServer((socket) => socket.end('plain words\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => server.close())
    const { port } = server.address() as AddressInfo
    const van = attempt({}, { url: `mqtts://127.0.0.1:${port}` })
    t.match(await van.closed, { code: 'protocol', reason: /does not speak TLS/ })
  })
})
