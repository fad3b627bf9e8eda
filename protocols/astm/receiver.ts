/**
 * The receiving side of ASTM E1381 / CLSI LIS01-A2, as a pure function over its state. Whoever runs
 * it sends what it answers, stores what it delivers, and tells it how much time has passed.
 *
 *   sender   ENQ      frame 1      frame 2 ...      EOT
 *   we           ACK          ACK             ACK           no answer to EOT
 *
 * The frame that completes a message is answered only when what it says is stored: until then the
 * instrument keeps the whole message and sends it again. A message is complete with its L record,
 * whatever ends the frame: some instruments end each record by ETX, some put all into one frame.
 *
 * Source: CLSI LIS01-A2 sections 8.2 to 8.4.
 */
import type { AstmPacket } from './frame.ts'

/** So long nothing may come within a transmission (LIS01-A2 section 8.3.2.4). */
export const transferSilenceMs = 30_000
/** More than the longest message of any analyser seen, with histograms. */
export const astmMessageLimitBytes = 1_048_576

export interface AstmState {
  readonly phase: 'idle' | 'transfer'
  /** The number that the next frame must have. */
  readonly expected: number
  /** Text of the accepted frames since the last complete message. */
  readonly text: string
  /** A frame was refused and has not come again. */
  readonly isBehind: boolean
  /** What stands before us when the delivered text is not stored. */
  readonly before: { readonly text: string; readonly expected: number } | null
}

export const astmIdle: AstmState = {
  phase: 'idle',
  expected: 1,
  text: '',
  isBehind: false,
  before: null,
}

export interface AstmStep {
  readonly state: AstmState
  /**
   * `when-stored`: ACK once `message` is on the disk, NAK when it cannot be; `told` says to the
   * receiver which it was.
   */
  readonly answer: 'accept' | 'refuse' | 'when-stored' | 'none'
  /** A whole message, its records ended by CR. */
  readonly message: string | null
  /** Records that were accepted, and that the sender never completed. */
  readonly isAbandoned: boolean
}

function step(
  state: AstmState,
  answer: AstmStep['answer'] = 'none',
  more: Partial<AstmStep> = {},
): AstmStep {
  return { state, answer, message: null, isAbandoned: false, ...more }
}

export function receiveAstm(state: AstmState, heard: AstmPacket): AstmStep {
  switch (heard.kind) {
    case 'enquiry':
      // In the middle of a transmission: the instrument was started anew.
      return step({ ...astmIdle, phase: 'transfer' }, 'accept', { isAbandoned: state.text !== '' })
    case 'end':
      return ended(state)
    case 'frame':
      return state.phase === 'idle' ? step(state, 'refuse') : framed(state, heard)
    case 'broken':
      return state.phase === 'idle' ? step(state) : step({ ...state, isBehind: true }, 'refuse')
    case 'accepted':
    case 'refused':
    case 'line-end':
      return step(state)
  }
}

function framed(state: AstmState, frame: Extract<AstmPacket, { kind: 'frame' }>): AstmStep {
  // The sender did not hear our ACK.
  if (frame.number === (state.expected + 7) % 8 && !isFirst(state)) return step(state, 'accept')
  const text = state.text + frame.text
  if (frame.number !== state.expected || text.length > astmMessageLimitBytes) {
    return step({ ...state, isBehind: true }, 'refuse')
  }
  const expected = (frame.number + 1) % 8
  const next = { ...state, expected, text, isBehind: false }
  if (!isComplete(text, frame.end)) return step(next, 'accept')
  const before = { text: state.text, expected: state.expected }
  return step({ ...next, text: '', before }, 'when-stored', { message: text })
}

/** Nothing was accepted yet, so that no frame can be a repetition. */
function isFirst(state: AstmState): boolean {
  return state.expected === 1 && state.text === '' && state.before === null
}

/** The last record is L, and nothing of it is still to come. */
function isComplete(text: string, end: 'more' | 'last'): boolean {
  const isClosed = text.endsWith('\r')
  const last = /(?:^|\r)L(?:[^A-Za-z0-9\r][^\r]*)?\r?$/.test(text)
  return last && (isClosed || end === 'last')
}

/** Whether the message that was to be stored is. */
export function told(state: AstmState, isStored: boolean): AstmState {
  if (isStored || state.before === null) return state
  // The sender repeats the frame, and it is taken as if it had not come.
  return { ...state, ...state.before, isBehind: true, before: null }
}

/** What a sender that closes without an L record has said is complete if no frame is missing. */
function ended(state: AstmState): AstmStep {
  if (state.phase === 'idle' || state.text === '') return step(astmIdle)
  if (state.isBehind) return step(astmIdle, 'none', { isAbandoned: true })
  const message = state.text.endsWith('\r') ? state.text : `${state.text}\r`
  return step(astmIdle, 'none', { message })
}

/** Nothing came for `transferSilenceMs`. */
export function silentAstm(state: AstmState): AstmStep {
  return step(astmIdle, 'none', { isAbandoned: state.text !== '' })
}
