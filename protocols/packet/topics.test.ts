import * as fc from 'fast-check'
import t from 'tap'
import { clientId, stream, vanName } from '../../test/wire/arbitraries.ts'
import { holds } from '../../test/wire/holds.ts'
import {
  carries,
  downTopic,
  isName,
  isVanName,
  landingStateTopic,
  parseDownTopic,
  parseStateTopic,
  parseStream,
  parseUpTopic,
  replayRequestTopic,
  replayTopic,
  stateTopic,
  streamFor,
  timeRequestTopic,
  upTopic,
} from './topics.ts'

t.test('topics: stand where the wire format says', async (t) => {
  t.equal(upTopic('van-02', 'ecg-1/waveform'), 'simpul/v1/van-02/up/ecg-1/waveform')
  t.equal(stateTopic('van-02'), 'simpul/v1/van-02/state')
  t.equal(downTopic('van-02', 'receipt'), 'simpul/v1/van-02/down/receipt')
  t.equal(downTopic('van-02', 'time'), 'simpul/v1/van-02/down/time')
  t.equal(landingStateTopic, 'simpul/v1/landing/state')
  t.equal(timeRequestTopic, 'simpul/v1/landing/time')
  t.equal(replayRequestTopic, 'simpul/v1/landing/replay')
  t.equal(replayTopic('review-7'), 'simpul/v1/replay/review-7')
})

t.test('topics: what is built is understood', async (t) => {
  const property = fc.property(vanName, stream, clientId, (van, stream, client) => {
    const up = parseUpTopic(upTopic(van, stream))
    const downs = (['receipt', 'backfill', 'watch', 'time'] as const).map((kind) => ({
      kind,
      parsed: parseDownTopic(downTopic(van, kind)),
    }))
    return (
      up?.van === van &&
      up.stream === stream &&
      parseStateTopic(stateTopic(van))?.van === van &&
      replayTopic(client).endsWith(client) &&
      downs.every(({ kind, parsed }) => parsed?.van === van && parsed.kind === kind)
    )
  })
  holds(t, 'any van and stream', property)
})

t.test('topics: what is not ours is null', async (t) => {
  const ups = [
    'simpul/v1/van-02/up/ecg-1',
    'simpul/v1/van-02/up/ecg-1/waveform/',
    'simpul/v1/van-02/up/ecg-1/waveform/x',
    'simpul/v1/van-02/up/ecg-1/gossip',
    'simpul/v1/van-02/up/ecg-1/clock',
    'simpul/v1/van-02/up/van/measurement',
    'simpul/v1/van-02/up/Ecg/waveform',
    'simpul/v1/van-02/down/ecg-1/waveform',
    'simpul/v1//up/ecg-1/waveform',
    'simpul/v1/landing/up/ecg-1/waveform',
    'simpul/v1/replay/up/ecg-1/waveform',
    'simpul/v2/van-02/up/ecg-1/waveform',
    '/simpul/v1/van-02/up/ecg-1/waveform',
    'simpul/v1/+/up/#',
    '',
  ]
  for (const topic of ups) t.equal(parseUpTopic(topic), null, topic)
  const states = [
    landingStateTopic,
    'simpul/v1/van-02/state/x',
    'simpul/v1/state',
    'simpul/v1/+/state',
  ]
  for (const topic of states) t.equal(parseStateTopic(topic), null, topic)
  const downs = [
    'simpul/v1/van-02/down/command',
    'simpul/v1/landing/down/watch',
    'simpul/v1/van-02/down/time/x',
    timeRequestTopic,
    'simpul/v1/van-02/down',
  ]
  for (const topic of downs) t.equal(parseDownTopic(topic), null, topic)
})

t.test('topics: any text is answered', async (t) => {
  const part = fc.oneof(fc.string(), fc.constantFrom('simpul', 'v1', 'up', 'state', 'down', 'van'))
  const property = fc.property(
    fc.array(part).map((parts) => parts.join('/')),
    (topic) => {
      const up = parseUpTopic(topic)
      return up === null || upTopic(up.van, up.stream) === topic
    },
  )
  holds(t, 'any topic', property, { numRuns: 2_000 })
})

t.test('topics: are not built from names that would break them', async (t) => {
  for (const van of [
    '',
    '+',
    '#',
    'a/b',
    'Van',
    'x'.repeat(33),
    'landing',
    'replay',
    'directory',
    'van_2',
  ]) {
    t.equal(isVanName(van), false, van)
    t.throws(() => upTopic(van, 'ecg-1/waveform'), RangeError, van)
    t.throws(() => stateTopic(van), RangeError, van)
  }
  t.equal(isName('x'.repeat(32)), true)
  t.throws(() => upTopic('van-02', 'ecg-1/+'), RangeError)
  t.throws(() => replayTopic('+'), RangeError)
  t.throws(() => replayTopic('a/b'), RangeError)
})

t.test('topics: a record goes into the stream of its kind', async (t) => {
  t.equal(streamFor('ecg-1', 'waveform'), 'ecg-1/waveform')
  t.equal(streamFor('mon-1', 'numerics'), 'mon-1/numerics')
  t.equal(streamFor('us-1', 'object'), 'us-1/object')
  t.equal(streamFor('van', 'loss'), 'van/losses')
  t.equal(streamFor('van', 'device'), 'van/devices')
  t.throws(() => streamFor('van', 'measurement'), RangeError)
  t.throws(() => streamFor('van', 'numerics'), RangeError)
  t.throws(() => streamFor('ecg-1', 'clock'), RangeError)
  t.strictSame(parseStream('van/losses'), { device: 'van', kind: 'losses' })
  t.equal(carries({ device: 'van', kind: 'losses' }, 'loss'), true)
  t.equal(carries({ device: 'ecg-1', kind: 'object' }, 'document'), false)
})
