/** A power cut leaves the files as they were written so far. What was promised must be in them. */
import t, { type Test } from 'tap'
import { readFileSync, truncateSync, writeFileSync, appendFileSync } from 'node:fs'
import type { Record } from '../../protocols/packet/record.ts'
import { nodeFiles } from './files.ts'
import {
  allOutgoing,
  block,
  copyOfFolder,
  event,
  fastFolder,
  Hospital,
  measurement,
  noise,
  openRig,
  samplesOf,
  sha256Hex,
  timesOf,
} from './journal-testing.ts'
import { everythingIn, openStepped, pdf, work, type Outcome } from './stepped-testing.ts'

/** Everything promised is there, nothing is there twice, and no number is missing. */
function checkPromises(t: Test, hospital: Hospital, promised: Outcome, what: string): void {
  const records = hospital.records()
  const times = timesOf([...records.values()].flat())
  t.equal(new Set(times).size, times.length, `${what}: no record twice`)
  const missing = timesOf(promised.stored).filter((time) => !times.includes(time))
  t.strictSame(missing, [], `${what}: no record missing`)
  const samples = samplesOf(records.get('ecg-1/waveform') ?? [])
  t.strictSame(samples, [...samples.keys()], `${what}: samples without gap or double`)
  t.ok(samples.length >= samplesOf(promised.stored).length, `${what}: no sample missing`)
  if (promised.adopted.length > 0) t.not(hospital.object(sha256Hex(pdf)), null, `${what}: object`)
  t.strictSame([hospital.gaps(), hospital.broken()], [[], []], `${what}: numbers`)
}

t.test('crash: between any two operations, everything promised is in the files', async (t) => {
  const base = fastFolder(t)
  const folder = `${base}/running`
  nodeFiles.makeFolder(folder)
  const outcome: Outcome = { stored: [], adopted: [], refused: [] }
  const copies: { folder: string; promised: Outcome }[] = []
  let steps = 0
  let isRunning = false
  const rig = openStepped(folder, () => {
    if (!isRunning || steps++ % 2 > 0) return
    const copy = `${base}/${steps}`
    copyOfFolder(folder, copy)
    const { stored, adopted } = outcome
    copies.push({
      folder: copy,
      promised: { stored: [...stored], adopted: [...adopted], refused: [] },
    })
  })
  isRunning = true
  await work(rig, outcome)
  isRunning = false
  t.strictSame(outcome.refused, [])
  t.ok(copies.length > 40, `${copies.length} cuts`)
  for (const { folder, promised } of copies) {
    const hospital = await everythingIn(folder, rig.journal.epoch)
    checkPromises(t, hospital, promised, folder.slice(base.length + 1))
  }
  rig.db.close()
})

/** How long the log was when a commit had returned, and what was promised by then. */
interface Promised {
  readonly logBytes: number
  readonly outcome: Outcome
}

async function workWithLog(folder: string): Promise<{ epoch: string; promises: Promised[] }> {
  const { journal, clock } = openRig(folder, { packetMs: 500 })
  const outcome: Outcome = { stored: [], adopted: [], refused: [] }
  const promises: Promised[] = []
  for (let round = 0; round < 8; round++) {
    const records: [string, Record][] = [
      ['ecg-1', block(round)],
      ['oxi-1', measurement(round)],
      ['mon-1', event(100 + round, round % 2 === 0 ? 'alarm' : 'info')],
    ]
    const stored = records.map(([device, record]) => journal.store(device, record))
    await clock.advance(250)
    await Promise.all(stored)
    outcome.stored.push(...records.map(([, record]) => record))
    const logBytes = nodeFiles.sizeOf(`${folder}/journal.db-wal`) ?? 0
    promises.push({ logBytes, outcome: { ...outcome, stored: [...outcome.stored] } })
  }
  return { epoch: journal.epoch, promises }
}

t.test('crash: a log cut at any length still holds every commit that was whole', async (t) => {
  const base = fastFolder(t)
  const folder = `${base}/whole`
  const { epoch, promises } = await workWithLog(folder)
  const whole = readFileSync(`${folder}/journal.db-wal`)
  const nothing: Outcome = { stored: [], adopted: [], refused: [] }
  const first = promises[0]?.logBytes ?? 0
  for (let cut = first; cut <= whole.length; cut += 997) {
    const copy = `${base}/cut`
    copyOfFolder(folder, copy)
    truncateSync(`${copy}/journal.db-wal`, cut)
    const promised = promises.findLast(({ logBytes }) => logBytes <= cut)?.outcome ?? nothing
    const hospital = await everythingIn(copy, epoch)
    checkPromises(t, hospital, promised, `cut at ${cut}`)
    const times = timesOf([...hospital.records().values()].flat())
    t.equal(times.length, timesOf(promised.stored).length, `cut at ${cut}: whole commits only`)
    nodeFiles.remove(copy)
  }
})

t.test('crash: a log that ends in rubbish, or in an old log, ends where it is whole', async (t) => {
  const base = fastFolder(t)
  const folder = `${base}/whole`
  const { epoch, promises } = await workWithLog(folder)
  const { outcome } = promises.at(-1) ?? { outcome: { stored: [], adopted: [], refused: [] } }
  const tails = [noise(10_000, 'tail'), new Uint8Array(20_000)]
  for (const tail of tails) {
    const copy = `${base}/copy`
    copyOfFolder(folder, copy)
    appendFileSync(`${copy}/journal.db-wal`, tail)
    checkPromises(t, await everythingIn(copy, epoch), outcome, `${tail[0]}`)
    nodeFiles.remove(copy)
  }
})

t.test('crash: in a salvage, at any operation, it begins again or goes on', async (t) => {
  const base = fastFolder(t)
  const folder = `${base}/whole`
  const { journal } = openRig(folder)
  for (let at = 0; at < 20; at++) await journal.store('oxi-1', measurement(at))
  const damaged = `${base}/damaged`
  copyOfFolder(folder, damaged)
  writeFileSync(`${damaged}/journal.suspect`, '')
  for (let at = 1; ; at++) {
    const copy = `${base}/${at}`
    copyOfFolder(damaged, copy)
    let count = 0
    let hasFaulted = false
    const files = new Proxy(nodeFiles, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => {
          const changes = ['rename', 'remove', 'makeFolder', 'writeNew'].includes(String(name))
          if (changes && ++count >= at) {
            hasFaulted = true
            throw Object.assign(new Error('the power is cut'), { code: 'EIO' })
          }
          return Reflect.apply(member, target, args) as unknown
        }
      },
    })
    try {
      await openRig(copy, { files, seed: 2 }).journal.close()
    } catch {
      // As far as it came.
    }
    const { journal } = openRig(copy, { seed: 3 })
    const hospital = new Hospital()
    hospital.take(await allOutgoing(journal))
    t.equal(timesOf(hospital.records().get('oxi-1/measurement') ?? []).length, 20, `at ${at}`)
    const { packets, lost } = await journal.again(
      [...hospital.packets.keys()][0]?.split(' ')[0] ?? '',
      'oxi-1/measurement',
      { from: 0, to: 99 },
      99,
    )
    t.strictSame([packets.length, lost], [20, []])
    const aside = nodeFiles.list(`${copy}/damaged`)
    t.ok(aside.some((name) => nodeFiles.list(`${copy}/damaged/${name}`).includes('journal.db')))
    await journal.close()
    if (!hasFaulted) break
  }
})
