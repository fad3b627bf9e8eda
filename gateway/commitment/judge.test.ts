import t from 'tap'
import type { KeptInstance } from '../journal/journal.ts'
import { judge } from './judge.ts'

const usImage = '1.2.840.10008.5.1.4.1.1.6.1'
const asked = { sopClassUid: usImage }
const [noSuch, otherClass, failure] = [0x0112, 0x0119, 0x0110]

function kept(
  state: KeptInstance['state'],
  more: Partial<Omit<KeptInstance, 'state'>> = {},
): KeptInstance {
  return {
    sopInstanceUid: '1.2',
    sopClassUid: usImage,
    sha256: 'aa',
    devices: ['us-1'],
    state,
    ...more,
  }
}

const other = { sha256: 'bb', devices: ['us-2'] }

t.test('judge: under each policy, what is kept, what waits and what is not', (t) => {
  const cases = [
    ['never here', [], noSuch, noSuch],
    ['here', [kept('here')], 'waits', 'kept'],
    ['receipted', [kept('receipted')], 'kept', 'kept'],
    ['lost', [kept('lost')], failure, failure],
    ['another class', [kept('receipted', { sopClassUid: '1.2.9' })], otherClass, otherClass],
    ['of another device', [kept('receipted', { devices: ['us-2'] })], 'kept', 'kept'],
    ['two, its own is safe', [kept('receipted'), kept('here', other)], 'waits', 'kept'],
    ['two, both safe', [kept('receipted'), kept('receipted', other)], 'kept', 'kept'],
    ['two, one lost', [kept('receipted'), kept('lost', other)], failure, failure],
    [
      'two, none its own',
      [kept('receipted', { devices: ['us-3'] }), kept('receipted', other)],
      failure,
      failure,
    ],
    [
      'two, its own under another class',
      [kept('receipted', { sopClassUid: '1.2.9' }), kept('receipted', other)],
      failure,
      failure,
    ],
  ] as const
  t.strictSame(
    cases.map(([name, found]) => [
      name,
      judge('hospital', 'us-1', asked, found),
      judge('van', 'us-1', asked, found),
    ]),
    cases.map(([name, , hospital, van]) => [name, hospital, van]),
  )
  t.end()
})
