/**
 * For services whose requests carry a small data set: gathers it, reads it whole and goes on with
 * it. One above the limit is let pass without being held and then refused, so that the association
 * survives it.
 */
import { readDataSet, type DataSet, type Sequences } from './data-set.ts'
import type { Exchange, Handler, Request, ResponseWords } from './service.ts'
import { concat } from './text.ts'

/** Keys of a query and the facts of a procedure are some kilobytes; references of images more. */
export const wholeDataSetLimitBytes = 262_144
/** Of a reason that is given to the peer as an error comment. */
const commentCharacters = 64

/** The rest of a handler, once the data set is there. */
export type Continued = Partial<Omit<Handler, 'data' | 'end'>>

export interface WholeReading {
  /** Read as sequences also where the bytes do not say that they are. */
  readonly sequences: Sequences
  readonly tooLarge: ResponseWords
  /** The reason is added as the comment. */
  readonly malformed: ResponseWords
  readonly limitBytes?: number
}

/**
 * `begin` is called once, when the request is complete; with an empty data set where it has none.
 * The bytes are those of the data set as they came.
 */
export function readingWhole(
  { context }: Pick<Request, 'context'>,
  exchange: Exchange,
  reading: WholeReading,
  begin: (dataSet: DataSet, bytes: Uint8Array) => Continued,
): Handler {
  const limitBytes = reading.limitBytes ?? wholeDataSetLimitBytes
  let pieces: Uint8Array[] = []
  let bytes = 0
  let continued: Continued = {}
  return {
    data(piece) {
      bytes += piece.length
      // Copied, so that what is small does not hold a large buffer of the network.
      if (bytes <= limitBytes) pieces.push(piece.slice())
      else pieces = []
    },
    end() {
      if (bytes > limitBytes) {
        exchange.note('data-set-too-large', { bytes, limitBytes })
        return exchange.respond(reading.tooLarge)
      }
      const whole = concat(pieces)
      pieces = []
      const dataSet = readDataSet(whole, context.transferSyntax, reading.sequences)
      if (dataSet.ok) {
        continued = begin(dataSet.value, whole)
        return
      }
      exchange.note('data-set-malformed', { reason: dataSet.reason })
      const comment = dataSet.reason.slice(0, commentCharacters)
      exchange.respond({ ...reading.malformed, comment })
    },
    answered: (answer) => continued.answered?.(answer),
    abandoned: () => continued.abandoned?.(),
    turn: () => continued.turn?.(),
    cancelled: () => continued.cancelled?.(),
  }
}
