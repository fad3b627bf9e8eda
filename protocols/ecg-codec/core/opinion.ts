/**
 * The probability that a value lies beyond an edge, mixed from what each prediction thinks of it.
 *
 * A prediction with its spread (the typical size of its error) stands for a logistic distribution
 * of mean m and sharpness s = 1.386 / (spread + 0.03). Of it, tail((e - 0.5 - m) * s) lies beyond
 * an edge e, which is e and all above, going up; going down, what lies below e is beyond it, which
 * is tail((m + 0.5 - e) * s) of it. The inputs of the mixer, 24 of them:
 *
 *   0 to 2    prediction 0 with the spreads: quick; slow; surprise * (middle + slow) / 2
 *   3 to 11   predictions 1, 2, 3, 4, 5, 6, 7, 8, 9 with 0.2 quick + 0.4 middle + 0.4 slow
 *   12        prediction 9 with its quick spread
 *   13, 14    predictions 10 and 11, as 3 to 11
 *   15        0.5
 *   16 to 21  the habits
 *   22, 23    0
 *
 * Profile light has 8: 0 to 2 as above, then predictions 2, 3, 7 and 8, then 0.5.
 *
 * Each of 0 to 14 is stretch((beyond the edge - beyond the far end) / (beyond the near end - beyond
 * the far end)) of what is still possible, or 0 when the divisor is not above 1e-30. At first there
 * is 1 beyond the near end and 0 beyond the far end; after the question of the side, what lies on
 * the other side is gone: when it is down, 1 minus what lay beyond the center is beyond the near
 * end. The sets of weights are chosen by
 *
 *   0  the question (node) + 64 when going up; the question of the side counts as up
 *   1  2 * the lead + later, which is 0 for the question of the side and 1 for all others
 *   2  2 * size + later; size: how many of 0.1, 0.1 * 1.41 … (31 of them) the spread is above
 *   3  2 * (8 * ratio((quick + 0.05) / (slow + 0.05)) + ratio(surprise)) + later, of prediction 0;
 *      ratio: how many of 0.5, 0.75, 1, 1.3, 1.8, 2.5 and 4 are not above it
 *   4  2 * (2 * fraction + later) + up; fraction: 0 when the step is above 1, else 1 + the whole
 *      part of (prediction 0 - center + 0.5) * 6.99
 *   5  2 * (8 * far(prediction 1) + far(prediction 5)) + later; far: how many of -0.6, -0.25, -0.1,
 *      0, 0.1, 0.25 and 0.6 are not above (it - prediction 0) / (spread + 0.1)
 *   6  2 * the number of the sample modulo 5 + later
 *   7  2 * the number of the sample modulo 4 + later
 *
 * of which light has 0, 1, 2, 6 and 7. The last weights are chosen by the question: 0, 1, 2, or 3
 * for all above. The probability coded is half that of the mixer and a quarter each of two
 * refinements: one for each node and side as in 0, one for 8 * lead + 2 * question (0 to 3) + up.
 */
import { tail, stretch } from './functions.ts'
import { HabitSums, habits, modulo } from './habits.ts'
import { toInt } from './kernels.ts'
import type { Lead } from './lead.ts'
import { Mixer } from './mixer.ts'
import type { f64, i32 } from './numbers.ts'
import type { RangeCoder } from './range-coder.ts'
import { Refinement } from './refinement.ts'
import { light } from './settings.ts'
import { startWeights } from './weights.ts'

export const nodes: i32 = 64
const inputsMax: i32 = 24
const unitMass: f64 = 1.386
const leastSpread: f64 = 0.03
const leastMass: f64 = 1e-30
const bias: f64 = 0.5

/** Spreads: 0 quick, 1 slow, 2 surprised, 3 all. */
const fullExperts: Int32Array = new Int32Array(15)
const fullSpread: Int32Array = new Int32Array(15)
const lightExperts: Int32Array = new Int32Array(7)
const lightSpread: Int32Array = new Int32Array(7)

function fillLists(): void {
  fullSpread.fill(3)
  lightSpread.fill(3)
  for (let i: i32 = 0; i < 3; i++) {
    fullSpread[i] = i
    lightSpread[i] = i
  }
  for (let i: i32 = 3; i < 12; i++) fullExperts[i] = i - 2
  fullExperts[12] = 9
  fullSpread[12] = 0
  fullExperts[13] = 10
  fullExperts[14] = 11
  lightExperts[3] = 2
  lightExperts[4] = 3
  lightExperts[5] = 7
  lightExperts[6] = 8
}

