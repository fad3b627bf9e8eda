import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { andTm265x } from '../../../drivers/and-tm265x.ts'
import type { Driver, Session } from '../../../drivers/driver.ts'
import { berrymedPm6750 } from '../../../drivers/berrymed-pm6750.ts'
import { stGsInfantScale, stGsScale } from '../../../drivers/st-gs-scale.ts'
import { latin1Bytes, latin1Text } from '../../../protocols/bytes/bytes.ts'
import type { DeviceConfig } from '../../config/schema.ts'
import { testDriver } from '../session-testing.ts'
import { identifyingVan, memoryFile, saidIn, usbPort, type VanOptions } from './identify-testing.ts'
import { recordingText } from './recording.ts'
import { foundWords, sightTrouble } from './words.ts'

const captures = join(import.meta.dirname, '../../../drivers/captures')
const read = (name: string) => saidIn(readFileSync(join(captures, name), 'utf8'))
const pressure = read('and-tm265x/tm2657-good.cap')
const others = read('and-tm265x/tm2655-two-results.cap')
const eight = { dataBits: 8, parity: 'none', stopBits: 1 } as const
const at2400 = { baud: 2_400, ...eight }
const at9600 = { baud: 9_600, ...eight }
const weight = latin1Bytes('ST,+00072.45 kg\r\n')

const usual = [andTm265x, berrymedPm6750, stGsScale, stGsInfantScale]

async function openVan(t: Test, options: Partial<VanOptions> = {}) {
  const van = await identifyingVan({ drivers: usual, ...options })
  t.teardown(() => van.stop())
  const searched = (path: string) => {
    const found = van.identification.searched().find((one) => one.path === path)
    if (found === undefined) throw new Error(`nothing is searched for on ${path}`)
    return found
  }
  return {
    ...van,
    searched,
    foundAt: (path: string) => {
      const { state } = searched(path)
      if (state.kind !== 'found') throw new Error(`${path} is ${state.kind}`)
      return state
    },
    isFound: (path: string) =>
      van.identification.searched().some((one) => one.path === path && one.state.kind === 'found'),
    isAt: (path: string, baud: number) =>
      van.identification
        .searched()
        .some(
          ({ path: at, state }) =>
            at === path && state.kind === 'listening' && state.line.baud === baud,
        ),
    measurements: (device: string) =>
      van.stored.flatMap((one) =>
        one.device === device && one.record.kind === 'measurement' ? [one.record] : [],
      ),
    codes: (device: string) =>
      van.stored.flatMap((one) =>
        one.device === device && one.record.kind === 'event' ? [one.record.code] : [],
      ),
  }
}

t.test('identify: what was said while we listened is stored once, with its time', async (t) => {
  const van = await openVan(t)
  const device = van.plugIn('/dev/ttyUSB0', at2400)
  await van.until(() => van.isAt('/dev/ttyUSB0', 2_400))
  const saidMs = van.clock.monotonicMs()
  device.say(pressure)
  await van.until(() => van.isFound('/dev/ttyUSB0'))
  const { found, line } = van.foundAt('/dev/ttyUSB0')
  t.equal(found.best.driver.id, 'and-tm265x')
  t.strictSame(found.alternatives, [])
  t.ok(found.isSure)
  t.equal(
    foundWords(found, line, '/dev/ttyUSB0').en,
    'Found: A&D TM-2655 / TM-2657 blood pressure monitor on port ttyUSB0, because 1 packet with a ' +
      'right check sum was heard at 2400 8N1.',
  )

  // Nobody decides for a while, and the next patient is measured.
  await van.clock.advance(50_000)
  const secondMs = van.clock.monotonicMs()
  device.say(others.subarray(0, others.length / 2))
  await van.clock.advance(40_000)
  const opened = device.openedCount
  t.equal(await van.identification.use('/dev/ttyUSB0', 'and-tm265x', null), 'and-tm265x-1')
  await van.clock.advance(2_000)
  t.match(
    van.measurements('and-tm265x-1').map(({ atMs }) => atMs),
    [Math.floor(saidMs), Math.floor(secondMs)],
  )
  t.equal(device.openedCount, opened, 'the port was handed over, and not opened again')
  t.strictSame(van.identification.searched(), [])

  device.say(others.subarray(others.length / 2))
  await van.clock.advance(2_000)
  t.equal(van.measurements('and-tm265x-1').length, 3, 'and it goes on')
  t.match(JSON.parse((await van.adoptedFile.read()) ?? ''), {
    devices: [{ device: { id: 'and-tm265x-1', link: { path: '/dev/ttyUSB0', line: at2400 } } }],
  })
})

