/**
 * The blood pressure of a monitor that goes on showing its last one, without saying when it was
 * measured: a change is a measurement. What was shown already when we began to listen has an
 * unknown age, so it is told as a number that holds, not as a result.
 */
import { cuffMeasured, type CuffResult } from './blood-pressure.ts'
import type { Said } from './driver.ts'
import { repeated } from './measured.ts'
import type { Words } from '../protocols/packet/record.ts'

export class ShownPressure {
  /** What was shown last; null: nothing was; undefined: we have not looked yet. */
  #shown: string | null | undefined = undefined;

  /** While the cuff is at work, what is shown is the result before. */
  *show(
    result: CuffResult,
    more: { readonly isMeasuring?: boolean; readonly qualifiers?: Words } = {},
  ): Generator<Said, void, undefined> {
    const { systolicMmHg, diastolicMmHg, meanMmHg = null, pulsePerMinute } = result
    const isThere = systolicMmHg !== null || diastolicMmHg !== null || meanMmHg !== null
    const shown = isThere ? [systolicMmHg, diastolicMmHg, meanMmHg, pulsePerMinute].join(' ') : null
    const before = this.#shown
    this.#shown = shown
    if (shown === null || shown === before || more.isMeasuring === true) return
    const said = cuffMeasured(result, more.qualifiers)
    if (before !== undefined) yield said
    else if (said.kind === 'measurement') {
      yield repeated(said.values, { ...more.qualifiers, age: 'unknown' })
    }
  }
}
