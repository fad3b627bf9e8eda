import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { fakeClock } from '../clock/fake-clock.ts'
import { changedSince, fileState } from './file-change.ts'

const folder = mkdtempSync(join(tmpdir(), 'simpul-change-'))
t.teardown(() => rmSync(folder, { recursive: true }))

async function isNoticed(path: string, before: string, change: () => void): Promise<boolean> {
  const clock = fakeClock()
  const stop = new AbortController()
  let isOver = false
  const over = changedSince(before, { path, clock, signal: stop.signal }).then(() => {
    isOver = true
  })
  await clock.advance(10_000)
  if (isOver) throw new Error('nothing has changed yet')
  change()
  await clock.advance(2_000)
  const was = isOver
  stop.abort()
  await clock.settle()
  await over
  return was
}

t.test('file change: what happened between the reading and the waiting counts', async (t) => {
  const path = join(folder, 'early.json')
  writeFileSync(path, '{}')
  const before = fileState(path)
  writeFileSync(path, '{"van":"van-2"}')
  const clock = fakeClock()
  const over = changedSince(before, { path, clock, signal: new AbortController().signal })
  await clock.advance(0)
  await over
  t.not(fileState(path), before)
})

t.test(
  'file change: written, replaced, removed, or made in a folder that was not there',
  async (t) => {
    const path = join(folder, 'one.json')
    writeFileSync(path, '{}')
    t.ok(await isNoticed(path, fileState(path), () => writeFileSync(path, '[]')), 'of equal length')
    const other = join(folder, 'one.json.new')
    writeFileSync(other, '[]')
    t.ok(await isNoticed(path, fileState(path), () => renameSync(other, path)))
    t.ok(await isNoticed(path, fileState(path), () => rmSync(path)))
    const deep = join(folder, 'etc', 'simpul.json')
    const make = () => {
      mkdirSync(join(folder, 'etc'))
      writeFileSync(deep, '{}')
    }
    t.ok(await isNoticed(deep, fileState(deep), make))
  },
)
