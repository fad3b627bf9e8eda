import t from 'tap'
import { seededRandom } from '../../gateway/clock/seeded-random.ts'
import { decodePacket, encodePacket } from '../../protocols/packet/packet.ts'
import {
  arrivals,
  ask,
  openStore,
  pulseStream,
  rangesOf,
  shuffled,
  testWallMs,
} from '../testing/landing.ts'
import { laboratoryResult } from '../../test/wire/samples.ts'
import { event, loss, pulse, temperature, TestVan } from '../testing/van.ts'
import { quarantineRowsMost } from './alarms.ts'
import { openDatabase } from './database.ts'
import type { Arrival } from './judge.ts'
import { LandingStore } from './store.ts'
import { holesOf, piecesMost } from './streams.ts'

t.test('store: packets in any order, doubled, become one row each', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const packets = van.pulses(pulseStream, 120)
  const store = openStore(folder, van)
  const sent = shuffled([...packets, ...packets, ...packets], seededRandom(1))
  let stored = 0
  let repeated = 0
  for (let at = 0; at < sent.length; at += 17) {
    const report = store.commit(arrivals(sent.slice(at, at + 17)))
    stored += report.stored
    repeated += report.repeated
  }
  t.strictSame({ stored, repeated }, { stored: 120, repeated: 240 })
  t.strictSame(rangesOf(store, van, pulseStream), [{ from: 0, to: 119 }])
  store.close()
  t.strictSame(ask(folder, 'SELECT count(*), count(DISTINCT seq), max(seq) FROM packet'), [
    [120, 120, 119],
  ])
  t.strictSame(ask(folder, 'SELECT count(*), min(at_ms), max(at_ms) FROM measurement'), [
    [120, 0, 119_000],
  ])
})

t.test('store: a result in words, and whose it is, are asked for with SQL', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const store = openStore(folder, van)
  store.commit(
    arrivals([
      van.records('lab-1/measurement', [laboratoryResult]),
      van.records(pulseStream, [pulse(100, 60)]),
    ]),
  )
  store.close()
  const results = `
    SELECT json_extract(m.identifiers, '$.specimenId'), v.code, v.value, v.text
    FROM measurement_now m JOIN measurement_value v USING (packet_id, position)
    ORDER BY m.device, v.place`
  t.strictSame(ask(folder, results), [
    ['S-0417', 'SIMPUL_MTB', null, 'NOT DETECTED'],
    ['S-0417', 'LOINC_718-7', 13.4, null],
    [null, 'MDC_PULS_OXIM_PULS_RATE', 60, null],
  ])
})

t.test('store: a null value stays null, and every kind of record gets its row', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const stamps = { utcMs: null, uncertaintyMs: null, source: 'device', simulated: false } as const
  const store = openStore(folder, van)
  store.commit(
    arrivals([
      van.records(pulseStream, [pulse(1, null), pulse(2, 61)], { visit: 'v-1' }),
      van.records('oxi-1/event', [event(3, 'lead-off')]),
      van.records('van/devices', [
        {
          kind: 'device',
          ...stamps,
          atMs: 4,
          device: 'oxi-1',
          driver: 'acme-ox200',
          label: 'OX',
          serialNumber: '17',
          firmware: null,
          calibrationDue: null,
          pluggedAt: 'usb 1-2',
        },
      ]),
      van.records('van/losses', [loss(van.epoch, 'ecg-1/waveform', 3, 9)]),
    ]),
  )
  store.close()
  t.strictSame(ask(folder, 'SELECT code, value, unit FROM measurement_value ORDER BY position'), [
    ['MDC_PULS_OXIM_PULS_RATE', null, '/min'],
    ['MDC_PULS_OXIM_PULS_RATE', 61, '/min'],
  ])
  t.strictSame(ask(folder, 'SELECT van, device, visit, source, simulated FROM measurement'), [
    ['van-02', 'oxi-1', 'v-1', 'device', 1],
    ['van-02', 'oxi-1', 'v-1', 'device', 1],
  ])
  t.strictSame(ask(folder, 'SELECT device, code, level, active FROM event'), [
    ['oxi-1', 'lead-off', 'info', null],
  ])
  t.strictSame(ask(folder, 'SELECT device, serial_number, firmware FROM device'), [
    ['oxi-1', '17', null],
  ])
  t.strictSame(ask(folder, 'SELECT stream, from_seq, to_seq, reason FROM loss'), [
    ['ecg-1/waveform', 3, 9, 'card damaged'],
  ])
})

