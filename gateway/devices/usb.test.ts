import t from 'tap'
import { fakeClock } from '../clock/fake-clock.ts'
import type { DeviceConfig } from '../config/schema.ts'
import { memoryLog } from '../health/log.ts'
import type { LinkAddress } from '../world.ts'
import { Devices } from './devices.ts'
import { fakeLinks } from './fake-links.ts'
import { letters, testDriver } from './session-testing.ts'
import { vanRecords } from './van-records.ts'

const ids = ['1a79:7410']
const at: LinkAddress = {
  kind: 'hid',
  carries: 'reports',
  usb: ids,
  serialNumber: null,
  socket: null,
}

t.test('devices: what is looked for on USB is opened when something is plugged in', async (t) => {
  const clock = fakeClock()
  const links = fakeLinks(clock)
  const { log } = memoryLog()
  const driver = {
    ...testDriver(letters, { silentAfterMs: null }),
    links: [{ kind: 'hid', usb: ids, carries: 'reports', lines: [] }],
  } as const
  const meter: DeviceConfig = {
    id: 'meter',
    driver: 'test',
    link: { kind: 'hid' },
    simulated: false,
  }
  const world = { clock, links, log }
  const sink = { record: async () => {}, document: async () => {} }
  const all = await Devices.open({
    world,
    sink,
    time: { utcOf: () => null },
    van: vanRecords(world, sink),
    drivers: [driver],
    devices: [meter],
    knownFile: null,
    registryFile: { read: async () => null, write: async () => {}, setAside: async () => {} },
  })
  all.start()
  await clock.advance(20_000)
  t.match(all.statuses(), [{ state: 'troubled', where: 'USB 1a79:7410' }])
  const plug = links.plug(at)
  all.portsAppeared(['/dev/ttyUSB0'])
  await clock.advance(1)
  t.notOk(plug.isOpen)
  all.usbAppeared()
  await clock.advance(1)
  t.ok(plug.isOpen)
  await all.stop()
})
