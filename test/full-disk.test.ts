/**
 * No room: what is refused, in which words and in which order; that nothing stored is lost; and
 * that all goes on when room returns.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { drivers } from '../drivers/index.ts'
import { pressureOf } from '../drivers/simulate/distinct.ts'
import { systemRandom } from '../gateway/clock/random.ts'
import { systemClock } from '../gateway/clock/system-clock.ts'
import { readConfig } from '../gateway/config/read.ts'
import { startGateway } from '../gateway/gateway.ts'
import { memoryLog } from '../gateway/health/log.ts'
import { startImaging } from '../gateway/imaging/imaging.ts'
import { nodeFiles } from '../gateway/journal/files.ts'
import { incomingFiles } from '../gateway/journal/incoming.ts'
import { openLocalJournal } from '../gateway/journal/open.ts'
import { hostLinks } from '../gateway/links/links.ts'
import { startMosquitto } from '../gateway/sim/mosquitto.ts'
import { door } from '../gateway/uplink/mqtt-testing.ts'
import { imageDataSet, pressureFrame } from './bad-input/frames.ts'
import { allReceipted, firstValues, landed, startLanding } from './bad-input/hospital.ts'
import { Cable, freePort, startTestedVan, until } from './bad-input/tested-van.ts'
import { ultrasoundImage } from './dicom/data-set.ts'
import { Sender, statusOf, type Heard } from './dicom/sender.ts'

/** Short, because the path of a pseudo-terminal may not be long. */
const folder = mkdtempSync(join(tmpdir(), 'simpul-full-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

const imageBytes = 4_500_000
const senders = [{ aeTitle: 'CART_1', device: 'us-1' }]

/** The answer to one image of some megabytes: a refusal of the association, or of the image. */
async function sendImage(port: number, uid: string): Promise<Heard> {
  const sender = new Sender(port)
  const answer = await sender.associate()
  if (answer.kind !== 'accepted') {
    sender.socket.end()
    return answer
  }
  const names = { sopClassUid: ultrasoundImage, sopInstanceUid: uid }
  for (const pdu of sender.requestor.store(1, names, imageDataSet(uid, imageBytes))) {
    await sender.send(pdu)
  }
  const heard = await sender.next()
  await sender.release()
  return heard
}

const outOfResources = {
  kind: 'response',
  command: { status: 0xa700, comment: 'Out of disk space, please send again later' },
} as const

t.test('a journal that has no room for images', async (t) => {
  const home = join(folder, 'full')
  mkdirSync(home)
  const cable = await Cable.plug(home, 'bp-1')
  t.teardown(() => cable.unplug())
  const mosquitto = await startMosquitto({ folder: home })
  t.teardown(() => mosquitto.kill())
  const dicomPort = await freePort()
  const van = await startTestedVan(home, {
    devices: [
      { id: 'bp-1', driver: 'and-tm265x', link: { kind: 'serial', path: cable.gatewayPath } },
    ],
    imaging: {
      ports: [dicomPort],
      host: '127.0.0.1',
      senders,
    },
    journal: { limitBytes: 16_777_216 },
    uplink: { url: `mqtt://127.0.0.1:${mosquitto.port}` },
  })
  t.teardown(() => van.stop())
  await van.shows('bp-1', ({ link }) => link === 'open')
  const instance = await van.instance()
  const send = (uid: string) => sendImage(dicomPort, uid)

  await t.test('images are refused first, and a reading still finds room', async (t) => {
    for (const uid of ['1.2.3.1', '1.2.3.2', '1.2.3.3']) t.equal(statusOf(await send(uid)), 0)
    t.match(await send('1.2.3.4'), outOfResources)
    const view = await van.shows('us-1', ({ trouble }) => trouble !== null)
    t.equal(
      view.trouble?.en.what,
      'There is no room for images from CART_1 at 127.0.0.1. The device was told to send again later.',
    )
    t.match(view.trouble?.en.todo, /^Keep the images on the device\./)
    t.match(view.trouble?.id.todo, /^Jangan hapus citra di alat\./)
    cable.say(pressureFrame(0))
    await van.stores('bp-1/measurement', 1)
    const { uplink } = await van.status()
    t.equal(
      uplink.trouble?.en.what,
      'The broker is there, but nobody at the hospital listens to this van.',
    )
  })

  const landing = startLanding(home, van, `mqtt://127.0.0.1:${mosquitto.port}`)
  t.teardown(() => landing.stop())

  await t.test('what the hospital has makes room', async (t) => {
    await allReceipted(van)
    t.equal(statusOf(await send('1.2.3.4')), 0)
    await van.shows('us-1', ({ trouble }) => trouble === null)
    await allReceipted(van)
    t.equal(await van.instance(), instance, 'nothing has crashed')
  })

  await t.test('and nothing that was confirmed is missing', async (t) => {
    t.equal(await van.stop(), 0)
    t.equal(await landing.stop(), 0)
    t.strictSame(firstValues(landed(home, 'bp-1')), [pressureOf(0).systolicMmHg])
    const images = landed(home, 'us-1').filter((one) => one.kind === 'image')
    t.strictSame(
      images.map((one) => one.sopInstanceUid),
      ['1.2.3.1', '1.2.3.2', '1.2.3.3', '1.2.3.4'],
    )
    for (const { object, dataSetOffset, sopInstanceUid } of images) {
      const { sha256 } = object
      const file = readFileSync(join(home, 'landing/objects', sha256.slice(0, 2), sha256))
      const sent = imageDataSet(sopInstanceUid, imageBytes)
      t.ok(file.subarray(dataSetOffset).equals(sent), `${sopInstanceUid} is there bit for bit`)
    }
  })
})

t.test('a disk that others have filled', async (t) => {
  const home = join(folder, 'others')
  mkdirSync(home)
  const cable = await Cable.plug(home, 'bp-1')
  t.teardown(() => cable.unplug())
  const dicomPort = await freePort()
  const read = readConfig(
    JSON.stringify({
      van: 'van-test',
      folder: join(home, 'data'),
      devices: [
        { id: 'bp-1', driver: 'and-tm265x', link: { kind: 'serial', path: cable.gatewayPath } },
      ],
      imaging: { ports: [dicomPort], host: '127.0.0.1', senders },
      uplink: { url: 'mqtt://127.0.0.1:1' },
    }),
    drivers,
  )
  if (!read.ok) throw new Error('the configuration is good')
  const { config } = read
  const clock = systemClock()
  const random = systemRandom()
  const { log } = memoryLog()
  const bootId = '00000000-0000-4000-8000-000000000000'
  let freeBytes = 1e12
  const journal = openLocalJournal(
    { folder: config.folder, van: config.van, bootId, limitBytes: 1e9, reserveBytes: 1e9 },
    { clock, random, log, files: { ...nodeFiles, freeBytes: () => freeBytes } },
    (error) => t.fail(error.message),
  )
  const gateway = await startGateway(
    { clock, random, links: hostLinks(), broker: door(1), log, bootId },
    config,
    {
      drivers,
      journal,
      incoming: incomingFiles(journal.incomingFolder),
      knownFile: null,
      registryFile: { read: async () => null, write: async () => {}, setAside: async () => {} },
      adoptedFile: { read: async () => null, write: async () => {}, setAside: async () => {} },
      sendersFile: { read: async () => null, write: async () => {}, setAside: async () => {} },
      commitmentsFile: { read: async () => null, write: async () => {}, setAside: async () => {} },
      synchronised: async () => null,
      openImaging: (hears) =>
        startImaging(
          {
            incomingFolder: journal.incomingFolder,
            host: '127.0.0.1',
            ports: [{ port: dicomPort, tls: null }],
            senders: config.imaging.senders,
            // Its own look at the real disk stays out of it.
            reserveBytes: 0,
          },
          hears,
        ),
    },
  )
  t.teardown(() => gateway.stop())
  const status = () => gateway.page.status()
  const shown = async (id: string) => (await status()).devices.find((one) => one.id === id)
  const stored = async (count: number) => {
    const streams = (await status()).journal.streams
    const found = streams.find(({ stream }) => stream === 'bp-1/measurement')
    return (found?.recordsStored ?? 0) >= count ? true : null
  }
  await until('an open port', async () => ((await shown('bp-1'))?.link === 'open' ? true : null))
  cable.say(pressureFrame(0))
  await until('a reading', () => stored(1))

  await t.test('a reading waits, and says so', async (t) => {
    freeBytes = 1e9
    cable.say(pressureFrame(1))
    const trouble = await until('a trouble', async () => (await shown('bp-1'))?.trouble ?? null)
    t.equal(trouble.code, 'journal-full')
    t.equal(
      trouble.en.what,
      'There is no room for new readings: the disk is full, and what waits for the hospital may not be removed.',
    )
    t.match(trouble.en.todo, /Note down readings on paper until then\.$/)
    t.match(trouble.id.what, /^Tidak ada ruang untuk hasil baru: disk penuh/)
    t.match(await status(), { journal: { full: true } })
    t.equal(await stored(2), null)
  })

  await t.test('an image is refused, and soon at the door', async (t) => {
    t.match(await sendImage(dicomPort, '1.2.3.1'), outOfResources)
    const trouble = await until('a trouble', async () => (await shown('us-1'))?.trouble ?? null)
    t.equal(
      trouble.en.what,
      'There is no room for images from CART_1 at 127.0.0.1. The device was told to send again later.',
    )
    const refused = await until('the closed door', async () => {
      const heard = await sendImage(dicomPort, '1.2.3.1')
      return heard.kind === 'rejected' ? heard : null
    })
    t.match(refused, { rejection: { result: 'transient', source: 3, reason: 2 } })
  })

  await t.test('and both are stored when room returns', async (t) => {
    freeBytes = 1e12
    await until('the reading that waited', () => stored(2))
    t.match(await shown('bp-1'), { trouble: null })
    const taken = await until('the open door', async () => {
      const heard = await sendImage(dicomPort, '1.2.3.1')
      return heard.kind === 'response' ? heard : null
    })
    t.equal(statusOf(taken), 0)
    t.match(await shown('us-1'), { trouble: null })
    const kept = await journal.recent(100)
    const values = firstValues(kept.map(({ record }) => record))
    t.strictSame(
      values,
      [1, 0].map((number) => pressureOf(number).systolicMmHg),
    )
  })
})
