import t from 'tap'
import { parsePattern } from './pattern.ts'

const streams = [
  'van-01 ecg-1/waveform',
  'van-02 ecg-1/waveform',
  'van-02 ecg-1/event',
  'van-02 ecg-10/waveform',
  'van-02 van/clock',
  'van-02 xray-1/object',
  'bus-1 ecg-1/waveform',
]

function matched(text: string): string[] {
  const pattern = parsePattern(text)
  return streams.filter((one) => {
    const [van = '', stream = ''] = one.split(' ')
    return pattern.matches(van, stream)
  })
}

t.test('pattern: names, wildcards for a part and within a part', async (t) => {
  t.strictSame(matched('van-02/ecg-1/waveform'), ['van-02 ecg-1/waveform'])
  t.strictSame(matched('+/ecg-1/waveform'), [
    'van-01 ecg-1/waveform',
    'van-02 ecg-1/waveform',
    'bus-1 ecg-1/waveform',
  ])
  t.strictSame(matched('van-*/ecg-1*/wave*'), [
    'van-01 ecg-1/waveform',
    'van-02 ecg-1/waveform',
    'van-02 ecg-10/waveform',
  ])
  t.strictSame(matched('*-0*2/*/*'), [
    'van-02 ecg-1/waveform',
    'van-02 ecg-1/event',
    'van-02 ecg-10/waveform',
    'van-02 van/clock',
  ])
  t.strictSame(matched('*/*/*').length, streams.length - 1, 'all but the chunks of objects')
  t.strictSame(matched('v*n-*n/*/*'), [], 'a piece does not count twice')
})

t.test('pattern: the broker filters as far as it can', async (t) => {
  t.strictSame(parsePattern('van-02/ecg-1/waveform').filters, [
    'simpul/v1/van-02/up/ecg-1/waveform',
  ])
  t.strictSame(parsePattern('van-*/+/measurement').filters, ['simpul/v1/+/up/+/measurement'])
  t.strictSame(parsePattern('van-02/*/*').filters.length, 11)
  t.notOk(parsePattern('*/*/*').filters.some((filter) => filter.endsWith('/object')))
  t.match(parsePattern('van-02/ecg-1/waveform'), { van: 'van-02', stream: 'ecg-1/waveform' })
  t.match(parsePattern('van-*/ecg-1/*'), { van: null, stream: null })
})

t.test('pattern: what can match nothing is refused', async (t) => {
  for (const text of [
    '',
    'van-02',
    'a/b/c/d',
    'van-02/ecg-1/',
    'a/#/b',
    'Van/x/event',
    'a/b/object',
  ])
    t.throws(() => parsePattern(text), RangeError, text)
})
