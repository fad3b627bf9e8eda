import t from 'tap'
import { writeFileSync } from 'node:fs'
import type { Visit } from '../../protocols/packet/visit-records.ts'
import { sampleRecords } from '../../test/wire/samples.ts'
import {
  allOutgoing,
  block,
  fastFolder,
  imageOf,
  measurement,
  noise,
  opened,
  openRig,
  rejection,
  samplesOf,
  recordsIn,
  type Rig,
} from './journal-testing.ts'
import { openStepped } from './stepped-testing.ts'

const [first, second] = [
  '01920f3a-6a10-7001-9b44-000000000001',
  '01920f3a-6a10-7001-9b44-000000000002',
]

function visit(token: string, devices: readonly string[], state: Visit['state'] = 'open'): Visit {
  return { ...sampleRecords.visit, visit: token, devices, state }
}

/** Which visit each packet of a stream names, in order. */
async function visitsOf({ journal }: Pick<Rig, 'journal'>, stream: string) {
  const packets = (await allOutgoing(journal)).filter((packet) => packet.stream === stream)
  return packets.toSorted((a, b) => a.seq - b.seq).map((packet) => opened(packet).header.visit)
}

t.test('visit of a packet: the one with which the device stands at that moment', async (t) => {
  const folder = fastFolder(t)
  const rig = openRig(folder)
  const { journal } = rig
  await journal.store('oxi-1', measurement(1))
  await journal.store('van', visit(first, ['oxi-1', 'scale-1']))
  await journal.store('oxi-1', measurement(2))
  await journal.store('bp-1', measurement(2))
  await journal.store('van', visit(first, ['scale-1']))
  await journal.store('oxi-1', measurement(3))
  await journal.store('van', visit(second, ['oxi-1']))
  await journal.store('oxi-1', measurement(4))
  await journal.close()
  const after = openRig(folder)
  await after.journal.store('oxi-1', measurement(5))
  await after.journal.store('van', visit(second, ['oxi-1'], 'closed'))
  await after.journal.store('oxi-1', measurement(6))
  t.strictSame(await visitsOf(after, 'oxi-1/measurement'), [
    null,
    first,
    null,
    second,
    second,
    null,
  ])
  t.strictSame(await visitsOf(after, 'bp-1/measurement'), [null])
  t.strictSame(new Set(await visitsOf(after, 'van/visits')), new Set([null]))
})

t.test('visit of a packet: in one commit, in the order in which they came', async (t) => {
  const rig = openRig(fastFolder(t))
  const { journal } = rig
  await Promise.all([
    journal.store('oxi-1', measurement(1)),
    journal.store('oxi-1', measurement(2)),
    journal.store('van', visit(first, ['oxi-1'])),
    journal.store('oxi-1', measurement(3)),
    journal.store('van', visit(first, ['oxi-1'], 'closed')),
    journal.store('van', visit(second, ['oxi-1'])),
    journal.store('oxi-1', measurement(4)),
  ])
  t.strictSame(await visitsOf(rig, 'oxi-1/measurement'), [null, first, second])
  const said = await journal.known('visit')
  t.strictSame(
    said.map((record) => record.kind === 'visit' && record.state),
    ['closed', 'open'],
  )
})

t.test('visit of a packet: a wave goes on, and its packet ends where the visit does', async (t) => {
  const rig = openRig(fastFolder(t))
  const { journal } = rig
  const wave = async (from: number, to: number) => {
    const stored = Array.from({ length: to - from }, (_, at) =>
      journal.store('ecg-1', block(from + at)),
    )
    await rig.commit()
    await Promise.all(stored)
  }
  await wave(0, 4)
  await journal.store('van', visit(first, ['ecg-1']))
  await wave(4, 8)
  await journal.store('van', visit(second, ['bp-1']))
  await wave(8, 10)
  await journal.store('van', visit(first, [], 'closed'))
  await wave(10, 12)
  await rig.clock.advance(20_000)
  await journal.sealDue()
  const packets = (await allOutgoing(journal)).filter(({ stream }) => stream === 'ecg-1/waveform')
  t.strictSame(await visitsOf(rig, 'ecg-1/waveform'), [null, first, null])
  const samples = samplesOf(recordsIn(packets.toSorted((a, b) => a.seq - b.seq)))
  t.strictSame(
    samples,
    Array.from({ length: 12 * 25 }, (_, at) => at),
  )
})

t.test('visit of a packet: files belong to the record that names them', async (t) => {
  const rig = openRig(fastFolder(t))
  const bytes = noise(9_000, 'image')
  await rig.journal.store('van', visit(first, ['xray-1']))
  await rig.journal.adopt('xray-1', imageOf(1, bytes), rig.incoming('a', bytes))
  t.strictSame(await visitsOf(rig, 'xray-1/image'), [first])
  t.strictSame(new Set(await visitsOf(rig, 'xray-1/object')), new Set([null]))
})

t.test('visit of a packet: a visit that was not stored changes nothing', async (t) => {
  const rig = openRig(fastFolder(t), { limitBytes: 400_000 })
  await rig.journal.store('van', visit(first, ['oxi-1']))
  let outcome = 'resolved'
  for (let at = 0; outcome === 'resolved'; at++) {
    outcome = await rejection(rig.journal.store('bp-1', measurement(at)))
  }
  t.equal(await rejection(rig.journal.store('van', visit(second, ['oxi-1']))), 'journal-full')
  const packets = await allOutgoing(rig.journal)
  const noted = packets.map(({ epoch, stream, seq }) =>
    rig.journal.receipt(epoch, stream, [{ from: seq, to: seq }]),
  )
  await rig.commit()
  await Promise.all(noted)
  await rig.journal.store('oxi-1', measurement(1))
  t.strictSame(await visitsOf(rig, 'oxi-1/measurement'), [first])
})

t.test('visit of a packet: what salvage seals keeps its visit', async (t) => {
  const folder = fastFolder(t)
  const stepped = openStepped(folder, () => undefined)
  const stored = [
    stepped.journal.store('van', visit(first, ['ecg-1'])),
    ...Array.from({ length: 3 }, (_, at) => stepped.journal.store('ecg-1', block(at))),
  ]
  await stepped.clock.advance(250)
  await Promise.all(stored)
  stepped.db.close()
  writeFileSync(`${folder}/journal.suspect`, 'database disk image is malformed')
  const rig = openRig(folder, { seed: 2 })
  t.strictSame(await visitsOf(rig, 'ecg-1/waveform'), [first])
  await rig.journal.store('ecg-1', measurement(9))
  t.strictSame(await visitsOf(rig, 'ecg-1/measurement'), [first])
})
