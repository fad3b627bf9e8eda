import * as fc from 'fast-check'
import t from 'tap'
import { integersIn } from './integers.ts'
import { leadOfName, leadOfScpNumber, nameOfLead, scpNumberOf } from './leads.ts'
import { hzOf, rateOfHz, rateOfMicroseconds } from './recording.ts'

t.test('ecg: whole numbers in a text', async (t) => {
  t.strictSame(integersIn(' 1\t-2\r\n+30 ', 3), Int32Array.of(1, -2, 30))
  t.strictSame(integersIn('', 3), new Int32Array(0))
  for (const text of ['1 2 3 4', '1.5', '-', '1-', '2147483648', 'x', '1,2']) {
    t.equal(integersIn(text, 3), null, text)
  }
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -(2 ** 31) + 1 })), (numbers) => {
      t.strictSame(integersIn(numbers.join('\n'), numbers.length), Int32Array.from(numbers))
    }),
  )
})

t.test('ecg: leads by name and by number', async (t) => {
  const named = [
    ['I', 'I'],
    ['Lead I (Einthoven)', 'I'],
    ['Lead aVR', 'aVR'],
    ['MDC_ECG_LEAD_AVF', 'aVF'],
    ['ECG V3', 'V3'],
    ['EKG  II', 'II'],
    ['v3r', 'V3R'],
    ['ECG', 'ECG'],
  ] as const
  for (const [name, lead] of named) t.equal(nameOfLead(leadOfName(name) ?? ''), lead, name)
  for (const name of ['', 'EEG Fpz-Cz', 'Resp', 'IV', 'SpO2']) t.equal(leadOfName(name), null, name)
  for (const number of [1, 2, 8, 9, 15, 18, 61, 64, 67]) {
    t.equal(scpNumberOf(leadOfScpNumber(number)), number)
  }
  t.equal(nameOfLead(leadOfScpNumber(200)), 'ECG')
  t.equal(scpNumberOf(leadOfScpNumber(200)), 0)
})

t.test('ecg: rates', async (t) => {
  t.strictSame(rateOfHz(500), { samples: 500, perMs: 1_000 })
  t.strictSame(rateOfHz(0.1), { samples: 1, perMs: 10_000 })
  t.strictSame(rateOfHz(249.89), { samples: 24_989, perMs: 100_000 })
  for (const none of [0, -1, Number.NaN, Infinity, 1e9]) t.equal(rateOfHz(none), null)
  t.strictSame(rateOfMicroseconds(1_667), { samples: 600, perMs: 1_000 }, 'of six digits, 600')
  t.strictSame(rateOfMicroseconds(2_000), { samples: 500, perMs: 1_000 })
  t.strictSame(rateOfMicroseconds(7_000), { samples: 1, perMs: 7 })
  for (const none of [0, 1.5, Number.NaN]) t.equal(rateOfMicroseconds(none), null)
  t.equal(hzOf({ samples: 1, perMs: 7 }), 142.857_143)
})
