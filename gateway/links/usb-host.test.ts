import t from 'tap'
import type { UsbEndpoint } from '../../protocols/usb/descriptors.ts'
import { UsbFault } from './usb-bus.ts'
import type { UsbDevice } from './usb-devices.ts'
import { hostUsbBus, type NativeUsb } from './usb-host.ts'
import { FakeUsb } from './usb-testing.ts'

type Native = Awaited<ReturnType<NativeUsb['getDevices']>>[number]

const input: UsbEndpoint = { number: 1, direction: 'in', type: 'interrupt', packetBytes: 8 }
const output: UsbEndpoint = { number: 2, direction: 'out', type: 'interrupt', packetBytes: 8 }
const device: UsbDevice = { ...new FakeUsb({}).device, bus: 1, address: 7 }
const request = {
  type: 'class',
  recipient: 'interface',
  request: 9,
  value: 0x0200,
  index: 0,
} as const

const never = <T>(): Promise<T> => new Promise<T>(() => {})

/** The package, with a device that does what the test says. */
function bus(more: Partial<Native> = {}) {
  const log: string[] = []
  const told =
    (name: string) =>
    async (...args: readonly unknown[]): Promise<void> =>
      void log.push(`${name} ${args.map(String).join(' ')}`.trimEnd())
  const native: Native = {
    bus: '001',
    address: 7,
    open: told('open'),
    close: told('close'),
    detachKernelDriver: told('detach'),
    attachKernelDriver: told('attach'),
    claimInterface: told('claim'),
    releaseInterface: told('release'),
    nativeTransferIn: never,
    nativeTransferOut: async (_endpoint, _ms, bytes) => bytes.length,
    nativeControlTransferIn: async (_setup, _ms, bytes) => new Uint8Array(bytes),
    nativeControlTransferOut: async (_setup, _ms, bytes) => bytes.length,
    clearHalt: told('clear'),
    ...more,
  }
  return { log, bus: hostUsbBus(async () => ({ getDevices: async () => [native] })) }
}

/** The kind of fault with which it ends; null when it does not. */
const kindOf = (work: Promise<unknown>): Promise<string | null> =>
  work.then(
    () => null,
    (error: unknown) => (error instanceof UsbFault ? error.kind : String(error)),
  )

const failing = (words: string) => async (): Promise<never> => {
  throw new Error(words)
}

t.test('usb host: takes an interface from the kernel, and gives it back', async (t) => {
  const { log, bus: usb } = bus()
  const handle = await usb.open(device)
  await handle.claim(1)
  await handle.clearHalt(input)
  await handle.close()
  t.strictSame(log, ['open', 'detach 1', 'claim 1', 'clear in 1', 'release 1', 'attach 1', 'close'])
})

t.test('usb host: an interface that no driver had is not given to one', async (t) => {
  const { log, bus: usb } = bus({ detachKernelDriver: failing('no driver') })
  const handle = await usb.open(device)
  await handle.claim(0)
  await handle.close()
  t.strictSame(log, ['open', 'claim 0', 'release 0', 'close'])
})

t.test('usb host: a wait goes on until something comes', async (t) => {
  let tries = 0
  const { bus: usb } = bus({
    nativeTransferIn: async (endpoint, ms, bytes) => {
      if (++tries < 4) throw new Error('transferIn error: Cancelled')
      return Uint8Array.of(endpoint, bytes, ms > 0 ? 1 : 0)
    },
  })
  const handle = await usb.open(device)
  t.strictSame(await handle.read(input), Uint8Array.of(1, 8, 1))
  t.equal(tries, 4)
})

t.test('usb host: closing ends a wait, and waits for its end', async (t) => {
  const waits: ((error: Error) => void)[] = []
  const { log, bus: usb } = bus({
    nativeTransferIn: () => new Promise((_resolve, reject) => waits.push(reject)),
  })
  const handle = await usb.open(device)
  const reading = handle.read(input)
  const closing = handle.close()
  t.notOk(log.includes('close'))
  waits[0]?.(new Error('transferIn error: Cancelled'))
  t.equal(await kindOf(reading), 'gone')
  await closing
  t.ok(log.includes('close'))
})

t.test('usb host: what the package says is told in kinds', async (t) => {
  const kinds: readonly (readonly [string, UsbFault['kind']])[] = [
    ['transferIn error: Stall', 'halted'],
    ['transferIn error: Disconnected', 'gone'],
    ['open error: Permission denied (errno 13)', 'denied'],
    ['open error: No such device (errno 19)', 'gone'],
    ['transferIn error: Fault', 'other'],
  ]
  for (const [words, kind] of kinds) {
    const { bus: usb } = bus({ nativeTransferIn: failing(words), open: async () => undefined })
    const handle = await usb.open(device)
    t.equal(await kindOf(handle.read(input)), kind, words)
    const refusing = bus({ open: failing(words) }).bus
    t.equal(await kindOf(refusing.open(device)), kind, words)
  }
  t.equal(await kindOf(bus().bus.open({ ...device, address: 8 })), 'gone')
})

t.test('usb host: what is not sent whole is not sent', async (t) => {
  const { bus: usb } = bus({ nativeTransferOut: async () => 3 })
  const handle = await usb.open(device)
  t.equal(await kindOf(handle.write(output, new Uint8Array(8))), 'late')
  const sound = await bus().bus.open(device)
  await sound.write(output, new Uint8Array())
  await sound.controlOut(request, new Uint8Array(8))
  t.strictSame(await sound.controlIn(request, 2), new Uint8Array(2))
  const refusing = await bus({ nativeControlTransferIn: async () => null }).bus.open(device)
  t.equal(await kindOf(refusing.controlIn(request, 2)), 'halted')
})

t.test('usb host: the package loads on this machine', async (t) => {
  const { usb } = await import('usb')
  t.equal(typeof usb.getDevices, 'function')
})
