import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { decodeFileHead } from '../../protocols/dicom/part10.ts'
import { startStorescp } from '../../test/dicom/dcmtk.ts'
import { ultrasound } from '../../test/dicom/forwarding.ts'
import { ForwardProcess } from '../../test/dicom/forward-process.ts'
import { imagePackets, land } from '../testing/images.ts'
import { openStore } from '../testing/landing.ts'
import { TestVan } from '../testing/van.ts'

const count = 40
const kills = 3

t.test('kill: storescp has every image once and bit for bit, however often we die', async (t) => {
  const folder = t.testdir({ landing: {}, kept: {} })
  const van = new TestVan('van-02')
  const landing = join(folder, 'landing')
  const kept = join(folder, 'kept')
  mkdirSync(kept, { recursive: true })
  const store = openStore(landing, van)
  const images = Array.from({ length: count }, (_, index) =>
    ultrasound(index, { study: index % 7, pixelBytes: 120_000 }),
  )
  for (const image of images) land(store, imagePackets(van, image))
  store.close()
  const peer = await startStorescp(kept, ['+B', '-pm', '+xa'])
  t.teardown(() => peer.stop())
  const to = { kind: 'dicom', name: 'storescp', host: '127.0.0.1', port: peer.port }
  const destinations = [{ ...to, calledAeTitle: 'STORESCP', proof: 'none' }]
  const forwarder = new ForwardProcess(landing, { destinations })
  t.teardown(() => forwarder.kill())
  await forwarder.start()
  for (let kill = 1; kill <= kills; kill++) {
    await forwarder.until('sent', Math.floor((count * kill) / (kills + 1)), 60_000)
    await forwarder.kill()
    await forwarder.start()
  }
  await forwarder.until('sent', count, 60_000)
  await forwarder.stop()
  const files = readdirSync(kept).map((name) => readFileSync(join(kept, name)))
  t.equal(files.length, count, 'nothing is missing, nothing doubled')
  for (const file of files) {
    const head = decodeFileHead(file)
    const uid = head.ok ? head.value.sopInstanceUid : ''
    const dataSet = file.subarray(head.ok ? head.value.dataSetOffset : 0)
    const image = images.find(({ sopInstanceUid }) => sopInstanceUid === uid)
    if (image === undefined || Buffer.compare(image.dataSet, dataSet) !== 0)
      t.fail(`${uid} differs`)
  }
})
