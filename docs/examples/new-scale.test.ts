/** The scale of docs/adding-a-device.md: it works, it is short, and the page shows it as it is. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseCapture } from '../../drivers/capture.ts'
import { replay } from '../../drivers/replay.ts'
import { timbangT20 } from './new-scale/timbang-t20.ts'

const read = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8')
const driver = read('new-scale/timbang-t20.ts')
const capture = read('new-scale/printed.cap')
const page = read('../adding-a-device.md')

t.test('adding a device: the example plays its capture, cut at every size', async (t) => {
  const parsed = parseCapture(capture)
  if (!parsed.ok) throw new Error(parsed.reason)
  for (const size of [null, ...Array.from({ length: 20 }, (_, at) => at + 1)]) {
    t.strictSame(replay(timbangT20, parsed.value, size).problems, [], `cut at ${size}`)
  }
})

t.test('adding a device: takes under 60 lines, which the page shows', async (t) => {
  t.ok(driver.split('\n').length < 60, `${driver.split('\n').length} lines`)
  const inPlace = driver.replaceAll('../../../drivers/', './').replaceAll('../../../', '../')
  t.match(page, inPlace)
  t.match(page, capture)
})
