/** The example in Python reads, through Debian's broker, what our code seals. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { createConnection, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { connectAsync, type MqttClient } from 'mqtt'
import t, { type Test } from 'tap'
import { toHex } from '../../protocols/packet/hex.ts'
import type { Record } from '../../protocols/packet/record.ts'
import { sealPacket, type SealedPacket } from '../../protocols/packet/seal.ts'
import { streamFor, upTopic } from '../../protocols/packet/topics.ts'
import { sealTools, sha256 } from '../../test/wire/node-tools.ts'
import { WavePacker } from '../../protocols/packet/wave-packer.ts'
import { chunkOrder, recordsOrder, wavesOrder } from '../../test/wire/orders.ts'
import { epoch, sampleRecords, vanKinds } from '../../test/wire/samples.ts'
import { toJson } from '../../test/wire/vectors.ts'

/** Debian's Python has Debian's packages, whatever else is first on the PATH. */
const python = '/usr/bin/python3'
const mosquitto = '/usr/sbin/mosquitto'
const lineLimitMs = 20_000

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function started(t: Test, command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  })
  return child
}

/** Resolves when somebody listens there. */
async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = createConnection({ host: '127.0.0.1', port })
      socket.once('connect', () => resolve(socket.destroy() !== null))
      socket.once('error', () => resolve(false))
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`nobody listens on ${port}`)
}

async function startBroker(t: Test): Promise<{ port: number; log: ChildProcess }> {
  const port = await freePort()
  const config = join(t.testdir(), 'mosquitto.conf')
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'log_dest stderr',
    'log_type subscribe',
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  const log = started(t, mosquitto, ['-c', config])
  await listening(port)
  return { port, log }
}

/** Reads lines one at a time; rejects when the next one does not come. */
function linesOf(child: ChildProcess, from: 'stdout' | 'stderr'): () => Promise<string> {
  const stream = child[from]
  if (stream === null) throw new Error(`no ${from}`)
  const lines = createInterface({ input: stream })[Symbol.asyncIterator]()
  return async () => {
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('no further line')), lineLimitMs).unref()
    })
    const { done, value } = await Promise.race([lines.next(), late])
    if (done === true) throw new Error('the program has ended')
    return value
  }
}

/** Starts the program and waits until the broker has its subscription. */
async function startSubscriber(
  t: Test,
): Promise<{ port: number; child: ChildProcess; next: () => Promise<string> }> {
  const { port, log } = await startBroker(t)
  const nextOfLog = linesOf(log, 'stderr')
  const child = started(t, python, [
    join(import.meta.dirname, 'subscriber.py'),
    '127.0.0.1',
    `${port}`,
  ])
  const next = linesOf(child, 'stdout')
  while (!(await nextOfLog()).includes('simpul/v1/+/up/#'));
  return { port, child, next }
}

async function connected(t: Test, port: number): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`)
  t.teardown(() => client.endAsync())
  return client
}

function publish(client: MqttClient, { header, bytes }: SealedPacket): Promise<unknown> {
  return client.publishAsync(upTopic(header.van, header.stream), Buffer.from(bytes), { qos: 1 })
}

function streamOf(record: Record): string {
  return streamFor(vanKinds.includes(record.kind) ? 'van' : 'dev-1', record.kind)
}

/** What the program says of a record. */
function toldOf(record: Record): unknown {
  if (record.kind !== 'waveform') return toJson(record)
  const { samples, ...rest } = record
  const first = samples.map((lead) => [...lead.subarray(0, 5)])
  return { ...rest, samples: samples[0]?.length, first }
}

t.test('subscriber: prints every kind of record and verifies an object', async (t) => {
  t.ok(existsSync(python) && existsSync(mosquitto), 'make debian-test installs what is needed')
  const { port, next } = await startSubscriber(t)
  const client = await connected(t, port)
  const newest = new Map<string, SealedPacket>()
  for (const record of Object.values<Record>(sampleRecords)) {
    const stream = streamOf(record)
    const before = newest.get(stream)
    const seq = before === undefined ? 0 : before.header.seq + 1
    const previousHeader = before?.headerBytes ?? null
    const sealed = sealPacket(recordsOrder(stream, [record], { seq, previousHeader }), sealTools)
    newest.set(stream, sealed)
    await publish(client, sealed)
    // What comes twice is printed once.
    await publish(client, sealed)
    const line: unknown = JSON.parse(await next())
    t.strictSame(line, { van: 'van-02', stream, epoch, seq, record: toldOf(record) }, record.kind)
  }
  const packer = new WavePacker()
  const waves = sampleRecords.waveform
  const order = wavesOrder('dev-2/waveform', packer, [waves], { keyDistance: 0 })
  await publish(client, sealPacket(order, sealTools))
  const packed: unknown = JSON.parse(await next())
  t.match(packed, { stream: 'dev-2/waveform', record: { kind: 'packed', bytes: Number } })
  const object = Uint8Array.from(
    { length: 150_000 },
    (_, index) => (index * 31 + (index >> 8)) % 256,
  )
  const hash = toHex(sha256(object))
  for (const [seq, offset] of [131_072, 0, 65_536].entries()) {
    const choice = { object, sha256: hash, offset, chunkBytes: 65_536 }
    const previousHeader = seq === 0 ? null : Uint8Array.of(0)
    await publish(
      client,
      sealPacket(chunkOrder('dev-1/object', choice, { seq, previousHeader }), sealTools),
    )
  }
  const line: unknown = JSON.parse(await next())
  t.strictSame(line, { van: 'van-02', object: hash, bytes: 150_000, verified: true })
})

t.test('subscriber: says so when the object is not the one that was promised', async (t) => {
  const { port, next } = await startSubscriber(t)
  const client = await connected(t, port)
  const object = Uint8Array.of(1, 2, 3)
  const choice = { object, sha256: 'ab'.repeat(32), offset: 0, chunkBytes: 3 }
  await publish(client, sealPacket(chunkOrder('dev-1/object', choice), sealTools))
  const line: unknown = JSON.parse(await next())
  t.strictSame(line, { van: 'van-02', object: 'ab'.repeat(32), bytes: 3, verified: false })
})

t.test('subscriber: does not look away from a packet whose digest is wrong', async (t) => {
  const { port, child } = await startSubscriber(t)
  const nextError = linesOf(child, 'stderr')
  const client = await connected(t, port)
  const choice = {
    object: Uint8Array.of(1, 2, 3),
    sha256: 'ab'.repeat(32),
    offset: 0,
    chunkBytes: 3,
  }
  const { bytes } = sealPacket(chunkOrder('dev-1/object', choice), sealTools)
  const at = Buffer.from(bytes).lastIndexOf(Buffer.of(0x43, 1, 2, 3))
  t.ok(at > 0)
  const changed = Uint8Array.from(bytes).fill(9, at + 1, at + 2)
  await client.publishAsync(upTopic('van-02', 'dev-1/object'), Buffer.from(changed), { qos: 1 })
  let line = ''
  while (!line.startsWith('ValueError')) line = await nextError()
  t.equal(line, 'ValueError: another digest')
})
