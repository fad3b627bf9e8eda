import t from 'tap'
import { latin1Bytes, latin1Text } from '../../protocols/bytes/bytes.ts'
import { parseCapture } from '../capture.ts'
import { repeatCapture } from './repeat-capture.ts'

/** What the device says within `ms`, each with its time; `asks` is said to it at those times. */
function played(text: string, ms: number, asks: Readonly<{ [atMs: number]: string }> = {}) {
  const capture = parseCapture(text)
  if (!capture.ok) throw new Error(capture.reason)
  const device = repeatCapture(capture.value, 1_000)
  const said: string[] = []
  const waiting = Object.entries(asks).map(([atMs, ask]) => ({ atMs: Number(atMs), ask }))
  let nowMs = 0
  let next = device.next()
  while (next.done !== true) {
    nowMs += next.value.afterMs
    if (nowMs > ms) break
    if (next.value.bytes.length > 0) said.push(`${latin1Text(next.value.bytes)} at ${nowMs}`)
    const due = waiting.filter(({ atMs }) => atMs <= nowMs)
    waiting.splice(0, due.length)
    const heard = due.map(({ ask }) => ask).join('')
    next = device.next(heard === '' ? undefined : latin1Bytes(heard))
  }
  return said
}

t.test('repeat-capture: what a device says by itself comes again, at its pace', async (t) => {
  t.strictSame(played('< "a"\n@ 200\n< "b"\n', 2_300), [
    'a at 0',
    'b at 200',
    'a at 1200',
    'b at 1400',
  ])
})

t.test('repeat-capture: a question is answered whenever it is asked', async (t) => {
  const text = '> "one?"\n@ 30\n< "1"\n> "two?"\n< "2"\n> "one?"\n< "1 again"\n'
  t.strictSame(played(text, 5_000), [], 'and it says nothing unasked')
  t.strictSame(played(text, 5_000, { 100: 'two?', 500: 'noise two?', 1_000: 'one?' }), [
    '2 at 100',
    '2 at 500',
    '1 again at 1000',
  ])
  t.strictSame(
    played(text, 5_000, { 100: 'one?one?' }).map((line) => line.split(' at ')[0]),
    ['1', '1 again'],
    'the same question twice has two answers',
  )
})

t.test('repeat-capture: nothing to say is no device', async (t) => {
  t.ok(repeatCapture([], 1_000).next().done)
})
