/**
 * What a person types goes the way of every device: through a driver. Nothing is sent, and nobody
 * waits, so the session is simply stepped.
 */
import type { Driver, Said } from '../../drivers/driver.ts'
import { encodeEntry } from '../../drivers/keypad.ts'
import type { Typed } from '../../drivers/keypad/read.ts'
import { deviceTrouble } from '../errors/devices.ts'

/** A form has some twenty fields, and says less than one thing a field. */
const wantsMax = 1_000

/** What the form says. Throws a `Trouble` when the driver refuses it, and says nothing then. */
export function sayForm(driver: Driver, typed: Typed): readonly Said[] {
  const session = driver.session()
  const said: Said[] = []
  let isTyped = false
  let step = session.next()
  for (let wants = 0; wants < wantsMax && step.done !== true; wants++) {
    const want = step.value
    if (want.kind === 'noise') throw deviceTrouble('form-refused', { why: want.reason })
    if (want.kind === 'listen' && isTyped) break
    if (want.kind === 'listen') {
      isTyped = true
      step = session.next({ kind: 'bytes', bytes: encodeEntry(typed), atMs: 0 })
      continue
    }
    const isSaid = want.kind !== 'send' && want.kind !== 'packet' && want.kind !== 'commit'
    if (isSaid) said.push(want)
    step = session.next()
  }
  session.return()
  return said
}
