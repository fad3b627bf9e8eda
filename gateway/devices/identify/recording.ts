/** What went over the wire of an unknown device, as a capture for whoever can tell what it is. */
import { formatCapture, type CaptureStep } from '../../../drivers/capture.ts'
import { lineWords } from '../../links/line-words.ts'
import type { HeardPiece } from './search.ts'

/** null when nothing was heard or sent. */
export function recordingText(path: string, pieces: readonly HeardPiece[]): string | null {
  const [first] = pieces
  if (first === undefined) return null
  const steps: CaptureStep[] = [
    { kind: 'comment', text: `an unknown device at ${path}` },
    {
      kind: 'comment',
      text: 'As it went over the wire: it may name a patient. Look before you share it.',
    },
  ]
  let atMs: number = first.atMs
  let line = ''
  for (const piece of pieces) {
    const waitMs = Math.round(piece.atMs - atMs)
    if (waitMs > 0) {
      steps.push({ kind: 'wait', ms: waitMs })
      atMs += waitMs
    }
    if (lineWords(piece.line) !== line) {
      line = lineWords(piece.line)
      steps.push({ kind: 'comment', text: `at ${line}` })
    }
    steps.push({ kind: piece.direction === 'heard' ? 'device' : 'host', bytes: piece.bytes })
  }
  return formatCapture(steps)
}