fillLists()

export class Opinion {
  /** How far off the last values were, of all leads in turn, in units of what was typical. */
  surprise: f64 = 1
  readonly sums: HabitSums = new HabitSums()
  private readonly isLight: boolean
  private readonly count: i32
  private readonly experts: Int32Array
  private readonly spreads: Int32Array
  private readonly coder: RangeCoder
  private readonly mixer: Mixer
  private readonly byNode: Refinement = new Refinement(2 * nodes)
  private readonly byLead: Refinement
  private readonly mean: Float64Array = new Float64Array(inputsMax)
  private readonly sharpness: Float64Array = new Float64Array(inputsMax)
  /** What each prediction leaves beyond the near end, the far end, and the edge asked about. */
  private readonly near: Float64Array = new Float64Array(inputsMax)
  private readonly far: Float64Array = new Float64Array(inputsMax)
  private readonly edge: Float64Array = new Float64Array(inputsMax)
  private center: f64 = 0
  private side: f64 = 1
  private nearOffset: i32 = 0
  private farOffset: i32 = -1
  private edgeOffset: i32 = 0
  private lead: i32 = 0
  private spreadStep: i32 = 0
  private surpriseStep: i32 = 0
  private fraction: i32 = 0
  private distance: i32 = 0
  private fifth: i32 = 0
  private fourth: i32 = 0

  constructor(level: i32, leads: i32, coder: RangeCoder) {
    const isLight = level === light
    const sizes = new Int32Array(isLight ? 5 : 8)
    sizes[0] = 2 * nodes
    sizes[1] = 2 * leads
    sizes[2] = 2 * 32
    if (!isLight) {
      sizes[3] = 2 * 64
      sizes[4] = 2 * 8 * 2
      sizes[5] = 2 * 64
    }
    sizes[isLight ? 3 : 6] = 2 * 5
    sizes[isLight ? 4 : 7] = 2 * 4
    const n: i32 = isLight ? 8 : inputsMax
    this.isLight = isLight
    this.count = isLight ? 7 : 15
    this.experts = isLight ? lightExperts : fullExperts
    this.spreads = isLight ? lightSpread : fullSpread
    this.coder = coder
    this.mixer = new Mixer(n, sizes, 4, startWeights(level))
    this.byLead = new Refinement(leads * 8)
  }

  /** Begins with a value of which all is still possible. `step`: the width of the first parts. */
  prepare(lead: Lead, place: i32, center: f64, spread: f64, step: f64): void {
    this.center = center
    this.lead = place
    const mean: f64 = lead.means[0] as f64
    for (let i: i32 = 0; i < this.count; i++) {
      const which = this.experts[i] as i32
      this.mean[i] = lead.means[which] as f64
      const wide = this.spreadOf(lead, which, this.spreads[i] as i32)
      this.sharpness[i] = unitMass / (wide + leastSpread)
      this.near[i] = 1
      this.far[i] = 0
    }
    this.nearOffset = 0
    this.farOffset = -1
    this.spreadStep = 0
    for (let most: f64 = 0.1; this.spreadStep < 31 && spread > most; most *= 1.41) this.spreadStep++
    this.fifth = modulo(lead.samples, 5)
    this.fourth = modulo(lead.samples, 4)
    if (this.isLight) return
    const quick: f64 = lead.quick[0] as f64
    const slow: f64 = lead.slow[0] as f64
    this.surpriseStep = ratioStep((quick + 0.05) / (slow + 0.05)) * 8 + ratioStep(this.surprise)
    this.fraction = step > 1 ? 0 : toInt((mean - center + 0.5) * 6.99) + 1
    const first: f64 = ((lead.means[1] as f64) - mean) / (spread + 0.1)
    const second: f64 = ((lead.means[5] as f64) - mean) / (spread + 0.1)
    this.distance = distanceStep(first) * 8 + distanceStep(second)
    this.sums.choose(lead.habits, this.fifth, this.fourth)
    this.sums.prepare(center, mean, unitMass / (spread + leastSpread), spread)
  }

