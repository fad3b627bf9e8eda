import * as fc from 'fast-check'
import type { Test } from 'tap'

/** One assertion a property. When it does not hold, the counterexample and its seed are shown. */
export function holds<Values>(
  t: Test,
  name: string,
  property: fc.IProperty<Values>,
  parameters: fc.Parameters<Values> = {},
): void {
  const outcome = fc.check(property, parameters)
  t.equal(outcome.failed ? fc.defaultReportMessage(outcome) : null, null, name)
}
