import t, { type Test } from 'tap'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fromHex } from '../../protocols/packet/hex.ts'
import { fakeClock } from '../clock/fake-clock.ts'
import { listUsbDevices, watchUsbDevices } from './usb-devices.ts'

const hid = `12010002000000403a17d521000101020301090229000101008032
  090400000203000000092111010001229c010705810340000107050203400001`.replaceAll(/\s/g, '')

/** A /sys in which devices can be plugged in. */
function sys(t: Test) {
  const folder = t.testdir({ bus: { usb: { devices: {} } } })
  const devices = join(folder, 'bus/usb/devices')
  return {
    folder,
    devices,
    plug: (socket: string, files: { readonly [name: string]: string | Uint8Array }) => {
      // Whole at once, as the kernel shows it.
      const made = join(folder, 'made')
      mkdirSync(made)
      for (const [name, content] of Object.entries(files)) {
        writeFileSync(join(made, name), typeof content === 'string' ? `${content}\n` : content)
      }
      renameSync(made, join(devices, socket))
    },
  }
}

const descriptors = fromHex(hid) ?? new Uint8Array()
const bridge = { idVendor: '10C4', idProduct: 'ea80', busnum: '1', devnum: '7', descriptors }

t.test('usb devices: what is plugged in, and where', async (t) => {
  const { folder, plug } = sys(t)
  plug('1-1.10', { ...bridge, serial: '0001', manufacturer: 'Silicon Labs', product: 'CP2110' })
  plug('1-1.2', { ...bridge, devnum: '5' })
  plug('usb1', { ...bridge, idVendor: '1d6b' })
  plug('1-1:1.0', { bInterfaceClass: '03' })
  plug('2-1', { idVendor: '1234', idProduct: '5678', busnum: '2', devnum: '1' })
  const found = await listUsbDevices(folder)
  t.strictSame(
    found.map(({ socket, address }) => [socket, address]),
    [
      ['1-1.2', 5],
      ['1-1.10', 7],
    ],
  )
  t.match(found[1], {
    id: '10c4:ea80',
    serialNumber: '0001',
    manufacturer: 'Silicon Labs',
    product: 'CP2110',
    bus: 1,
    interfaces: [{ class: 3, reportDescriptorBytes: 0x19c }],
  })
  t.match(found[0], { serialNumber: null, manufacturer: null, product: null })
})

t.test('usb devices: a box without USB has none', async (t) => {
  t.strictSame(await listUsbDevices(join(t.testdir({}), 'nowhere')), [])
})

t.test('usb devices: one that appears is told, one that was there is not', async (t) => {
  const { folder, devices, plug } = sys(t)
  plug('1-1', bridge)
  const clock = fakeClock()
  let told = 0
  const stop = watchUsbDevices(clock, () => void told++, folder)
  const look = async () => {
    // The file system answers in its own time.
    for (let wait = 0; wait < 200 && clock.running().length === 0; wait++) await sleep(1)
    await clock.advance(2_000)
    for (let wait = 0; wait < 200 && clock.running().length === 0; wait++) await sleep(1)
  }
  await look()
  t.equal(told, 0)
  plug('1-2', bridge)
  await look()
  t.equal(told, 1)
  await look()
  t.equal(told, 1)
  renameSync(join(devices, '1-2'), join(folder, 'gone'))
  await look()
  t.equal(told, 1, 'who goes is noticed by who reads it')
  plug('1-2', { ...bridge, devnum: '8' })
  await look()
  t.equal(told, 2)
  stop()
  t.strictSame(clock.running(), [])
})
