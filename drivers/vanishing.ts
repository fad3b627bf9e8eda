/** Numbers of a device that leaves out what it does not have at the moment. */
import type { Value, Words } from '../protocols/packet/record.ts'
import { Live } from './live.ts'

/**
 * A number holds until the next one comes. What was said and is not there any more is therefore
 * said once to have no value.
 */
export class Vanishing {
  readonly #live = new Live()
  #before: readonly Value[] = [];

  *say(values: readonly Value[], qualifiers: Words = {}): ReturnType<Live['say']> {
    const codes = new Set(values.map(({ code }) => code))
    const gone = this.#before.filter(({ code }) => !codes.has(code))
    this.#before = values
    yield* this.#live.say(
      'all',
      [...values, ...gone.map((value) => ({ ...value, value: null }))],
      qualifiers,
    )
  }
}
