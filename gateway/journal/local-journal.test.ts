import t from 'tap'
import { verifySignature } from '../../protocols/packet/seal.ts'
import {
  allOutgoing,
  block,
  clockFix,
  copyOfFolder,
  ed25519Verify,
  event,
  fastFolder,
  firstBoot,
  Hospital,
  measurement,
  numerics,
  opened,
  openRig,
  recordsOf,
  rejection,
  samplesOf,
  secondBoot,
} from './journal-testing.ts'
import { openStepped } from './stepped-testing.ts'

t.test('store: an urgent record is committed without waiting for the clock', async (t) => {
  const { journal } = openRig(t.testdir())
  await journal.store('oxi-1', measurement(1))
  const [packet] = await allOutgoing(journal)
  t.match(packet, { stream: 'oxi-1/measurement', seq: 0, class: 2, epoch: journal.epoch })
  t.strictSame(packet && recordsOf(packet), [measurement(1)])
})

t.test('store: what comes in one go shares a packet, later ones get their own', async (t) => {
  const { journal } = openRig(t.testdir())
  await Promise.all([1, 2, 3].map((at) => journal.store('oxi-1', measurement(at))))
  await journal.store('oxi-1', measurement(4))
  const packets = await allOutgoing(journal)
  t.strictSame(
    packets.map((packet) => recordsOf(packet).map(({ atMs }) => atMs)),
    [[1, 2, 3], [4]],
  )
})

t.test('store: what a device repeats waits for the group interval, and no longer', async (t) => {
  for (const record of [block(0), numerics(0)]) {
    const { journal, clock } = openRig(fastFolder(t))
    let stored = false
    const done = journal.store('mon-1', record).then(() => (stored = true))
    await clock.advance(249)
    t.equal(stored, false, record.kind)
    await clock.advance(1)
    t.equal(stored, true, record.kind)
    await done
  }
})

t.test('store: an urgent record takes the waiting blocks along', async (t) => {
  const { journal } = openRig(t.testdir())
  const waiting = journal.store('ecg-1', block(0))
  await journal.store('oxi-1', measurement(1))
  await waiting
  const { streams } = await journal.status()
  t.match(
    streams.find(({ stream }) => stream === 'ecg-1/waveform'),
    { recordsStored: 1, packetsSealed: 0 },
  )
})

t.test('store: alarms are class 0, other events class 2, and each keeps its order', async (t) => {
  const { journal } = openRig(t.testdir())
  await Promise.all([
    journal.store('mon-1', event(1, 'info')),
    journal.store('mon-1', event(2, 'alarm')),
    journal.store('mon-1', event(3, 'alarm')),
    journal.store('mon-1', event(4, 'warning')),
  ])
  const packets = (await allOutgoing(journal)).sort((one, other) => one.seq - other.seq)
  t.strictSame(
    packets.map((packet) => [packet.class, recordsOf(packet).map(({ atMs }) => atMs)]),
    [
      [2, [1]],
      [0, [2, 3]],
      [2, [4]],
    ],
  )
})

t.test('store: what cannot go on the wire is refused, and the journal goes on', async (t) => {
  const { journal } = openRig(t.testdir())
  t.equal(await rejection(journal.store('Not A Name', measurement(1))), 'journal-refused')
  t.equal(await rejection(journal.store('van', measurement(1))), 'journal-refused')
  t.equal(await rejection(journal.store('oxi-1', measurement(Number.NaN))), 'journal-refused')
  await journal.store('oxi-1', measurement(2))
  t.equal((await allOutgoing(journal)).length, 1)
})

t.test('seal: blocks become one packet when they hold the packet time', async (t) => {
  const { journal, commit } = openRig(t.testdir())
  const stored = Array.from({ length: 80 }, (_, index) => journal.store('ecg-1', block(index)))
  await commit()
  await Promise.all(stored)
  const packets = await allOutgoing(journal)
  t.equal(packets.length, 2)
  for (const packet of packets) {
    t.equal(packet.class, 5)
    t.equal(opened(packet).header.recordCount, 1, 'joined into one record')
  }
  t.equal(samplesOf(packets.flatMap(recordsOf)).length, 2_000)
  const [status] = (await journal.status()).streams
  t.match(status, { recordsStored: 80, packetsSealed: 2 }, 'counted as they were stored')
})

