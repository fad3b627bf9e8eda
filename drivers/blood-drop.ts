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
  /** A drop of control solution: never a person's value. */
  readonly isControl: boolean
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
          ...(isControl ? { controlSolution: '1' } : {}),
          ...(meal === null ? {} : { meal }),
          ...(beyond === null ? {} : { beyond }),
          ...result.words,
        },
      }),
  }
}

function dropValue(meter: string, { term, value, beyond, isControl }: DropResult): Value {
  const code = isControl ? controlCode(meter, term) : term.code
  if (beyond === null) return { ...valueOf(term, value), code }
  return { ...valueOf(term, null), code, text: beyond === 'above' ? 'HI' : 'LO' }
}

function controlCode(meter: string, term: Term): string {
  return term.unit === 'mg/dL' && /_GLU_/.test(term.code)
    ? terms.glucoseControl.code
    : localCode(`${meter}-control`, term.code)
}
