import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import t from 'tap'
import type { DeviceInfo, Unstamped } from '../../protocols/packet/record.ts'
import { memoryLog } from '../health/log.ts'
import { dayOf, isOverdue } from './calibration.ts'
import { registryFile, type RegistryFile } from './registry-file.ts'
import { Registry, type ConfiguredDevice } from './registry.ts'

const configured: ConfiguredDevice = {
  id: 'bp-1',
  driver: 'and-tm265x',
  label: 'A&D TM-2657',
  pluggedAt: '/dev/ttyUSB0',
  serialNumber: null,
  calibrationDue: '2027-01-31',
}

async function opened(file: RegistryFile) {
  const memory = memoryLog()
  const said: Unstamped<DeviceInfo>[] = []
  const registry = await Registry.open({ file, log: memory.log, says: (info) => said.push(info) })
  return { registry, said, memory }
}

t.test('registry: a new device is told and remembered', async (t) => {
  const file = registryFile(`${t.testdir({})}/devices.json`)
  const first = await opened(file)
  first.registry.plugged(configured)
  t.strictSame(first.said, [
    {
      kind: 'device',
      device: 'bp-1',
      driver: 'and-tm265x',
      label: 'A&D TM-2657',
      serialNumber: null,
      firmware: null,
      calibrationDue: '2027-01-31',
      pluggedAt: '/dev/ttyUSB0',
    },
  ])
  await first.registry.saved()
  const second = await opened(file)
  second.registry.plugged(configured)
  t.strictSame(second.said, [], 'nothing changed, nothing is told')
})

t.test(
  'registry: what the device says of itself is kept, as far as it says something',
  async (t) => {
    const file = registryFile(`${t.testdir({})}/devices.json`)
    const first = await opened(file)
    first.registry.plugged(configured)
    first.registry.identified('bp-1', { model: ' TM2657P ', serialNumber: '0417', firmware: null })
    first.registry.identified('bp-1', { model: null, serialNumber: '', firmware: '2.1' })
    first.registry.identified('bp-1', { model: 'TM2657P', serialNumber: null, firmware: null })
    t.match(first.said.at(-1), {
      label: 'A&D TM-2657 · TM2657P',
      serialNumber: '0417',
      firmware: '2.1',
    })
    t.equal(first.said.length, 3)
    await first.registry.saved()
    const second = await opened(file)
    second.registry.plugged({ ...configured, pluggedAt: '/dev/ttyUSB1' })
    t.match(second.said, [
      { label: 'A&D TM-2657 · TM2657P', serialNumber: '0417', pluggedAt: '/dev/ttyUSB1' },
    ])
    second.registry.plugged({ ...configured, driver: 'other', label: 'Another' })
    t.match(second.said.at(-1), { label: 'Another', serialNumber: null, firmware: null })
    second.registry.identified('absent', { model: 'x', serialNumber: null, firmware: null })
    t.equal(second.registry.known('absent'), null)
    // What is still being written would come into a folder that is being removed.
    await second.registry.saved()
  },
)

t.test('registry: endless texts of a device are cut', async (t) => {
  const { registry } = await opened(registryFile(`${t.testdir({})}/devices.json`))
  registry.plugged(configured)
  registry.identified('bp-1', { model: null, serialNumber: 'x'.repeat(10_000), firmware: null })
  t.equal(registry.known('bp-1')?.serialNumber?.length, 200)
  await registry.saved()
})

t.test('registry: the file is replaced as a whole and is for us alone', async (t) => {
  const path = `${t.testdir({})}/devices.json`
  const { registry } = await opened(registryFile(path))
  for (let index = 0; index < 20; index++) registry.plugged({ ...configured, id: `d-${index}` })
  await registry.saved()
  t.equal(existsSync(`${path}.new`), false)
  t.equal(statSync(path).mode & 0o777, 0o600)
  const { devices } = JSON.parse(readFileSync(path, 'utf8')) as { devices: unknown[] }
  t.equal(devices.length, 20)
})

t.test('registry: many changes at once are few writes, and the last one counts', async (t) => {
  const written: string[] = []
  const { registry } = await opened({
    read: async () => null,
    write: async (text) => void written.push(text),
    setAside: async () => {},
  })
  registry.plugged(configured)
  for (let version = 0; version < 50; version++) {
    registry.identified('bp-1', { model: null, serialNumber: null, firmware: `${version}` })
  }
  await registry.saved()
  t.ok(written.length <= 2, `${written.length} writes`)
  t.match(written.at(-1), /"firmware": "49"/)
})

t.test('registry: a damaged file is set aside and learned anew', async (t) => {
  const damaged = [
    '',
    '{"version":1,"devices":[{"id":"bp-1"',
    '{"version":2,"devices":[]}',
    '{"version":1,"devices":[{"id":"bp-1"}]}',
    '{"version":1,"devices":[null]}',
    'null',
  ]
  for (const text of damaged) {
    const path = `${t.testdir({})}/devices.json`
    writeFileSync(path, text)
    const { registry, memory, said } = await opened(registryFile(path))
    t.match(memory.lines, [{ level: 'warn' }])
    t.equal(readFileSync(`${path}.damaged`, 'utf8'), text)
    registry.plugged(configured)
    t.equal(said.length, 1)
    await registry.saved()
  }
})

t.test('registry: a disk that refuses stops nothing', async (t) => {
  const { registry, memory } = await opened({
    read: async () => null,
    write: async () => {
      throw new Error('disk full')
    },
    setAside: async () => {},
  })
  registry.plugged(configured)
  await registry.saved()
  t.match(memory.lines, [{ level: 'error', fields: { err: { message: 'disk full' } } }])
  t.equal(registry.known('bp-1')?.driver, 'and-tm265x')
})

t.test('registry: the day of the last reminder is remembered, and told to nobody', async (t) => {
  const file = registryFile(`${t.testdir({})}/devices.json`)
  const first = await opened(file)
  first.registry.plugged(configured)
  first.registry.calibrationTold('bp-1', '2027-02-01')
  first.registry.calibrationTold('bp-1', '2027-02-01')
  first.registry.calibrationTold('absent', '2027-02-01')
  t.equal(first.said.length, 1)
  await first.registry.saved()
  const second = await opened(file)
  second.registry.plugged(configured)
  t.equal(second.registry.known('bp-1')?.calibrationToldOn, '2027-02-01')
})

t.test('calibration: is overdue from the day after the last one', async (t) => {
  t.equal(dayOf(Date.UTC(2027, 0, 31, 23, 59)), '2027-01-31')
  t.equal(isOverdue('2027-01-31', '2027-01-31'), false)
  t.equal(isOverdue('2027-01-31', '2027-02-01'), true)
  t.equal(isOverdue('2027-01-31', '2026-12-01'), false)
  t.equal(isOverdue(null, '2027-02-01'), false)
})
