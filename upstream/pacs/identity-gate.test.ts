import { join } from 'node:path'
import Database from 'better-sqlite3'
import * as fc from 'fast-check'
import t from 'tap'
import { seededRandom } from '../../gateway/clock/seeded-random.ts'
import { FakeArchive } from '../../test/dicom/fake-archive.ts'
import { dicomTo, phases, ultrasound, until } from '../../test/dicom/forwarding.ts'
import { ForwardingStage } from '../../test/dicom/forwarding-stage.ts'
import { applicationId } from '../landing/database.ts'
import { migrations } from '../landing/schema.ts'
import { coercedForm, identityPacket, someOrder } from '../testing/identities.ts'
import { fileHash, imagePackets, land } from '../testing/images.ts'
import { ask, openStore } from '../testing/landing.ts'
import { TestVan, type TestPacket } from '../testing/van.ts'
import { wayOf, type DecidedIdentity } from './identity-gate.ts'
import type { Outcome } from './outcomes.ts'
import { sendAgain } from './status.ts'

const wallMs = 1_800_000_000_000
const flags = ['identity-open']
const pacs = [{ name: 'pacs', takesSimulated: false }]
const stored: Outcome = { kind: 'stored', said: '0000' }
const later: Outcome = { kind: 'later', said: 'A700', whole: true }

const person = (name: string, study = 1) =>
  ultrasound(1, { study, elements: [[0x0010_0010, 'PN', name]] })
const image = person('WRONG^NAME')
/** The same instance with another patient, and in another study. */
const corrected = {
  ...person('AMINAH^SITI'),
  studyInstanceUid: '2.25.7',
  seriesInstanceUid: '2.25.8',
}
const corrected2 = person('SANTOSO^BUDI')

function open(folder: string, van = new TestVan('van-02')) {
  const store = openStore(folder, van)
  const queue = store.forwardQueue(seededRandom(1))
  const bring = (...packets: readonly TestPacket[]): void => {
    land(store, packets, (sha256) => queue.fileWhole(sha256, wallMs))
    queue.takeIn(pacs, wallMs)
  }
  const due = () => queue.due('pacs', wallMs, 10)
  const files = () => due().map(({ sha256 }) => sha256)
  return { van, store, queue, bring, due, files }
}

t.test('identity gate: what goes on, what waits, and what never goes', async (t) => {
  const coerced = { sha256: 'c', sizeBytes: 1, studyInstanceUid: null, seriesInstanceUid: null }
  const decided = (state: DecidedIdentity['state'], more: Partial<DecidedIdentity> = {}) => {
    const identity = { state, order: null, coerced: null, ...more }
    return [false, true].map((needsOrder) => wayOf(identity, { isOpen: true, needsOrder }))
  }
  const go = { kind: 'go', file: null }
  const hold = { kind: 'hold' }
  const park = (reason: string) => ({ kind: 'park', reason })
  t.strictSame(wayOf(null, { isOpen: false, needsOrder: true }), go)
  t.strictSame(wayOf(null, { isOpen: true, needsOrder: false }), hold)
  t.strictSame(decided('waiting'), [hold, hold])
  t.strictSame(decided('refused'), [park('identity-refused'), park('identity-refused')])
  t.strictSame(decided('matched', { order: someOrder }), [go, go])
  t.strictSame(decided('accepted'), [go, park('order-unknown')])
  t.strictSame(decided('coerced', { coerced }), [
    { ...go, file: coerced },
    { ...go, file: coerced },
  ])
  t.strictSame(decided('coerced'), [hold, hold])
})

t.test('identity gate: a coerced image goes out instead of the original', async (t) => {
  const archive = new FakeArchive()
  const port = await archive.start()
  t.teardown(() => archive.stop())
  const stage = new ForwardingStage(t)
  await stage.forward([dicomTo('pacs', port)])
  stage.land([image], { flags })
  const held = [['held', null, 1]]
  t.strictSame(await stage.reaches('pacs', held), held)
  const { packets, file } = coercedForm(stage.van, image, corrected)
  const identity = identityPacket(stage.van, image, 'coerced', { coerced: file })
  land(stage.store, [identity, ...packets], (sha256) => stage.forwarder?.objectWhole(sha256))
  const confirmed = [['confirmed', null, 1]]
  t.strictSame(await stage.reaches('pacs', confirmed), confirmed)
  const kept = archive.kept.get(image.sopInstanceUid)?.dataSet ?? new Uint8Array()
  t.equal(Buffer.compare(kept, corrected.dataSet), 0)
  t.equal(archive.kept.size, 1)
})