t.test('seal: numerics share a packet of the packet time, and each stays a record', async (t) => {
  const { journal, commit } = openRig(t.testdir())
  const all = Array.from({ length: 25 }, (_, index) => numerics(index))
  const stored = all.map((record) => journal.store('mon-1', record))
  await commit()
  await Promise.all(stored)
  const packets = await allOutgoing(journal)
  t.strictSame(
    packets.map((packet) => [packet.stream, packet.class, recordsOf(packet).length]),
    [
      ['mon-1/numerics', 2, 11],
      ['mon-1/numerics', 2, 11],
    ],
  )
  t.strictSame(packets.flatMap(recordsOf), all.slice(0, 22))
  t.match((await journal.status()).streams, [{ recordsStored: 25, packetsSealed: 2, class: 2 }])
  t.strictSame(await journal.recent(10), [], 'the page does not list them')
})

t.test('seal: while somebody watches, numerics go at once and before everything', async (t) => {
  const { journal, clock } = openRig(t.testdir())
  await journal.watch('mon-1/numerics', 250, clock.monotonicMs() + 2_000)
  for (let index = 0; index < 3; index++) {
    const stored = journal.store('mon-1', numerics(index))
    await clock.advance(250)
    await stored
    await journal.sealDue()
    await clock.advance(750)
  }
  t.strictSame(
    (await allOutgoing(journal)).map((packet) => [packet.seq, packet.class]),
    [
      [0, 0],
      [1, 0],
    ],
    'and no longer than somebody watches',
  )
})

t.test('seal: an open end that is older than the packet time is sealed when asked', async (t) => {
  const { journal, clock } = openRig(t.testdir())
  const stored = journal.store('ecg-1', block(0))
  await clock.advance(9_999)
  await stored
  await journal.sealDue()
  t.equal((await allOutgoing(journal)).length, 0)
  await clock.advance(1)
  await journal.sealDue()
  t.equal((await allOutgoing(journal)).length, 1)
})

t.test('seal: while somebody watches, packets are short and class 1', async (t) => {
  const { journal, clock, commit } = openRig(t.testdir())
  await journal.watch('ecg-1/waveform', 250, clock.monotonicMs() + 1_000)
  for (let index = 0; index < 3; index++) {
    const stored = journal.store('ecg-1', block(index))
    await commit()
    await stored
  }
  t.strictSame(
    (await allOutgoing(journal)).map((packet) => packet.class),
    [1, 1, 1],
  )
  await clock.advance(1_000)
  const stored = journal.store('ecg-1', block(3))
  await commit()
  await stored
  t.equal((await allOutgoing(journal)).length, 3, 'the watch has ended')
})

t.test('seal: an open end is sealed at the next start, with the boot that stored it', async (t) => {
  const base = fastFolder(t)
  let rig = openRig(`${base}/0`)
  const { epoch } = rig.journal
  for (const [start, bootId] of [secondBoot, firstBoot, firstBoot].entries()) {
    const stored = rig.journal.store('ecg-1', block(start))
    await rig.commit()
    await stored
    // The second time with a farewell, otherwise without.
    if (start === 1) await rig.journal.close()
    copyOfFolder(`${base}/${start}`, `${base}/${start + 1}`)
    if (start !== 1) t.equal((await allOutgoing(rig.journal)).length, start)
    rig = openRig(`${base}/${start + 1}`, { bootId })
  }
  const packets = await allOutgoing(rig.journal)
  t.strictSame(
    packets.map((packet) => opened(packet).header.boot),
    [firstBoot, secondBoot, firstBoot],
  )
  t.equal(samplesOf(packets.flatMap(recordsOf)).length, 75)
  t.equal(rig.journal.epoch, epoch)
})

t.test('seal: the first of a stream, the first after a start and spots are signed', async (t) => {
  const folder = t.testdir()
  for (const start of [0, 1]) {
    const { journal, clock, commit } = openRig(folder)
    await journal.watch('ecg-1/waveform', 250, clock.monotonicMs() + 300_000)
    for (let index = 0; index < 130; index++) {
      const stored = journal.store('ecg-1', block(start * 130 + index))
      await commit()
      await stored
    }
    const numbers = Array.from({ length: 66 }, (_, index) => numerics(start * 66 + index))
    for (const record of numbers) {
      const stored = journal.store('mon-1', record)
      await clock.advance(1_000)
      await stored
    }
    await journal.store('oxi-1', measurement(start))
    await journal.close()
  }
  const { journal } = openRig(folder)
  const hospital = new Hospital()
  hospital.take(await allOutgoing(journal))
  t.strictSame(hospital.gaps(), [])
  t.strictSame(hospital.broken(), [])
  const verify = (packet: Parameters<typeof opened>[0]) =>
    verifySignature(opened(packet), journal.publicKey, ed25519Verify)
  const signed = (stream: string) =>
    [...(hospital.packets.get(`${journal.epoch} ${stream}`)?.values() ?? [])]
      .filter(verify)
      .map(({ seq }) => seq)
  const later = 'and then whenever 30 s have passed'
  t.strictSame(signed('ecg-1/waveform'), [0, 120, 130, 250], later)
  t.strictSame(signed('mon-1/numerics'), [0, 3, 6, 9], later)
  t.strictSame(signed('oxi-1/measurement'), [0, 1])
})

