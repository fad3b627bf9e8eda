/**
 * What was handed to the journal, what it promised to keep, and where each piece came to light. Two
 * records are the same when the same device said the same at the same moment of the same boot;
 * samples are the same when they have the same number in the same run.
 */
import { encodeRecord } from '../../protocols/packet/body.ts'
import type { Record, Waveform } from '../../protocols/packet/record.ts'

/** One record as it was handed over, once or, after a refusal or a crash, more often. */
export interface Handed {
  readonly name: string
  readonly record: Record
  /** When it was handed over and not refused, as numbers that count all handing over. */
  readonly handed: number[]
  /** How often the journal said that it is on the disk. */
  stored: number
  /** When it said so last, as such a number; infinite before. */
  storedAt: number
  /** Names of the packets in which it was found. */
  readonly found: string[]
}

export class Promised {
  readonly #records = new Map<string, Handed>()
  /** By wave of one run, then by the number of the first sample. */
  readonly #blocks = new Map<string, Map<number, Handed>>()
  readonly #unseen = new Set<Handed>()
  #count = 0

  hand(device: string, boot: string, record: Record): Handed {
    const handed =
      record.kind === 'waveform'
        ? this.#block(device, boot, record)
        : this.#record(device, boot, record)
    handed.handed.push(this.#count++)
    return handed
  }

  /** The journal has resolved: from now on it must be found. */
  stored(handed: Handed): void {
    handed.stored++
    handed.storedAt = this.#count++
    this.#look(handed)
  }

  /** The journal has refused: it must not be found. */
  refused(handed: Handed): void {
    handed.handed.pop()
  }

  /** It was in a packet. Answers what had been handed over, in order, or what is wrong with it. */
  found(device: string, boot: string, record: Record, packet: string): readonly Handed[] | string {
    if (record.kind === 'waveform') return this.#foundSamples(device, boot, record, packet)
    const handed = this.#records.get(keyOf(device, boot, record))
    if (handed === undefined) return `${packet} holds a ${record.kind} that nobody handed over`
    return this.#note(handed, packet) ?? [handed]
  }

  /** What the journal promised and no packet held so far; null when all came to light. */
  unseen(): string | null {
    for (const { name, stored, found } of this.#unseen) {
      return `${name} was stored ${stored} times and is in ${found.length} packets`
    }
    return null
  }

  /** Whether the journal has promised to keep it. */
  isStored(device: string, boot: string, record: Record): boolean {
    const handed =
      record.kind === 'waveform'
        ? this.#blocks.get(runOf(device, boot, record))?.get(record.firstSample)
        : this.#records.get(keyOf(device, boot, record))
    return handed !== undefined && handed.stored > 0
  }

  /** How many records the journal has promised to keep. */
  get storedCount(): number {
    let count = 0
    for (const { stored } of this.#records.values()) count += stored
    for (const run of this.#blocks.values()) for (const { stored } of run.values()) count += stored
    return count
  }

  #record(device: string, boot: string, record: Record): Handed {
    const key = keyOf(device, boot, record)
    const known = this.#records.get(key)
    if (known !== undefined) return known
    const made = handedOf(`the ${record.kind} of ${device} at ${record.atMs} ms`, record)
    this.#records.set(key, made)
    return made
  }

  #block(device: string, boot: string, record: Waveform): Handed {
    const run = runOf(device, boot, record)
    const blocks = this.#blocks.get(run) ?? new Map<number, Handed>()
    this.#blocks.set(run, blocks)
    const known = blocks.get(record.firstSample)
    if (known !== undefined) return known
    const made = handedOf(`the block ${record.firstSample} of ${record.wave} of ${device}`, record)
    blocks.set(record.firstSample, made)
    return made
  }

  /** The journal joins neighbours, so what was found is walked block by block. */
  #foundSamples(
    device: string,
    boot: string,
    record: Waveform,
    packet: string,
  ): readonly Handed[] | string {
    const all: Handed[] = []
    const blocks = this.#blocks.get(runOf(device, boot, record))
    const end = record.firstSample + lengthOf(record)
    for (let at = record.firstSample; at < end;) {
      const handed = blocks?.get(at)
      if (handed === undefined || handed.record.kind !== 'waveform') {
        return `${packet} holds samples of ${device} from ${at} on that nobody handed over`
      }
      const complaint = sameSamples(record, handed.record) ?? this.#note(handed, packet)
      if (complaint !== null) return complaint
      all.push(handed)
      at += lengthOf(handed.record)
    }
    return all
  }

  #note(handed: Handed, packet: string): string | null {
    handed.found.push(packet)
    this.#look(handed)
    const times = handed.handed.length
    return handed.found.length <= times
      ? null
      : `${handed.name} was handed over ${times} times and is in ${handed.found.join(', ')}`
  }

  #look(handed: Handed): void {
    if (handed.stored > handed.found.length) this.#unseen.add(handed)
    else this.#unseen.delete(handed)
  }
}

function handedOf(name: string, record: Record): Handed {
  return { name, record, handed: [], stored: 0, storedAt: Infinity, found: [] }
}

function keyOf(device: string, boot: string, record: Record): string {
  return `${device} ${boot} ${Buffer.from(encodeRecord(record)).toString('latin1')}`
}

function runOf(device: string, boot: string, { wave, run }: Waveform): string {
  return `${device} ${boot} ${wave} ${run}`
}

function lengthOf({ samples }: Waveform): number {
  return Math.max(1, samples[0]?.length ?? 0)
}

/** Whether the samples of a block stand at their place in what was found; null: they do. */
function sameSamples(whole: Waveform, block: Waveform): string | null {
  const offset = block.firstSample - whole.firstSample
  for (const [lead, samples] of block.samples.entries()) {
    for (const [at, sample] of samples.entries()) {
      if (whole.samples[lead]?.[offset + at] === sample) continue
      return `sample ${block.firstSample + at} of ${block.wave} is not what was handed over`
    }
  }
  return null
}
