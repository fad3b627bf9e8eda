import t, { type Test } from 'tap'
import { FakeArchive, type ArchiveOptions } from '../../test/dicom/fake-archive.ts'
import { dicomTo, ultrasound, until } from '../../test/dicom/forwarding.ts'
import { ForwardingStage } from '../../test/dicom/forwarding-stage.ts'
import type { TestImage } from '../testing/images.ts'

const accession = [0x0008_0050, 'SH', 'ACC-1'] as const
const numbers = [
  [0x0020_0011, 'IS', '1'],
  [0x0020_0013, 'IS', '1'],
] as const

/** An image that the router can use. */
const whole = (index: number, study = 1): TestImage =>
  ultrasound(index, { study, elements: [accession, ...numbers] })

async function router(t: Test, options: ArchiveOptions = {}) {
  const fake = new FakeArchive({ finds: false, ...options })
  const port = await fake.start()
  t.teardown(() => fake.stop())
  const profile = 'satusehat-router'
  return { fake, to: dicomTo('router', port, { profile, proof: 'none', quietSeconds: 60 }) }
}

const uids = (...images: readonly TestImage[]): readonly string[] =>
  images.map(({ sopInstanceUid }) => sopInstanceUid)

t.test('router: a study goes whole, in one association, when nothing more comes', async (t) => {
  const { fake, to } = await router(t)
  const stage = new ForwardingStage(t)
  await stage.forward([to])
  stage.land([whole(1)])
  stage.land([whole(7, 2)])
  stage.land([whole(2)])
  stage.land([whole(3)])
  const sent = [['sent', null, 4]]
  t.strictSame(await stage.reaches('router', sent), sent)
  t.strictSame(fake.associations, [uids(whole(1), whole(2), whole(3)), uids(whole(7, 2))])
  t.ok(await until(() => fake.released === 2), 'both are released')
})

t.test('router: what comes later brings the whole study again', async (t) => {
  const { fake, to } = await router(t)
  const stage = new ForwardingStage(t)
  await stage.forward([to])
  stage.land([whole(1), whole(2)])
  const two = [['sent', null, 2]]
  t.strictSame(await stage.reaches('router', two), two)
  stage.land([whole(3)])
  const three = [['sent', null, 3]]
  t.strictSame(await stage.reaches('router', three), three)
  t.strictSame(fake.associations[1], uids(whole(1), whole(2), whole(3)))
})

t.test('router: an association that was cut counts for nothing', async (t) => {
  const last = whole(3).sopInstanceUid
  const { fake, to } = await router(t, {
    answers: (uid, time) => (uid === last && time === 1 ? 'cut' : 0),
  })
  const stage = new ForwardingStage(t)
  stage.land([whole(1), whole(2), whole(3)])
  await stage.forward([to])
  const sent = [['sent', null, 3]]
  t.strictSame(await stage.reaches('router', sent), sent)
  t.strictSame(
    fake.associations.map((one) => one.length),
    [3, 3],
  )
})

t.test('router: an image without what SATUSEHAT needs is held with the reason', async (t) => {
  const { fake, to } = await router(t)
  const stage = new ForwardingStage(t)
  stage.land([
    whole(1),
    ultrasound(2, { elements: numbers }),
    ultrasound(3, { elements: [accession] }),
    ultrasound(4, { elements: [[0x0008_0050, 'SH', '  '], ...numbers] }),
  ])
  await stage.forward([to])
  const rows = [
    ['parked', 'no-accession', 2],
    ['parked', 'no-numbers', 1],
    ['sent', null, 1],
  ]
  t.strictSame(await stage.reaches('router', rows), rows)
  t.strictSame([...fake.kept.keys()], uids(whole(1)))
})
