import t from 'tap'
import type { Driver, Session } from '../../drivers/driver.ts'
import type { FileOutcome, LinkAddress } from '../world.ts'
import { callsMax, desertedAfterMs } from './calls.ts'
import { hearingWords } from './device-status.ts'
import { reachOf } from './reach.ts'
import { letters, testDriver, testVan, type VanOptions } from './session-testing.ts'
import { Trouble } from '../errors/trouble.ts'

const port: LinkAddress = { kind: 'tcp-server', port: 4_001 }
const folder: LinkAddress = {
  kind: 'folder',
  path: '/share',
  endings: ['.scp'],
  limitBytes: 1_000_000,
  after: 'leave',
}

function tcpDriver(session: () => Session = letters): Driver {
  const plain = testDriver(session, { silentAfterMs: null })
  return { ...plain, links: [{ kind: 'tcp', weAre: 'server', port: 4_001, splits: 'bytes' }] }
}

function folderDriver(session: () => Session = letters): Driver {
  const plain = testDriver(session, { silentAfterMs: null })
  return { ...plain, links: [{ kind: 'folder', endings: ['.scp'], limitBytes: 1_000_000 }] }
}

async function started(options: VanOptions) {
  const van = testVan(options)
  van.session.start()
  await van.clock.settle()
  return van
}

/** Doubles what it hears, a byte at a time and when it hears the next one. */
function* echo(): Session {
  let last = 0
  for (;;) {
    const heard = yield { kind: 'listen', ms: 60_000 }
    if (heard?.kind !== 'bytes') continue
    yield { kind: 'packet', atMs: heard.atMs }
    yield { kind: 'send', bytes: Uint8Array.of(last), why: 'echo' }
    last = heard.bytes[0] ?? 0
  }
}

t.test('calls: each has a dialogue of its own, and all are one device', async (t) => {
  const van = await started({ driver: tcpDriver(echo), address: port })
  t.match(van.session.status(), { state: 'waiting', link: 'open', where: 'TCP port 4001' })
  const [one, other] = [van.plug.call(), van.plug.call()]
  for (const byte of [1, 2, 3]) {
    one?.say(Uint8Array.of(byte))
    other?.say(Uint8Array.of(byte + 10))
    await van.clock.settle()
  }
  t.strictSame(
    one?.heard,
    [0, 1, 2].map((byte) => Uint8Array.of(byte)),
  )
  t.strictSame(
    other?.heard,
    [0, 11, 12].map((byte) => Uint8Array.of(byte)),
  )
  t.strictSame(van.eventCodes(), ['connected'])
  await van.session.stop()
  t.notOk(one?.isOpen)
  t.strictSame(van.clock.running(), [])
})

t.test('calls: who hangs up is no trouble, and may call again', async (t) => {
  const van = await started({ driver: tcpDriver(), address: port })
  for (let round = 0; round < 20; round++) {
    const call = van.plug.call()
    call?.say(Buffer.from('m'))
    await van.clock.settle()
    call?.hangUp()
    await van.clock.settle()
  }
  t.equal(van.stored.filter(({ kind }) => kind === 'measurement').length, 20)
  t.match(van.session.status(), { state: 'talking', link: 'open', trouble: null, retries: 0 })
  t.strictSame(van.eventCodes(), ['connected'])
  t.equal(van.plug.openedCount, 1)
  await van.session.stop()
})

t.test('calls: after a while without anybody the device is gone', async (t) => {
  const van = await started({ driver: tcpDriver(), address: port })
  const first = van.plug.call()
  first?.say(Buffer.from('m'))
  await van.clock.settle()
  first?.hangUp()
  await van.clock.advance(desertedAfterMs - 1)
  const second = van.plug.call()
  await van.clock.advance(desertedAfterMs)
  t.strictSame(van.eventCodes(), ['connected'], 'somebody is there, and says nothing')
  second?.hangUp()
  await van.clock.advance(desertedAfterMs)
  t.strictSame(van.eventCodes(), ['connected', 'disconnected'])
  t.match(van.session.status(), { state: 'waiting', link: 'open', hearing: 'nothing' })
  van.plug.call()?.say(Buffer.from('m'))
  await van.clock.settle()
  t.strictSame(van.eventCodes(), ['connected', 'disconnected', 'connected'])
  van.plug.unplug()
  await van.clock.settle()
  t.strictSame(van.eventCodes().at(-1), 'disconnected')
  await van.session.stop()
  t.strictSame(van.clock.running(), [])
})

