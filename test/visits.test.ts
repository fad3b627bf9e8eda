/** Visits, from an order of the hospital over HL7 to the hospital's own tables, and over a start. */
import t from 'tap'
import { seededRandom } from '../gateway/clock/seeded-random.ts'
import { allOutgoing, fastFolder, openRig, type Rig } from '../gateway/journal/journal-testing.ts'
import { HospitalOrders } from '../gateway/visits/hospital-orders.ts'
import { Visits } from '../gateway/visits/visits.ts'
import { parseEr7 } from '../protocols/hl7/er7.ts'
import { upTopic } from '../protocols/packet/topics.ts'
import { LandingStore } from '../upstream/landing/store.ts'
import { ask } from '../upstream/testing/landing.ts'

const van = 'van-1'
const nurse = 'Bidan Contoh'

function openVisits({ journal, clock }: Rig, seed: number): Promise<Visits> {
  const time = { utcOf: () => ({ utcMs: 1_790_000_000_000, uncertaintyMs: 5 }) }
  const random = seededRandom(seed)
  return Visits.open({ van, clock, random, time, journal, stored: () => {} })
}

/** Everything that waits goes to the hospital, the newest first, and its receipts come back. */
async function deliver(rig: Rig, store: LandingStore): Promise<void> {
  const packets = await allOutgoing(rig.journal)
  const arrivals = packets.map(({ stream, bytes }) => ({
    topic: upTopic(van, stream),
    payload: bytes,
    wallMs: 1_790_000_000_000,
  }))
  const report = store.commit(arrivals.toReversed())
  if (report.stored !== packets.length) throw new Error(`${report.stored} of ${packets.length}`)
  const noted = packets.map(({ epoch, stream, seq }) =>
    rig.journal.receipt(epoch, stream, [{ from: seq, to: seq }]),
  )
  await rig.commit()
  await Promise.all(noted)
}

function message(type: string, ...segments: readonly string[]) {
  const found = parseEr7([`MSH|^~\\&|RIS||||||${type}|1`, ...segments, ''].join('\r'))
  if (!found.ok) throw new Error(found.reason)
  return found.value
}

const pid = (name: string) => `PID|1||MRN-1^^^RS^MR||${name}||19900701|F`
const obr = `OBR|1|||30704-1^USG kehamilan^LN${'|'.repeat(20)}RUS`

t.test(
  'visits: the hospital has what the van decided last, and the van knows it again',
  async (t) => {
    const folder = fastFolder(t)
    const rig = openRig(folder, { van })
    const landing = t.testdir()
    const trust = new Map([[van, [rig.journal.publicKey]]])
    const store = new LandingStore({ folder: landing, trust, trustOnFirstUse: false })
    const visits = await openVisits(rig, 1)
    const orders = new HospitalOrders({ visits, utcOffsetMinutes: 420 })

    await orders.take(message('ORM^O01', pid('Contoh^Siti'), 'ORC|NW|P-1', obr))
    await orders.take(message('ORM^O01', pid('Contoh^Siti'), 'ORC|NW|P-2', obr))
    await deliver(rig, store)
    await orders.take(message('ADT^A08', pid('Contoh^Sari')))
    await orders.take(message('ORM^O01', pid('Contoh^Sari'), 'ORC|CA|P-2', obr))
    const [visit] = visits.book.openVisits()
    await visits.assignDevices(nurse, visit?.visit ?? '', ['us-1'])
    await deliver(rig, store)

    t.strictSame(ask(landing, 'SELECT name, json(other_ids), decided_by FROM patient_now'), [
      ['Contoh^Sari', '{"RS":"MRN-1"}', 'hospital'],
    ])
    t.strictSame(ask(landing, 'SELECT state, devices, decided_by FROM visit_now'), [
      ['open', '["us-1"]', nurse],
    ])
    const states = `
    SELECT json_extract(o.other_ids, '$.placer'), o.state, p.name FROM imaging_order_now o
    JOIN visit_now v USING (visit) JOIN patient_now p USING (patient) ORDER BY 1`
    t.strictSame(ask(landing, states), [
      ['P-1', 'scheduled', 'Contoh^Sari'],
      ['P-2', 'cancelled', 'Contoh^Sari'],
    ])
    t.strictSame(
      ask(landing, 'SELECT count(*) FROM imaging_order'),
      [[3]],
      'nothing is overwritten',
    )
    await rig.journal.close()
    store.close()

    const after = await openVisits(openRig(folder, { van }), 2)
    t.strictSame(after.book.openVisits(), visits.book.openVisits())
    t.strictSame(after.book.orders(), visits.book.orders())
    t.equal(after.visitOfDevice('us-1')?.visit, visit?.visit)
  },
)