t.test('store: a clock fix corrects the UTC of its boot backwards', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const known = { utcMs: 5_000, uncertaintyMs: 10 }
  const fix = { kind: 'clock', source: 'device', simulated: false, ...known, atMs: 9 } as const
  const store = openStore(folder, van)
  store.commit(
    arrivals([
      van.records(pulseStream, [pulse(100, 60), { ...pulse(200, 61), ...known }]),
      van.records('van/clock', [
        { ...fix, offsetMs: 1_000_000, fixUncertaintyMs: 500, authority: 'broker' },
        { ...fix, offsetMs: 1_000_040, fixUncertaintyMs: 50, authority: 'ntp' },
        { ...fix, offsetMs: 1_000_900, fixUncertaintyMs: 900, authority: 'rtc' },
      ]),
    ]),
  )
  store.close()
  // The first had no UTC and takes the best fix; the second knew better than any of them.
  t.strictSame(ask(folder, 'SELECT utc_ms, uncertainty_ms FROM measurement_now ORDER BY at_ms'), [
    [1_000_140, 50],
    [5_000, 10],
  ])
})

t.test('store: numerics are queried like measurements, and stand apart from them', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const known = { utcMs: 7_000, uncertaintyMs: 10 }
  const fix = { kind: 'clock', source: 'device', simulated: false, ...known, atMs: 9 } as const
  const store = openStore(folder, van)
  store.commit(
    arrivals([
      van.records(pulseStream, [pulse(100, 60)]),
      van.records('mon-1/numerics', [
        { ...temperature(1_000, 36.5, '1'), ...known },
        { ...temperature(1_000, 36.5, '2'), ...known },
        temperature(2_000, 36.6, '1'),
      ]),
      van.records('van/clock', [
        { ...fix, offsetMs: 1_000_000, fixUncertaintyMs: 50, authority: 'ntp' },
      ]),
    ]),
  )
  store.close()
  const trend = `
    SELECT n.utc_ms, n.qualifiers, v.code, v.value, v.unit
    FROM numerics_now n JOIN measurement_value v USING (packet_id, position)
    WHERE n.van = 'van-02' AND n.device = 'mon-1' ORDER BY n.at_ms, n.position`
  t.strictSame(ask(folder, trend), [
    [7_000, '{"probe":"1"}', 'MDC_TEMP', 36.5, 'Cel'],
    [7_000, '{"probe":"2"}', 'MDC_TEMP', 36.5, 'Cel'],
    [1_002_000, '{"probe":"1"}', 'MDC_TEMP', 36.6, 'Cel'],
  ])
  t.strictSame(ask(folder, 'SELECT count(*) FROM measurement'), [[1]])
})

function at(topic: string, payload: Uint8Array): Arrival {
  return { topic, payload, wallMs: testWallMs }
}

function junk(number: number): Arrival {
  return at('simpul/v1/van-02/up/oxi-1/event', Uint8Array.of(number >> 8, number & 0xff))
}

