/**
 * Random work against a model so naive that it is surely right: lists in memory. Whatever the order
 * of storing, sealing, receipts, cuts and new starts, the hospital has each record once.
 */
import t from 'tap'
import * as fc from 'fast-check'
import type { Record } from '../../protocols/packet/record.ts'
import { nodeFiles } from './files.ts'
import {
  allOutgoing,
  block,
  copyOfFolder,
  event,
  fastFolder,
  firstBoot,
  Hospital,
  imageOf,
  measurement,
  noise,
  numerics,
  openRig,
  samplesOf,
  secondBoot,
  type Rig,
} from './journal-testing.ts'

type Step =
  | { readonly kind: 'spot'; readonly device: number; readonly count: number }
  | { readonly kind: 'wave'; readonly device: number; readonly blocks: number }
  | { readonly kind: 'numbers'; readonly device: number; readonly count: number }
  | { readonly kind: 'image'; readonly size: number }
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'watch'; readonly device: number }
  | { readonly kind: 'receipt'; readonly share: number }
  | { readonly kind: 'restart'; readonly how: 'close' | 'cut'; readonly boot: boolean }

const device = fc.integer({ min: 0, max: 2 })

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('spot'), device, count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant('wave'), device, blocks: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ kind: fc.constant('numbers'), device, count: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ kind: fc.constant('image'), size: fc.integer({ min: 1, max: 20_000 }) }),
  fc.record({ kind: fc.constant('time'), ms: fc.integer({ min: 0, max: 12_000 }) }),
  fc.record({ kind: fc.constant('watch'), device }),
  fc.record({ kind: fc.constant('receipt'), share: fc.integer({ min: 0, max: 10 }) }),
  fc.record({
    kind: fc.constant('restart'),
    how: fc.constantFrom('close', 'cut'),
    boot: fc.boolean(),
  }),
)

class World {
  readonly stored = new Map<string, Record[]>()
  readonly hospital = new Hospital()
  readonly #base: string
  #rig: Rig
  #starts = 0
  #boot = firstBoot
  #next = 0
  readonly #blocks = [0, 0, 0]
  readonly #numbers = [0, 0, 0]

  constructor(base: string) {
    this.#base = base
    this.#rig = this.#open(`${base}/0`)
  }

