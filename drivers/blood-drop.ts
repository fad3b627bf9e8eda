/** What a meter measures in a drop of blood, and keeps in its memory. */
import { timeKey } from '../protocols/packet/device-time.ts'
import type { DeviceTime, Value, Words } from '../protocols/packet/record.ts'
import type { Term } from '../protocols/vocabulary/term.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { localCode } from './laboratory.ts'
import { measured, valueOf } from './measured.ts'
import type { StoredResult } from './stored.ts'

export interface DropResult {
  readonly term: Term
  /** In the unit of the term; null when it is beyond what the meter measures. */
  readonly value: number | null
  /** The meter shows HI or LO. */
  readonly beyond: 'above' | 'below' | null
  /** The number in its memory, where that is not what the meter shows. */
  readonly stored?: string
  /** What the meter shows and does not vouch for: then it is no number. */
  readonly doubtful?: string
  /** A drop of control solution: never a person's value. null: the meter does not tell. */
  readonly isControl: boolean | null
  readonly meal: Meal | null
  readonly deviceTime: DeviceTime | null
  readonly words?: Words
}

export type Meal = 'before' | 'after' | 'fasting'

/**
 * `meter` is the driver, `serialNumber` tells two meters at one cable apart. `place` is the meter's
 * own number of the result, where it has one that stays.
 */
export function storedDrop(
  meter: string,
  serialNumber: string | null,
  result: DropResult,
  place: string | null = null,
): StoredResult {
  const { isControl, meal, beyond, deviceTime } = result
  const value = dropValue(meter, result)
  const what = [timeKey(deviceTime), value.code, value.text ?? value.value]
  const key = [serialNumber ?? '-', ...(place === null ? what : [place, timeKey(deviceTime)])]
  return {
    key: key.join(' '),
    said: (record) =>
      measured([value], {
        deviceTime,
        qualifiers: {
          from: 'memory',
          record,
          ...controlWord(isControl),
          ...(meal === null ? {} : { meal }),
          ...(beyond === null ? {} : { beyond }),
          ...(result.stored === undefined ? {} : { stored: result.stored }),
          ...(result.doubtful === undefined ? {} : { doubtful: '1' }),
          ...result.words,
        },
      }),
  }
}

function controlWord(isControl: boolean | null): Words {
  if (isControl === null) return { controlSolution: 'unknown' }
  return isControl ? { control: 'yes' } : {}
}

/** Beyond these most displays say HI and LO, also where the memory has a number. */
const usualRange = { from: 20, to: 600 }

/** Digits in mg/dL, or HI, or LO. `range` is what the meter measures. */
export function glucoseShown(
  shown: string,
  range: { readonly from: number; readonly to: number } = usualRange,
): Pick<DropResult, 'value' | 'beyond' | 'stored'> {
  if (shown === 'HI') return { value: null, beyond: 'above' }
  if (shown === 'LO') return { value: null, beyond: 'below' }
  const number = Number(shown)
  if (number > range.to) return { value: null, beyond: 'above', stored: shown }
  if (number < range.from) return { value: null, beyond: 'below', stored: shown }
  return { value: number, beyond: null }
}

function dropValue(meter: string, result: DropResult): Value {
  const { term, value, beyond, isControl, doubtful } = result
  const code = isControl === true ? controlCode(meter, term) : term.code
  if (doubtful !== undefined) return { ...valueOf(term, null), code, text: `${doubtful}?` }
  if (beyond === null) return { ...valueOf(term, value), code }
  return { ...valueOf(term, null), code, text: beyond === 'above' ? 'HI' : 'LO' }
}

function controlCode(meter: string, term: Term): string {
  return term.unit === 'mg/dL' && /_GLU_/.test(term.code)
    ? terms.glucoseControl.code
    : localCode(`${meter}-control`, term.code)
}
