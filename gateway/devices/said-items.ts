/** What a driver says, as what goes to the journal: stamped, and a long recording in blocks. */
import type { Said } from '../../drivers/driver.ts'
import type { Document, Record, Waveform } from '../../protocols/packet/record.ts'
import type { Stamp } from './stamp.ts'

/** A file with what is said of it. Its record names its hash, and is made when it is stored. */
export interface NewDocument extends Omit<Document, 'object'> {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

export type Item = Record | NewDocument

export interface ItemParts {
  readonly stamp: (isSimulated: boolean) => Stamp
  /** A number that no other run of samples of the device has. */
  readonly newRun: () => number
}

/** Of all leads together: whatever the samples are, a block of so many fits into a record. */
export const stripBlockSamplesMax = 40_000

/** Throws when the driver says something that cannot be. An identity is no record. */
export function itemsOf(
  said: Exclude<Said, { kind: 'samples' }>,
  { stamp, newRun }: ItemParts,
): readonly Item[] {
  const isSimulated = 'simulated' in said
  switch (said.kind) {
    case 'measurement': {
      const { kind, values, deviceTime = null, qualifiers = {}, identifiers } = said
      const whose = identifiers === undefined ? {} : { identifiers }
      return [{ kind, values, deviceTime, qualifiers, ...whose, ...stamp(isSimulated) }]
    }
    case 'numerics': {
      const { kind, values, qualifiers = {} } = said
      return [{ kind, values, qualifiers, ...stamp(isSimulated) }]
    }
    case 'strip': {
      const stamped = stamp(isSimulated)
      return blocksOf(said, newRun()).map((block) => ({ ...block, ...stamped }))
    }
    case 'document': {
      const { kind, title, mediaType, bytes } = said
      if (bytes.length === 0) throw new RangeError(`document ${title} has no bytes`)
      return [{ kind, title, mediaType, bytes, ...stamp(isSimulated) }]
    }
    case 'event': {
      const { kind, code, level, active, detail = {} } = said
      return [{ kind, code, level, active, detail, ...stamp(isSimulated) }]
    }
    case 'identity':
      return []
  }
}

type Strip = Extract<Said, { kind: 'strip' }>
type Block = Omit<Waveform, keyof Stamp>

function blocksOf({ wave, rate, leads, samples }: Strip, run: number): readonly Block[] {
  const length = samples[0]?.length ?? 0
  if (samples.length !== leads.length || samples.some((lead) => lead.length !== length)) {
    throw new RangeError(`strip ${wave} has leads of different lengths, or too few`)
  }
  const blockLength = Math.max(1, Math.floor(stripBlockSamplesMax / Math.max(1, leads.length)))
  return Array.from({ length: Math.ceil(length / blockLength) }, (_, index) => {
    const firstSample = index * blockLength
    const block = samples.map((lead) => lead.slice(firstSample, firstSample + blockLength))
    return { kind: 'waveform', wave, run, firstSample, rate, leads, samples: block }
  })
}
