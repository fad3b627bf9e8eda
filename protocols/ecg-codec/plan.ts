/**
 * What is done with each lead before it is modelled. A lead is one of
 *
 *   plain     coded as it is
 *   lattice   all its values are offset + k * step: k is coded
 *   constant  one value throughout: nothing is coded
 *   derived   an exact function of two leads before it: nothing is coded
 *
 * In the packet, one entry a lead, in their order:
 *
 *   plain     00
 *   lattice   01, step (LEB128, at least 2), offset (LEB128, below step)
 *   constant  02, value (zigzag LEB128)
 *   derived   03, relation (see relation.ts)
 */
import type { ByteReader, ByteWriter } from './bytes-io.ts'
import { relationLeadsMax } from './limits.ts'
import { applyRelation, findRelation, readRelation, writeRelation } from './relation.ts'
import type { Relation } from './relation.ts'

export type LeadPlan =
  | { readonly kind: 'plain' }
  | { readonly kind: 'lattice'; readonly step: number; readonly offset: number }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'derived'; readonly relation: Relation }

const plain: LeadPlan = { kind: 'plain' }
const noLeads: ReadonlySet<number> = new Set()
const stepMax = 0x7fff_ffff

/** Finds how little has to be coded. Leads in `plainLeads` are coded as they are. */
export function makePlans(
  samples: readonly Int32Array[],
  plainLeads: ReadonlySet<number> = noLeads,
): LeadPlan[] {
  const plans: LeadPlan[] = []
  const sources: number[] = []
  for (const [index, lead] of samples.entries()) {
    const plan = plainLeads.has(index) ? plain : planOf(lead, index, samples, sources)
    plans.push(plan)
    const isSource = plan.kind === 'plain' || plan.kind === 'lattice'
    if (isSource && index < relationLeadsMax) sources.push(index)
  }
  return plans
}

function planOf(
  lead: Int32Array,
  index: number,
  samples: readonly Int32Array[],
  sources: readonly number[],
): LeadPlan {
  const first = lead[0]
  if (first === undefined) return plain
  if (lead.every((value) => value === first)) return { kind: 'constant', value: first }
  if (index < relationLeadsMax) {
    const relation = findRelation(lead, samples, sources)
    if (relation !== null) return { kind: 'derived', relation }
  }
  return latticeOf(lead, first)
}

function latticeOf(lead: Int32Array, first: number): LeadPlan {
  let step = 0
  for (const value of lead) {
    step = commonDivisor(step, Math.abs(value - first))
    if (step === 1) return plain
  }
  return step > stepMax ? plain : { kind: 'lattice', step, offset: modulo(first, step) }
}

function commonDivisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b]
  return a
}

function modulo(value: number, step: number): number {
  return value - Math.floor(value / step) * step
}

/** The leads whose samples in a later packet do not obey the plans of the key packet. */
export function brokenPlans(
  plans: readonly LeadPlan[],
  samples: readonly Int32Array[],
): readonly number[] {
  const broken: number[] = []
  for (const [index, plan] of plans.entries()) {
    const lead = samples[index]
    if (lead === undefined || !planHolds(plan, lead, samples)) broken.push(index)
  }
  return broken
}

function planHolds(plan: LeadPlan, lead: Int32Array, samples: readonly Int32Array[]): boolean {
  switch (plan.kind) {
    case 'plain':
      return true
    case 'constant':
      return lead.every((value) => value === plan.value)
    case 'lattice':
      return lead.every((value) => modulo(value, plan.step) === plan.offset)
    case 'derived': {
      const derived = applyRelation(plan.relation, samples, lead.length)
      return derived !== null && lead.every((value, at) => value === derived[at])
    }
  }
}

/** The numbers to code, all of the first coded lead, then all of the second … */
export function codedValues(
  plans: readonly LeadPlan[],
  samples: readonly Int32Array[],
): Int32Array {
  const count = samples[0]?.length ?? 0
  const values = new Int32Array(codedLeads(plans) * count)
  let at = 0
  for (const [index, plan] of plans.entries()) {
    const lead = samples[index]
    if (lead === undefined) continue
    if (plan.kind === 'plain') values.set(lead, at)
    else if (plan.kind === 'lattice')
      for (let n = 0; n < count; n++) values[at + n] = Math.floor((lead[n] ?? 0) / plan.step)
    else continue
    at += count
  }
  return values
}

export function codedLeads(plans: readonly LeadPlan[]): number {
  let leads = 0
  for (const plan of plans) if (plan.kind === 'plain' || plan.kind === 'lattice') leads++
  return leads
}

/** The leads as they were; null when a value leaves 32 bits, which no encoder writes. */
export function restoreLeads(
  plans: readonly LeadPlan[],
  values: Int32Array,
  count: number,
): Int32Array[] | null {
  const leads: Int32Array[] = []
  let at = 0
  for (const plan of plans) {
    if (plan.kind === 'derived') {
      const derived = applyRelation(plan.relation, leads, count)
      if (derived === null) return null
      leads.push(derived)
      continue
    }
    if (plan.kind === 'constant') {
      leads.push(new Int32Array(count).fill(plan.value))
      continue
    }
    const lead = values.slice(at, at + count)
    at += count
    if (plan.kind === 'lattice')
      for (let n = 0; n < count; n++) {
        const value = (lead[n] ?? 0) * plan.step + plan.offset
        if (value !== (value | 0)) return null
        lead[n] = value
      }
    leads.push(lead)
  }
  return leads
}

export function writePlans(writer: ByteWriter, plans: readonly LeadPlan[]): void {
  for (const plan of plans)
    switch (plan.kind) {
      case 'plain':
        writer.byte(0)
        break
      case 'lattice':
        writer.byte(1)
        writer.unsigned(plan.step)
        writer.unsigned(plan.offset)
        break
      case 'constant':
        writer.byte(2)
        writer.signed(plan.value)
        break
      case 'derived':
        writer.byte(3)
        writeRelation(writer, plan.relation)
        break
    }
}

/** null when an entry is malformed or points to a lead that is not coded before it. */
export function readPlans(reader: ByteReader, leads: number): LeadPlan[] | null {
  const plans: LeadPlan[] = []
  for (let index = 0; index < leads; index++) {
    const plan = readPlan(reader, plans)
    if (plan === null || reader.failed) return null
    plans.push(plan)
  }
  return plans
}

function readPlan(reader: ByteReader, before: readonly LeadPlan[]): LeadPlan | null {
  switch (reader.byte()) {
    case 0:
      return plain
    case 1: {
      const step = reader.unsigned()
      const offset = reader.unsigned()
      return step < 2 || step > stepMax || offset >= step ? null : { kind: 'lattice', step, offset }
    }
    case 2: {
      const value = reader.signed()
      return value === (value | 0) ? { kind: 'constant', value } : null
    }
    case 3: {
      const relation = readRelation(reader)
      if (relation === null) return null
      const sources = [before[relation.first], before[relation.second]]
      const coded = sources.every((plan) => plan?.kind === 'plain' || plan?.kind === 'lattice')
      return coded ? { kind: 'derived', relation } : null
    }
    default:
      return null
  }
}