t.test('identify: a line that is half said at the handover is heard whole', async (t) => {
  const van = await openVan(t)
  const scale = van.plugIn('/dev/ttyUSB0', at9600)
  await van.until(() => van.isAt('/dev/ttyUSB0', 9_600))
  for (let line = 0; line < 4; line++) {
    scale.say(weight)
    await van.clock.advance(100)
  }
  await van.until(() => van.isFound('/dev/ttyUSB0'))
  const { found } = van.foundAt('/dev/ttyUSB0')
  t.strictSame(
    found.alternatives.map(({ driver }) => driver.id),
    ['st-gs-infant-scale'],
    'nothing tells an infant scale from one for adults',
  )
  t.notOk(found.isSure)
  scale.say(latin1Bytes('ST,+00012'))
  await van.identification.use('/dev/ttyUSB0', 'st-gs-scale', null)
  await van.clock.advance(500)
  scale.say(latin1Bytes('.50 kg\r\n'))
  for (let line = 0; line < 6; line++) {
    scale.say(latin1Bytes('ST,+00012.50 kg\r\n'))
    await van.clock.advance(100)
  }
  await van.clock.advance(3_000)
  const weights = van.measurements('st-gs-scale-1').map(({ values }) => values[0]?.value)
  t.strictSame(weights, [12.5])
  const [status] = van.devices.statuses()
  t.equal(status?.noiseBytes, 0, 'no byte was lost on the way')
})

t.test('identify: only harmless questions are sent, and only after listening', async (t) => {
  const answer = latin1Bytes('I am the one that was asked, and nobody else')
  const question = latin1Bytes('who?')
  function* asking(): Session {
    for (;;) {
      yield { kind: 'send', bytes: question, why: 'ask' }
      const heard = yield { kind: 'listen', ms: 1_000 }
      if (heard?.kind !== 'bytes') continue
      const isAnswer = latin1Text(heard.bytes) === latin1Text(answer)
      if (!isAnswer) yield { kind: 'noise', reason: 'no answer', bytes: heard.bytes }
      else {
        yield { kind: 'packet', atMs: heard.atMs }
        yield { kind: 'measurement', values: [{ code: 'MDC_TEMP', value: 36.5, unit: 'Cel' }] }
        yield { kind: 'listen', ms: 60_000 }
      }
    }
  }
  const driver = testDriver(asking, { silentAfterMs: null })
  const harmless: Driver = { ...driver, id: 'harmless', asks: 'harmless' }
  const chosen: Driver = { ...testDriver(asking), id: 'chosen', asks: 'only-when-chosen' }
  const van = await openVan(t, { drivers: [chosen, harmless] })
  const device = van.plugIn('/dev/ttyUSB0', at9600)
  await van.until(() => device.openedCount > 0)
  await van.clock.advance(1_400)
  t.strictSame(device.heard, [], 'nothing is sent while we only listen')
  device.onHeard(() => device.say(answer))
  await van.until(() => van.isFound('/dev/ttyUSB0'))
  const { found, line } = van.foundAt('/dev/ttyUSB0')
  t.ok(found.best.isAsked)
  t.match(foundWords(found, line, '/x').en, /heard when it was asked at 9600 8N1/)
  const asked = device.heard.length
  await van.identification.use('/dev/ttyUSB0', found.best.driver.id, null)
  await van.clock.advance(10_000)
  t.equal(van.measurements(`${found.best.driver.id}-1`).length, 1, 'its answer counts once')
  t.equal(device.heard.length, asked, 'and it is not asked again')
})

t.test('identify: sure is who has check sums and no rival; it survives a restart', async (t) => {
  const adoptedFile = memoryFile()
  const registryFile = memoryFile()
  const options = { config: { accept: 'sure' } as const, adoptedFile, registryFile }
  const van = await openVan(t, options)
  const device = van.plugIn('/dev/ttyUSB0', at2400)
  const scale = van.plugIn('/dev/ttyUSB1', at9600)
  await van.until(() => van.isAt('/dev/ttyUSB0', 2_400))
  device.say(pressure)
  await van.until(() => van.isAt('/dev/ttyUSB1', 9_600))
  for (let line = 0; line < 9; line++) scale.say(weight)
  await van.until(() => van.isFound('/dev/ttyUSB1'))
  await van.until(() => van.measurements('and-tm265x-1').length === 1)
  await van.clock.advance(20_000)
  t.ok(van.isFound('/dev/ttyUSB1'), 'a scale without check sums waits for a person')

  const later = await openVan(t, options)
  t.strictSame(
    later.devices.configs().map(({ id }) => id),
    ['and-tm265x-1'],
  )
  const again = later.plugIn('/dev/ttyUSB0', at2400)
  await later.clock.advance(1_000)
  again.say(others)
  await later.clock.advance(1_000)
  t.equal(later.measurements('and-tm265x-1').length, 2)
})

