import t from 'tap'
import type { Delivery } from '../view.ts'
import type { Row, Says } from '../wire.ts'
import { groupRows, leastFar } from './record-groups.ts'

let keys = 0

function row(atMs: number, says: Says, change: Partial<Row> = {}): Row {
  keys += 1
  return {
    key: String(keys),
    device: 'monitor-1',
    utcMs: null,
    uncertaintyMs: null,
    atMs,
    source: 'device',
    simulated: false,
    delivery: 'receipted',
    says,
    ...change,
  }
}

const wave: Says = { kind: 'waveform', wave: 'ecg', leads: ['II'], durationMs: 10_000 }
const spo2 = (value: number | null, kind: 'measurement' | 'numerics' = 'numerics'): Says => ({
  kind,
  values: [{ code: 'MDC_PULS_OXIM_SAT_O2', value, unit: '%' }],
  qualifiers: {},
})
const countsOf = (rows: readonly Row[]) => groupRows(rows).map((group) => group.count)

t.test('groups: the blocks of a wave are one line, as long as all of them', async (t) => {
  const rows = [
    row(30_000, wave, { delivery: 'stored' }),
    row(20_000, wave, { delivery: 'acknowledged' }),
    row(10_000, wave),
  ]
  const [group] = groupRows(rows)
  t.match(group, { count: 3, waiting: 2, delivery: 'stored' })
  t.equal(group?.row.key, rows[0]?.key)
  t.match(group?.row.says, { durationMs: 30_000 })
})

t.test(
  'groups: the numbers of a monitor are one line, with the lowest and the highest',
  async (t) => {
    const rows = [
      row(30_000, spo2(97)),
      row(29_500, wave),
      row(28_000, spo2(94)),
      row(26_000, spo2(null)),
      row(24_000, spo2(98)),
    ]
    const groups = groupRows(rows)
    t.strictSame(
      groups.map((group) => group.count),
      [4, 1],
    )
    t.strictSame(groups[0]?.spans.get('MDC_PULS_OXIM_SAT_O2'), { low: 94, high: 98 })
  },
)

t.test('groups: a single result stands alone', async (t) => {
  const result = spo2(97, 'measurement')
  t.strictSame(countsOf([row(30_000, result), row(29_000, result)]), [1, 1])
  t.strictSame(countsOf([row(30_000, spo2(97)), row(29_000, result)]), [1, 1])
})

t.test('groups: what differs does not join', async (t) => {
  const others: readonly Row[] = [
    row(20_000, { ...wave, wave: 'pleth' }),
    row(20_000, { ...wave, leads: ['I', 'II'] }),
    row(20_000, wave, { device: 'ecg-1' }),
    row(20_000, wave, { simulated: true }),
    row(20_000, { ...spo2(97), qualifiers: { probe: '2' } } as Says),
    row(20_000, { kind: 'event', code: 'lead-off', level: 'info', active: true }),
  ]
  for (const other of others) t.strictSame(countsOf([row(25_000, wave), other]), [1, 1])
  const probes = ['1', '2'].map((probe): Says => ({ ...spo2(97), qualifiers: { probe } }) as Says)
  t.strictSame(countsOf(probes.map((says) => row(20_000, says))), [1, 1], 'another probe')
})

t.test('groups: a pause, a long stretch and another boot begin a new line', async (t) => {
  t.strictSame(countsOf([row(90_000, wave), row(59_000, wave)]), [1, 1], 'a pause of 31 s')
  t.strictSame(countsOf([row(10_000, wave), row(9_000_000, wave)]), [1, 1], 'an earlier boot')
  const long = Array.from({ length: 40 }, (_, index) => row(1_000_000 - index * 10_000, wave))
  t.strictSame(countsOf(long), [31, 9])
  t.strictSame(groupRows([]), [])
})

t.test('groups: a whole has come as far as its least far part', async (t) => {
  const order: readonly Delivery[] = [
    'failed',
    'storing',
    'stored',
    'sent',
    'acknowledged',
    'receipted',
  ]
  order.forEach((delivery, index) => t.equal(leastFar(order.slice(index)), delivery))
})
