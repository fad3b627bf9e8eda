import { readFileSync } from 'node:fs'
import t from 'tap'
import { ultrasoundImage } from '../../test/dicom/data-set.ts'
import { image, serve, servesOthers } from '../../test/dicom/real-node.ts'
import { Sender, statusOf } from '../../test/dicom/sender.ts'
import { commandPdu, storeCommand } from '../../test/dicom/store-command.ts'
import { concat } from '../../protocols/dicom/text.ts'
import { realFiles, type Files } from './files.ts'

const dataSet = image('1.2.3')

t.test('abuse: what is not DICOM is told so and let go', async (t) => {
  const { port, codes } = await serve(t)
  for (const bytes of [Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), Buffer.alloc(500, 0xaa)]) {
    const sender = new Sender(port)
    await sender.send(bytes)
    t.match(await sender.next(), { kind: 'aborted', source: 2, reason: 1 })
    t.match(await sender.next(), { kind: 'closed' })
  }
  t.ok(codes.includes('imaging-not-dicom'))
  await servesOthers(t, port, 'after garbage')
})

/** A P-DATA of eight bytes whose value claims another length. */
function valueOf(length: number): Uint8Array {
  return Uint8Array.of(4, 0, 0, 0, 0, 8, 0, 0, 0, length, 1, 3, 0, 0)
}

t.test('abuse: what breaks an association ends that one alone, at once', async (t) => {
  const { port, halves } = await serve(t)
  const wrong: readonly (readonly [string, Uint8Array])[] = [
    ['unknown context', commandPdu(99, storeCommand)],
    ['a value longer than its PDU', valueOf(200)],
    ['a value of length 0', valueOf(0)],
    ['a command set of rubbish', commandPdu(1, new Uint8Array(100).fill(0xee))],
    ['a second request', new Sender(port).requestor.associate()],
    ['garbage', Buffer.alloc(500, 0xaa)],
  ]
  for (const [what, bytes] of wrong) {
    const sender = new Sender(port)
    await sender.associate()
    await sender.send(bytes)
    t.match(await sender.next(), { kind: 'aborted', source: 2 }, what)
    t.match(await sender.next(), { kind: 'closed' }, what)
    await servesOthers(t, port, what)
  }
  t.strictSame(halves(), [])
})

t.test('abuse: an announcement of 4 GiB and a flood after it cost no memory', async (t) => {
  const { port, codes } = await serve(t)
  const sender = new Sender(port)
  await sender.associate()
  const before = process.memoryUsage.rss()
  await sender.send(Uint8Array.of(4, 0, 255, 255, 255, 255))
  t.match(await sender.next(), { kind: 'aborted' })
  const flood = new Uint8Array(1_048_576)
  for (let count = 0; count < 100 && !sender.socket.destroyed; count++) await sender.send(flood)
  t.match(await sender.next(), { kind: 'closed' })
  const grownBytes = process.memoryUsage.rss() - before
  t.ok(grownBytes < 60_000_000, `${grownBytes} bytes more`)
  t.ok(codes.includes('imaging-pdu-too-long'))
  await servesOthers(t, port, 'after a flood')
})

