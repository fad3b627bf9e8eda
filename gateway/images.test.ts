import { join } from 'node:path'
import t from 'tap'
import { encodeDataSet, instance, ultrasoundImage } from '../test/dicom/data-set.ts'
import { Sender, usualContexts } from '../test/dicom/sender.ts'
import type { Image } from '../protocols/packet/record.ts'
import { systemClock } from './clock/system-clock.ts'
import { registryFile } from './devices/registry-file.ts'
import { ImageDesk } from './images.ts'
import { startImaging } from './imaging/imaging.ts'
import { openRig } from './journal/journal-testing.ts'
import { silentLog } from './page/page-testing.ts'
import { SenderBook } from './sender-book.ts'

t.test('images: a stranger is kept and asked about; answered, it is the device', async (t) => {
  const folder = t.testdir({ journal: {} })
  const { journal } = openRig(join(folder, 'journal'))
  const stored: (readonly [string, Image])[] = []
  const file = registryFile(join(folder, 'senders.json'))
  const book = await SenderBook.open(file, silentLog, [])
  const desk = new ImageDesk({
    clock: systemClock(),
    time: { utcOf: () => null },
    journal,
    log: silentLog,
    isPacked: false,
    book,
    known: (senders) => imaging.know(senders),
    stored: (device, image) => void stored.push([device, image]),
    changed: () => {},
  })
  const imaging = await startImaging(
    {
      incomingFolder: journal.incomingFolder,
      host: '127.0.0.1',
      ports: [{ port: 0, tls: null }],
      senders: book.all(),
      reserveBytes: 0,
    },
    desk,
  )
  t.teardown(() => imaging.stop())
  const send = async (sopInstanceUid: string): Promise<void> => {
    const port = imaging.address()[0]?.port ?? 0
    const sender = new Sender(port, usualContexts, 'Vivid iq')
    await sender.associate()
    const elements = instance({ sopClassUid: ultrasoundImage, sopInstanceUid })
    const dataSet = encodeDataSet(elements, { explicit: true, little: true })
    t.equal(await sender.store(sopInstanceUid, dataSet), 0)
    await sender.release()
  }
  await send('1.2.1')
  t.match(desk.strangers(), [
    { aeTitle: 'Vivid iq', device: 'vivid-iq', peerAddress: '127.0.0.1', storedCount: 1 },
  ])
  await t.rejects(desk.answer('Vivid iq', 'Vivid iq'), { code: 'imaging-name-refused' })
  t.equal(desk.strangers().length, 1)
  await desk.answer('Vivid iq', 'us-1')
  t.strictSame(desk.strangers(), [])
  await send('1.2.2')
  t.match(stored, [
    ['vivid-iq', { flags: ['unknown-sender'] }],
    ['us-1', { flags: [] }],
  ])
  t.match(desk.senders(), [{ device: 'us-1', known: true, storedCount: 1 }])
  const next = await SenderBook.open(file, silentLog, [])
  t.match(next.all(), [{ aeTitle: 'Vivid iq', device: 'us-1' }])
})
