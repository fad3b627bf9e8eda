import t from 'tap'
import { compareWithJournal, isSame } from './compare.ts'
import { isClean, readReport, reportText } from './report.ts'
import { arrivals, openStore, pulseStream, verifyAll } from './testing/landing.ts'
import { event, loss, pulse, temperature, TestVan } from './testing/van.ts'

t.test('report: what is missing, lost, doubled, odd and apart', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const packets = van.pulses(pulseStream, 20)
  const renewed = van.withNewEpoch('01890000-0000-7000-8000-0000000000ff')
  const chunks = van.chunks('xray-1', new Uint8Array(2_500).fill(3), 1_000)
  const store = openStore(folder, van)
  store.commit(
    arrivals([
      ...packets.slice(0, 5),
      ...packets.slice(9, 18),
      ...packets.slice(9, 12),
      van.records('van/losses', [loss(van.epoch, pulseStream, 6, 9)]),
      // The van numbered these a second time: the same reading at the same moment.
      renewed.records(pulseStream, [pulse(3_000, 63), pulse(3_500, 63)]),
      van.records('oxi-1/event', [event(1, 'lead-off'), event(1, 'lead-off')]),
      van.unreadable('bp-1/measurement'),
      ...chunks.slice(0, 2),
      { ...packets[0]!, bytes: Uint8Array.of(1) },
    ]),
  )
  verifyAll(store)
  const report = readReport(folder)
  const of = (stream: string, epoch = van.epoch) =>
    report.streams.find((one) => one.stream === stream && one.epoch === epoch)
  t.match(of(pulseStream), { packets: 14, records: 14, missing: 1, lost: 3, doubled: 0 })
  t.match(of(pulseStream, renewed.epoch), { packets: 1, records: 2, missing: 0, doubled: 1 })
  t.match(of('oxi-1/event'), { packets: 1, records: 2, doubled: 1 })
  t.match(of('bp-1/measurement'), { packets: 1, records: 0, unread: 1 })
  t.match(report, {
    alarmCount: 1,
    alarms: [{ code: 'records-unread' }],
    quarantine: [{ reason: 'undecodable', messages: 1 }],
    objects: { whole: 0, partial: 1, broken: 0 },
  })
  t.equal(isClean(report), false)
  t.match(reportText(report), /van-02\/oxi-1\/measurement +14 +14 +1 +3 +0/)
  t.match(reportText(report), /quarantine: 1 undecodable/)
  store.close()
})

t.test('report: a landing that has everything once is clean', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const packets = [
    ...van.pulses(pulseStream, 20),
    ...van.chunks('xray-1', new Uint8Array(9), 4),
    // Two probes of one monitor that measure the same are no doubles.
    van.records('mon-1/numerics', [temperature(1, 36.5, '1'), temperature(1, 36.5, '2')]),
  ]
  const store = openStore(folder, van)
  store.commit(arrivals([...packets, ...packets]))
  verifyAll(store)
  store.close()
  const report = readReport(folder)
  t.equal(isClean(report), true)
  t.match(reportText(report), /objects: 1 whole, 0 partial, 0 broken\nalarms: 0\nquarantine: empty/)
  t.throws(() => readReport(t.testdir({})), 'no database')
})

t.test('compare: with the journal of the van, packet by packet', async (t) => {
  const folder = t.testdir()
  const van = new TestVan('van-02')
  const packets = van.pulses(pulseStream, 10)
  const store = openStore(folder, van)
  store.commit(arrivals(packets.slice(0, 8)))
  store.close()
  const journal = packets.map(({ header }) => ({
    epoch: header.epoch,
    stream: header.stream,
    seq: header.seq,
    digest: header.digest,
  }))
  const same = compareWithJournal(folder, 'van-02', journal.slice(0, 8))
  t.match(same, { compared: 8, missing: 0, different: 0, invented: 0, findings: [] })
  t.equal(isSame(same), true)
  const wrong = journal.map((one) => (one.seq === 2 ? { ...one, digest: new Uint8Array(16) } : one))
  const found = compareWithJournal(folder, 'van-02', wrong.slice(1))
  t.match(found, { compared: 9, missing: 2, different: 1, invented: 1 })
  t.equal(isSame(found), false)
  t.match(found.findings.join('\n'), /different: van-02\/oxi-1\/measurement 2 of/)
})
