import t from 'tap'
import { textOf } from '../dicom/text.ts'
import { parseDataSets } from './json.ts'
import { answersWith, instanceQuery } from './qido.ts'
import { stowBody, stowVerdict } from './stow.ts'

const item = (uid: string, more: object = {}) => ({
  '00081150': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.6.1'] },
  '00081155': { vr: 'UI', Value: [uid] },
  ...more,
})
const sequence = (...items: readonly object[]) => ({ vr: 'SQ', Value: items })

t.test('stow: one part, as the standard writes it', async (t) => {
  const { contentType, head, tail } = stowBody('abc')
  t.equal(contentType, 'multipart/related; type="application/dicom"; boundary=abc')
  t.equal(textOf(head), '--abc\r\nContent-Type: application/dicom\r\n\r\n')
  t.equal(textOf(tail), '\r\n--abc--\r\n')
})

t.test('stow: what the answer says about one instance', async (t) => {
  const failure = { '00081197': { vr: 'US', Value: [0xa900] } }
  const warning = { '00081196': { vr: 'US', Value: ['45056'] } }
  const body = JSON.stringify({
    '00081190': { vr: 'UR', Value: ['http://x/studies/1'] },
    '00081198': sequence(item('1.1', failure), item('1.4')),
    '00081199': sequence(item('1.2'), item('1.3', warning), item('1.1')),
  })
  t.strictSame(stowVerdict(body, '1.1'), { kind: 'failed', reason: 0xa900 })
  t.strictSame(stowVerdict(body, '1.2'), { kind: 'stored', warning: null })
  t.strictSame(stowVerdict(body, '1.3'), { kind: 'stored', warning: 0xb000 })
  t.strictSame(stowVerdict(body, '1.4'), { kind: 'failed', reason: null })
  t.strictSame(stowVerdict(body, '1.5'), { kind: 'unknown' })
  t.strictSame(stowVerdict(`[${body}]`, '1.2'), { kind: 'stored', warning: null })
})

t.test('stow: an answer that is none says nothing', async (t) => {
  const odd = ['', '<html>', 'null', '[]', '[1]', '{"00081199":1}', '{"00081199":{"Value":[7]}}']
  for (const body of odd) t.strictSame(stowVerdict(body, '1.1'), { kind: 'unknown' }, body)
  t.strictSame(parseDataSets('[{"a":1},2,null,[]]'), [{ a: 1 }])
})

t.test('qido: asks for one instance, and believes only its name', async (t) => {
  const place = { studyInstanceUid: '1.2', seriesInstanceUid: '1.2.3', sopInstanceUid: '1.2.3.4' }
  t.equal(instanceQuery(place), '/studies/1.2/series/1.2.3/instances?SOPInstanceUID=1.2.3.4')
  const answer = (uid: string): string =>
    JSON.stringify([{ '00080018': { vr: 'UI', Value: [uid] } }])
  t.ok(answersWith(answer('1.2.3.4'), '1.2.3.4'))
  t.notOk(answersWith(answer('1.2.3.5'), '1.2.3.4'))
  t.notOk(answersWith('[]', '1.2.3.4'))
})