  private spreadOf(lead: Lead, which: i32, kind: i32): f64 {
    if (kind === 0) return lead.quick[which] as f64
    if (kind === 1) return lead.slow[which] as f64
    if (kind === 2) {
      return (0.5 * (lead.middle[which] as f64) + 0.5 * (lead.slow[which] as f64)) * this.surprise
    }
    return lead.spread(which)
  }

  /** Codes whether the value is at or above the center. */
  askSide(isUp: i32): i32 {
    this.side = 1
    this.weigh(this.center)
    if (!this.isLight) this.sums.askSide(this.mixer.inputs, 16)
    const up = this.code(isUp, 0)
    this.side = up === 1 ? 1 : -1
    for (let i: i32 = 0; i < this.count; i++) {
      const above: f64 = this.edge[i] as f64
      this.near[i] = up === 1 ? above : 1 - above
    }
    return up
  }

  /** Codes whether the value is beyond `edge`; what it then is not is ruled out. */
  ask(edge: f64, isBeyond: i32, node: i32): i32 {
    this.weigh(edge)
    if (!this.isLight) {
      const offset: f64 = Math.abs(edge - this.center)
      this.edgeOffset = offset > 1000 ? 1000 : toInt(offset)
      const side: i32 = this.side > 0 ? 0 : 1
      const inputs = this.mixer.inputs
      this.sums.ask(side, this.nearOffset, this.edgeOffset, this.farOffset, inputs, 16)
    }
    const beyond = this.code(isBeyond, node)
    if (beyond === 1) {
      this.nearOffset = this.edgeOffset
      for (let i: i32 = 0; i < this.count; i++) this.near[i] = this.edge[i] as f64
    } else {
      this.farOffset = this.edgeOffset
      for (let i: i32 = 0; i < this.count; i++) this.far[i] = this.edge[i] as f64
    }
    return beyond
  }

  private weigh(edge: f64): void {
    const inputs = this.mixer.inputs
    for (let i: i32 = 0; i < this.count; i++) {
      const distance: f64 = this.side * (edge - 0.5 - (this.mean[i] as f64))
      const beyond: f64 = tail(distance * (this.sharpness[i] as f64))
      this.edge[i] = beyond
      const far: f64 = this.far[i] as f64
      const whole: f64 = (this.near[i] as f64) - far
      inputs[i] = whole > leastMass ? stretch((beyond - far) / whole) : 0
    }
    inputs[this.count] = bias
  }

  private code(bit: i32, node: i32): i32 {
    const mixer = this.mixer
    const chosen = mixer.chosen
    const up: i32 = this.side > 0 ? 1 : 0
    const later: i32 = node > 0 ? 1 : 0
    const question: i32 = node < 3 ? node : 3
    chosen[0] = node + up * nodes
    chosen[1] = this.lead * 2 + later
    chosen[2] = this.spreadStep * 2 + later
    if (!this.isLight) {
      chosen[3] = this.surpriseStep * 2 + later
      chosen[4] = (this.fraction * 2 + later) * 2 + up
      chosen[5] = this.distance * 2 + later
    }
    chosen[this.isLight ? 3 : 6] = this.fifth * 2 + later
    chosen[this.isLight ? 4 : 7] = this.fourth * 2 + later
    mixer.last = question
    const mixed: f64 = mixer.mix()
    const first: f64 = this.byNode.refine(mixer.z, node + up * nodes)
    const second: f64 = this.byLead.refine(mixer.z, (this.lead * 4 + question) * 2 + up)
    const coded = this.coder.bit(bit, 0.5 * mixed + 0.25 * (first + second))
    mixer.learn(coded)
    this.byNode.learn(coded)
    this.byLead.learn(coded)
    return coded
  }
}

function ratioStep(ratio: f64): i32 {
  if (ratio < 1) return ratio < 0.5 ? 0 : ratio < 0.75 ? 1 : 2
  if (ratio < 1.8) return ratio < 1.3 ? 3 : 4
  return ratio < 2.5 ? 5 : ratio < 4 ? 6 : 7
}

function distanceStep(distance: f64): i32 {
  if (distance < 0) {
    if (distance < -0.25) return distance < -0.6 ? 0 : 1
    return distance < -0.1 ? 2 : 3
  }
  if (distance < 0.25) return distance < 0.1 ? 4 : 5
  return distance < 0.6 ? 6 : 7
}

/** Where the habits begin among the inputs, for those who make the weights. */
export const habitInputs: i32 = inputsMax - habits
