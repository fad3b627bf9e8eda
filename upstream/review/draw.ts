/** Draws a page of a strip on millimetre paper: every sample, unfiltered. */
import { millivoltsPerStep, mmPerMillivolt, mmPerSecond } from './layout.ts'
import type { Layout, Segment } from './layout.ts'
import type { Strip } from './read.ts'

/** CSS pixels in a CSS millimetre. A screen is no ruler, which the page says. */
export const millimetrePx = 96 / 25.4
const colours = { paper: '#fffdfb', fine: '#f6e3de', coarse: '#e8bfb5', ink: '#0b2233' }
const traceMm = 0.3
const pulseMm = { before: 3, wide: 5 }
/** How tall a wave without a scale is drawn. */
const fittedMm = 12

export function drawPage(
  context: CanvasRenderingContext2D,
  strip: Strip,
  layout: Layout,
  fromSecond: number,
): void {
  context.lineJoin = 'round'
  drawPaper(context, layout)
  context.strokeStyle = colours.ink
  context.fillStyle = colours.ink
  context.lineWidth = traceMm * millimetrePx
  if (strip.leads.every((lead) => millivoltsPerStep(lead) !== null)) {
    for (const middleMm of layout.rowsMm) drawPulse(context, middleMm)
  }
  context.font = '600 13px system-ui, "Noto Sans", sans-serif'
  for (const segment of layout.segments) drawSegment(context, strip, segment, fromSecond)
}

function drawPaper(context: CanvasRenderingContext2D, { widthMm, heightMm }: Layout): void {
  context.fillStyle = colours.paper
  context.fillRect(0, 0, widthMm * millimetrePx, heightMm * millimetrePx)
  for (const step of [1, 5]) {
    context.strokeStyle = step === 1 ? colours.fine : colours.coarse
    context.lineWidth = step === 1 ? 0.6 : 1
    context.beginPath()
    for (let x = 0; x <= widthMm; x += step) {
      context.moveTo(x * millimetrePx, 0)
      context.lineTo(x * millimetrePx, heightMm * millimetrePx)
    }
    for (let y = 0; y <= heightMm; y += step) {
      context.moveTo(0, y * millimetrePx)
      context.lineTo(widthMm * millimetrePx, y * millimetrePx)
    }
    context.stroke()
  }
}

/** 1 mV during 200 ms. */
function drawPulse(context: CanvasRenderingContext2D, middleMm: number): void {
  const [left, right] = [pulseMm.before, pulseMm.before + pulseMm.wide]
  const top = middleMm - mmPerMillivolt
  const points = [
    [left - 2, middleMm],
    [left, middleMm],
    [left, top],
    [right, top],
    [right, middleMm],
    [right + 2, middleMm],
  ] as const
  drawLine(context, points)
}

function drawSegment(
  context: CanvasRenderingContext2D,
  strip: Strip,
  { lead, name, from, to, xMm, yMm }: Segment,
  fromSecond: number,
): void {
  const samples = strip.samples[lead]
  const description = strip.leads[lead]
  if (samples === undefined || description === undefined) return
  const rate = strip.samplesPerSecond
  const first = Math.ceil((fromSecond + from) * rate)
  const last = Math.min(samples.length, Math.ceil((fromSecond + to) * rate) + 1)
  const seen = samples.subarray(first, last)
  const perStep = millivoltsPerStep(description)
  const { middle, mmPerStep } =
    perStep === null
      ? fitted(seen)
      : { middle: description.zero, mmPerStep: perStep * mmPerMillivolt }
  drawLine(
    context,
    Array.from(seen, (value, at) => [
      xMm + ((first + at) / rate - fromSecond - from) * mmPerSecond,
      yMm - (value - middle) * mmPerStep,
    ]),
  )
  context.fillText(name, (xMm + 1) * millimetrePx, (yMm - 7) * millimetrePx)
  // Where one lead follows another in a row.
  if (from > 0) {
    drawLine(context, [
      [xMm, yMm - 4],
      [xMm, yMm - 2],
    ])
  }
}

function fitted(samples: Int32Array): { readonly middle: number; readonly mmPerStep: number } {
  let low = samples[0] ?? 0
  let high = low
  for (const value of samples) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return { middle: (low + high) / 2, mmPerStep: fittedMm / Math.max(1, high - low) }
}

function drawLine(
  context: CanvasRenderingContext2D,
  pointsMm: readonly (readonly [x: number, y: number] | readonly number[])[],
): void {
  context.beginPath()
  for (const [x = 0, y = 0] of pointsMm) context.lineTo(x * millimetrePx, y * millimetrePx)
  context.stroke()
}
