import { createHash } from 'node:crypto'
import t from 'tap'
import { drivers } from '../../drivers/index.ts'
import { parseCapture } from '../../drivers/capture.ts'
import type { Filled, Photo } from '../../drivers/keypad/photo.ts'
import type { DeviceInfo, Event, Measurement, Record } from '../../protocols/packet/record.ts'
import { fakeClock } from '../clock/fake-clock.ts'
import type { DeviceConfig } from '../config/schema.ts'
import { Trouble } from '../errors/trouble.ts'
import { memoryLog } from '../health/log.ts'
import { Devices } from './devices.ts'
import { fakeLinks } from './fake-links.ts'
import type { RegistryFile } from './registry-file.ts'
import type { NewDocument } from './said-items.ts'
import { letters, testAddress, testDriver } from './session-testing.ts'
import { vanRecords } from './van-records.ts'

const dayMs = 86_400_000

function memoryFile(): RegistryFile {
  let held: string | null = null
  return {
    read: async () => held,
    write: async (text) => {
      held = text
    },
    setAside: async () => {},
  }
}

const serial = (id: string, path: string, more: Partial<DeviceConfig> = {}): DeviceConfig => ({
  id,
  driver: 'test',
  link: { kind: 'serial', path },
  simulated: false,
  ...more,
})

function filled(form: string, texts: Filled['texts'], photo: Photo | null = null): Filled {
  return { form, texts, confirmed: [], photo }
}

const keypad: DeviceConfig = {
  id: 'typed',
  driver: 'keypad',
  link: { kind: 'keypad' },
  simulated: false,
}

async function van(devices: readonly DeviceConfig[], file = memoryFile()) {
  const clock = fakeClock()
  const links = fakeLinks(clock)
  const memory = memoryLog()
  const stored: { device: string; record: Record }[] = []
  const documents: NewDocument[] = []
  const journal: { refuse: ((record: Record) => boolean) | null; refuseDocuments: boolean } = {
    refuse: null,
    refuseDocuments: false,
  }
  const time = { knownMs: null as number | null }
  const sink = {
    record: async (device: string, record: Record) => {
      if (journal.refuse?.(record) === true) throw new Error('journal is full')
      stored.push({ device, record })
    },
    document: async (_device: string, document: NewDocument) => {
      if (journal.refuseDocuments) throw new Error('journal is full')
      documents.push(document)
    },
  }
  const world = { clock, links, log: memory.log }
  const ofVan = vanRecords(world, sink)
  const all = await Devices.open({
    world,
    time: {
      utcOf: (atMs) =>
        time.knownMs === null ? null : { utcMs: time.knownMs + atMs, uncertaintyMs: 1 },
    },
    sink,
    drivers: [...drivers, testDriver(letters, { silentAfterMs: null })],
    devices,
    registryFile: file,
    knownFile: null,
    van: ofVan,
  })
  const of = <R extends Record>(device: string, kind: R['kind']) =>
    stored
      .filter((one) => one.device === device && one.record.kind === kind)
      .map((one) => one.record as R)
  return { clock, links, memory, stored, documents, journal, time, all, of, ofVan }
}

const path = (name: string) => ({ ...testAddress, path: `/dev/${name}` }) as const

t.test('devices: each has its session, and none notices the others', async (t) => {
  const { clock, links, all, of } = await van([
    serial('one', '/dev/one'),
    serial('two', '/dev/two'),
    serial('absent', '/dev/absent'),
  ])
  const one = links.plug(path('one'))
  const two = links.plug(path('two'))
  all.start()
  await clock.advance(10)
  one.say(Buffer.from('!'))
  two.say(Buffer.from('m'))
  await clock.advance(10)
  t.strictSame(
    all.statuses().map(({ id, state }) => [id, state]),
    [
      ['one', 'troubled'],
      ['two', 'talking'],
      ['absent', 'troubled'],
    ],
  )
  t.equal(of<Measurement>('two', 'measurement').length, 1)
  await all.stop()
  t.strictSame(clock.running(), [])
  t.equal(one.isOpen || two.isOpen, false)
})

t.test('devices: a port that appears is opened at once', async (t) => {
  const { clock, links, all } = await van([serial('one', '/dev/one')])
  all.start()
  await clock.advance(20_000)
  const one = links.plug(path('one'))
  all.portsAppeared(['/dev/other'])
  await clock.advance(1)
  t.equal(one.isOpen, false)
  all.portsAppeared(['/dev/one'])
  await clock.advance(1)
  t.equal(one.isOpen, true)
  await all.stop()
})

