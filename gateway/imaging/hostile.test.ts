import { readFileSync } from 'node:fs'
import t from 'tap'
import { ultrasoundImage } from '../../test/dicom/data-set.ts'
import { image, serve, servesOthers } from '../../test/dicom/real-node.ts'
import { Sender, statusOf } from '../../test/dicom/sender.ts'
import { commandPdu, storeCommand } from '../../test/dicom/store-command.ts'
import { encodePdu } from '../../protocols/dicom/pdu.ts'
import { concat } from '../../protocols/dicom/text.ts'

const dataSet = image('1.2.3')

t.test('hostile: two hundred associations that say nothing let a known device in', async (t) => {
  const room = { associationsMax: 64, associationsPerPeerMax: 64, connectionsMax: 256 }
  const { port, codes } = await serve(t, room)
  const idle = Array.from({ length: 200 }, () => new Sender(port))
  const heard = await Promise.all(idle.map((one) => one.associate()))
  const count = (kind: string): number => heard.filter((one) => one.kind === kind).length
  t.strictSame([count('accepted'), count('rejected')], [64, 136])
  t.match(
    heard.find((one) => one.kind === 'rejected'),
    { rejection: { result: 'transient', source: 3, reason: 2 } },
    'to be tried again later',
  )
  t.ok(codes.includes('imaging-too-many-associations'))
  for (const one of idle) one.socket.destroy()
  for (let turn = 0; turn < 100; turn++) {
    const later = new Sender(port)
    if ((await later.associate()).kind === 'accepted') break
  }
  await servesOthers(t, port, 'after 200')
})

t.test('hostile: one byte at a time is taken like any other, beside others', async (t) => {
  const { port, keeper } = await serve(t)
  const slow = new Sender(port)
  await slow.associate()
  const names = { sopClassUid: ultrasoundImage, sopInstanceUid: '1.2.3' }
  const bytes = concat([...slow.requestor.store(1, names, image('1.2.3', 600))])
  const half = Math.floor(bytes.length / 2)
  for (let at = 0; at < bytes.length; at++) {
    await slow.send(bytes.subarray(at, at + 1))
    if (at === half) await servesOthers(t, port, 'in the middle')
  }
  t.equal(statusOf(await slow.next()), 0)
  const kept = readFileSync(keeper.pathOf(keeper.images[0]?.image.object.sha256 ?? ''))
  const { dataSetOffset } = keeper.images[0]?.image ?? {}
  t.ok(kept.subarray(dataSetOffset).equals(Buffer.from(image('1.2.3', 600))))
  await slow.release()
})

t.test(
  'hostile: fragments of two messages interleaved end the association, not more',
  async (t) => {
    const { port, keeper, halves } = await serve(t)
    const names = { sopClassUid: ultrasoundImage, sopInstanceUid: '1.2.3' }
    const part = (contextId: number, command: boolean, bytes: Uint8Array): Uint8Array =>
      encodePdu({ kind: 'data', values: [{ contextId, command, last: false, bytes }] })
    const ways: readonly ((sender: Sender) => readonly Uint8Array[])[] = [
      // Half a command set here, half of another one there.
      () => [part(1, true, storeCommand.subarray(0, 40)), part(3, true, storeCommand.subarray(40))],
      // A command set in the middle of a data set.
      (sender) => [
        ...[...sender.requestor.store(1, names, image('1.2.3', 400_000))].slice(0, 3),
        commandPdu(1, storeCommand),
      ],
      // A data set that goes on in another context.
      (sender) => [
        ...[...sender.requestor.store(1, names, image('1.2.3', 400_000))].slice(0, 3),
        part(3, false, new Uint8Array(1_000)),
      ],
    ]
    for (const [index, way] of ways.entries()) {
      const sender = new Sender(port)
      await sender.associate()
      for (const pdu of way(sender)) await sender.send(pdu)
      t.match(await sender.next(), { kind: 'aborted', source: 2 }, `way ${index}`)
      await servesOthers(t, port, `way ${index}`)
    }
    t.strictSame(keeper.images, [])
    for (let turn = 0; halves().length > 0 && turn < 100; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    t.strictSame(halves(), [])
  },
)

t.test('hostile: a data set that ends inside an element is kept', async (t) => {
  const { port, keeper } = await serve(t)
  const sender = new Sender(port)
  await sender.associate()
  const whole = image('1.2.3')
  for (const length of [60, 131, 300, whole.length - 1]) {
    t.equal(await sender.store('1.2.3', whole.subarray(0, length)), 0)
  }
  await sender.release()
  t.equal(keeper.images.length, 4, 'none is thrown away')
})

const hostileUids = [
  '../../etc/passwd',
  '/etc/passwd',
  '1.2.3/../../x',
  '1.2.3\0.dcm',
  '1.2.3;rm -rf',
  `${'1.'.repeat(40)}1`,
  '',
  'abc',
]

t.test('hostile: names that are none are refused with a sentence, each for itself', async (t) => {
  const { port, keeper, halves, codes } = await serve(t)
  const sender = new Sender(port)
  await sender.associate()
  for (const uid of hostileUids) {
    t.equal(await sender.store(uid, dataSet), 0x0117, JSON.stringify(uid))
  }
  t.equal(await sender.store('1.2.3', dataSet), 0)
  t.strictSame([halves(), (await keeper.names()).length], [[], 1])
  t.ok(codes.includes('imaging-uid-invalid'))
  await sender.release()
})
