/**
 * What is done with each lead before it is modelled. A lead is one of
 *
 *   plain     coded as it is
 *   lattice   all its values are offset + k * step: k is coded
 *   scaled    all its values are k times a fraction, rounded: k is coded
 *   constant  one value throughout: nothing is coded
 *   derived   an exact function of two leads before it: nothing is coded
 *
 * In the packet, one entry a lead, in their order:
 *
 *   plain     00
 *   lattice   01, step (LEB128, at least 2), offset (LEB128, below step)
 *   constant  02, value (zigzag LEB128)
 *   derived   03, relation (relation.ts)
 *   scaled    04, scale (scale.ts)
 */
import type { ByteReader, ByteWriter } from './bytes-io.ts'
import { relationLeadsMax } from './limits.ts'
import { applyRelation, findRelation, readRelation, writeRelation } from './relation.ts'
import type { Relation } from './relation.ts'
import { findScale, readScale, scaled, unscaled, writeScale } from './scale.ts'
import type { Scale } from './scale.ts'

export type LeadPlan =
  | { readonly kind: 'plain' }
  | { readonly kind: 'lattice'; readonly step: number; readonly offset: number }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'derived'; readonly relation: Relation }
  | { readonly kind: 'scaled'; readonly scale: Scale }

/** Whether a lead may be given a plan of this kind. */
export type MayPlan = (lead: number, kind: LeadPlan['kind']) => boolean

const plain: LeadPlan = { kind: 'plain' }
const stepMax = 0x7fff_ffff
const int32Min = -0x8000_0000
const int32Max = 0x7fff_ffff

/** Finds how little has to be coded. */
export function makePlans(
  samples: readonly Int32Array[],
  mayPlan: MayPlan = () => true,
): LeadPlan[] {
  const plans: LeadPlan[] = []
  const sources: number[] = []
  for (const [index, lead] of samples.entries()) {
    const plan =
      (mayPlan(index, 'constant') ? constantOf(lead) : null) ??
      (mayPlan(index, 'derived') ? derivedOf(lead, index, samples, sources) : null) ??
      (mayPlan(index, 'lattice') ? latticeOf(lead) : null) ??
      (mayPlan(index, 'scaled') ? scaledOf(lead) : null) ??
      plain
    plans.push(plan)
    if (isCoded(plan) && index < relationLeadsMax) sources.push(index)
  }
  return plans
}

/** Whether there are numbers of this lead in the body. */
export function isCoded(plan: LeadPlan | undefined): boolean {
  return plan !== undefined && plan.kind !== 'constant' && plan.kind !== 'derived'
}

function constantOf(lead: Int32Array): LeadPlan | null {
  const value = lead[0]
  if (value === undefined || lead.some((other) => other !== value)) return null
  return { kind: 'constant', value }
}

function derivedOf(
  lead: Int32Array,
  index: number,
  samples: readonly Int32Array[],
  sources: readonly number[],
): LeadPlan | null {
  if (lead.length === 0 || index >= relationLeadsMax) return null
  const relation = findRelation(lead, samples, sources)
  return relation === null ? null : { kind: 'derived', relation }
}

function latticeOf(lead: Int32Array): LeadPlan | null {
  const first = lead[0] ?? 0
  let step = 0
  for (const value of lead) {
    step = commonDivisor(step, Math.abs(value - first))
    if (step === 1) return null
  }
  if (step < 2 || step > stepMax) return null
  return { kind: 'lattice', step, offset: modulo(first, step) }
}

function scaledOf(lead: Int32Array): LeadPlan | null {
  const scale = findScale(lead)
  return scale === null ? null : { kind: 'scaled', scale }
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
    case 'scaled':
      return lead.every((value) => unscaled(value, plan.scale) !== null)
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
    if (!isCoded(plan)) continue
    if (plan.kind === 'plain') values.set(lead, at)
    for (let n = 0; n < count; n++) {
      const value = lead[n] ?? 0
      if (plan.kind === 'lattice') values[at + n] = Math.floor(value / plan.step)
      if (plan.kind === 'scaled') values[at + n] = unscaled(value, plan.scale) ?? 0
    }
    at += count
  }
  return values
}

export function codedLeads(plans: readonly LeadPlan[]): number {
  let leads = 0
  for (const plan of plans) if (isCoded(plan)) leads++
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
    for (let n = 0; n < count && plan.kind !== 'plain'; n++) {
      const k = lead[n] ?? 0
      const value = plan.kind === 'scaled' ? scaled(k, plan.scale) : k * plan.step + plan.offset
      // Minus zero is a number of 32 bits too.
      if (value < int32Min || value > int32Max) return null
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
      case 'scaled':
        writer.byte(4)
        writeScale(writer, plan.scale)
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
      const coded = isCoded(before[relation.first]) && isCoded(before[relation.second])
      return coded ? { kind: 'derived', relation } : null
    }
    case 4: {
      const scale = readScale(reader)
      return scale === null ? null : { kind: 'scaled', scale }
    }
    default:
      return null
  }
}