t.test('identity gate: an undo that comes too late is reported and not sent', async (t) => {
  const folder = t.testdir()
  const { van, bring, due, queue, store } = open(folder)
  bring(...imagePackets(van, image, { flags }), identityPacket(van, image, 'accepted'))
  const [sent] = due()
  t.ok(sent)
  queue.settle(new Map([[sent?.id ?? 0, stored]]), wallMs)
  bring(identityPacket(van, image, 'waiting'))
  t.strictSame(phases(folder, 'pacs'), [['parked', 'identity-changed', 1]])
  t.strictSame([queue.takeLate(), queue.takeLate()], [1, 0])
  const { packets, file } = coercedForm(van, image, corrected)
  bring(...packets, identityPacket(van, image, 'coerced', { coerced: file }))
  t.strictSame(phases(folder, 'pacs'), [['parked', 'identity-changed', 1]], 'not by itself')
  store.close()
  // A person has corrected it at the destination.
  t.equal(sendAgain(folder, 'pacs', 'identity-changed'), 1)
  const again = open(folder, van)
  again.queue.lookForFiles(wallMs)
  t.strictSame(again.files(), [file.sha256])
  t.match(again.due(), [
    { studyInstanceUid: '2.25.7', study: '2.25.7', seriesInstanceUid: '2.25.8' },
  ])
  again.store.close()
})

t.test('identity gate: a decision while the image is on its way counts', async (t) => {
  const folder = t.testdir()
  const { van, bring, due, queue, store } = open(folder)
  bring(...imagePackets(van, image, { flags }), identityPacket(van, image, 'accepted'))
  const [first] = due()
  if (first === undefined) throw new Error('nothing is due')
  t.equal(queue.stillGoes(first), true)
  bring(identityPacket(van, image, 'waiting'))
  t.equal(queue.stillGoes(first), false, 'whoever has not begun does not begin')
  queue.settle(new Map([[first.id, later]]), wallMs)
  t.strictSame(phases(folder, 'pacs'), [['held', null, 1]], 'a failure does not set it free')
  bring(identityPacket(van, image, 'accepted'))
  const [second] = due()
  bring(identityPacket(van, image, 'refused'))
  queue.settle(new Map([[second?.id ?? 0, stored]]), wallMs)
  t.strictSame(phases(folder, 'pacs'), [['parked', 'identity-changed', 1]])
  store.close()
})

t.test('identity gate: asking again frees nothing that the van holds', async (t) => {
  const folder = t.testdir()
  const { van, bring, files, queue, store } = open(folder)
  bring(...imagePackets(van, image, { flags }), identityPacket(van, image, 'refused'))
  t.strictSame(phases(folder, 'pacs'), [['parked', 'identity-refused', 1]])
  t.equal(sendAgain(folder, 'pacs', null), 1)
  queue.lookForFiles(wallMs)
  queue.fileWhole(fileHash(image), wallMs)
  t.strictSame(files(), [])
  t.strictSame(phases(folder, 'pacs'), [['parked', 'identity-refused', 1]])
  bring(identityPacket(van, image, 'accepted'))
  t.strictSame(files(), [fileHash(image)], 'the person has thought again')
  store.close()
})

t.test('identity gate: what another van says about an image counts for nothing', async (t) => {
  const folder = t.testdir()
  const { van, bring, files, store } = open(folder)
  bring(...imagePackets(van, image, { flags }))
  const packets = [identityPacket(new TestVan('van-03'), image, 'accepted')]
  bring(...packets)
  t.strictSame(files(), [])
  t.strictSame(phases(folder, 'pacs'), [['held', null, 1]])
  store.close()
})

t.test('identity gate: a router waits for a study until all of it is decided', async (t) => {
  const fake = new FakeArchive({ finds: false })
  const port = await fake.start()
  t.teardown(() => fake.stop())
  const stage = new ForwardingStage(t)
  const router = { profile: 'satusehat-router', proof: 'none', quietSeconds: 60 } as const
  await stage.forward([dicomTo('router', port, router)])
  const whole = (index: number) =>
    ultrasound(index, {
      elements: [
        [0x0008_0050, 'SH', 'ACC-1'],
        [0x0020_0011, 'IS', '1'],
        [0x0020_0013, 'IS', '1'],
      ],
    })
  stage.land([whole(1)])
  stage.land([whole(2)], { flags })
  const both = [
    ['held', null, 1],
    ['waiting', null, 1],
  ]
  t.strictSame(await stage.reaches('router', both), both)
  const matched = identityPacket(stage.van, whole(2), 'matched', { order: someOrder })
  land(stage.store, [matched])
  const sent = [['sent', null, 2]]
  t.strictSame(await stage.reaches('router', sent), sent)
  t.equal(fake.associations.length, 1)
  stage.land([whole(3)], { flags })
  land(stage.store, [identityPacket(stage.van, whole(3), 'accepted')])
  const parked = [
    ['parked', 'order-unknown', 1],
    ['sent', null, 2],
  ]
  t.strictSame(await stage.reaches('router', parked), parked)
  t.ok(await until(() => fake.released === 1))
})

