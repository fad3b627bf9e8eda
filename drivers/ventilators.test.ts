/** What ventilators and pumps have in common, and a whole talk with one of them. */
import t from 'tap'
import { encodeMedibusAlarms, encodeMedibusNumbers } from '../protocols/medibus/content.ts'
import { encodeMedibus, medibusCodes } from '../protocols/medibus/frame.ts'
import { toHex } from '../protocols/packet/hex.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { Alarms, type DeviceAlarm } from './alarms.ts'
import { formatSaid } from './capture-said.ts'
import { draegerMedibus } from './draeger-medibus.ts'
import type { Heard } from './driver.ts'
import { valueOf } from './measured.ts'
import { Vanishing } from './vanishing.ts'

function alarm(key: string): DeviceAlarm {
  return { key, level: 'alarm', detail: { kind: key } }
}

t.test('alarms: one event when it begins and one when it ends', async (t) => {
  const alarms = new Alarms()
  const said = (...keys: readonly string[]) =>
    [...alarms.become(keys.map(alarm))].map((one) => formatSaid(one))
  t.strictSame(said(), [], 'a device that is well says nothing')
  t.strictSame(said('a', 'b'), [
    'event device-alarm alarm begin with kind=a',
    'event device-alarm alarm begin with kind=b',
  ])
  t.strictSame(said('b', 'a'), [])
  t.strictSame(said('b', 'c'), [
    'event device-alarm alarm end with kind=a',
    'event device-alarm alarm begin with kind=c',
  ])
  t.equal(said().length, 2)
})

t.test('vanishing: what is not there any more has no value, once', async (t) => {
  const vanishing = new Vanishing()
  const peak = valueOf(terms.airwayPressurePeak, 20)
  const oxygen = valueOf(terms.inspiredOxygen, 40)
  const said = (...values: readonly (typeof peak)[]) =>
    [...vanishing.say(values)].map((one) => formatSaid(one))
  t.equal(said(peak, oxygen).length, 1)
  t.strictSame(said(oxygen), [
    'numerics MDC_CONC_AWAY_O2_INSP 40 % MDC_PRESS_AWAY_INSP_MAX null cm[H2O]',
  ])
  t.strictSame(said(oxygen), ['numerics MDC_CONC_AWAY_O2_INSP 40 %'])
  t.strictSame(said(), ['numerics MDC_CONC_AWAY_O2_INSP null %'])
  t.strictSame(said(), [])
})

/** A ventilator that answers each question, and asks who we are every few of them. */
function answerTo(sent: Uint8Array, saturation: number | null): readonly Uint8Array[] {
  const [start, code = 0] = sent
  if (start !== 0x1b) return []
  const data =
    code === medibusCodes.measured
      ? encodeMedibusNumbers(
          [
            { code: 0x7d, value: 20 },
            ...(saturation === null ? [] : [{ code: 0xeb, value: saturation }]),
          ],
          'measured',
        )
      : code === medibusCodes.alarms && saturation === null
        ? encodeMedibusAlarms([{ code: 0x9a, priority: 30, phrase: 'DISCONNECT' }])
        : ''
  const question = encodeMedibus({ kind: 'question', code: medibusCodes.identity, data: '' })
  const answer = encodeMedibus({ kind: 'answer', code, data })
  return code === medibusCodes.settings ? [question, answer] : [answer]
}

t.test('medibus: the line never falls silent, and the ventilator is always answered', async (t) => {
  const session = draegerMedibus.session()
  const said: string[] = []
  const sentAtMs: number[] = []
  let echoes = 0
  let pending: Uint8Array[] = []
  let nowMs = 0
  let heard: Heard | undefined
  while (nowMs < 20_000) {
    const next = session.next(heard)
    heard = undefined
    if (next.done === true) break
    const want = next.value
    if (want.kind === 'send') {
      sentAtMs.push(nowMs)
      if (toHex(want.bytes) === '015235330d') echoes++
      pending.push(...answerTo(want.bytes, nowMs < 9_000 ? 98 : null))
    } else if (want.kind === 'listen') {
      const [bytes, ...rest] = pending
      pending = rest
      nowMs += bytes === undefined ? want.ms : 20
      heard =
        bytes === undefined
          ? { kind: 'silence', atMs: nowMs }
          : { kind: 'bytes', bytes, atMs: nowMs }
    } else if (want.kind === 'numerics' || want.kind === 'event') said.push(formatSaid(want))
  }
  const gaps = sentAtMs.slice(1).map((atMs, index) => atMs - (sentAtMs[index] ?? 0))
  t.ok(Math.max(...gaps) < 3_000, `${Math.max(...gaps)} ms`)
  t.ok(echoes >= 4, `${echoes} echoes`)
  t.ok(said.includes('numerics MDC_PRESS_AWAY_INSP_MAX 20.39 cm[H2O] MDC_PULS_OXIM_SAT_O2 98 %'))
  t.ok(said.includes('numerics MDC_PRESS_AWAY_INSP_MAX 20.39 cm[H2O] MDC_PULS_OXIM_SAT_O2 null %'))
  t.strictSame(
    said.filter((one) => one.startsWith('event')),
    ['event device-alarm alarm begin with kind=1/9A phrase=DISCONNECT priority=30'],
  )
})