t.test('calls: waves of two do not share a run', async (t) => {
  const van = await started({ driver: tcpDriver(), address: port })
  for (const call of [van.plug.call(), van.plug.call()]) call?.say(Buffer.from('sss'))
  await van.clock.advance(2_000)
  const waves = van.stored.filter((record) => record.kind === 'waveform')
  t.equal(waves.length, 2)
  t.equal(new Set(waves.map(({ run }) => run)).size, 2)
  await van.session.stop()
})

t.test('calls: who has said all is hung up', async (t) => {
  const van = await started({ driver: tcpDriver(), address: port })
  const [one, other] = [van.plug.call(), van.plug.call()]
  one?.say(Buffer.from('mx'))
  await van.clock.settle()
  t.notOk(one?.isOpen)
  t.ok(other?.isOpen)
  t.match(van.session.status(), { link: 'open', driverFailures: 0 })
  await van.session.stop()
})

t.test('calls: too many, and the oldest is hung up', async (t) => {
  const van = await started({ driver: tcpDriver(), address: port })
  const calls = []
  for (let count = 0; count <= callsMax; count++) {
    calls.push(van.plug.call())
    await van.clock.settle()
  }
  t.strictSame(calls.map((call) => call?.isOpen).slice(0, 2), [false, true])
  t.ok(calls.at(-1)?.isOpen)
  await van.session.stop()
})

t.test('calls: a mistake of the driver ends one of them', async (t) => {
  const van = await started({ driver: tcpDriver(), address: port })
  const [one, other] = [van.plug.call(), van.plug.call()]
  one?.say(Buffer.from('!'))
  await van.clock.settle()
  t.notOk(one?.isOpen)
  other?.say(Buffer.from('m'))
  await van.clock.settle()
  t.match(van.session.status(), { driverFailures: 1, link: 'open' })
  t.equal(van.stored.filter(({ kind }) => kind === 'measurement').length, 1)
  await van.session.stop()
})

t.test('calls: a port that is taken is tried again, one that ends is opened anew', async (t) => {
  const words = { what: 'Taken.', todo: 'Wait.' }
  const van = testVan({ driver: tcpDriver(), address: port })
  van.plug.refuse(new Trouble('link-port-taken', { en: words, id: words, retriable: true }))
  van.session.start()
  await van.clock.settle()
  t.match(van.session.status(), { state: 'troubled', trouble: { code: 'link-port-taken' } })
  van.plug.refuse(null)
  await van.clock.advance(1_000)
  t.match(van.session.status(), { state: 'waiting', trouble: null })
  van.plug.unplug()
  van.plug.plugIn()
  await van.clock.advance(5_000)
  t.match(van.session.status(), { state: 'waiting' })
  t.equal(van.plug.openedCount, 2)
  await van.session.stop()
})

t.test('file: is heard whole, and taken when it is stored', async (t) => {
  const sizes: number[] = []
  function* sized(): Session {
    for (;;) {
      const heard = yield { kind: 'listen', ms: 60_000 }
      if (heard?.kind !== 'bytes') continue
      sizes.push(heard.bytes.length)
      yield { kind: 'packet', atMs: heard.atMs }
      yield { kind: 'measurement', values: [] }
    }
  }
  const held: (() => void)[] = []
  const van = await started({
    driver: folderDriver(sized),
    address: folder,
    sink: {
      record: async () => await new Promise<void>((resolve) => held.push(resolve)),
    },
  })
  let outcome: FileOutcome | null = null
  void van.plug.file(new Uint8Array(900_000))?.then((told) => {
    outcome = told
    return undefined
  })
  await van.clock.settle()
  t.strictSame(sizes, [900_000])
  t.equal(outcome, null)
  for (const stored of held.splice(0)) stored()
  await van.clock.settle()
  t.equal(outcome, 'stored')
  await van.session.stop()
})

t.test('file: one that brings nothing is told', async (t) => {
  const van = await started({ driver: folderDriver(), address: folder })
  t.equal(await van.plug.file(Buffer.from('??')), 'not-understood')
  t.equal(await van.plug.file(Buffer.from('m')), 'stored')
  t.equal(await van.plug.file(Buffer.from('m?')), 'stored')
  t.match(van.events('file-unreadable'), [{ level: 'warning', detail: { why: 'not understood' } }])
  t.match(
    van.memory.lines.filter(({ level }) => level === 'warn'),
    [{ message: 'a file brought nothing' }],
  )
  await van.session.stop()
})

