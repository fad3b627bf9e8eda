import t from 'tap'
import { listOf, object, oneOf, orNull, readOwn, text, whole } from './own-file.ts'

const file = object(
  {
    version: oneOf(1),
    lines: listOf(object({ name: text(4, /^[a-z]+$/), baud: whole(300, 9_600) }), 2),
    note: orNull(text(3)),
  },
  { more: oneOf(true) },
)

const good = { version: 1, lines: [{ name: 'ab', baud: 300 }], note: null }
const read = (value: unknown) => readOwn(JSON.stringify(value), file)

t.test('own file: what we wrote is read', async (t) => {
  t.strictSame(read(good), good)
  t.strictSame(read({ ...good, note: 'abc', more: true }), { ...good, note: 'abc', more: true })
})

t.test('own file: everything else is damage', async (t) => {
  const line = good.lines[0]
  const damaged: readonly unknown[] = [
    null,
    [],
    'text',
    { ...good, version: 2 },
    { ...good, note: 'abcd' },
    { ...good, note: undefined },
    { ...good, lines: [line, line, line] },
    { ...good, lines: [{ ...line, baud: 300.5 }] },
    { ...good, lines: [{ ...line, name: 'AB' }] },
    { ...good, lines: [{ ...line, other: 1 }] },
    { ...good, constructor: 1 },
    { ...good, more: false },
  ]
  for (const value of damaged) t.equal(read(value), null, JSON.stringify(value))
  t.equal(readOwn('{', file), null)
})