t.test('devices: a wrong driver is shown in words, and the others run', async (t) => {
  const { clock, links, all, memory } = await van([
    serial('one', '/dev/one', { driver: 'nothing' }),
    serial('two', '/dev/two', { driver: 'keypad' }),
    { ...keypad, driver: 'test' },
    serial('four', '/dev/four'),
  ])
  links.plug(path('four'))
  all.start()
  await clock.advance(1)
  t.match(all.statuses(), [
    { id: 'one', state: 'off', trouble: { code: 'driver-unknown' } },
    { id: 'two', state: 'off', trouble: { code: 'driver-not-for-link' } },
    { id: 'typed', state: 'off', trouble: { code: 'driver-not-for-link' } },
    { id: 'four', state: 'waiting' },
  ])
  t.equal(memory.lines.filter((line) => line.level === 'error').length, 3)
  await all.stop()
})

t.test("devices: what is plugged in is told to the van's own stream, once", async (t) => {
  const file = memoryFile()
  const config = [serial('one', '/dev/one', { serialNumber: '41' })]
  const first = await van(config, file)
  const one = first.links.plug(path('one'))
  first.all.start()
  await first.clock.advance(1)
  one.say(Buffer.from('i'))
  await first.clock.settle()
  t.match(first.of<DeviceInfo>('van', 'device'), [
    { device: 'one', driver: 'test', serialNumber: '41', pluggedAt: '/dev/one', source: 'device' },
    { device: 'one', serialNumber: '42', label: 'Test device · T-1' },
  ])
  t.match(first.of<Event>('one', 'event').at(-1), {
    code: 'serial-number-differs',
    level: 'warning',
    detail: { expected: '41', found: '42' },
  })
  await first.all.stop()
  await first.ofVan.stop()
  const second = await van(config, file)
  t.strictSame(second.of<DeviceInfo>('van', 'device'), [])
  t.match(second.all.known('one'), { serialNumber: '42' })
  t.equal(second.all.known('absent'), null)
})

t.test('devices: an overdue calibration is told once a day, when the day is known', async (t) => {
  const { clock, all, of, time } = await van([
    serial('one', '/dev/one', { calibrationDue: '2027-01-31' }),
    serial('two', '/dev/two', { calibrationDue: '2027-02-15' }),
  ])
  const overdue = (device: string) =>
    of<Event>(device, 'event').filter((event) => event.code === 'calibration-overdue')
  all.start()
  await clock.advance(3_600_000)
  t.strictSame(overdue('one'), [])
  time.knownMs = Date.UTC(2027, 0, 31, 12) - clock.monotonicMs()
  await clock.advance(3_600_000)
  t.strictSame(overdue('one'), [])
  await clock.advance(dayMs)
  t.match(overdue('one'), [{ level: 'warning', detail: { due: '2027-01-31' } }])
  await clock.advance(2 * dayMs)
  t.equal(overdue('one').length, 3)
  t.equal(overdue('two').length, 0)
  await all.stop()
})

t.test('devices: listeners hear records at once, and changes, until they leave', async (t) => {
  const { clock, links, all } = await van([serial('one', '/dev/one')])
  const one = links.plug(path('one'))
  const heard: string[] = []
  const leave = all.listen({
    record: (device, record) => heard.push(`${device} ${record.kind}`),
    changed: (device) => heard.push(`${device} changed`),
  })
  all.listen({})
  all.start()
  await clock.advance(1)
  heard.length = 0
  one.say(Buffer.from('m'))
  t.strictSame(heard, ['one event', 'one changed', 'one measurement'])
  leave()
  one.say(Buffer.from('m'))
  t.equal(heard.length, 3)
  await all.stop()
})

