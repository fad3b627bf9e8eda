/** Draws a wave the way a monitor does: a sweep from left to right that wipes what is old. */
import type { TraceBuffer } from './trace-buffer.ts'

/** CSS pixels in a CSS millimetre. A screen is no ruler, so the page writes `±`. */
export const millimetrePx = 96 / 25.4
export const sweepMmPerSecond = 25
const eraseBarPx = 26
const lineWidthPx = 1.6
const gridStep = 5

export interface Lane {
  readonly lead: number
  /** Pixels of one step of a sample. */
  readonly pxPerStep: number
  /** The sample value, less its zero, in the middle of the lane. */
  readonly middle: number
}

export interface Sheet {
  readonly widthPx: number
  readonly laneHeightPx: number
  readonly lanes: readonly Lane[]
  readonly ink: string
}

/** Pixels a sample. */
export function samplePx(buffer: TraceBuffer): number {
  return (sweepMmPerSecond * millimetrePx) / (buffer.samplesPerMs * 1_000)
}

/** Draws from sample `from` to sample `to` and wipes ahead of it. */
export function drawSweep(
  context: CanvasRenderingContext2D,
  buffer: TraceBuffer,
  sheet: Sheet,
  from: number,
  to: number,
): void {
  if (to <= from) return
  const px = samplePx(buffer)
  wipe(context, sheet, from * px, (to - from) * px + eraseBarPx)
  context.lineWidth = lineWidthPx
  context.lineJoin = 'round'
  context.strokeStyle = sheet.ink
  sheet.lanes.forEach((lane, index) => drawLane(context, buffer, sheet, lane, index, from, to))
}

/** Draws all that fits on the sheet, for a new size, new leads or another scale. */
export function redraw(
  context: CanvasRenderingContext2D,
  buffer: TraceBuffer,
  sheet: Sheet,
  to: number,
): void {
  context.clearRect(0, 0, sheet.widthPx, sheet.laneHeightPx * sheet.lanes.length)
  const fits = Math.floor((sheet.widthPx - eraseBarPx) / samplePx(buffer))
  drawSweep(context, buffer, sheet, Math.max(buffer.begin, to - fits), to)
}

/** Millimetre paper, with a mark of 1 mV at the left when the scale is true. */
export function drawPaper(
  context: CanvasRenderingContext2D,
  size: { readonly widthPx: number; readonly heightPx: number; readonly laneHeightPx: number },
  colours: { readonly fine: string; readonly coarse: string; readonly mark: string },
  markPx: number | null,
): void {
  const { widthPx, heightPx, laneHeightPx } = size
  context.clearRect(0, 0, widthPx, heightPx)
  for (const isCoarse of [false, true]) {
    context.strokeStyle = isCoarse ? colours.coarse : colours.fine
    context.lineWidth = isCoarse ? 1 : 0.6
    context.beginPath()
    const step = millimetrePx * (isCoarse ? gridStep : 1)
    for (let x = 0; x <= widthPx; x += step) line(context, crisp(x), 0, crisp(x), heightPx)
    for (let y = 0; y <= heightPx; y += step) line(context, 0, crisp(y), widthPx, crisp(y))
    context.stroke()
  }
  if (markPx === null) return
  context.strokeStyle = colours.mark
  context.lineWidth = 2
  context.beginPath()
  for (let top = 0; top < heightPx - 1; top += laneHeightPx) {
    const low = top + laneHeightPx - 8
    line(context, 5, low, 5, low - markPx)
    line(context, 2, low, 8, low)
    line(context, 2, low - markPx, 8, low - markPx)
  }
  context.stroke()
}

function drawLane(
  context: CanvasRenderingContext2D,
  buffer: TraceBuffer,
  sheet: Sheet,
  lane: Lane,
  index: number,
  from: number,
  to: number,
): void {
  const px = samplePx(buffer)
  const top = index * sheet.laneHeightPx
  const middle = top + sheet.laneHeightPx / 2
  context.save()
  context.beginPath()
  context.rect(0, top, sheet.widthPx, sheet.laneHeightPx)
  context.clip()
  context.beginPath()
  let isDown = false
  let before = Number.POSITIVE_INFINITY
  // From the sample before, so that the pieces of two frames join.
  for (let sample = Math.floor(from); sample < to; sample++) {
    const value = buffer.at(lane.lead, sample)
    const x = (sample * px) % sheet.widthPx
    const y = middle - (value - lane.middle) * lane.pxPerStep
    if (Number.isNaN(value)) isDown = false
    else if (isDown && x >= before) context.lineTo(x, y)
    else {
      context.moveTo(x, y)
      isDown = true
    }
    before = x
  }
  context.stroke()
  context.restore()
}

/** Clears a stretch of the endless paper, which goes round the sheet. */
function wipe(context: CanvasRenderingContext2D, sheet: Sheet, at: number, width: number): void {
  const { widthPx } = sheet
  const height = sheet.laneHeightPx * sheet.lanes.length
  // What is drawn ends at this point: leave its last pixel alone.
  const left = (at % widthPx) + lineWidthPx
  const whole = Math.min(width, widthPx)
  context.clearRect(left, 0, Math.min(whole, widthPx - left), height)
  if (left + whole > widthPx) context.clearRect(0, 0, left + whole - widthPx, height)
}

function line(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  x2: number,
  y2: number,
): void {
  context.moveTo(x, y)
  context.lineTo(x2, y2)
}

function crisp(at: number): number {
  return Math.round(at) + 0.5
}
