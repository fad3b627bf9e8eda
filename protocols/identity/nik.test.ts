import t from 'tap'
import { maskNik, nikDoubts, readNik } from './nik.ts'

const man = '3602991708900001'
const woman = '3602995708900001'

t.test('nik: its digits say day, month, year and sex', async (t) => {
  const common = { day: 17, month: 8, yearOfCentury: 90, hasKnownProvince: true }
  t.strictSame(readNik(man), { kind: 'nik', nik: man, says: { ...common, sex: 'M' } })
  t.strictSame(readNik(woman), { kind: 'nik', nik: woman, says: { ...common, sex: 'F' } })
  t.match(readNik('3602 99-5708.90 0001'), { kind: 'nik', nik: woman })
  t.match(readNik('3602992902000001'), { kind: 'nik' }, 'a leap day of an unknown century')
})

t.test('nik: what cannot be one is said, the region never', async (t) => {
  const fault = (text: string) => {
    const read = readNik(text)
    return read.kind === 'wrong' ? read.fault : null
  }
  t.strictSame(
    ['', man.slice(1), `${man}1`, man.replace('9', 'x')].map(fault),
    Array.from({ length: 4 }, () => 'not-16-digits'),
  )
  t.equal(fault('1'.repeat(16)), 'all-the-same')
  const days = ['00', '32', '40', '72', '99']
  t.strictSame(
    days.map((day) => fault(`360299${day}08900001`)),
    days.map(() => 'no-such-day'),
  )
  t.equal(fault('3602991713900001'), 'no-such-day')
  t.equal(fault('3602991700900001'), 'no-such-day')
  t.equal(fault('3602993102900001'), 'no-such-day')
  t.equal(fault('3602991708900000'), 'no-serial')
  t.match(readNik('9902991708900001'), { kind: 'nik', says: { hasKnownProvince: false } })
})

t.test('nik: what differs from the birth date and the sex is a doubt', async (t) => {
  const says = { day: 17, month: 8, yearOfCentury: 90, sex: 'F', hasKnownProvince: true } as const
  t.match(readNik(woman), { says })
  t.strictSame(nikDoubts(says, '1990-08-17', 'F'), [])
  t.strictSame(nikDoubts(says, null, null), [])
  t.strictSame(nikDoubts(says, null, 'O'), [])
  t.strictSame(nikDoubts(says, '1990-08-18', 'M'), ['birth-date', 'sex'])
  t.strictSame(nikDoubts(says, '1991-08-17', 'F'), ['birth-date'])
  t.strictSame(nikDoubts(says, '1990-07-17', 'F'), ['birth-date'])
  t.strictSame(nikDoubts({ ...says, hasKnownProvince: false }, null, 'M'), ['sex', 'province'])
})

t.test('nik: is shown without what tells a person', async (t) => {
  t.equal(maskNik(woman), '3602**********01')
  t.equal(maskNik(''), '')
})