function ids(packets: readonly { id: number }[]): number[] {
  return packets.map(({ id }) => id)
}

t.test('outgoing: by class, then oldest first, after the cursor of each class', async (t) => {
  const { journal } = openRig(t.testdir())
  await journal.store('oxi-1', measurement(1))
  await journal.store('mon-1', event(2, 'alarm'))
  await journal.store('oxi-1', measurement(3))
  await journal.store('mon-1', event(4, 'alarm'))
  const query = { after: {}, limitCount: 10, limitBytes: 1e6 }
  t.strictSame(ids(await journal.outgoing(query)), [2, 4, 1, 3])
  t.strictSame(ids(await journal.outgoing({ ...query, after: { 0: 2, 2: 1 } })), [4, 3])
  t.strictSame(ids(await journal.outgoing({ ...query, limitCount: 3 })), [2, 4, 1])
  t.strictSame(ids(await journal.outgoing({ ...query, limitCount: 0 })), [])
  const [first, second] = await journal.outgoing(query)
  const two = (first?.bytes.length ?? 0) + (second?.bytes.length ?? 0)
  t.strictSame(ids(await journal.outgoing({ ...query, limitBytes: two })), [2, 4])
  t.strictSame(ids(await journal.outgoing({ ...query, limitBytes: two - 1 })), [2])
  t.strictSame(ids(await journal.outgoing({ ...query, limitBytes: 1 })), [2], 'never stuck')
})

t.test('receipt: what the hospital has is not sent again', async (t) => {
  const { journal, commit } = openRig(t.testdir())
  for (let at = 0; at < 6; at++) await journal.store('oxi-1', measurement(at))
  const noted = journal.receipt(journal.epoch, 'oxi-1/measurement', [
    { from: 0, to: 1 },
    { from: 3, to: 4 },
  ])
  await commit()
  t.strictSame(await noted, { newlyReceipted: 4, receiptedThroughId: 2, unknown: 0 })
  t.strictSame(
    (await allOutgoing(journal)).map(({ seq }) => seq),
    [2, 5],
  )
  const again = journal.receipt(journal.epoch, 'oxi-1/measurement', [{ from: 0, to: 4 }])
  await commit()
  t.strictSame(await again, { newlyReceipted: 1, receiptedThroughId: 5, unknown: 0 })
  const status = await journal.status()
  t.match(status.streams[0], { packetsSealed: 6, packetsReceipted: 5, recordsReceipted: 5 })
  t.equal(status.unreceiptedPackets, 1)
})

t.test('receipt: unknown epochs, streams and numbers are counted and change nothing', async (t) => {
  const { journal, commit, told } = openRig(t.testdir())
  await journal.store('oxi-1', measurement(1))
  const other = '01890000-0000-7000-8000-00000000abcd'
  const answers = Promise.all([
    journal.receipt(other, 'oxi-1/measurement', [{ from: 0, to: 9 }]),
    journal.receipt(journal.epoch, 'oxi-2/measurement', [{ from: 5, to: 5 }]),
    journal.receipt(journal.epoch, 'oxi-1/measurement', [
      { from: 0, to: 2 },
      { from: 7, to: 7 },
    ]),
  ])
  await commit()
  t.strictSame(
    (await answers).map(({ newlyReceipted, unknown }) => [newlyReceipted, unknown]),
    [
      [0, 10],
      [0, 1],
      [1, 3],
    ],
  )
  t.equal(told.filter(({ level }) => level === 'warn').length, 3)
})

t.test('receipt: numbers that were never given mean that a new epoch must begin', async (t) => {
  const folder = t.testdir()
  const first = openRig(folder, { seed: 1 })
  await first.journal.store('oxi-1', measurement(1))
  const noted = first.journal.receipt(first.journal.epoch, 'oxi-1/measurement', [
    { from: 0, to: 5 },
  ])
  await first.commit()
  await noted
  await first.journal.close()
  const second = openRig(folder, { seed: 2 })
  t.not(second.journal.epoch, first.journal.epoch)
  await second.journal.store('oxi-1', measurement(2))
  const [packet] = await allOutgoing(second.journal)
  t.match(packet, { epoch: second.journal.epoch, seq: 0 })
  await second.journal.close()
  const third = openRig(folder, { seed: 3 })
  t.equal(third.journal.epoch, second.journal.epoch, 'once')
  const [status] = (await third.journal.status()).streams
  t.match(status, { recordsStored: 2, recordsReceipted: 1 }, 'both epochs together')
})

