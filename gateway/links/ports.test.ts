import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { fakeClock } from '../clock/fake-clock.ts'
import { listPorts, watchPorts, type PortsChange } from './ports.ts'

function put(path: string, text = ''): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

function link(path: string, name: string): void {
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(`../../${name}`, path)
}

/**
 * A /dev and a /sys with one board port, a pseudo port without hardware, a console, two USB
 * adapters.
 */
function box(folder: string) {
  const devFolder = `${folder}/dev`
  const sysFolder = `${folder}/sys`
  const tty = (name: string, type: string) => {
    put(`${devFolder}/${name}`)
    put(`${sysFolder}/class/tty/${name}/type`, `${type}\n`)
  }
  tty('ttyS0', '4')
  tty('ttyS1', '0')
  put(`${devFolder}/tty1`)
  mkdirSync(`${sysFolder}/class/tty/tty1`, { recursive: true })

  const usb = (name: string, device: string, attributes: { [name: string]: string }) => {
    put(`${devFolder}/${name}`)
    const root = `${sysFolder}/devices/usb1/${device}`
    for (const [key, value] of Object.entries(attributes)) put(`${root}/${key}`, `${value}\n`)
    const port = `${root}/${device}:1.0/${name}`
    put(`${root}/${device}:1.0/bInterfaceNumber`, '00\n')
    mkdirSync(port, { recursive: true })
    mkdirSync(`${sysFolder}/class/tty/${name}`, { recursive: true })
    symlinkSync(port, `${sysFolder}/class/tty/${name}/device`)
  }
  usb('ttyUSB0', '1-1', {
    idVendor: '0403',
    idProduct: '6001',
    serial: 'A10K2',
    manufacturer: 'FTDI',
    product: 'FT232R USB UART',
  })
  link(`${devFolder}/serial/by-id/usb-FTDI_FT232R_A10K2-if00-port0`, 'ttyUSB0')
  link(`${devFolder}/serial/by-path/platform-xhci-usb-0:1.1:1.0-port0`, 'ttyUSB0')
  usb('ttyACM10', '1-2', { idVendor: '1A86', idProduct: '55D3' })
  link(`${devFolder}/serial/by-path/platform-xhci-usb-0:1.2:1.0`, 'ttyACM10')
  link(`${devFolder}/serial/by-id/usb-gone-if00`, 'ttyUSB9')
  return { devFolder, sysFolder, usb }
}

t.test('ports: are found with their identity, their socket and a name that stays', async (t) => {
  const { devFolder, sysFolder } = box(t.testdir({}))
  const ports = await listPorts({ devFolder, sysFolder })
  t.match(ports, [
    {
      path: `${devFolder}/ttyACM10`,
      stablePath: `${devFolder}/serial/by-path/platform-xhci-usb-0:1.2:1.0`,
      usb: {
        vid: '1a86',
        pid: '55d3',
        serialNumber: null,
        manufacturer: null,
        product: null,
        interface: 0,
      },
      configured: false,
    },
    { path: `${devFolder}/ttyS0`, stablePath: `${devFolder}/ttyS0`, socketPath: null, usb: null },
    {
      path: `${devFolder}/ttyUSB0`,
      stablePath: `${devFolder}/serial/by-id/usb-FTDI_FT232R_A10K2-if00-port0`,
      socketPath: `${devFolder}/serial/by-path/platform-xhci-usb-0:1.1:1.0-port0`,
      usb: { vid: '0403', pid: '6001', serialNumber: 'A10K2', product: 'FT232R USB UART' },
    },
  ])
  t.equal(ports.length, 3)
})

