/** Of the captures of a driver, the one that a simulator plays. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseCapture, type CaptureStep } from '../../drivers/capture.ts'
import type { Driver } from '../../drivers/driver.ts'
import { replay } from '../../drivers/replay.ts'

const capturesFolder = join(import.meta.dirname, '../../drivers/captures')

/** Over a serial line. That of which most is understood, and all of it; null when there is none. */
export function goodCapture(driver: Driver): readonly CaptureStep[] | null {
  const folder = join(capturesFolder, driver.id)
  if (!existsSync(folder)) return null
  const good = readdirSync(folder).flatMap((name) => {
    const capture = parseCapture(readFileSync(join(folder, name), 'utf8'))
    if (!capture.ok || capture.value.some(({ kind }) => kind === 'noise')) return []
    const { packets, problems } = replay(driver, capture.value, null, 'serial')
    return problems.length > 0 || packets === 0 ? [] : [{ packets, steps: capture.value }]
  })
  return good.sort((one, other) => other.packets - one.packets)[0]?.steps ?? null
}