  #open(folder: string): Rig {
    return openRig(folder, { packetMs: 5_000, bootId: this.#boot, seed: this.#starts })
  }

  async do(step: Step): Promise<void> {
    const { journal, clock } = this.#rig
    switch (step.kind) {
      case 'spot': {
        const all = Array.from({ length: step.count }, () => this.#spot())
        await Promise.all(all.map((record) => this.#store(`oxi-${step.device}`, record)))
        break
      }
      case 'wave': {
        const from = this.#blocks[step.device] ?? 0
        this.#blocks[step.device] = from + step.blocks
        const stored = Array.from({ length: step.blocks }, (_, index) =>
          this.#store(`ecg-${step.device}`, block(from + index)),
        )
        await this.#rig.commit()
        await Promise.all(stored)
        break
      }
      case 'numbers': {
        const from = this.#numbers[step.device] ?? 0
        this.#numbers[step.device] = from + step.count
        const stored = Array.from({ length: step.count }, (_, index) =>
          this.#store(`mon-${step.device}`, numerics(from + index)),
        )
        await this.#rig.commit()
        await Promise.all(stored)
        break
      }
      case 'image': {
        const bytes = noise(step.size, this.#next)
        const record = imageOf(this.#next++, bytes)
        await journal.adopt('xray', record, this.#rig.incoming('a', bytes))
        this.#note('xray/image', record)
        break
      }
      case 'time':
        await clock.advance(step.ms)
        await journal.sealDue()
        break
      case 'watch':
        for (const stream of [`ecg-${step.device}/waveform`, `mon-${step.device}/numerics`]) {
          await journal.watch(stream, 250, clock.monotonicMs() + 3_000)
        }
        break
      case 'receipt':
        await this.#receipt(step.share)
        break
      case 'restart':
        await this.#restart(step)
        break
    }
  }

  #spot(): Record {
    const at = this.#next++
    return at % 5 === 0 ? event(at, 'alarm') : measurement(at)
  }

  async #store(name: string, record: Record): Promise<void> {
    await this.#rig.journal.store(name, record)
    this.#note(`${name}/${record.kind}`, record)
  }

  #note(stream: string, record: Record): void {
    const list = this.stored.get(stream) ?? []
    this.stored.set(stream, list)
    list.push(record)
  }

  /** The hospital takes some of what is sent, in no order, and says so. */
  async #receipt(share: number): Promise<void> {
    const { journal, commit } = this.#rig
    const packets = (await allOutgoing(journal)).filter((_, index) => index % 10 < share)
    this.hospital.take(packets)
    const noted = packets.map(({ epoch, stream, seq }) =>
      journal.receipt(epoch, stream, [{ from: seq, to: seq }]),
    )
    await commit()
    for (const { newlyReceipted, unknown } of await Promise.all(noted)) {
      if (newlyReceipted !== 1 || unknown !== 0) throw new Error('a receipt that was not new')
    }
  }

  async #restart({ how, boot }: Extract<Step, { kind: 'restart' }>): Promise<void> {
    const before = this.#rig
    const next = `${this.#base}/${++this.#starts}`
    if (how === 'close') await before.journal.close()
    copyOfFolder(before.folder, next)
    if (how === 'cut') await before.journal.close()
    nodeFiles.remove(before.folder)
    if (boot) this.#boot = this.#boot === firstBoot ? secondBoot : firstBoot
    this.#rig = this.#open(next)
    if (this.#rig.journal.epoch !== before.journal.epoch) throw new Error('a new epoch')
  }

  async end(): Promise<Rig> {
    await this.#restart({ kind: 'restart', how: 'close', boot: true })
    this.hospital.take(await allOutgoing(this.#rig.journal))
    return this.#rig
  }

  async close(): Promise<void> {
    await this.#rig.journal.close()
  }
}

function differences({ stored, hospital }: World): string[] {
  const found: string[] = [...hospital.gaps(), ...hospital.broken()]
  const records = hospital.records()
  for (const [stream, wanted] of stored) {
    const have = records.get(stream) ?? []
    const isWave = stream.endsWith('/waveform')
    const said = (list: readonly Record[]) =>
      isWave ? samplesOf(list).join() : list.map(({ atMs }) => atMs).join()
    if (said(have) !== said(wanted)) found.push(`${stream}: ${said(wanted)} became ${said(have)}`)
  }
  for (const record of stored.get('xray/image') ?? []) {
    const isWhole = record.kind === 'image' && hospital.object(record.object.sha256) !== null
    if (!isWhole) found.push(`image ${record.atMs}`)
  }
  return found
}

t.test(
  'model: in any order of events each record arrives once, under gapless numbers',
  async (t) => {
    const base = fastFolder(t)
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const folder = `${base}/${run++}`
        nodeFiles.makeFolder(`${folder}/0`)
        const world = new World(folder)
        for (const step of steps) await world.do(step)
        const { journal } = await world.end()
        const found = differences(world)
        const { streams } = await journal.status()
        for (const { stream, recordsStored } of streams) {
          const wanted = world.stored.get(stream)?.length ?? 0
          if (!stream.endsWith('/object') && recordsStored !== wanted) {
            found.push(`${stream}: ${recordsStored} counted, ${wanted} stored`)
          }
        }
        await world.close()
        nodeFiles.remove(folder)
        if (found.length > 0) throw new Error(found.join('\n'))
      }),
      { numRuns: 80, seed: 20_260_801 },
    )
    t.ok(run >= 80, `${run} runs`)
  },
)