t.test(
  'abuse: cut in the middle in every way, nothing half stays and nothing whole goes',
  async (t) => {
    const { port, keeper, halves, codes } = await serve(t)
    const ways: readonly ((sender: Sender) => void)[] = [
      (sender) => sender.socket.end(),
      (sender) => void sender.socket.resetAndDestroy(),
      (sender) => void sender.socket.write(sender.requestor.abort()),
      (sender) => void sender.socket.write(sender.requestor.release()),
    ]
    for (const [index, cut] of ways.entries()) {
      const sender = new Sender(port)
      await sender.associate()
      t.equal(await sender.store(`1.2.${index}`, image(`1.2.${index}`)), 0)
      const names = { sopClassUid: ultrasoundImage, sopInstanceUid: '6.6' }
      const pdus = [...sender.requestor.store(1, names, image('6.6', 400_000))]
      for (const pdu of pdus.slice(0, 3)) await sender.send(pdu)
      // What is said in the protocol can only be said between PDUs; a cable is cut anywhere.
      if (index < 2) await sender.send(pdus[3]?.subarray(0, 1_000) ?? new Uint8Array())
      cut(sender)
      while ((await sender.next()).kind !== 'closed') {
        if (index === 3) sender.socket.end()
      }
      await servesOthers(t, port, `way ${index}`)
    }
    t.strictSame(
      keeper.images.map((one) => one.image.sopInstanceUid),
      ['1.2.0', '1.2.1', '1.2.2', '1.2.3'],
    )
    for (let turn = 0; halves().length > 0 && turn < 100; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    t.strictSame(halves(), [])
    t.ok(codes.includes('imaging-cut-in-transfer'))
  },
)

t.test('abuse: two hundred connections that say nothing shut nobody out', async (t) => {
  const { port, codes } = await serve(t)
  const idle = Array.from({ length: 200 }, () => new Sender(port))
  await Promise.all(
    idle.map((one) => new Promise((resolve) => one.socket.once('connect', resolve))),
  )
  await servesOthers(t, port, 'beside 200')
  t.ok(codes.includes('imaging-too-many-connections'))
  for (const one of idle) one.socket.destroy()
})

t.test('abuse: a hundred and twenty-eight contexts with ten syntaxes each', async (t) => {
  const { port } = await serve(t)
  const syntaxes = Array.from({ length: 10 }, (_, index) => `1.2.840.10008.1.2.4.${80 + index}`)
  const contexts = Array.from({ length: 128 }, (_, index) => ({
    id: index * 2 + 1,
    abstractSyntax: ultrasoundImage,
    transferSyntaxes: index === 0 ? ['1.2.840.10008.1.2.1'] : syntaxes,
  }))
  const sender = new Sender(port, contexts)
  const heard = await sender.associate()
  t.equal(heard.kind === 'accepted' && heard.contexts.size, 128)
  t.equal(await sender.store('1.2.3', dataSet), 0)
  t.equal(await sender.release(), 'released')
})

t.test('abuse: names that walk out of folders reach none', async (t) => {
  const { port, keeper, halves } = await serve(t)
  const sender = new Sender(port)
  await sender.associate()
  t.equal(await sender.store('../../../tmp/x', dataSet), 0x0117)
  t.equal(await sender.store('1.2.3', dataSet), 0)
  t.strictSame(halves(), [])
  t.equal((await keeper.names()).length, 1)
  await sender.release()
})

t.test(
  'abuse: another name inside, random bytes, the same again, another under the same name',
  async (t) => {
    const { port, keeper, codes } = await serve(t)
    const sender = new Sender(port)
    await sender.associate()
    t.equal(await sender.store('1.2.3', image('9.9.9')), 0xa900)
    const random = Uint8Array.from({ length: 50_000 }, (_, index) => (index * 7_919) >> 3)
    t.equal(await sender.store('1.2.4', random), 0)
    t.equal(await sender.store('1.2.5', image('1.2.5')), 0)
    t.equal(await sender.store('1.2.5', image('1.2.5')), 0)
    t.equal(await sender.store('1.2.5', image('1.2.5', 100)), 0)
    await sender.release()
    t.strictSame(
      keeper.images.map((one) => one.image.flags.filter((flag) => flag !== 'unknown-sender')),
      [
        ['uid-mismatch'],
        ['header-unreadable', 'transfer-syntax-mislabelled'],
        [],
        ['uid-conflict'],
      ],
    )
    t.equal((await keeper.names()).length, 4, 'the doubled one is kept once')
    t.ok(codes.includes('conflict') && codes.includes('imaging-uid-mismatch'))
    for (const { image: one } of keeper.images) {
      const kept = readFileSync(keeper.pathOf(one.object.sha256))
      t.equal(kept.length, one.object.sizeBytes)
    }
    const kept = readFileSync(keeper.pathOf(keeper.images[1]?.image.object.sha256 ?? ''))
    t.ok(kept.subarray(keeper.images[1]?.image.dataSetOffset).equals(Buffer.from(random)))
  },
)

function namesOf(index: number) {
  return { sopClassUid: ultrasoundImage, sopInstanceUid: `1.2.${index}` }
}

t.test('abuse: a sender that waits for no answer gets all of them, in order', async (t) => {
  const { port, keeper } = await serve(t)
  const sender = new Sender(port)
  await sender.associate()
  const count = 40
  const burst = Array.from({ length: count }, (_, index) =>
    concat([...sender.requestor.store(1, namesOf(index), image(`1.2.${index}`, 30_000))]),
  )
  const sending = sender.send(concat(burst))
  const answers: unknown[] = []
  for (let index = 0; index < count; index++) {
    const heard = await sender.next()
    answers.push([statusOf(heard), heard.kind === 'response' && heard.command.respondedTo])
  }
  await sending
  t.strictSame(
    answers,
    Array.from({ length: count }, (_, index) => [0, index + 1]),
  )
  t.equal(keeper.images.length, count)
  await sender.release()
})

t.test('abuse: a disk slower than the network makes the sender wait', async (t) => {
  let writtenBytes = 0
  const slow: Files = {
    ...realFiles,
    async create(path) {
      const file = await realFiles.create(path)
      return {
        ...file,
        async write(pieces) {
          const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
          await new Promise((resolve) => setTimeout(resolve, bytes / 80_000))
          await file.write(pieces)
          writtenBytes += bytes
        },
      }
    },
  }
  const { port } = await serve(t, {}, slow)
  const sender = new Sender(port)
  await sender.associate()
  const names = { sopClassUid: ultrasoundImage, sopInstanceUid: '1.2.3' }
  let sentBytes = 0
  let aheadBytes = 0
  for (const pdu of sender.requestor.store(1, names, image('1.2.3', 50_000_000))) {
    await sender.send(pdu)
    sentBytes += pdu.length
    aheadBytes = Math.max(aheadBytes, sentBytes - writtenBytes)
  }
  t.equal(statusOf(await sender.next()), 0)
  // Ours are 1 MiB and a piece; the rest lies in the kernel's buffers of both sides.
  t.ok(aheadBytes < 16_000_000, `${aheadBytes} bytes ahead of the disk`)
  await sender.release()
})

t.test('abuse: a full disk is answered, and served again when it is not', async (t) => {
  let room = 300_000
  const small: Files = {
    ...realFiles,
    async create(path) {
      const file = await realFiles.create(path)
      return {
        ...file,
        async write(pieces) {
          room -= pieces.reduce((sum, piece) => sum + piece.length, 0)
          if (room < 0) throw Object.assign(new Error('ENOSPC: no room'), { code: 'ENOSPC' })
          await file.write(pieces)
        },
      }
    },
  }
  const { port, codes, halves } = await serve(t, {}, small)
  const sender = new Sender(port)
  await sender.associate()
  t.equal(await sender.store('1.2.3', image('1.2.3')), 0)
  t.equal(await sender.store('1.2.4', image('1.2.4', 3_000_000)), 0xa700)
  t.equal(await sender.store('1.2.5', image('1.2.5')), 0xa700)
  room = 10_000_000
  t.equal(await sender.store('1.2.4', image('1.2.4', 3_000_000)), 0)
  t.ok(codes.includes('imaging-disk-full'))
  t.strictSame(halves(), [])
  await sender.release()
})

t.test('abuse: fifty devices at once are all served', async (t) => {
  const { port, keeper } = await serve(t, { associationsMax: 64, associationsPerPeerMax: 64 })
  const one = async (index: number): Promise<readonly unknown[]> => {
    const sender = new Sender(port)
    const statuses: unknown[] = [(await sender.associate()).kind]
    for (let turn = 0; turn < 3; turn++) {
      const uid = `1.${index}.${turn}`
      statuses.push(await sender.store(uid, image(uid, 20_000)))
    }
    return [...statuses, await sender.release()]
  }
  const all = await Promise.all(Array.from({ length: 50 }, (_, index) => one(index)))
  for (const statuses of all) t.strictSame(statuses, ['accepted', 0, 0, 0, 'released'])
  t.equal(keeper.images.length, 150)
})
