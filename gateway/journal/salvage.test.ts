/**
 * Damage by seed: pages overwritten, files cut. What remains readable must arrive under the number it
 * had, what does not must be declared lost, and nothing may arrive twice.
 */
import t, { type Test } from 'tap'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { RangeSet } from '../../protocols/packet/ranges.ts'
import type { Record } from '../../protocols/packet/record.ts'
import { seededRandom } from '../clock/seeded-random.ts'
import type { Outgoing } from './journal.ts'
import {
  allOutgoing,
  block,
  copyOfFolder,
  event,
  fastFolder,
  Hospital,
  imageOf,
  measurement,
  noise,
  opened,
  openRig,
  secondBoot,
  sha256Hex,
  type Rig,
} from './journal-testing.ts'

const pageBytes = 4_096
const picture = noise(30_000, 'picture')

/** Some of everything: receipted and waiting, sealed and open, an object; the log moved into the database. */
async function fill(folder: string): Promise<Rig> {
  const rig = openRig(folder)
  const { journal, clock, commit } = rig
  for (let at = 0; at < 30; at++) await journal.store('oxi-1', measurement(at))
  const noted = journal.receipt(journal.epoch, 'oxi-1/measurement', [{ from: 0, to: 9 }])
  await commit()
  await noted
  await journal.adopt('xray-1', imageOf(1, picture), rig.incoming('a', picture))
  for (let round = 0; round < 12; round++) {
    const stored = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((index) =>
      journal.store('ecg-1', noisy(round * 9 + index)),
    )
    await commit()
    await Promise.all(stored)
    await journal.store('mon-1', event(round, round % 3 === 0 ? 'alarm' : 'info'))
  }
  await clock.advance(0)
  return rig
}

/** A block whose packet is larger than a page. */
function noisy(index: number): Record {
  const wave = block(index, 1_000)
  const samples = new Int32Array(noise(400, index).buffer)
  return { ...wave, samples: [samples] }
}

interface Salvaged {
  readonly rig: Rig
  readonly hospital: Hospital
  readonly lost: ReadonlyMap<string, RangeSet>
}

/** What a hospital would have in the end that had `before` of the damaged journal. */
async function salvaged(folder: string, before: Hospital): Promise<Salvaged> {
  const rig = openRig(folder, { seed: 2, bootId: secondBoot })
  const hospital = new Hospital()
  for (const stream of before.packets.values()) hospital.take([...stream.values()])
  hospital.take(await allOutgoing(rig.journal))
  const lost = new Map<string, RangeSet>()
  for (const record of hospital.records((stream) => stream === 'van/losses').get('van/losses') ??
    []) {
    if (record.kind !== 'loss') continue
    const name = `${record.epoch} ${record.stream}`
    const set = lost.get(name) ?? new RangeSet()
    lost.set(name, set)
    set.add(record.fromSeq, record.toSeq)
  }
  return { rig, hospital, lost }
}

/** Each packet that was there before is there as it was, or declared lost; and nothing else is. */
function checkSalvage(
  t: Test,
  whole: Hospital,
  { hospital, lost }: Salvaged,
  what: string,
): number {
  let gone = 0
  for (const [name, packets] of whole.packets) {
    for (const seq of packets.keys()) {
      const isThere = hospital.packets.get(name)?.has(seq) === true
      const isLost = lost.get(name)?.has(seq) === true
      if (!isThere) gone++
      if (isThere === isLost) t.fail(`${what}: ${name} ${seq} is ${isThere ? 'both' : 'neither'}`)
    }
  }
  const records = hospital.records((stream) => stream.endsWith('/measurement'))
  const spots = [...records.values()].flat()
  t.equal(new Set(spots.map(({ atMs }) => atMs)).size, spots.length, `${what}: no double`)
  t.ok(gone <= 40, `${what}: ${gone} packets gone`)
  return gone
}

async function wholeOf(folder: string): Promise<{ whole: Hospital; rig: Rig }> {
  const rig = await fill(folder)
  const whole = new Hospital()
  for (const { stream } of (await rig.journal.status()).streams) {
    const { packets } = await rig.journal.again(
      rig.journal.epoch,
      stream,
      { from: 0, to: 999 },
      999,
    )
    whole.take(packets)
  }
  return { whole, rig }
}

/** The hospital already has what it has receipted. */
function receiptedPart(whole: Hospital, epoch: string): Hospital {
  const part = new Hospital()
  const stream = whole.packets.get(`${epoch} oxi-1/measurement`)
  part.take([...(stream?.values() ?? [])].filter(({ seq }) => seq < 10))
  return part
}

