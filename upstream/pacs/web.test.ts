import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { phases, ultrasound, until } from '../../test/dicom/forwarding.ts'
import { FakeDicomWeb, failed, stored, type WebAnswers } from '../../test/dicom/fake-dicomweb.ts'
import { ForwardingStage } from '../../test/dicom/forwarding-stage.ts'
import { fileHash } from '../testing/images.ts'
import { ask } from '../testing/landing.ts'
import { hexOf } from '../testing/van.ts'
import type { WebDestination } from './destinations.ts'

async function server(t: Test, answers: WebAnswers = {}, more: Partial<WebDestination> = {}) {
  const fake = new FakeDicomWeb(answers)
  const url = await fake.start()
  t.teardown(() => fake.stop())
  const common = { kind: 'dicomweb', name: 'web', tls: null, silenceSeconds: 5 } as const
  const to: WebDestination = {
    ...common,
    takesSimulated: false,
    url,
    proof: 'qido',
    auth: null,
    ...more,
  }
  return { fake, to }
}

const uid = (index: number): string => ultrasound(index).sopInstanceUid

t.test('web: files go bit for bit, one a request, and are confirmed when found', async (t) => {
  const { fake, to } = await server(t)
  const stage = new ForwardingStage(t)
  const images = [ultrasound(1), ultrasound(2, { pixelBytes: 900_000 }), ultrasound(3)]
  stage.land(images)
  await stage.forward([to])
  const done = [['confirmed', null, 3]]
  t.strictSame(await stage.reaches('web', done), done)
  t.strictSame(fake.problems, [])
  for (const image of images) {
    const kept = fake.kept.get(image.sopInstanceUid)
    t.equal(kept?.times, 1)
    t.equal(hexOf(kept?.file ?? Buffer.of()), fileHash(image))
  }
})

t.test('web: the body decides, not the status', async (t) => {
  const { fake, to } = await server(t, {
    store(one, time) {
      if (one === uid(1)) return failed(200, one, 0xa900)
      if (one === uid(2)) return time === 1 ? failed(409, one, 0xa700) : stored(one)
      if (one === uid(3)) return failed(409, one, 0x0111)
      if (one === uid(4)) return { status: 200, body: {} }
      if (one === uid(5)) return time === 1 ? null : stored(one)
      if (one === uid(6)) return time === 1 ? { status: 503 } : stored(one)
      if (one === uid(7)) return { status: 413 }
      return stored(one)
    },
  })
  fake.kept.set(uid(3), { file: Buffer.of(), times: 0 })
  const stage = new ForwardingStage(t)
  stage.land([1, 2, 3, 4, 5, 6, 7, 8].map((index) => ultrasound(index)))
  await stage.forward([to], { speed: 2_000 })
  const done = [
    ['confirmed', null, 6],
    ['parked', 'refused', 1],
    ['parked', 'too-large', 1],
  ]
  t.strictSame(await stage.reaches('web', done), done)
  t.strictSame(ask(stage.folder, `SELECT said FROM forward WHERE reason = 'refused'`), [
    ['HTTP 200, failure reason A900'],
  ])
})

t.test('web: says what it is asked to say, anew from the file each time', async (t) => {
  const stage = new ForwardingStage(t)
  const file = join(stage.folder, 'secret')
  writeFileSync(file, 'van:wrong\n')
  const authorization = `Basic ${Buffer.from('van:right').toString('base64')}`
  const { fake, to } = await server(t, { authorization }, { auth: { kind: 'basic', file } })
  stage.land([ultrasound(1)])
  await stage.forward([to])
  const trouble = (): unknown =>
    ask(stage.folder, 'SELECT trouble FROM forward_destination')[0]?.[0]
  await until(() => trouble() === 'refused: HTTP 401')
  t.equal(trouble(), 'refused: HTTP 401')
  t.strictSame(phases(stage.folder, 'web'), [['waiting', null, 1]])
  writeFileSync(file, 'van:right\n')
  const done = [['confirmed', null, 1]]
  t.strictSame(await stage.reaches('web', done), done)
  writeFileSync(file, 'token-1\n')
  fake.answers = { authorization: 'Bearer token-1' }
  stage.land([ultrasound(2)])
  await stage.forwarder?.stop()
  await stage.forward([{ ...to, auth: { kind: 'bearer', file } }])
  t.strictSame(await stage.reaches('web', [['confirmed', null, 2]]), [['confirmed', null, 2]])
  t.ok(await until(() => trouble() === null))
})

t.test(
  'web: what the server loses is sent again, and parked when that does not help',
  async (t) => {
    const { fake, to } = await server(t, { query: () => ({ status: 200, body: [] }) })
    const stage = new ForwardingStage(t)
    stage.land([ultrasound(1)])
    await stage.forward([to], { speed: 20_000 })
    const done = [['parked', 'vanished', 1]]
    t.strictSame(await stage.reaches('web', done), done)
    t.equal(fake.kept.get(uid(1))?.times, 2)
  },
)