t.test('file: a full disk leaves it where it is', async (t) => {
  const words = { what: 'No room.', todo: 'Make room.' }
  const full = new Trouble('journal-full', { en: words, id: words, retriable: true })
  let refuses = true
  const stored: string[] = []
  const van = await started({
    driver: folderDriver(),
    address: folder,
    sink: {
      record: async (_device, record) => {
        if (refuses && record.kind === 'measurement') throw full
        stored.push(record.kind)
      },
    },
  })
  t.equal(await van.plug.file(Buffer.from('mm')), 'not-stored')
  refuses = false
  await van.clock.advance(60_000)
  t.notOk(stored.includes('measurement'))
  t.equal(await van.plug.file(Buffer.from('mm')), 'stored')
  t.equal(stored.filter((kind) => kind === 'measurement').length, 2)
  await van.session.stop()
})

t.test('file: a mistake of the driver, and an end of its session', async (t) => {
  const van = await started({ driver: folderDriver(), address: folder })
  t.equal(await van.plug.file(Buffer.from('m!')), 'driver-failed')
  await van.clock.advance(2_000)
  t.equal(await van.plug.file(Buffer.from('x')), 'not-stored')
  t.equal(await van.plug.file(Buffer.from('m')), 'not-stored')
  await van.session.stop()
})

t.test('file: who stops in the middle waits until it is known whether it is stored', async (t) => {
  const held: (() => void)[] = []
  const van = await started({
    driver: folderDriver(),
    address: folder,
    sink: { record: async () => await new Promise<void>((resolve) => held.push(resolve)) },
  })
  const outcome = van.plug.file(Buffer.from('m'))
  await van.clock.settle()
  const stopping = van.session.stop()
  await van.clock.settle()
  for (const stored of held.splice(0)) stored()
  t.equal(await outcome, 'stored')
  await stopping
})

t.test('status: what to look at when nothing comes, by how it is reached', async (t) => {
  const networked = await started({ driver: tcpDriver(), address: port })
  t.match(hearingWords(networked.session.status()), { en: /over the network/, id: /jaringan/ })
  networked.plug.call()?.say(Buffer.from('m'))
  await networked.clock.settle()
  t.match(hearingWords(networked.session.status()), { en: /was understood/ })
  await networked.session.stop()
  const files = await started({ driver: folderDriver(), address: folder })
  t.match(hearingWords(files.session.status()), { en: /No new file/, id: /berkas baru/ })
  await files.plug.file(Buffer.from('?'))
  t.match(hearingWords(files.session.status()), { en: /none was understood/, id: /driver lain/ })
  await files.session.stop()
  const meter = {
    ...files.session.status(),
    hearing: 'nothing',
    link: 'open',
    over: 'usb',
  } as const
  t.match(hearingWords(meter), { en: /plugged in/, id: /terpasang/ })
})

t.test('reach: by the link of the driver that fits', async (t) => {
  const line = { baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 } as const
  const usb = { usb: ['10c4:ea80'], serialNumber: null, socket: null }
  const driver: Driver = {
    ...testDriver(letters),
    links: [
      { kind: 'serial', lines: [line], usb: [], splits: 'lines' },
      { kind: 'tcp', weAre: 'client', port: 5_000, splits: 'bytes' },
      { kind: 'hid', usb: ['10c4:ea80'], carries: 'cp2110', lines: [line] },
      { kind: 'usb', usb: [], carries: 'phdc' },
    ],
  }
  const reached = (address: LinkAddress) => reachOf(driver, address)
  const lines = { over: 'serial', splits: 'lines', isShared: false }
  t.strictSame(reached({ kind: 'serial', path: '/dev/ttyUSB0', line }), lines)
  const client = { over: 'tcp', splits: 'bytes', isShared: false }
  t.strictSame(reached({ kind: 'tcp-client', host: 'a', port: 1 }), client, 'the device itself')
  t.strictSame(reached(port), lines, 'behind a device server')
  t.match(reached({ kind: 'hid', carries: 'cp2110', line, ...usb }), { splits: 'bytes' })
  t.equal(reached({ kind: 'hid', carries: 'reports', ...usb }), null)
  t.match(reached({ kind: 'usb', carries: 'phdc', ...usb }), { over: 'usb', splits: 'whole' })
  t.equal(reached({ kind: 'usb', carries: 'scsi', ...usb }), null)
  t.equal(reached(folder), null)
  t.equal(reachOf(tcpDriver(), { kind: 'tcp-client', host: 'a', port: 1 }), null)
  t.match(reachOf(tcpDriver(), port), { over: 'tcp', isShared: true })
  t.throws(() => testVan({ driver: tcpDriver() }), RangeError)
})
