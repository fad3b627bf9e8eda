/** Keeps one wave moving on a pair of canvases: paper below, ink above. */
import { boxAgeMs } from './box-clock.ts'
import { look } from './store.ts'
import { Playhead, type TraceBuffer } from './trace-buffer.ts'
import { drawPaper, drawSweep, millimetrePx, redraw, samplePx, type Lane } from './trace-draw.ts'
import { laneFor, millivoltsPerStep, needsNewScale, type GainMmPerMv } from './trace-scale.ts'

export interface TraceState {
  readonly kind: 'waiting' | 'live' | 'stalled'
  /** Live: how far the drawn end lies behind this moment. Stalled: the age of the newest sample. */
  readonly ms: number
}

const stalledAfterMs = 2_000
const tellEveryMs = 500
const scaleEveryMs = 500
const gridMm = 5
const pixelRatioMax = 2

export class TraceScreen {
  readonly #paper: HTMLCanvasElement
  readonly #ink: HTMLCanvasElement
  readonly #buffer: TraceBuffer
  readonly #tell: (state: TraceState) => void
  readonly #playhead = new Playhead()
  readonly #resize: ResizeObserver
  #leads: readonly number[] = []
  #gain: GainMmPerMv = 10
  #lanes: readonly Lane[] = []
  #widthPx = 0
  #frame = 0
  #frameMs = performance.now()
  #toldMs = 0
  #scaledMs = 0
  #kind: TraceState['kind'] = 'waiting'

  constructor(
    paper: HTMLCanvasElement,
    ink: HTMLCanvasElement,
    buffer: TraceBuffer,
    tell: (state: TraceState) => void,
  ) {
    this.#paper = paper
    this.#ink = ink
    this.#buffer = buffer
    this.#tell = tell
    this.#resize = new ResizeObserver(() => this.#fit())
    this.#resize.observe(paper.parentElement ?? paper)
    this.#frame = requestAnimationFrame(() => this.#next())
  }

  show(leads: readonly number[], gain: GainMmPerMv): void {
    this.#leads = leads
    this.#gain = gain
    this.#fit()
  }

  close(): void {
    this.#resize.disconnect()
    cancelAnimationFrame(this.#frame)
  }

  #next(): void {
    this.#frame = requestAnimationFrame(() => this.#next())
    const nowMs = performance.now()
    const elapsedMs = nowMs - this.#frameMs
    this.#frameMs = nowMs
    const ageMs = boxAgeMs(this.#buffer.endAtMs)
    const isStalled = look().line !== 'live' || ageMs > this.#stalledAfterMs()
    const kind = isStalled ? 'stalled' : 'live'
    const isNew = kind !== this.#kind
    this.#kind = kind
    const before = this.#playhead.position
    if (isStalled) this.#playhead.finish(this.#buffer)
    else this.#playhead.advance(this.#buffer, elapsedMs)
    if (isNew) this.#redraw()
    else if (!this.#rescaled(nowMs)) this.#draw(before, this.#playhead.position)
    if (isNew || nowMs - this.#toldMs > tellEveryMs) {
      this.#toldMs = nowMs
      const behind = this.#buffer.end - this.#playhead.position
      const lagMs = ageMs + behind / this.#buffer.samplesPerMs
      this.#tell({ kind, ms: isStalled ? ageMs : lagMs })
    }
  }

  #stalledAfterMs(): number {
    return stalledAfterMs + this.#buffer.widestGapMs
  }

  /** New canvases for a new width or other leads. */
  #fit(): void {
    const box = this.#paper.parentElement
    if (box === null || this.#leads.length === 0) return
    this.#widthPx = box.clientWidth
    const heightPx = this.#laneHeightPx() * this.#leads.length
    for (const canvas of [this.#paper, this.#ink]) {
      const ratio = Math.min(pixelRatioMax, devicePixelRatio)
      canvas.width = Math.round(this.#widthPx * ratio)
      canvas.height = Math.round(heightPx * ratio)
      canvas.style.height = `${heightPx}px`
      canvas.getContext('2d')?.setTransform(ratio, 0, 0, ratio, 0, 0)
    }
    this.#drawPaper(heightPx)
    this.#lanes = this.#freshLanes()
    this.#redraw()
  }

  #drawPaper(heightPx: number): void {
    const context = this.#paper.getContext('2d')
    const lead = this.#buffer.leads[this.#leads[0] ?? 0]
    if (context === null || lead === undefined) return
    const size = { widthPx: this.#widthPx, heightPx, laneHeightPx: this.#laneHeightPx() }
    const colours = {
      fine: this.#colour('--paper-fine'),
      coarse: this.#colour('--paper-coarse'),
      mark: this.#colour('--ink-2'),
    }
    const isTrue = millivoltsPerStep(lead) !== null
    drawPaper(context, size, colours, isTrue ? this.#gain * millimetrePx : null)
  }

  /** Few leads are drawn tall. Whole squares of the paper. */
  #laneHeightPx(): number {
    const count = this.#leads.length
    return millimetrePx * gridMm * (count === 1 ? 6 : count < 7 ? 5 : 4)
  }

  #freshLanes(): readonly Lane[] {
    const to = Math.max(this.#playhead.position, this.#buffer.end)
    const from = to - this.#widthPx / samplePx(this.#buffer)
    const height = this.#laneHeightPx()
    return this.#leads.map((lead) => laneFor(this.#buffer, lead, { from, to }, height, this.#gain))
  }

  #rescaled(nowMs: number): boolean {
    if (this.#kind !== 'live' || nowMs - this.#scaledMs < scaleEveryMs) return false
    this.#scaledMs = nowMs
    const fresh = this.#freshLanes()
    const height = this.#laneHeightPx()
    const isOff = fresh.some((lane, index) => {
      const before = this.#lanes[index]
      return before === undefined || needsNewScale(before, lane, height)
    })
    if (!isOff) return false
    this.#lanes = fresh
    this.#redraw()
    return true
  }

  #draw(from: number, to: number): void {
    const context = this.#ink.getContext('2d')
    if (context !== null) drawSweep(context, this.#buffer, this.#sheet(), from, to)
  }

  #redraw(): void {
    const context = this.#ink.getContext('2d')
    if (context === null || this.#lanes.length === 0) return
    redraw(context, this.#buffer, this.#sheet(), this.#playhead.position)
  }

  #sheet() {
    return {
      widthPx: this.#widthPx,
      laneHeightPx: this.#laneHeightPx(),
      lanes: this.#lanes,
      ink: this.#colour(this.#kind === 'live' ? '--trace' : '--trace-stalled'),
    }
  }

  #colour(name: string): string {
    return getComputedStyle(this.#paper).getPropertyValue(name)
  }
}
