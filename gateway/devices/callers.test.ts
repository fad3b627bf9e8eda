/** Real drivers over real sockets: two devices at one port, each with its capture. */
import t from 'tap'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseCapture, type CaptureStep } from '../../drivers/capture.ts'
import { driverOf } from '../../drivers/index.ts'
import type { Record } from '../../protocols/packet/record.ts'
import { systemClock } from '../clock/system-clock.ts'
import { memoryLog } from '../health/log.ts'
import { hostLinks } from '../links/links.ts'
import { KnownResults } from './known-results.ts'
import { DeviceSession } from './session.ts'

const captures = join(import.meta.dirname, '../../drivers/captures')

/** A device waits no longer than this for its answer. */
const answerMs = 60_000
/** What a capture waits is for drivers that notice a silence; none of these does. */
const pauseMs = 5
const storingMs = 15

function stepsOf(path: string): readonly CaptureStep[] {
  const parsed = parseCapture(readFileSync(join(captures, path), 'utf8'))
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.value
}

/** Says what the capture's device says, and hears what it must. */
async function play(steps: readonly CaptureStep[], port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  await once(socket, 'connect')
  let heard = Buffer.alloc(0)
  socket.on('data', (bytes: Buffer) => {
    heard = Buffer.concat([heard, bytes])
  })
  for (const step of steps) {
    if (step.kind === 'device') socket.write(step.bytes)
    else if (step.kind === 'wait') await sleep(pauseMs)
    else if (step.kind === 'host') {
      const beganMs = performance.now()
      while (heard.length < step.bytes.length) {
        if (performance.now() - beganMs > answerMs) throw new Error('waited in vain for an answer')
        await sleep(1)
      }
      const answer = heard.subarray(0, step.bytes.length)
      if (!answer.equals(step.bytes)) {
        throw new Error(
          `expected ${Buffer.from(step.bytes).toString('hex')}, heard ${answer.toString('hex')}`,
        )
      }
      heard = heard.subarray(step.bytes.length)
    }
  }
  return socket
}

const said = (steps: readonly CaptureStep[]): number =>
  steps.filter((step) => step.kind === 'said' && step.said.kind === 'measurement').length

for (const [id, capture] of [
  ['genexpert', 'detected.cap'],
  ['hl7-law', 'result.cap'],
  ['ieee11073', 'blood-pressure.tcp.cap'],
] as const) {
  t.test(`${id}: two devices at one port, answered when it is stored`, async (t) => {
    const driver = driverOf(id)
    if (driver === null) throw new Error(`there is no driver ${id}`)
    const steps = stepsOf(`${id}/${capture}`)
    const links = hostLinks()
    const stored: Record[] = []
    const clock = systemClock()
    const { log } = memoryLog()
    const session = new DeviceSession(
      { id: 'one', driver, address: { kind: 'tcp-server', port: 0 }, simulated: false },
      {
        world: { clock, links, log },
        known: KnownResults.forgetful(log),
        time: { utcOf: () => null },
        sink: {
          record: async (_device, record) => {
            await sleep(storingMs)
            stored.push(record)
          },
          document: async () => {},
        },
        hears: { record: () => {}, changed: () => {}, identified: () => {} },
      },
    )
    session.start()
    while (links.listeningPort(0) === null) await sleep(1)
    const port = links.listeningPort(0) ?? 0
    const sockets = await Promise.all([play(steps, port), play(steps, port)])
    await session.stop()
    for (const socket of sockets) socket.destroy()
    const measurements = stored.filter(({ kind }) => kind === 'measurement')
    t.ok(said(steps) > 0)
    t.equal(measurements.length, 2 * said(steps))
    t.match(session.status(), { driverFailures: 0, recordsLost: 0, noiseCount: 0 })
    await links.close()
  })
}
