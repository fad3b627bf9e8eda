/**
 * What comes in wrong, each with the sentence that a person sees, and the proof that all others
 * went on: one van is mistreated in every way in turn, and at the end everything that was right is
 * with the hospital, once.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { pressureOf } from '../drivers/simulate/distinct.ts'
import { startMosquitto } from '../gateway/sim/mosquitto.ts'
import { dial, door } from '../gateway/uplink/mqtt-testing.ts'
import { joinBytes } from '../protocols/bytes/bytes.ts'
import { encodeLandingState } from '../protocols/packet/messages.ts'
import { landingStateTopic } from '../protocols/packet/topics.ts'
import {
  heardAt,
  imageDataSet,
  monitorBytes,
  noise,
  pressureFrame,
  weighing,
} from './bad-input/frames.ts'
import { allReceipted, firstValues, landed, startLanding } from './bad-input/hospital.ts'
import { Cable, freePort, startTestedVan, until } from './bad-input/tested-van.ts'
import { ultrasoundImage } from './dicom/data-set.ts'
import { Sender } from './dicom/sender.ts'

/** Short, because the path of a pseudo-terminal may not be long. */
const folder = mkdtempSync(join(tmpdir(), 'simpul-bad-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

// Receipts that do not come are missed only after half a minute.
t.setTimeout(280_000)

t.test('a van that is mistreated', async (t) => {
  const home = join(folder, 'van')
  mkdirSync(home)
  const cables = {
    'bp-1': await Cable.plug(home, 'bp-1'),
    'bp-2': await Cable.plug(home, 'bp-2'),
    'scale-1': await Cable.plug(home, 'scale-1'),
    'monitor-1': await Cable.plug(home, 'monitor-1'),
  }
  t.teardown(() => Promise.all(Object.values(cables).map((cable) => cable.unplug())))
  const serial = (id: keyof typeof cables, driver: string) => ({
    id,
    driver,
    link: { kind: 'serial', path: cables[id].gatewayPath },
  })
  const mosquitto = await startMosquitto({ folder: home })
  t.teardown(() => mosquitto.kill())
  const deafLanding = dial(door(mosquitto.port), { clientId: 'deaf-landing' })
  await deafLanding.opened
  await deafLanding.subscribe('simpul/v1/+/up/#')
  const here = { online: true, landing: 'deaf-landing', startedWallMs: 1 }
  await deafLanding.publish(landingStateTopic, encodeLandingState(here), true)
  const dicomPort = await freePort()
  const van = await startTestedVan(home, {
    devices: [
      serial('bp-1', 'and-tm265x'),
      serial('bp-2', 'and-tm265x'),
      serial('scale-1', 'st-gs-scale'),
      serial('monitor-1', 'berrymed-pm6750'),
    ],
    imaging: {
      ports: [dicomPort],
      host: '127.0.0.1',
      senders: [{ aeTitle: 'CART_1', device: 'us-1' }],
    },
    uplink: { url: `mqtt://127.0.0.1:${mosquitto.port}` },
  })
  t.teardown(() => van.stop())
  const instance = await van.instance()
  const cart = () => new Sender(dicomPort)

  /** Each case ends with it: another device is heard, an image is taken, and nobody has crashed. */
  let othersCount = 0
  const othersGoOn = async (t: Test): Promise<void> => {
    cables['bp-1'].say(pressureFrame(othersCount))
    othersCount += 1
    await van.stores('bp-1/measurement', othersCount)
    const other = cart()
    t.match(await other.associate(), { kind: 'accepted' }, 'the DICOM node goes on')
    t.equal(await other.echo(), 0)
    await other.release()
    t.equal(await van.instance(), instance, 'nothing has crashed')
  }
  for (const id of ['bp-1', 'bp-2', 'scale-1', 'monitor-1']) {
    await van.shows(id, (view) => view.link === 'open')
  }
  await othersGoOn(t)

  await t.test('noise on the line', async (t) => {
    const cable = cables['scale-1']
    cable.say(joinBytes(noise(200), [0x0d]))
    const view = await van.shows('scale-1', ({ state }) => state === 'garbled')
    t.equal(
      view.words?.en,
      'Bytes arrive, but none are understood at 9600 8N1. Try another line setting or driver.',
    )
    t.equal(
      view.words?.id,
      'Data masuk, tetapi tidak terbaca pada 9600 8N1. Coba setelan jalur atau driver lain.',
    )
    await van.shows('scale-1', ({ noiseReason }) => noiseReason === 'no scale line')
    cable.say(weighing('72.40'))
    await van.stores('scale-1/measurement', 1)
    const after = await van.shows('scale-1', ({ state }) => state !== 'garbled')
    t.equal(after.words?.en, 'The device was understood. It speaks when it has a result.')
    t.ok(after.noiseBytes >= 200, 'what was noise stays counted')
    await othersGoOn(t)
  })

  await t.test('a wrong speed', async (t) => {
    const cable = cables['monitor-1']
    const said = monitorBytes()
    cable.say(heardAt(said, 57_600, 115_200))
    cable.say(heardAt(said, 230_400, 115_200))
    const view = await van.shows('monitor-1', ({ state }) => state === 'garbled')
    t.equal(
      view.words?.en,
      'Bytes arrive, but none are understood at 115200 8N1. Try another line setting or driver.',
    )
    t.equal(await van.storedCount('monitor-1/numerics'), 0, 'nothing is guessed')
    cable.say(heardAt(said, 115_200, 115_200))
    await van.shows('monitor-1', ({ state }) => state === 'talking')
    await van.stores('monitor-1/numerics', 4)
    await othersGoOn(t)
  })

  await t.test('half a frame, then silence', async (t) => {
    const cable = cables['bp-2']
    cable.say(pressureFrame(1_000))
    await van.stores('bp-2/measurement', 1)
    const frame = pressureFrame(1_001)
    cable.say(frame.subarray(0, 40))
    const view = await van.shows('bp-2', ({ state }) => state === 'garbled')
    t.equal(
      view.words?.en,
      'What the device sent last could not be read. If it was a result, send it again or measure again.',
    )
    t.equal(
      view.words?.id,
      'Data terakhir dari alat tidak terbaca. Jika itu hasil, kirim lagi atau ukur ulang.',
    )
    t.equal(view.noiseReason, 'cut short')
    t.equal(await van.storedCount('bp-2/measurement'), 1, 'half a result is none')
    cable.say(frame)
    await van.stores('bp-2/measurement', 2)
    const after = await van.device('bp-2')
    t.equal(after.words?.en, 'The device was understood. It speaks when it has a result.')
    await othersGoOn(t)
  })

  await t.test('a frame with a wrong checksum', async (t) => {
    const cable = cables['bp-2']
    const frame = pressureFrame(1_002)
    const broken = frame.slice()
    const digit = new TextDecoder('latin1').decode(frame).indexOf('S1') + 2
    broken[digit] = (broken[digit] ?? 0) ^ 1
    cable.say(broken)
    const view = await van.shows('bp-2', ({ state }) => state === 'garbled')
    t.match(view.words?.en, /^What the device sent last could not be read\./)
    t.equal(view.noiseReason, 'wrong check byte')
    t.equal(await van.storedCount('bp-2/measurement'), 2, 'a wrong number is never stored')
    cable.say(frame)
    await van.stores('bp-2/measurement', 3)
    await othersGoOn(t)
  })

  await t.test('an adapter that is unplugged', async (t) => {
    const cable = cables['scale-1']
    await cable.unplug()
    const gone = await van.shows('scale-1', ({ trouble }) => trouble !== null)
    t.equal(gone.link, 'closed')
    t.equal(gone.trouble?.code, 'link-unplugged')
    t.match(gone.trouble?.en.what, /^The adapter at .*tty-scale-1 is gone\.$/)
    t.equal(gone.trouble?.en.todo, 'Plug the cable in again. Reading goes on by itself.')
    t.equal(gone.trouble?.id.todo, 'Pasang lagi kabelnya. Pembacaan berlanjut sendiri.')
    const missing = await van.shows('scale-1', (one) => one.trouble?.code === 'link-not-there')
    t.match(missing.trouble?.en.what, /^There is no port .*tty-scale-1\.$/)
    await othersGoOn(t)
    await cable.plugIn()
    await van.shows('scale-1', ({ link, trouble }) => link === 'open' && trouble === null)
    cable.say(weighing('65.10'))
    await van.stores('scale-1/measurement', 2)
    await othersGoOn(t)
  })

  await t.test('a DICOM sender that aborts in the middle', async (t) => {
    const sender = cart()
    t.match(await sender.associate(), { kind: 'accepted' })
    t.equal(await sender.store('1.2.3.1', imageDataSet('1.2.3.1', 40_000)), 0)
    const names = { sopClassUid: ultrasoundImage, sopInstanceUid: '1.2.3.2' }
    const pdus = [...sender.requestor.store(1, names, imageDataSet('1.2.3.2', 1_000_000))]
    for (const pdu of pdus.slice(0, -2)) await sender.send(pdu)
    await sender.send(sender.requestor.abort())
    t.match(await sender.next(), { kind: 'closed' })
    const view = await van.shows('us-1', ({ trouble }) => trouble !== null)
    t.equal(view.trouble?.code, 'imaging-cut-in-transfer')
    t.equal(
      view.trouble?.en.what,
      'The connection of CART_1 at 127.0.0.1 was cut in the middle of an image. What came before it is stored.',
    )
    t.match(view.trouble?.id.what, /^Sambungan CART_1 di 127\.0\.0\.1 terputus di tengah citra\./)
    await van.stores('us-1/image', 1)
    const again = cart()
    await again.associate()
    t.equal(await again.store('1.2.3.2', imageDataSet('1.2.3.2', 1_000_000)), 0)
    await again.release()
    await van.shows('us-1', ({ trouble }) => trouble === null)
    await othersGoOn(t)
  })

  await t.test('garbage on the DICOM port', async (t) => {
    const troubles = async () => (await van.status()).troubles
    const garbage: readonly (readonly [string, string, string])[] = [
      [
        'GET / HTTP/1.1\r\nHost: van\r\n\r\n',
        'imaging-not-dicom',
        'Something at 127.0.0.1 connected to the DICOM port and does not speak DICOM.',
      ],
      [
        '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
        'imaging-tls-on-plain-port',
        'The device at 127.0.0.1 wants encryption on a port without encryption.',
      ],
      [
        // An A-ASSOCIATE-RQ of nearly 4 GiB.
        '\x01\x00\xff\xff\xff\xf0',
        'imaging-malformed',
        'The device ? at 127.0.0.1 broke the DICOM protocol: association PDU above the limit. The connection was ended.',
      ],
    ]
    for (const [bytes, code, words] of garbage) {
      const answer = await answerTo(dicomPort, Buffer.from(bytes, 'latin1'))
      t.equal(answer[0], 7, 'the answer is an A-ABORT')
      await until(code, async () => (await troubles()).find((one) => one.code === code) ?? null, {
        seen: troubles,
      })
      const [newest] = await troubles()
      t.equal(newest?.en.what, words)
      t.match(newest?.id.what, /127\.0\.0\.1/)
      t.match(van.printed(), new RegExp(`"code":"${code}"`), 'and in the log')
    }
    await othersGoOn(t)
  })

  await t.test('an association that announces a gigantic PDU', async (t) => {
    const sender = cart()
    t.match(await sender.associate(), { kind: 'accepted' })
    await sender.send(Uint8Array.of(4, 0, 0xff, 0xff, 0xff, 0xf0, 0, 0))
    t.match(await sender.next(), { kind: 'aborted', source: 2 })
    const view = await van.shows('us-1', ({ trouble }) => trouble !== null)
    t.equal(
      view.trouble?.en.what,
      'The device CART_1 at 127.0.0.1 announced a piece of 4294967280 bytes, where at most 262144 are allowed. The connection was ended.',
    )
    t.equal(view.trouble?.en.todo, 'Set the maximum PDU length on the device to 131072 or less.')
    await othersGoOn(t)
  })

  await t.test('a device that falls silent', async (t) => {
    const view = await van.shows('monitor-1', ({ trouble }) => trouble !== null)
    t.match(
      view.trouble?.en.what,
      /^Nothing was heard from BerryMed PM6750 patient monitor for \d+ s\.$/,
    )
    t.match(view.trouble?.en.todo, /^Check that it is switched on/)
    await othersGoOn(t)
  })

  await t.test('a landing that never receipts', async (t) => {
    const seen = async () => (await van.status()).uplink
    const uplink = await until(
      'the missing receipts',
      async () => {
        const now = await seen()
        return now.trouble?.code === 'uplink-no-receipts' ? now : null
      },
      { withinMs: 120_000, seen },
    )
    t.match(
      uplink.trouble?.en.what,
      /^The hospital has not confirmed [1-9]\d* packets that the broker took\.$/,
    )
    t.equal(
      uplink.trouble?.en.todo,
      'They are sent again by themselves. If this stays, tell the hospital that it sends no receipts.',
    )
    t.match(uplink.trouble?.id.what, /^Rumah sakit belum mengonfirmasi [1-9]\d* paket/)
    const { totals, journal } = await van.status()
    t.equal(totals.recordsReceipted, 0, 'an acknowledgement of the broker is no receipt')
    t.ok(journal.unreceiptedPackets > 0)
    await othersGoOn(t)
  })

  await t.test('and at the end everything that was right is with the hospital, once', async (t) => {
    const away = { online: false, landing: 'deaf-landing', startedWallMs: 1 }
    await deafLanding.publish(landingStateTopic, encodeLandingState(away), true)
    deafLanding.connection.close('farewell')
    const landing = startLanding(home, van, `mqtt://127.0.0.1:${mosquitto.port}`)
    t.teardown(() => landing.stop())
    await allReceipted(van)
    t.equal((await van.status()).uplink.trouble, null)
    t.equal(await van.stop(), 0, 'the gateway ends as it should')
    t.equal(await landing.stop(), 0)
    const systolics = (device: string) => firstValues(landed(home, device))
    t.strictSame(
      systolics('bp-1'),
      Array.from({ length: othersCount }, (_, n) => pressureOf(n).systolicMmHg),
    )
    t.strictSame(
      systolics('bp-2'),
      [1_000, 1_001, 1_002].map((n) => pressureOf(n).systolicMmHg),
    )
    t.strictSame(firstValues(landed(home, 'scale-1')), [72.4, 65.1])
    const images = landed(home, 'us-1').flatMap((one) =>
      one.kind === 'image' ? [one.sopInstanceUid] : [],
    )
    t.strictSame(images, ['1.2.3.1', '1.2.3.2'])
    t.notMatch(van.printed(), /"level":"error"|\n\s+at /, 'no error of our own in the log')
  })
})

/** What a connection says to these bytes before it ends. */
function answerTo(port: number, bytes: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const pieces: Buffer[] = []
    socket.on('error', reject)
    socket.on('data', (piece: Buffer) => pieces.push(piece))
    socket.on('end', () => resolve(Buffer.concat(pieces)))
    socket.write(bytes)
  })
}