t.test('store: what is not a good packet is kept apart with its reason', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const stranger = new TestVan('van-99')
  const liar = new TestVan('van-02', '01890000-0000-7000-8000-00000000000f')
  const store = openStore(folder, van)
  const [good] = van.pulses(pulseStream, 1)
  const body = decodePacket(good!.bytes)
  const parts = body.ok ? body.value : null
  const damaged = encodePacket({
    header: parts!.headerBytes,
    body: parts!.body.map((byte, index) => (index === parts!.body.length - 1 ? byte ^ 1 : byte)),
    signature: parts!.signature,
  })
  const report = store.commit([
    at('simpul/v1/van-02/up/oxi-1/nonsense', good!.bytes),
    at(good!.topic, Uint8Array.of(0xff, 0x00)),
    at(good!.topic, new Uint8Array(0)),
    at(good!.topic, new Uint8Array(400_000)),
    at('simpul/v1/van-02/up/oxi-2/measurement', good!.bytes),
    at('simpul/v1/van-03/up/oxi-1/measurement', good!.bytes),
    at(good!.topic, damaged),
    ...arrivals(stranger.pulses(pulseStream, 1)),
    ...arrivals(liar.pulses(pulseStream, 1)),
    ...arrivals([good!]),
  ])
  t.strictSame([report.stored, report.quarantined], [1, 9])
  store.close()
  t.strictSame(ask(folder, 'SELECT reason FROM quarantine ORDER BY id'), [
    ['unknown-topic'],
    ['undecodable'],
    ['undecodable'],
    ['undecodable'],
    ['topic-disagrees'],
    ['topic-disagrees'],
    ['undecodable'],
    ['unknown-van'],
    ['bad-signature'],
  ])
  t.strictSame(ask(folder, 'SELECT length(bytes), size_bytes FROM quarantine WHERE id = 4'), [
    [262_144, 400_000],
  ])
})

t.test('store: the quarantine is bounded, counts repetitions and what it dropped', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const store = openStore(folder, van)
  store.commit([junk(1), junk(1), junk(1)])
  t.strictSame(ask(folder, 'SELECT times FROM quarantine'), [[3]])
  for (let start = 2; start < quarantineRowsMost + 50; start += 2_000)
    store.commit(Array.from({ length: 2_000 }, (_, index) => junk(start + index)))
  store.close()
  t.strictSame(ask(folder, 'SELECT count(*) FROM quarantine'), [[quarantineRowsMost]])
  t.strictSame(ask(folder, `SELECT value FROM meta WHERE name = 'quarantine removed'`), [[2_001]])
})

t.test('store: the same number with another content keeps the first and says so', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const store = openStore(folder, van)
  const first = van.records(pulseStream, [pulse(1, 60)], { forget: true })
  const second = van.records(pulseStream, [pulse(1, 90)])
  t.strictSame(store.commit(arrivals([first])).stored, 1)
  t.strictSame(store.commit(arrivals([second, second])).quarantined, 2)
  store.close()
  t.strictSame(ask(folder, 'SELECT value FROM measurement_value'), [[60]])
  t.strictSame(ask(folder, 'SELECT code, seq, times FROM alarm'), [['another-content', 0, 2]])
  t.strictSame(ask(folder, 'SELECT reason, times FROM quarantine'), [['another-content', 2]])
})

t.test('store: two vans may use one epoch without touching each other', async (t) => {
  const folder = t.testdir()
  const one = new TestVan('van-02')
  const two = new TestVan('van-03', one.epoch)
  const trust = new Map([...one.trust, ...two.trust])
  const store = new LandingStore({ folder, trust, trustOnFirstUse: false })
  const report = store.commit(
    arrivals([...one.pulses(pulseStream, 3), ...two.pulses(pulseStream, 2)]),
  )
  t.strictSame([report.stored, report.quarantined], [5, 0])
  t.strictSame(rangesOf(store, one, pulseStream), [{ from: 0, to: 2 }])
  t.strictSame(rangesOf(store, two, pulseStream), [{ from: 0, to: 1 }])
  store.close()
  t.strictSame(ask(folder, 'SELECT code, van FROM alarm'), [['epoch-shared', 'van-03']])
})

t.test('store: a declared loss fills the hole, and a late packet fills it better', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const packets = van.pulses(pulseStream, 10)
  const store = openStore(folder, van)
  store.commit(arrivals([...packets.slice(0, 3), ...packets.slice(7)]))
  const state = () => store.streams.find(van.van, van.epoch, pulseStream)!
  t.strictSame(holesOf(state(), 10), [{ from: 3, to: 6 }])
  store.commit(arrivals([van.records('van/losses', [loss(van.epoch, pulseStream, 4, 5)])]))
  t.strictSame(holesOf(state(), 10), [
    { from: 3, to: 3 },
    { from: 6, to: 6 },
  ])
  const lostLater = van.records('van/losses', [loss(van.epoch, pulseStream, 3, 6)])
  store.commit(arrivals([lostLater, packets[5]!]))
  t.strictSame(holesOf(state(), 10), [])
  t.strictSame(rangesOf(store, van, pulseStream), [
    { from: 0, to: 2 },
    { from: 5, to: 5 },
    { from: 7, to: 9 },
  ])
  store.close()
  const again = openStore(folder, van)
  t.strictSame(again.streams.find(van.van, van.epoch, pulseStream)!.lost.count, 4)
  again.close()
})

