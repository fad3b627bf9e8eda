/** Fields that records of many kinds have. */
import { isUuid } from './epoch.ts'
import { bool, checked, nullable, number, oneOf, table, text, textThat, words } from './fields.ts'
import type { Field, Fields } from './fields.ts'
import { codeLimitBytes, labelLimitBytes, textLimitBytes, wordsMax } from './limits.ts'
import { isName } from './topics.ts'

export const code = text(codeLimitBytes, 1)
export const label = text(labelLimitBytes)
export const freeWords = words(wordsMax, codeLimitBytes, textLimitBytes)
export const hash = textThat((hex) => /^[0-9a-f]{64}$/.test(hex), '64 lower-case hex digits')
export const uuid = textThat(isUuid, 'a UUID in lower case')
export const deviceName = textThat(isName, 'a name of a-z, 0-9 and dash')
export const day = textThat((date) => /^\d{4}-\d{2}-\d{2}$/.test(date), 'a date YYYY-MM-DD')

/** What every record has. */
export const stamps = {
  atMs: number(0),
  utcMs: nullable(number()),
  uncertaintyMs: nullable(number(0)),
  source: oneOf(['device', 'typed', 'photo']),
  simulated: bool,
}

interface Times {
  readonly utcMs: number | null
  readonly uncertaintyMs: number | null
}

/** A table of a record's fields, with what holds between the fields of every record. */
export function stamped<R extends Times>(fields: Fields<R>): Field<R> {
  return timed(table<R>(fields))
}

/** Adds the check of the two times to a field. */
export function timed<R extends Times>(field: Field<R>): Field<R> {
  return checked(field, (record) =>
    (record.utcMs === null) === (record.uncertaintyMs === null)
      ? null
      : 'expected utcMs and uncertaintyMs to be null together, found one of them null',
  )
}
