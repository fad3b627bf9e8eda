import { mergedMsMax, samplesMax } from './limits.ts'
import type { Lead, Record, Waveform } from './record.ts'

/**
 * Joins blocks of the same wave and run that follow each other without a gap, also when blocks of
 * other waves lie between them. A joined record keeps the times of its first block and stands where
 * that stood. Blocks with another source, or of which only one knows UTC, stay apart: joining them
 * would forget something.
 */
export function mergeWaveforms(records: readonly Record[]): Record[] {
  const groups: (readonly Waveform[] | Record)[] = []
  const open = new Map<string, { blocks: Waveform[]; samples: number }>()
  for (const record of records) {
    if (record.kind !== 'waveform') {
      groups.push(record)
      continue
    }
    const key = `${record.run}/${record.wave}`
    const length = lengthOf(record)
    const group = open.get(key)
    const last = group?.blocks.at(-1)
    const first = group?.blocks[0]
    if (group && last && first && follows(last, record) && fits(first, group.samples + length)) {
      group.blocks.push(record)
      group.samples += length
      continue
    }
    const fresh = { blocks: [record], samples: length }
    open.set(key, fresh)
    groups.push(fresh.blocks)
  }
  return groups.map((group) => ('kind' in group ? group : join(group)))
}

/** Samples of each lead. */
export function lengthOf(block: Waveform): number {
  return block.samples[0]?.length ?? 0
}

function follows(before: Waveform, after: Waveform): boolean {
  return (before.utcMs === null) === (after.utcMs === null) && continues(before, after)
}

/** Whether a block goes on where another one ended, with nothing else between or changed. */
export function continues(before: Waveform, after: Waveform): boolean {
  return (
    before.wave === after.wave &&
    before.run === after.run &&
    before.firstSample + lengthOf(before) === after.firstSample &&
    before.rate.samples === after.rate.samples &&
    before.rate.perMs === after.rate.perMs &&
    before.source === after.source &&
    before.simulated === after.simulated &&
    before.leads.length === after.leads.length &&
    before.leads.every((lead, index) => sameLead(lead, after.leads[index]))
  )
}

function sameLead(a: Lead, b: Lead | undefined): boolean {
  return a.code === b?.code && a.unit === b.unit && a.lsb === b.lsb && a.zero === b.zero
}

function fits(block: Waveform, length: number): boolean {
  return (
    (length * block.rate.perMs) / block.rate.samples <= mergedMsMax &&
    length * block.leads.length <= samplesMax
  )
}

function join(blocks: readonly Waveform[]): Waveform {
  const [first] = blocks
  if (first === undefined) throw new RangeError('nothing to join')
  if (blocks.length === 1) return first
  return { ...first, samples: joinedSamples(blocks.map(({ samples }) => samples)) }
}

/** Several blocks of the same leads, one after the other. */
export function joinedSamples(blocks: readonly (readonly Int32Array[])[]): readonly Int32Array[] {
  const [first] = blocks
  if (first === undefined || blocks.length === 1) return first ?? []
  const length = blocks.reduce((sum, block) => sum + (block[0]?.length ?? 0), 0)
  return first.map((_, lead) => {
    const joined = new Int32Array(length)
    let offset = 0
    for (const block of blocks) {
      const samples = block[lead] ?? new Int32Array(0)
      joined.set(samples, offset)
      offset += samples.length
    }
    return joined
  })
}