t.test('salvage: any one page of the database may be damaged', async (t) => {
  const base = fastFolder(t)
  const { whole, rig } = await wholeOf(`${base}/whole`)
  copyOfFolder(`${base}/whole`, `${base}/running`)
  // Opened and left without a farewell, everything lies in the database and the tail is open.
  const epoch = rig.journal.epoch
  const moved = openRig(`${base}/running`)
  await moved.journal.close()
  const reference = new Hospital()
  const after = openRig(`${base}/running`)
  for (const { stream } of (await after.journal.status()).streams) {
    reference.take((await after.journal.again(epoch, stream, { from: 0, to: 999 }, 999)).packets)
  }
  await after.journal.close()
  t.ok(reference.packets.size >= whole.packets.size)
  const pages = readFileSync(`${base}/running/journal.db`).length / pageBytes
  t.ok(pages > 40, `${pages} pages`)
  let salvages = 0
  let lost = 0
  for (let page = 0; page < pages; page++) {
    const folder = `${base}/page-${page}`
    copyOfFolder(`${base}/running`, folder)
    const bytes = readFileSync(`${folder}/journal.db`)
    bytes.set(noise(pageBytes, page), page * pageBytes)
    writeFileSync(`${folder}/journal.db`, bytes)
    const result = await salvaged(folder, receiptedPart(whole, epoch))
    const wasSalvaged = existsSync(`${folder}/damaged`)
    if (wasSalvaged) salvages++
    lost += checkSalvage(t, reference, result, `page ${page}`)
    if (wasSalvaged) t.not(result.rig.journal.epoch, epoch, 'a new epoch')
    const names = [`${epoch} xray-1/image`, `${epoch} xray-1/object`]
    if (names.some((name) => result.hospital.packets.has(name))) {
      const object = result.hospital.object(sha256Hex(picture))
      t.not(object, null, `page ${page}: lost chunks have new numbers`)
    }
    await result.rig.journal.close()
  }
  t.ok(salvages > pages / 2, `${salvages} salvages of ${pages} pages`)
  t.ok(lost > 20, `${lost} packets lost and declared in all`)
})

t.test('salvage: damage of many kinds, by seed', async (t) => {
  const base = fastFolder(t)
  const { whole, rig } = await wholeOf(`${base}/whole`)
  const { epoch } = rig.journal
  for (let seed = 0; seed < 40; seed++) {
    const folder = `${base}/${seed}`
    copyOfFolder(`${base}/whole`, folder)
    damage(folder, seed)
    const result = await salvaged(folder, receiptedPart(whole, epoch))
    const waves = (result.hospital.records().get('ecg-1/waveform') ?? []).flatMap((record) =>
      record.kind === 'waveform' ? [record.firstSample] : [],
    )
    t.equal(new Set(waves).size, waves.length, `seed ${seed}: no samples twice`)
    checkDeclared(t, whole, result, `seed ${seed}`)
    // A last commit that was torn was never confirmed: nothing is salvaged then, and nothing said.
    if (existsSync(`${folder}/damaged`)) checkEnds(t, whole, result, `seed ${seed}`)
    await result.rig.journal.close()
  }
})

/** Bytes overwritten or cut, in the database or in its log. */
function damage(folder: string, seed: number): void {
  const random = seededRandom(seed)
  const path = `${folder}/${random.below(3) > 0 ? 'journal.db-wal' : 'journal.db'}`
  const bytes = readFileSync(path)
  if (bytes.length === 0) return
  const holes = 1 + random.below(4)
  for (let hole = 0; hole < holes; hole++) {
    const length = 1 + random.below(random.below(2) === 0 ? 16 : 9_000)
    const at = random.below(bytes.length)
    bytes.set(noise(Math.min(length, bytes.length - at), `${seed} ${hole}`), at)
  }
  writeFileSync(path, bytes)
}

/** Where a salvage took place, whatever is missing below the highest number known is declared. */
function checkDeclared(t: Test, whole: Hospital, result: Salvaged, what: string): void {
  const { hospital, lost } = result
  for (const [name, packets] of hospital.packets) {
    const highest = Math.max(...packets.keys())
    for (let seq = 0; seq < highest; seq++) {
      if (packets.has(seq) || lost.get(name)?.has(seq) === true) continue
      t.fail(`${what}: ${name} ${seq} is neither there nor declared`)
    }
  }
  // What is there under an old number is what was there under it, or what is left of an open end.
  for (const [name, packets] of hospital.packets) {
    const numbers = whole.packets.get(name) ?? new Map<number, Outgoing>()
    for (const [seq, packet] of packets) {
      const before = numbers.get(seq)
      if (before === undefined || Buffer.compare(before.bytes, packet.bytes) === 0) continue
      const isEnd = seq === Math.max(...numbers.keys())
      const { firstMs, lastMs } = opened(packet).header
      const was = opened(before).header
      if (!isEnd || firstMs < was.firstMs || lastMs > was.lastMs)
        t.fail(`${what}: ${name} ${seq} differs`)
    }
  }
  t.pass(what)
}

/** Of an open end of which only a part is there, the number behind it is declared lost. */
function checkEnds(t: Test, whole: Hospital, { hospital, lost }: Salvaged, what: string): void {
  for (const [name, packets] of whole.packets) {
    const seq = Math.max(...packets.keys())
    const before = packets.get(seq)
    const after = hospital.packets.get(name)?.get(seq)
    if (before === undefined || after === undefined) continue
    const isLess = opened(after).header.lastMs < opened(before).header.lastMs
    if (isLess && lost.get(name)?.has(seq + 1) !== true) t.fail(`${what}: a part of ${name} ${seq}`)
  }
}