t.test('identity gate: what was on its way before there were decisions goes on', async (t) => {
  const folder = t.testdir()
  const path = join(folder, 'landing.db')
  const old = new Database(path)
  old.pragma(`application_id = ${applicationId}`)
  for (const [index, migration] of migrations.slice(0, 3).entries()) {
    old.exec(migration)
    old.pragma(`user_version = ${index + 1}`)
  }
  const rows = [
    ['a', 'waiting', null],
    ['b', 'sent', null],
    ['c', 'parked', 'refused'],
  ] as const
  const add = old.prepare(
    `INSERT INTO forward (destination, sha256, size_bytes, sop_class_uid, sop_instance_uid,
       transfer_syntax_uid, study, data_set_offset, phase, reason, tries, refusals, absences,
       due_wall_ms, ready_wall_ms, changed_wall_ms)
     VALUES ('pacs', ?, 10, '1.2', '1.2.3', '1.2', '1.2.4', 300, ?, ?, 1, 0, 0, 5, 6, 7)`,
  )
  for (const row of rows) add.run(...row)
  old.close()
  const { store, queue } = open(folder)
  const kept = ask(
    folder,
    `SELECT sha256, phase, reason, file_sha256, van, identity_open, due_wall_ms FROM forward`,
  )
  t.strictSame(
    kept,
    rows.map(([sha256, phase, reason]) => [sha256, phase, reason, sha256, '', 0, 5]),
  )
  t.match(queue.due('pacs', wallMs, 10), [{ sha256: 'a', sizeBytes: 10, study: '1.2.4' }])
  store.close()
})

t.test('identity gate: whatever the order of arrival, nothing wrong is handed out', async (t) => {
  const van = new TestVan('van-02')
  const own = fileHash(image)
  const first = coercedForm(van, image, corrected)
  const second = coercedForm(van, image, corrected2)
  // The newest last: assigned, undone, assigned to another, refused, assigned again.
  const decisions = [
    { state: 'waiting', file: null },
    { state: 'coerced', file: first.file },
    { state: 'waiting', file: null },
    { state: 'accepted', file: null },
    { state: 'refused', file: null },
    { state: 'coerced', file: second.file },
  ] as const
  const decided = decisions.map(({ state, file }) => ({
    packets: [identityPacket(van, image, state, { coerced: file })],
    goes: state === 'coerced' ? file.sha256 : state === 'accepted' ? own : null,
  }))
  const parts: readonly (readonly TestPacket[])[] = [
    ...imagePackets(van, image, { flags }).map((one) => [one]),
    ...[...first.packets, ...second.packets].map((one) => [one]),
    ...decided.map(({ packets }) => packets),
  ]
  const decisionAt = parts.length - decided.length
  const order = fc.shuffledSubarray([...parts.keys()], { minLength: parts.length })
  const restarts = fc.uniqueArray(fc.nat({ max: parts.length - 1 }), { maxLength: 2 })
  const wrong: unknown[] = []
  let runs = 0
  fc.assert(
    fc.property(order, restarts, (arrivals, breaks) => {
      const folder = t.testdir()
      let scene = open(folder, van)
      let newest = -1
      for (const [step, part] of arrivals.entries()) {
        if (breaks.includes(step)) {
          scene.store.close()
          scene = open(folder, van)
        }
        newest = Math.max(newest, part - decisionAt)
        scene.bring(...(parts[part] ?? []))
        const allowed = newest < 0 ? null : (decided[newest]?.goes ?? null)
        const files = scene.files()
        if (files.some((one) => one !== allowed)) wrong.push({ arrivals, step, files })
      }
      scene.queue.lookForFiles(wallMs)
      if (scene.files().join() !== second.file.sha256) wrong.push({ arrivals, end: scene.files() })
      scene.store.close()
      runs++
    }),
    { numRuns: 15, seed: 7 },
  )
  t.strictSame(wrong, [])
  t.equal(runs, 15)
})