t.test('identify: twins on two ports are two devices; one that moves is known', async (t) => {
  const van = await openVan(t, { config: { accept: 'sure' } })
  const plugTwin = async (path: string) => {
    const twin = van.plugIn(path, at2400)
    await van.until(() => van.isAt(path, 2_400))
    twin.say(pressure)
    return twin
  }
  const paths = () => van.devices.statuses().map(({ id, where }) => `${id} ${where}`)
  const first = await plugTwin('/dev/ttyUSB0')
  const second = await plugTwin('/dev/ttyUSB1')
  await van.until(() => paths().length === 2)
  t.strictSame(paths().sort(), ['and-tm265x-1 /dev/ttyUSB0', 'and-tm265x-2 /dev/ttyUSB1'])

  first.unplug()
  const moved = await plugTwin('/dev/ttyUSB2')
  await van.until(() => paths().includes('and-tm265x-1 /dev/ttyUSB2'))
  t.equal(paths().length, 2)
  t.match(van.codes('and-tm265x-1'), ['connected', 'disconnected', 'device-moved', 'connected'])

  second.unplug()
  moved.unplug()
  await plugTwin('/dev/ttyUSB3')
  await van.until(() => van.isFound('/dev/ttyUSB3'))
  await van.clock.advance(20_000)
  t.strictSame(van.searched('/dev/ttyUSB3').recognised, {
    kind: 'one-of',
    devices: ['and-tm265x-2', 'and-tm265x-1'],
  })
  t.equal(paths().length, 2, 'which of two twins it is, only a person can say')
  await van.identification.use('/dev/ttyUSB3', 'and-tm265x', 'and-tm265x-2')
  t.ok(paths().includes('and-tm265x-2 /dev/ttyUSB3'))
})

t.test('identify: who says its own number is known wherever it is plugged in', async (t) => {
  function* numbered(): Session {
    for (;;) {
      const heard = yield { kind: 'listen', ms: 1_000 }
      if (heard?.kind !== 'bytes') continue
      const [, number] = /^device number (\d+)$/.exec(latin1Text(heard.bytes)) ?? []
      if (number === undefined) {
        yield { kind: 'noise', reason: 'no number', bytes: heard.bytes }
        continue
      }
      yield { kind: 'packet', atMs: heard.atMs }
      yield { kind: 'identity', model: null, serialNumber: number, firmware: null }
    }
  }
  const van = await openVan(t, { drivers: [testDriver(numbered, { silentAfterMs: null })] })
  const tell = async (path: string, number: number) => {
    const device = van.plugIn(path, at9600)
    await van.until(() => van.isAt(path, 9_600))
    device.say(latin1Bytes(`device number ${number}`))
    return device
  }
  const one = await tell('/dev/ttyUSB0', 41)
  await van.until(() => van.isFound('/dev/ttyUSB0'))
  await van.identification.use('/dev/ttyUSB0', 'test', null)
  const two = await tell('/dev/ttyUSB1', 42)
  await van.until(() => van.isFound('/dev/ttyUSB1'))
  await van.identification.use('/dev/ttyUSB1', 'test', null)
  await van.clock.advance(1_000)
  one.unplug()
  two.unplug()
  await tell('/dev/ttyUSB2', 42)
  await van.until(() => van.devices.statuses().some(({ where }) => where === '/dev/ttyUSB2'))
  t.equal(van.devices.statuses().find(({ where }) => where === '/dev/ttyUSB2')?.id, 'test-2')
})

