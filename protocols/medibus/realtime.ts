/**
 * Draeger MEDIBUS, the fast half: curves, in bytes of 80 and above that may stand anywhere between
 * those of the slow half.
 *
 *   record      1101nnnn (1100cccc 1100aaaa)... (10llllll 10hhhhhh)...
 *
 *   n           bit 0 is the first of the curves that were configured
 *   c, a        a command and its argument; 6 is the beginning of an inspiration
 *   l, h        the lower and the upper six bits, once for each curve that is there
 *
 * Which curves there are is an answer of the slow half: for each its code, the time between two
 * samples in microseconds (8 characters), the least and the greatest value (5 each), and the number
 * that stands for the greatest value (3 hexadecimal digits).
 *
 * Source: Draeger MEDIBUS protocol definition 4.03; its examples.
 */
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'
import { encodeMedibus } from './frame.ts'

export interface MedibusCurve {
  /** 0x00 pressure of the airway in mbar, 0x06 CO2 in mmHg; others are not read. */
  readonly code: number
  readonly intervalUs: number
  readonly least: number
  readonly greatest: number
  readonly steps: number
}

export interface MedibusRecord {
  readonly commands: readonly (readonly [command: number, argument: number])[]
  /** By curve, counted from 0. */
  readonly samples: readonly (readonly [curve: number, step: number])[]
}

/** A beginning, some commands, and two bytes for each of four curves. */
export const medibusRecordLimitBytes = 32

/** Tells the ventilator which curves it sends over this line; it changes nothing else. */
export const configureQuestion = 0x54
const curveForm = /^([0-9A-F]{2}) *(\d{1,8})([- \d.]{5})([- \d.]{5})([0-9A-F]{3})$/
const curveWidth = 23
const curvesMax = 4

export function scanMedibusRecord(bytes: Uint8Array): Scan<MedibusRecord> {
  const [first] = bytes
  if (first === undefined) return incomplete
  const mask = first & 0x0f
  if (first >> 4 !== 0x0d || mask === 0) {
    const next = bytes.findIndex((byte, at) => at > 0 && byte >> 4 === 0x0d)
    return noise('no record', next === -1 ? bytes.length : next)
  }
  const commands: [number, number][] = []
  let at = 1
  for (; (bytes[at] ?? 0) >> 4 === 0x0c; at += 2) {
    const argument = bytes[at + 1]
    if (argument === undefined) return incomplete
    if (argument >> 4 !== 0x0c) return noise('half a command', at + 1)
    if (at + 2 > medibusRecordLimitBytes - 2 * curvesMax) return noise('too many commands', at)
    commands.push([(bytes[at] ?? 0) & 0x0f, argument & 0x0f])
  }
  const samples: [number, number][] = []
  for (let curve = 0; curve < curvesMax; curve++) {
    if ((mask & (1 << curve)) === 0) continue
    const [low, high] = [bytes[at], bytes[at + 1]]
    if (low !== undefined && low >> 6 !== 2) return noise('cut short', at)
    if (high !== undefined && high >> 6 !== 2) return noise('cut short', at + 1)
    if (low === undefined || high === undefined) return incomplete
    samples.push([curve, (low & 0x3f) | ((high & 0x3f) << 6)])
    at += 2
  }
  return packet({ commands, samples }, at)
}

export function encodeMedibusRecord({ commands, samples }: MedibusRecord): Uint8Array {
  const mask = samples.reduce((bits, [curve]) => bits | (1 << curve), 0)
  return Uint8Array.of(
    0xd0 | mask,
    ...commands.flatMap(([command, argument]) => [0xc0 | command, 0xc0 | argument]),
    ...samples.flatMap(([, step]) => [0x80 | (step & 0x3f), 0x80 | (step >> 6)]),
  )
}

/** null when the answer does not come out even. */
export function readMedibusCurves(data: string): readonly MedibusCurve[] | null {
  if (data.length % curveWidth !== 0) return null
  const curves: MedibusCurve[] = []
  for (let at = 0; at < data.length; at += curveWidth) {
    const found = curveForm.exec(data.slice(at, at + curveWidth))
    const [, code = '', interval = '', least = '', greatest = '', steps = ''] = found ?? []
    const curve = {
      code: Number.parseInt(code, 16),
      intervalUs: Number(interval),
      least: spacedNumber(least),
      greatest: spacedNumber(greatest),
      steps: Number.parseInt(steps, 16),
    }
    if (!Object.values(curve).every(Number.isFinite)) return null
    if (curve.steps === 0 || curve.intervalUs === 0) return null
    curves.push(curve)
  }
  return curves
}

/** The sign stands at the left, the digits at the right. */
function spacedNumber(text: string): number {
  const plain = text.replaceAll(' ', '')
  return plain === '' ? NaN : Number(plain)
}

export function encodeMedibusCurves(curves: readonly MedibusCurve[]): string {
  return curves
    .map(({ code, intervalUs, least, greatest, steps }) =>
      [
        hexOf(code, 2),
        String(intervalUs).padStart(8),
        spacedText(least),
        spacedText(greatest),
        hexOf(steps, 3),
      ].join(''),
    )
    .join('')
}

function spacedText(value: number): string {
  return `${value < 0 ? '-' : ' '}${String(Math.abs(value)).padStart(4)}`
}

function hexOf(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0')
}

/** In the unit of the curve. */
export function medibusSample(curve: MedibusCurve, step: number): number {
  const { least, greatest, steps } = curve
  return least + (step * (greatest - least)) / steps
}

/** Which curves are to be sent, each with every one of its samples, in this order. */
export function encodeMedibusConfigure(codes: readonly number[]): Uint8Array {
  const data = codes.slice(0, curvesMax).map((code) => `${hexOf(code, 2)}01`)
  return encodeMedibus({ kind: 'question', code: configureQuestion, data: data.join('') })
}

/** Sends the first `count` of the curves that were configured. */
export function encodeMedibusEnable(count: number): Uint8Array {
  const mask = (1 << Math.min(count, curvesMax)) - 1
  return Uint8Array.of(0xd0, 0xc1, 0xc0 | mask, 0xc0, 0xc0)
}
