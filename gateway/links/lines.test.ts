import t from 'tap'
import { cutLines, lineLimitBytes } from './lines.ts'

function cutter() {
  const lines: string[] = []
  const ages: number[] = []
  const noises: { reason: string; bytes: number }[] = []
  let nowMs = 1_000
  const cut = cutLines(() => nowMs, {
    line: (bytes, ageMs) => {
      lines.push(Buffer.from(bytes).toString('latin1'))
      ages.push(ageMs)
    },
    noise: (reason, bytes) => noises.push({ reason, bytes: bytes.length }),
  })
  return {
    write: (text: string) => cut.write(Buffer.from(text, 'latin1')),
    wait: (ms: number) => {
      nowMs += ms
    },
    end: () => cut.end(),
    lines,
    ages,
    noises,
  }
}

t.test('lines: CR, LF and both end a line, and empty lines are dropped', async (t) => {
  const { write, lines } = cutter()
  write('a\rb\nc\r\nd\n\re\r\r\n\nf')
  t.strictSame(lines, ['a', 'b', 'c', 'd', 'e'])
})

t.test('lines: cut at every place, the text gives the same lines', async (t) => {
  const text = 'US,GS,+0012.3kg\r\n\r\n\xff\x00binary\nOL\r\r\nlast\n'
  for (let size = 1; size <= text.length; size++) {
    const { write, lines, noises } = cutter()
    for (let at = 0; at < text.length; at += size) write(text.slice(at, at + size))
    t.strictSame(lines, ['US,GS,+0012.3kg', '\xff\x00binary', 'OL', 'last'], `cut at ${size}`)
    t.strictSame(noises, [])
  }
})

t.test('lines: a line is as old as its first byte', async (t) => {
  const { write, wait, ages } = cutter()
  write('12')
  wait(40)
  write('5\n7')
  wait(5)
  write('\n')
  write('8\n')
  t.strictSame(ages, [40, 5, 0])
})

t.test('lines: the bytes that were handed over are not changed', async (t) => {
  const bytes = Buffer.from('a\rb\r')
  cutLines(() => 0, { line: () => {}, noise: () => {} }).write(bytes)
  t.equal(bytes.toString(), 'a\rb\r')
})

t.test(
  'lines: a line without an end is noise, once and whole, and the next line is heard',
  async (t) => {
    const { write, lines, noises } = cutter()
    write('before\n')
    write('x'.repeat(lineLimitBytes - 10))
    t.strictSame(noises, [])
    write('y'.repeat(100))
    write('z\nafter\r\n')
    t.strictSame(lines, ['before', 'after'])
    const total = noises.reduce((sum, noise) => sum + noise.bytes, 0)
    t.equal(total, lineLimitBytes + 91)
    t.match(noises[0], { reason: 'a line without an end after 65536 bytes' })
  },
)

t.test('lines: a flood in one chunk loses no line before or after the endless one', async (t) => {
  const { write, lines, noises, end } = cutter()
  const many = Array.from({ length: 9_000 }, (_, index) => `line ${index}`)
  write(`${many.join('\n')}\n${'x'.repeat(3 * lineLimitBytes)}\n${many.join('\r\n')}\r\nrest`)
  t.strictSame(lines, [...many, ...many])
  t.equal(
    noises.reduce((sum, noise) => sum + noise.bytes, 0),
    3 * lineLimitBytes,
  )
  end()
  t.match(noises.at(-1), { reason: 'a line that was cut off', bytes: 4 })
})

t.test('lines: the longest allowed line is a line', async (t) => {
  const { write, lines, noises } = cutter()
  write(`${'x'.repeat(lineLimitBytes - 1)}\n`)
  t.equal(lines[0]?.length, lineLimitBytes - 1)
  t.strictSame(noises, [])
})