t.test('again: gives what is there, says what is lost, and whether there is more', async (t) => {
  const { journal, commit } = openRig(t.testdir())
  for (let at = 0; at < 5; at++) await journal.store('oxi-1', measurement(at))
  const noted = journal.receipt(journal.epoch, 'oxi-1/measurement', [{ from: 0, to: 4 }])
  await commit()
  await noted
  const ask = (epoch: string, from: number, to: number, limit: number) =>
    journal.again(epoch, 'oxi-1/measurement', { from, to }, limit)
  const all = await ask(journal.epoch, 1, 99, 10)
  t.strictSame(
    all.packets.map(({ seq }) => seq),
    [1, 2, 3, 4],
    'receipted packets too',
  )
  t.strictSame([all.lost, all.more], [[], false], 'numbers never given are not lost')
  const some = await ask(journal.epoch, 0, 4, 2)
  t.strictSame([some.packets.map(({ seq }) => seq), some.more], [[0, 1], true])
  const exact = await ask(journal.epoch, 0, 1, 2)
  t.strictSame([exact.packets.length, exact.more], [2, false])
  t.strictSame(await ask(firstBoot, 0, 4, 10), { packets: [], lost: [], more: false })
})

t.test('recent: the newest records first, without waveforms and the van itself', async (t) => {
  const { journal, commit } = openRig(t.testdir())
  await Promise.all([
    journal.store('oxi-1', measurement(1)),
    journal.store('oxi-1', measurement(2)),
    journal.store('ecg-1', block(0)),
    journal.store('van', clockFix(3)),
  ])
  await journal.store('mon-1', event(4, 'alarm'))
  const noted = journal.receipt(journal.epoch, 'oxi-1/measurement', [{ from: 0, to: 0 }])
  await commit()
  await noted
  const recent = await journal.recent(10)
  t.strictSame(
    recent.map(({ stream, record, packet }) => [stream, record.atMs, packet?.receipted]),
    [
      ['mon-1/event', 4, false],
      ['oxi-1/measurement', 2, true],
      ['oxi-1/measurement', 1, true],
    ],
  )
  t.equal((await journal.recent(2)).length, 2)
})

function utc(utcMs: number) {
  return { utcMs, uncertaintyMs: 50 }
}

t.test('status: the oldest reading that waits, known or not', async (t) => {
  const { journal, commit } = openRig(t.testdir())
  await journal.store('oxi-1', measurement(1, utc(1_000)))
  await journal.store('oxi-1', measurement(2, utc(2_000)))
  const stored = journal.store('ecg-1', { ...block(0), ...utc(3_000) })
  await commit()
  await stored
  const oldest = async () =>
    new Set((await journal.status()).streams.map((stream) => stream.oldestUnreceiptedUtcMs))
  t.strictSame(await oldest(), new Set([1_000, 3_000]))
  const noted = journal.receipt(journal.epoch, 'oxi-1/measurement', [{ from: 0, to: 0 }])
  await commit()
  await noted
  t.strictSame(await oldest(), new Set([2_000, 3_000]))
})

t.test('close: nothing is stored afterwards, and closing twice is no error', async (t) => {
  const { journal } = openRig(t.testdir())
  await journal.close()
  await journal.close()
  t.equal(await rejection(journal.store('oxi-1', measurement(1))), 'journal-failed')
  t.equal(await rejection(journal.status()), 'journal-failed')
})

t.test('failure: whoever waits is told at once, and nothing is committed afterwards', async (t) => {
  const folder = fastFolder(t)
  let isBroken = false
  const rig = openStepped(folder, () => {
    if (isBroken) throw Object.assign(new Error('I/O error'), { code: 'SQLITE_IOERR_WRITE' })
  })
  await rig.journal.store('oxi-1', measurement(1))
  const waiting = [
    rig.journal.store('ecg-1', block(0)),
    rig.journal.receipt(rig.journal.epoch, 'oxi-1/measurement', [{ from: 0, to: 0 }]),
  ].map((promise) => rejection(promise))
  isBroken = true
  t.equal(await rejection(rig.journal.status()), 'journal-failed')
  isBroken = false
  t.strictSame(await Promise.all(waiting), ['journal-failed', 'journal-failed'])
  await rig.clock.advance(1_000)
  rig.db.close()
  const { journal } = openRig(folder)
  t.match((await journal.status()).streams, [{ stream: 'oxi-1/measurement', recordsReceipted: 0 }])
})
