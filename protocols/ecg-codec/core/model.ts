/**
 * Codes the values of several leads, instant by instant and in each instant lead by lead.
 *
 * The first value of a lead is coded by itself with bits of probability 1/2: sign (1: below 0), the
 * number of bits of its size in six bits, highest first, and these bits below the highest one.
 *
 * Every other one is coded as answers to questions around the center, which is the leading
 * prediction rounded (floor(x + 0.5)). With spread = 0.2 quick + 0.4 middle + 0.4 slow error of
 * that prediction, the step is the lowest power of two, 1 to 2^30, that is not below spread.
 *
 *   node 0         is the value at or above the center?
 *   nodes 1 to 20  is it beyond the next edge, one step further out? From the 20th question on the
 *                  step doubles after each (node stays 20), until it is 2^35
 *   nodes 24 on    between two edges: beyond the middle? Node 24 + b, or 44 + b when it is the
 *                  first part behind the center, b being the binary logarithm of half the part, at
 *                  most 18
 *
 * A value is held within 32 bits. After it:
 *
 *   surprise = 0.7 * surprise + 0.3 * min(6, |value - leading| / (spread + 0.1))
 *
 * then the habits learn, then the predictors of the lead, then its difference enters the history.
 */
import { toInt } from './kernels.ts'
import { Lead } from './lead.ts'
import type { f64, i32 } from './numbers.ts'
import { Opinion } from './opinion.ts'
import { RangeCoder } from './range-coder.ts'
import { Settings, light, memory } from './settings.ts'

const unaryMax: i32 = 20
const bisectNode: i32 = 24
const nearBisectNode: i32 = 44
const bisectMax: i32 = 18
const stepBitsMax: i32 = 30
const escapeBitsMax: i32 = 35
const sizeBits: i32 = 6
const surpriseMax: f64 = 6
const int32Min: f64 = -2147483648
const int32Max: f64 = 2147483647

export class Model {
  private readonly leads: i32
  private readonly isLight: boolean
  private readonly coder: RangeCoder
  private readonly opinion: Opinion
  private readonly lead: Array<Lead>
  private readonly history: Float64Array
  private readonly errors: Float64Array

  /** `level`: 0 light, 1 live, 2 best. */
  constructor(level: i32, leads: i32) {
    const settings = new Settings(level, leads)
    const coder = new RangeCoder()
    const lead = new Array<Lead>()
    for (let at: i32 = 0; at < leads; at++) lead.push(new Lead(settings, at, leads))
    this.leads = leads
    this.isLight = level === light
    this.coder = coder
    this.opinion = new Opinion(level, leads, coder)
    this.lead = lead
    this.history = new Float64Array(memory * leads)
    this.errors = new Float64Array(leads)
  }

  /**
   * `values`: `count` of the first lead, then as many of the second … Answers how many bytes were
   * written; when they are all that `bytes` holds, some are missing.
   */
  encode(values: Int32Array, count: i32, bytes: Uint8Array): i32 {
    this.coder.startEncoding(bytes)
    this.run(values, count, false)
    this.coder.finish()
    return this.coder.length
  }

  decode(values: Int32Array, count: i32, bytes: Uint8Array, length: i32): void {
    this.coder.startDecoding(bytes, length)
    this.run(values, count, true)
  }

  private run(values: Int32Array, count: i32, isDecoding: boolean): void {
    for (let n: i32 = 0; n < count; n++) {
      this.opinion.sums.startInstant()
      for (let at: i32 = 0; at < this.leads; at++) {
        const place = at * count + n
        const given: f64 = isDecoding ? 0 : (values[place] as f64)
        const value = this.code(at, given)
        if (isDecoding) values[place] = toInt(value)
      }
    }
  }

  private code(at: i32, given: f64): f64 {
    const lead = this.lead[at] as Lead
    if (lead.samples === 0) {
      lead.last = this.codeFirst(given)
      lead.samples = 1
      return lead.last
    }
    lead.predict(this.history, this.errors)
    const leading: f64 = lead.means[0] as f64
    const spread = lead.spread(0)
    const value = this.codeAround(lead, at, given, spread)
    const off: f64 = Math.abs(value - leading) / (spread + 0.1)
    const opinion = this.opinion
    opinion.surprise = 0.7 * opinion.surprise + 0.3 * (off < surpriseMax ? off : surpriseMax)
    if (!this.isLight) opinion.sums.learn(value)
    this.errors[at] = value - leading
    const difference: f64 = value - lead.last
    lead.learn(this.history, value, opinion.surprise)
    const from = at * memory
    for (let k: i32 = from + memory - 1; k > from; k--) this.history[k] = this.history[k - 1] as f64
    this.history[from] = difference
    return value
  }

  private codeFirst(given: f64): f64 {
    const coder = this.coder
    let size: f64 = Math.abs(given)
    let bits: i32 = 0
    let top: f64 = 1
    while (top <= size) {
      top *= 2
      bits++
    }
    const sign = coder.bit(given < 0 ? 1 : 0, 0.5)
    let width: i32 = 0
    for (let b: i32 = sizeBits - 1; b >= 0; b--) {
      width = width * 2 + coder.bit((bits >> b) & 1, 0.5)
    }
    let value: f64 = width > 0 ? 1 : 0
    for (let b: i32 = 1; b < width; b++) {
      top = top / 2
      if (size >= top) size -= top
      value = value * 2 + coder.bit(size >= top / 2 ? 1 : 0, 0.5)
    }
    if (sign === 1) value = -value
    return held(value)
  }

  private codeAround(lead: Lead, at: i32, given: f64, spread: f64): f64 {
    const opinion = this.opinion
    const center: f64 = Math.floor((lead.means[0] as f64) + 0.5)
    let step: f64 = 1
    let bits: i32 = 0
    while (step < spread && bits < stepBitsMax) {
      step *= 2
      bits++
    }
    opinion.prepare(lead, at, center, spread, step)
    const up = opinion.askSide(given >= center ? 1 : 0)
    const side: f64 = up === 1 ? 1 : -1
    let near: f64 = center
    let node: i32 = 1
    let edge: f64 = near + side * step
    while (opinion.ask(edge, isBeyond(given, edge, up), node) === 1) {
      near = edge
      if (node === unaryMax) {
        step *= 2
        bits++
        if (bits === escapeBitsMax) break
      } else node++
      edge = near + side * step
    }
    const first = node === 1 ? nearBisectNode : bisectNode
    while (bits > 0) {
      step /= 2
      bits--
      edge = near + side * step
      const bisect = first + (bits < bisectMax ? bits : bisectMax)
      if (opinion.ask(edge, isBeyond(given, edge, up), bisect) === 1) near = edge
    }
    return held(up === 1 ? near : near - 1)
  }
}

function isBeyond(value: f64, edge: f64, up: i32): i32 {
  if (up === 1) return value >= edge ? 1 : 0
  return value < edge ? 1 : 0
}

function held(value: f64): f64 {
  if (value > int32Max) return int32Max
  return value < int32Min ? int32Min : value
}