t.test('ports: adapters of the same name are told apart by their socket', async (t) => {
  const { devFolder, sysFolder, usb } = box(t.testdir({}))
  usb('ttyUSB1', '1-3', { idVendor: '0403', idProduct: '6001', serial: 'A10K2' })
  link(`${devFolder}/serial/by-path/platform-xhci-usb-0:1.3:1.0-port0`, 'ttyUSB1')
  usb('ttyUSB2', '1-4', { idVendor: '1a86', idProduct: '7523' })
  link(`${devFolder}/serial/by-id/usb-1a86_USB_Serial-if00-port0`, 'ttyUSB2')
  link(`${devFolder}/serial/by-path/platform-xhci-usb-0:1.4:1.0-port0`, 'ttyUSB2')
  const ports = await listPorts({ devFolder, sysFolder })
  t.strictSame(
    ports.filter((port) => /USB/.test(port.path)).map((port) => port.stablePath),
    ['1.1', '1.3', '1.4'].map(
      (socket) => `${devFolder}/serial/by-path/platform-xhci-usb-0:${socket}:1.0-port0`,
    ),
  )
})

t.test('ports: configured paths count while they are there, and once', async (t) => {
  const { devFolder, sysFolder } = box(t.testdir({}))
  const extraPaths = [`${devFolder}/demo`, `${devFolder}/absent`, `${devFolder}/ttyUSB0`]
  put(`${devFolder}/demo`)
  const ports = await listPorts({ devFolder, sysFolder, extraPaths })
  t.strictSame(
    ports.filter((port) => port.configured).map((port) => port.path),
    [`${devFolder}/demo`],
  )
  t.equal(ports.length, 4)
})

t.test('ports: a box without any has an empty list', async (t) => {
  t.strictSame(await listPorts({ devFolder: '/nowhere', sysFolder: '/nowhere' }), [])
})

/** Lets the reading of folders finish, which no fake clock can hurry. */
async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 60_000
  while (!condition()) {
    if (performance.now() > end) throw new Error('waited too long')
    await sleep(5)
  }
}

t.test('ports: plugging, unplugging and a new node under the same name are told', async (t) => {
  const { devFolder, sysFolder, usb } = box(t.testdir({}))
  const clock = fakeClock()
  const changes: PortsChange[] = []
  const names = (ports: readonly { path: string }[]) =>
    ports.map((port) => port.path.slice(devFolder.length + 1))
  const stop = watchPorts(clock, (change) => changes.push(change), { devFolder, sysFolder })
  await until(() => changes.length === 1)
  t.strictSame(names(changes[0]?.appeared ?? []), ['ttyACM10', 'ttyS0', 'ttyUSB0'])

  usb('ttyUSB1', '1-3', { idVendor: '067b', idProduct: '2303' })
  rmSync(`${devFolder}/ttyS0`)
  await clock.advance(5_000)
  await until(() => changes.length === 2)
  t.strictSame(names(changes[1]?.appeared ?? []), ['ttyUSB1'])
  t.strictSame(names(changes[1]?.vanished ?? []), ['ttyS0'])

  // Made beside it, so that the inode cannot be the same.
  writeFileSync(`${devFolder}/new`, '')
  renameSync(`${devFolder}/new`, `${devFolder}/ttyUSB0`)
  await clock.advance(5_000)
  await until(() => changes.length === 3)
  t.strictSame(names(changes[2]?.appeared ?? []), ['ttyUSB0'])
  t.strictSame(names(changes[2]?.vanished ?? []), ['ttyUSB0'])

  await clock.advance(60_000)
  await sleep(20)
  t.equal(changes.length, 3, 'nothing changed, nothing is told')
  stop()
  t.strictSame(clock.running(), [])
})

t.test('ports: a change in the folder is seen long before the next poll', async (t) => {
  const { devFolder, sysFolder, usb } = box(t.testdir({}))
  const changes: PortsChange[] = []
  const clock = fakeClock()
  const stop = watchPorts(clock, (change) => changes.push(change), { devFolder, sysFolder })
  await until(() => changes.length === 1)
  usb('ttyUSB1', '1-3', { idVendor: '067b', idProduct: '2303' })
  const timers = () => clock.running().map(({ name }) => name)
  await until(() => timers().includes('look for ports after a change'))
  await clock.advance(1_000)
  await until(() => changes.length === 2)
  t.ok(timers().includes('look for ports'), 'the next poll is still to come')
  stop()
})
