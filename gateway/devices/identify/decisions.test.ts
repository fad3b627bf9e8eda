/** The pure parts: order, prior, evidence, verdict, sight, memory. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { andTm265x } from '../../../drivers/and-tm265x.ts'
import { berrymedPm6750 } from '../../../drivers/berrymed-pm6750.ts'
import type { Driver } from '../../../drivers/driver.ts'
import { drivers } from '../../../drivers/index.ts'
import { linkOf } from '../../../drivers/link.ts'
import { stGsInfantScale, stGsScale } from '../../../drivers/st-gs-scale.ts'
import { latin1Bytes } from '../../../protocols/bytes/bytes.ts'
import { monotonicMs } from '../../../protocols/world/clock.ts'
import { seededRandom } from '../../clock/seeded-random.ts'
import { memoryLog } from '../../health/log.ts'
import { letters, testDriver } from '../session-testing.ts'
import { Adopted } from './adopted.ts'
import { bitsOf, evidenceFor } from './evidence.ts'
import { memoryFile, saidIn, usbPort } from './identify-testing.ts'
import { askingPlan, listeningPlan } from './plan.ts'
import { priorBits } from './prior.ts'
import { recognise, steadyPath, type MissingDevice } from './recognise.ts'
import { sightOf } from './sight.ts'
import { Transcript, transcriptBytesMax } from './transcript.ts'
import { Trial } from './trial.ts'
import { verdictOf, type Candidate } from './verdict.ts'

const captures = join(import.meta.dirname, '../../../drivers/captures')
const read = (name: string) => saidIn(readFileSync(join(captures, name), 'utf8'))
const at9600 = { baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 } as const
const prolific = { vid: '067b', pid: '2303', manufacturer: null, product: null }

function weigh(driver: Driver, bytes: Uint8Array) {
  const transcript = new Transcript()
  transcript.add(bytes, monotonicMs(1_000))
  const trial = new Trial(driver, { beganMs: 1_000 })
  trial.hear(bytes, 1_000)
  trial.pass(5_000)
  const measuring = evidenceFor(driver, transcript, 1_000)
  for (;;) {
    const step = measuring.next()
    if (step.done !== true) continue
    const { isChecked } = step.value
    return { isChecked, bits: bitsOf(step.value, trial.heardBytes, trial.noiseBytes) }
  }
}

t.test('evidence: a check sum is seen, and chance is not taken for a device', async (t) => {
  const pressure = read('and-tm265x/tm2657-good.cap')
  t.match(weigh(andTm265x, pressure), { isChecked: true })
  t.ok(weigh(andTm265x, pressure).bits > 900)
  t.match(weigh(berrymedPm6750, read('berrymed-pm6750/finger.cap')), { isChecked: true })
  const scale = weigh(stGsScale, read('st-gs-scale/stream.cap'))
  t.notOk(scale.isChecked, 'a digit may be another one')
  t.ok(scale.bits > 1_000)
  let seed = 7
  const rubbish = Uint8Array.from({ length: 2_000 }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return seed >>> 16
  })
  for (const driver of [andTm265x, berrymedPm6750, stGsScale]) {
    t.ok(weigh(driver, rubbish).bits < 64, driver.id)
  }
  t.strictSame(pressure, read('and-tm265x/tm2657-good.cap'), 'what was heard is as it was')
})

t.test('trial: rubbish is seldom packets to anybody', async (t) => {
  const random = seededRandom(5)
  const tries = 100
  for (const driver of drivers.filter((one) => linkOf(one, 'serial') !== null)) {
    let understood = 0
    for (let tried = 0; tried < tries; tried++) {
      const trial = new Trial(driver, { beganMs: 0 })
      trial.hear(random.bytes(20 + random.below(40)), 100)
      trial.pass(1_500)
      if (trial.packets > 0 && 2 * trial.noiseBytes < trial.heardBytes) understood++
      trial.stop()
    }
    t.ok(understood < tries / 4, `${driver.id}: ${understood} of ${tries}`)
  }
})

t.test('trial: a driver that throws or runs away is no candidate, and stops nobody', async (t) => {
  const thrown = new Trial(testDriver(letters), { beganMs: 0 })
  thrown.hear(latin1Bytes('p!p'), 10)
  t.ok(thrown.hasFailed)
  const runaway = new Trial(
    testDriver(function* () {
      for (;;) yield { kind: 'noise', reason: 'again', bytes: new Uint8Array(0) }
    }),
    { beganMs: 0 },
  )
  t.ok(runaway.hasFailed)
  t.equal(runaway.wakesAtMs, null)
})

t.test('plan: factory settings, what the plug says, and what may be asked at all', async (t) => {
  const drivers = [stGsScale, andTm265x, berrymedPm6750]
  const bauds = (usb: typeof prolific | null) =>
    listeningPlan(drivers, usb).map(({ line }) => line.baud)
  t.equal(bauds(null)[0], 9_600)
  t.equal(bauds(prolific)[0], 2_400, 'its cable is the one that comes with the monitor')
  t.ok(priorBits(andTm265x, prolific) > priorBits(stGsScale, prolific))
  const named = { vid: 'aaaa', pid: 'bbbb', manufacturer: 'A&D', product: 'TM-2657 monitor' }
  t.ok(priorBits(andTm265x, named) > priorBits(stGsScale, named))
  const asked = askingPlan([...drivers, { ...stGsScale, asks: 'only-when-chosen' }], null)
  t.ok(asked.every(({ driver }) => driver.asks === 'harmless'))
})

t.test('verdict: the best, those about as likely, and when nobody need be asked', async (t) => {
  const candidate = (driver: Driver, bits: number, more: Partial<Candidate> = {}): Candidate => ({
    driver,
    packets: 3,
    noiseBytes: 0,
    bits,
    isChecked: true,
    priorBits: 0,
    identity: null,
    isAsked: false,
    ...more,
  })
  t.equal(verdictOf([]), null)
  t.equal(verdictOf([candidate(andTm265x, 63)]), null)
  t.ok(verdictOf([candidate(andTm265x, 500)])?.isSure)
  t.notOk(verdictOf([candidate(andTm265x, 100)])?.isSure, 'too little for nobody to look')
  t.notOk(verdictOf([candidate(andTm265x, 500, { isChecked: false })])?.isSure)
  const chosen = { ...andTm265x, asks: 'only-when-chosen' } as const
  t.notOk(verdictOf([candidate(chosen, 500)])?.isSure)
  const twins = verdictOf([
    candidate(stGsScale, 500),
    candidate(stGsInfantScale, 510, { priorBits: -4 }),
    candidate(andTm265x, 90),
  ])
  t.equal(twins?.best.driver, stGsScale, 'between equals the plug decides')
  t.strictSame(
    twins?.alternatives.map(({ driver }) => driver.id),
    ['st-gs-infant-scale'],
  )
  t.notOk(twins?.isSure)
})

t.test('sight: nothing, rubbish, text, and packets of an unknown kind', async (t) => {
  const seen = (bytes: Uint8Array) => sightOf([{ line: at9600, bytes }])
  t.strictSame(sightOf([]), { kind: 'nothing' })
  t.match(seen(latin1Bytes('weight 12\r\nweight 13\r\n')), { kind: 'text', lines: 2 })
  const frame = (count: number) => [0xaa, 0x55, count, 0x10 + count, 0x07]
  const packets = Uint8Array.from(Array.from({ length: 20 }, (_, count) => frame(count)).flat())
  t.match(seen(packets), { kind: 'pattern', everyBytes: 5 })
  t.match(seen(new Uint8Array(200)), { kind: 'noise', bytes: 200 }, 'a line at rest is no pattern')
  const mixed = Uint8Array.from({ length: 200 }, (_, at) => (at * at * 31 + at * 17) & 0xff)
  t.match(seen(mixed), { kind: 'noise' })
})

t.test('recognise: by its own number, by its adapter, and by being the only one', async (t) => {
  const usb = { vid: '0403', pid: '6001', serialNumber: null }
  const missing = (device: string, more: Partial<MissingDevice> = {}): MissingDevice => ({
    device,
    driver: 'bp',
    usb,
    serialNumber: null,
    ...more,
  })
  const found = { driver: 'bp', usb, saidSerialNumber: null }
  t.strictSame(recognise({ ...found, missing: [] }), { kind: 'new' })
  const one = recognise({ ...found, missing: [missing('bp-1')] })
  t.strictSame(one, { kind: 'known', device: 'bp-1', isCertain: false })
  t.strictSame(recognise({ ...found, missing: [missing('bp-1'), missing('bp-2')] }), {
    kind: 'one-of',
    devices: ['bp-1', 'bp-2'],
  })
  t.strictSame(
    recognise({
      ...found,
      saidSerialNumber: '42',
      missing: [missing('bp-1', { serialNumber: '41' }), missing('bp-2', { serialNumber: '42' })],
    }),
    { kind: 'known', device: 'bp-2', isCertain: true },
  )
  const other = [missing('bp-1', { serialNumber: '41' })]
  t.strictSame(recognise({ ...found, saidSerialNumber: '43', missing: other }), { kind: 'new' })
  t.strictSame(recognise({ ...found, driver: 'scale', missing: other }), { kind: 'new' })
  const elsewhere = [missing('bp-1', { usb: { ...usb, vid: '10c4' } })]
  t.strictSame(recognise({ ...found, missing: elsewhere }), { kind: 'new' })
})

t.test('recognise: a name that adapters share is none', async (t) => {
  const byId = '/dev/serial/by-id/x'
  const port = { ...usbPort('/dev/ttyUSB0'), stablePath: byId, socketPath: '/dev/by-path/1' }
  const of = (serialNumber: string | null) =>
    steadyPath({ ...port, usb: port.usb === null ? null : { ...port.usb, serialNumber } })
  t.equal(of('FT5XQ9A2'), byId)
  for (const shared of [null, '0001', '12345678', '00000000', 'A5']) {
    t.equal(of(shared), '/dev/by-path/1', String(shared))
  }
})

t.test('transcript: keeps the newest, and counts what it had to forget', async (t) => {
  const transcript = new Transcript()
  transcript.add(latin1Bytes('ab'), monotonicMs(1))
  transcript.add(latin1Bytes('cd'), monotonicMs(2))
  transcript.add(latin1Bytes('ef'), monotonicMs(50))
  t.strictSame(
    transcript.pieces.map(({ atMs, bytes }) => `${atMs} ${bytes.length}`),
    ['1 4', '50 2'],
  )
  t.equal(transcript.head(3).length, 1)
  for (let at = 0; at < 70; at++) transcript.add(new Uint8Array(65_536), monotonicMs(100 + 10 * at))
  t.ok(transcript.bytes <= transcriptBytesMax)
  t.equal(transcript.bytes + transcript.lostBytes, 6 + 70 * 65_536)
})

t.test('adopted: is read again, gives way to the configuration, and heals', async (t) => {
  const { log } = memoryLog()
  const file = memoryFile()
  const device = {
    id: 'bp-1',
    driver: 'bp',
    link: { kind: 'serial', path: '/dev/ttyUSB0', line: at9600 },
    simulated: false,
  } as const
  const physical = { usb: null, socketPath: null }
  const first = await Adopted.open(file, log, [])
  await first.put({ device, physical })
  t.strictSame((await Adopted.open(file, log, [])).devices, [{ device, physical }])
  const configured = { ...device, id: 'other' }
  t.strictSame((await Adopted.open(file, log, [configured])).devices, [])
  await first.remove('bp-1')
  t.strictSame((await Adopted.open(file, log, [])).devices, [])
  await file.write('{"version":1,"devices":[{"device":{}}]}')
  let isSetAside = false
  const damaged = { ...file, setAside: async () => void (isSetAside = true) }
  t.strictSame((await Adopted.open(damaged, log, [])).devices, [])
  t.ok(isSetAside)
  const full = { ...file, write: async () => Promise.reject(new Error('no room')) }
  await t.rejects((await Adopted.open(full, log, [])).put({ device, physical }), /no room/)
})