t.test('store: a stream in too many pieces takes only what joins them', async (t) => {
  const van = new TestVan('van-02')
  const packets = van.pulses(pulseStream, piecesMost * 2 + 3, { signed: false })
  const store = openStore(t.testdir(), van)
  const even = packets.filter(({ header }) => header.seq % 2 === 0)
  for (let at = 0; at < even.length; at += 500) store.commit(arrivals(even.slice(at, at + 500)))
  const state = store.streams.find(van.van, van.epoch, pulseStream)!
  t.equal(state.received.rangeCount, piecesMost)
  t.equal(store.commit(arrivals(packets.slice(-1))).refused, 1)
  t.equal(store.commit(arrivals([packets[1]!])).stored, 1)
  t.equal(store.commit(arrivals(packets.slice(-1))).stored, 1)
  store.close()
})

t.test('store: a key is learned on first use, and another one is not believed', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const thief = new TestVan('van-02')
  const options = { trust: new Map(), trustOnFirstUse: true, folder }
  const store = new LandingStore(options)
  const packets = van.pulses(pulseStream, 5)
  t.equal(store.commit(arrivals(packets)).quarantined, 5)
  store.introduce('van-02', van.publicKey, testWallMs)
  t.match(store.releaseQuarantine('van-02', testWallMs), { stored: 5, quarantined: 0 })
  t.equal(store.releaseQuarantine('van-02', testWallMs), null)
  store.introduce('van-02', thief.publicKey, testWallMs)
  t.equal(store.commit(arrivals([thief.records('oxi-1/event', [event(1, 'x')])])).quarantined, 1)
  store.close()
  t.strictSame(ask(folder, 'SELECT code FROM alarm'), [['key-changed']])
  t.strictSame(ask(folder, 'SELECT reason FROM quarantine'), [['bad-signature']])
  const again = new LandingStore(options)
  t.equal(again.commit(arrivals(van.pulses('oxi-2/measurement', 2))).stored, 2)
  again.close()
})

t.test('store: without first use, an introduction teaches nothing', async (t) => {
  const van = new TestVan('van-02')
  const store = new LandingStore({ folder: t.testdir(), trust: new Map(), trustOnFirstUse: false })
  store.introduce('van-02', van.publicKey, testWallMs)
  t.equal(store.commit(arrivals(van.pulses(pulseStream, 1))).quarantined, 1)
  store.setTrust(van.trust)
  t.match(store.releaseQuarantine('van-02', testWallMs), { stored: 1 })
  store.close()
})

t.test('store: what could not be read is read as soon as it can be', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const packet = van.records(pulseStream, [pulse(1, 60)])
  const store = openStore(folder, van)
  store.commit(arrivals([packet]))
  store.close()
  // As an earlier landing would have left it that could not read these records.
  const database = openDatabase(`${folder}/landing.db`)
  database.exec(`DELETE FROM measurement; DELETE FROM measurement_value;
    UPDATE packet SET unread = 'body[0].kind: expected ...'; UPDATE stream SET records = 0`)
  database.close()
  const again = openStore(folder, van)
  again.close()
  t.strictSame(ask(folder, 'SELECT value FROM measurement_value'), [[60]])
  t.strictSame(ask(folder, 'SELECT unread FROM packet'), [[null]])
  t.strictSame(ask(folder, 'SELECT records FROM stream'), [[1]])
})

t.test('store: a body that is right and unreadable is stored with an alarm', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const store = openStore(folder, van)
  const packet = van.unreadable(pulseStream)
  t.strictSame(store.commit(arrivals([packet])).stored, 1)
  t.strictSame(rangesOf(store, van, pulseStream), [{ from: 0, to: 0 }])
  store.close()
  t.strictSame(ask(folder, 'SELECT code, seq FROM alarm'), [['records-unread', 0]])
  t.strictSame(ask(folder, 'SELECT body = ? FROM packet', packet.body), [[1]])
})