t.test('devices: the flight recorder leaves as a capture', async (t) => {
  const { clock, links, all, time } = await van([serial('one', '/dev/one')])
  const one = links.plug(path('one'))
  all.start()
  await clock.advance(1)
  t.equal(all.capture('one'), null)
  t.equal(all.capture('absent'), null)
  one.say(Buffer.from('m'))
  time.knownMs = Date.UTC(2027, 0, 31)
  const capture = all.capture('one') ?? ''
  t.match(capture, /^# one, driver test, at \/dev\/one\n# begins at 2027-01-31T00:00:10/)
  t.equal(parseCapture(capture).ok, true)
  await all.stop()
})

t.test('keypad: what is typed is stored as typed, with its time', async (t) => {
  const { clock, all, of } = await van([keypad])
  all.start()
  await clock.advance(500)
  const records = await all.typed(filled('blood-pressure', { systolic: '120', diastolic: '80' }))
  t.match(records, [
    {
      kind: 'measurement',
      source: 'typed',
      atMs: 10_500,
      values: [
        { value: 120, unit: 'mm[Hg]' },
        { value: 80, unit: 'mm[Hg]' },
      ],
    },
  ])
  t.strictSame(of('typed', 'measurement'), records)
  t.match(all.statuses(), [{ id: 'typed', packets: 1, state: 'waiting' }])
  await all.stop()
})

t.test('keypad: a refused form stores nothing and says why', async (t) => {
  const { all, stored } = await van([keypad])
  stored.length = 0
  await t.rejects(all.typed(filled('blood-pressure', { systolic: 'high', diastolic: '80' })), {
    code: 'form-refused',
  })
  await t.rejects(all.typed(filled('no-form', {})), { code: 'form-refused' })
  await t.rejects(all.typed(filled('blood-pressure', {}), 'absent'), { code: 'device-unknown' })
  t.strictSame(stored, [])
  t.match(all.statuses(), [{ noiseCount: 2, lastNoise: /form refused/ }])
})

t.test('keypad: when nothing can be stored the person is told, and may type again', async (t) => {
  const { all, journal, of } = await van([keypad])
  journal.refuse = () => true
  await t.rejects(all.typed(filled('blood-pressure', { systolic: '120', diastolic: '80' })), /full/)
  journal.refuse = null
  await all.typed(filled('blood-pressure', { systolic: '120', diastolic: '80' }))
  t.equal(of('typed', 'measurement').length, 1)
})

t.test('keypad: what is stored in part is completed without the person', async (t) => {
  const { all, clock, journal, of } = await van([keypad])
  let calls = 0
  journal.refuse = () => ++calls === 2
  const texts = { systolic: '120', diastolic: '80', temperature: '36,7' }
  const records = await all.typed(filled('vital-signs', texts))
  t.ok(records.length >= 2)
  await clock.advance(5_000)
  t.equal(of('typed', 'measurement').length, records.length)
  await all.stop()
})

t.test('keypad: a part that can never be stored becomes an event', async (t) => {
  const { all, clock, journal, of } = await van([keypad])
  const never = new Trouble('journal-refused', {
    en: { what: 'No.', todo: 'No.' },
    id: { what: 'Tidak.', todo: 'Tidak.' },
    retriable: false,
  })
  let refused: Record | null = null
  journal.refuse = (record) => {
    refused ??= record
    if (record === refused) throw never
    return false
  }
  const texts = { systolic: '120', diastolic: '80', temperature: '36,7' }
  await all.typed(filled('vital-signs', texts))
  await clock.advance(1_000)
  journal.refuse = null
  t.equal(of('typed', 'measurement').length, 1)
  t.match(of<Event>('typed', 'event'), [{ code: 'records-lost', detail: { count: '1' } }])
  await all.stop()
})

const jpeg = { mediaType: 'image/jpeg', bytes: Uint8Array.of(0xff, 0xd8, 0xff, 0xe0) } as const

t.test('keypad: a photo becomes a document, and its values name it', async (t) => {
  const { all, documents, of } = await van([keypad])
  const texts = { systolic: '120', diastolic: '80', temperature: '36,7' }
  const shown = await all.typed(filled('vital-signs', texts, { ...jpeg, isSource: false }))
  t.match(documents, [{ kind: 'document', source: 'photo', ...jpeg }])
  const photo = createHash('sha256').update(jpeg.bytes).digest('hex')
  t.match(shown, [
    { source: 'typed', qualifiers: { photo } },
    { source: 'typed', qualifiers: { photo } },
  ])
  await all.typed(filled('vital-signs', texts, { ...jpeg, isSource: true }))
  t.strictSame(
    of<Measurement>('typed', 'measurement').map(({ source }) => source),
    ['typed', 'typed', 'photo', 'photo'],
  )
})

t.test('keypad: without its photo nothing of an entry is stored', async (t) => {
  const { all, journal, of } = await van([keypad])
  journal.refuseDocuments = true
  const texts = { systolic: '120', diastolic: '80' }
  await t.rejects(all.typed(filled('blood-pressure', texts, { ...jpeg, isSource: true })), /full/)
  t.strictSame(of('typed', 'measurement'), [])
})

t.test('keypad: without one, typing is refused in words', async (t) => {
  const { all } = await van([])
  const error: unknown = await all
    .typed(filled('blood-pressure', {}))
    .catch((error: unknown) => error)
  t.ok(error instanceof Trouble && /keypad/.test(error.message))
})
