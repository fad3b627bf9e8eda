/** The flight recorder as a capture: what can be replayed, read and sent to support. */
import { formatCapture, type CaptureStep } from '../../drivers/capture.ts'
import type { RecordedPiece } from './flight-recorder.ts'

export interface CaptureHead {
  readonly device: string
  readonly driver: string
  readonly where: string
  /** ISO 8601 with `Z`; null while the box does not know the time. */
  readonly beganUtc: string | null
}

/** null when nothing was recorded. */
export function captureText(head: CaptureHead, pieces: readonly RecordedPiece[]): string | null {
  const first = pieces[0]
  if (first === undefined) return null
  const steps: CaptureStep[] = [
    { kind: 'comment', text: `${head.device}, driver ${head.driver}, at ${head.where}` },
    { kind: 'comment', text: `begins at ${head.beganUtc ?? 'an unknown time'}` },
    {
      kind: 'comment',
      text: 'As it went over the wire: it may name a patient. Look before you share it.',
    },
  ]
  let atMs: number = first.atMs
  for (const piece of pieces) {
    const waitMs = Math.round(piece.atMs - atMs)
    if (waitMs > 0) {
      steps.push({ kind: 'wait', ms: waitMs })
      // By what was written and not by what passed, so that roundings do not add up.
      atMs += waitMs
    }
    steps.push({ kind: piece.direction === 'heard' ? 'device' : 'host', bytes: piece.bytes })
  }
  return formatCapture(steps)
}