t.test('identify: ports of others are left alone', async (t) => {
  const configured: DeviceConfig = {
    id: 'bp-1',
    driver: 'and-tm265x',
    link: { kind: 'serial', path: '/dev/serial/by-id/mine' },
    simulated: false,
  }
  const van = await openVan(t, {
    configured: [configured],
    config: { ports: ['/dev/ttyS1'], ignore: ['/dev/ttyUSB7'] },
  })
  van.plugIn('/dev/ttyUSB0', at2400, { stablePath: '/dev/serial/by-id/mine' })
  // The same port under another name.
  van.plugIn('/dev/clinic', at2400, { node: '/dev/ttyUSB0' })
  van.plugIn('/dev/ttyS0', at9600, { usb: null, socketPath: null })
  van.plugIn('/dev/ttyS1', at9600, { usb: null, socketPath: null })
  van.plugIn('/dev/ttyUSB7', at9600)
  await van.clock.advance(3_000)
  t.strictSame(
    van.identification.searched().map(({ path }) => path),
    ['/dev/ttyS1'],
  )
})

t.test('identify: says what it saw where it cannot tell, and hands it over', async (t) => {
  const van = await openVan(t)
  van.plugIn('/dev/ttyUSB0', at9600)
  const text = van.plugIn('/dev/ttyUSB1', at9600)
  const frames = van.plugIn('/dev/ttyUSB2', at9600)
  const foreign = van.plugIn('/dev/ttyUSB3', { ...at9600, baud: 300 })
  const count = { frames: 0 }
  await van.until(() => {
    text.say(latin1Bytes('Clinic reading 7 of a day\r\n'))
    frames.say(Uint8Array.of(0xa5, 0x5a, 0x07, count.frames++ & 0xff, 0x11, 0x93, 0x20, 0x01))
    foreign.say(createHash('sha256').update(String(count.frames)).digest().subarray(0, 9))
    const all = van.identification.searched()
    return all.length === 4 && all.every(({ rounds }) => rounds > 0)
  })
  const troubles = van.identification.searched().map((one) => sightTrouble(one)?.code)
  t.strictSame(troubles, [
    'identify-nothing',
    'identify-text',
    'identify-pattern',
    'identify-noise',
  ])
  const recorded = recordingText('/dev/ttyUSB1', van.identification.recorded('/dev/ttyUSB1') ?? [])
  t.match(recorded, /# at 9600 8N1\n(?:@ \d+\n)?< "Clinic reading 7 of a day" 0d 0a/)
  await t.rejects(van.identification.use('/dev/ttyUSB9', 'and-tm265x', null), {
    code: 'identify-port-gone',
  })
})

t.test('identify: a person may know better, and may take it back', async (t) => {
  const van = await openVan(t)
  const scale = van.plugIn('/dev/ttyUSB0', at9600)
  await van.until(() => {
    scale.say(weight)
    return van.isFound('/dev/ttyUSB0')
  })
  van.identification.reject('/dev/ttyUSB0')
  await van.clock.advance(30_000)
  scale.say(weight)
  await van.clock.advance(30_000)
  t.notOk(van.isFound('/dev/ttyUSB0'))
  await van.identification.use('/dev/ttyUSB0', 'st-gs-scale', null)
  await van.clock.advance(1_000)
  t.strictSame(
    van.devices.statuses().map(({ id }) => id),
    ['st-gs-scale-1'],
  )
  await van.identification.forget('st-gs-scale-1')
  await van.clock.advance(2_000)
  t.strictSame(van.devices.statuses(), [])
  t.equal(van.identification.searched().length, 1, 'and its port is searched again')
})

t.test('identify: a twin of an adapter does not take its name away', async (t) => {
  const van = await openVan(t)
  const own = {
    vid: '0403',
    pid: '6001',
    serialNumber: 'FT5XQ9A2',
    manufacturer: null,
    product: null,
    interface: 0,
  }
  const byId = '/dev/serial/by-id/usb-FT5XQ9A2'
  const port = { ...usbPort('/dev/ttyUSB0'), usb: own, socketPath: '/dev/by-path/1' }
  const device = van.plugIn(byId, at2400, { ...port, stablePath: byId })
  await van.until(() => van.isAt(byId, 2_400))
  device.say(pressure)
  await van.until(() => van.isFound(byId))
  await van.identification.use(byId, 'and-tm265x', null)
  t.equal(van.devices.statuses()[0]?.where, byId)

  van.identification.portsSeen([
    { ...port, stablePath: '/dev/by-path/1' },
    {
      ...port,
      path: '/dev/ttyUSB1',
      node: 'two',
      stablePath: '/dev/by-path/2',
      socketPath: '/dev/by-path/2',
    },
  ])
  await van.clock.advance(1_000)
  t.equal(van.devices.statuses()[0]?.where, '/dev/by-path/1')
})
