import t from 'tap'
import { latin1Bytes } from './bytes.ts'
import { beginsWith, endsBehind, notAFrame, textScanner } from './text-frame.ts'

const scan = textScanner<string>({
  mayBegin: beginsWith('<a', 'BB'),
  lengthOf: endsBehind('>', 1),
  limitBytes: 12,
  read: (text) => (text.includes('!') ? notAFrame('bad') : { ok: true, value: text }),
})

function scanned(text: string) {
  return scan(latin1Bytes(text))
}

t.test('text frame: waits for its end and the check bytes behind it', async (t) => {
  const frame = '<a12>x'
  for (let length = 0; length < frame.length; length++) {
    t.equal(scanned(frame.slice(0, length)).kind, 'incomplete')
  }
  t.strictSame(scanned(`${frame}rest`), { kind: 'packet', packet: frame, length: 6 })
})

t.test('text frame: skips to the next place where one may begin', async (t) => {
  t.strictSame(scanned('xyz<a'), { kind: 'noise', reason: 'no frame', length: 3 })
  t.strictSame(scanned('xyzB'), { kind: 'noise', reason: 'no frame', length: 3 })
  t.strictSame(scanned('xyz'), { kind: 'noise', reason: 'no frame', length: 3 })
  t.strictSame(scanned('<a!<a>x'), { kind: 'noise', reason: 'bad', length: 3 }, 'half of one')
  t.strictSame(scanned('<a!>xBB'), { kind: 'noise', reason: 'bad', length: 5 })
  t.strictSame(scanned('<a0123456789'), {
    kind: 'noise',
    reason: 'frame without end',
    length: 12,
  })
})
