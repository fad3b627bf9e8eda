/**
 * Recorded sessions: the agent's side is played to our manager, and what it observes is compared
 * with what another manager decoded from the same bytes.
 *
 * The agent of a recording says the same whatever it is told. Its answers are given when our
 * manager asks the same question, with the number of that question, so that our manager may ask
 * more, less, or in another order than the one of the recording.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { fromHex, sameBytes, toHex } from '../packet/hex.ts'
import { encodeApdu, scanApdu, type Apdu } from './apdu.ts'
import type { Configuration } from './configuration.ts'
import type { Data, Message } from './data.ts'
import type { ManagerAction } from './manager-actions.ts'
import { actions as actionCodes, events } from './nomenclature.ts'
import { Manager } from './manager.ts'
import { numberOf } from './mder.ts'
import { valueOfNumber } from './numbers.ts'
import type { Observation } from './observation.ts'
import { stepOf } from './samples.ts'
import { standardConfigurations } from './standard-configurations.ts'
import { timeText } from './times.ts'

const folder = join(import.meta.dirname, 'sessions')

interface Line {
  readonly from: 'agent' | 'manager'
  readonly atMs: number
  readonly bytes: Uint8Array
  readonly apdu: Apdu
}

/** Lines as `< seconds hex` of the agent and `> seconds hex` of the manager of the recording. */
function readSession(name: string): readonly Line[] {
  const lines = readFileSync(join(folder, `${name}.txt`), 'utf8').split('\n')
  return lines.flatMap((line) => {
    const found = /^([<>]) ([\d.]+) ([\da-f]+)$/.exec(line)
    if (found === null) return []
    const bytes = fromHex(found[3] ?? '') ?? new Uint8Array(0)
    const scan = scanApdu(bytes)
    if (scan.kind !== 'packet' || scan.length !== bytes.length) {
      throw new Error(`${name}: ${scan.kind} at ${found[2]}`)
    }
    const from = found[1] === '<' ? 'agent' : 'manager'
    return [{ from, atMs: Number(found[2]) * 1_000, bytes, apdu: scan.packet } as const]
  })
}

const names = readdirSync(folder)
  .filter((file) => file.endsWith('.txt'))
  .map((file) => basename(file, '.txt'))
  .toSorted()

/** Handle, time stamp, and `[11073 number, unit, value]` of each observation of each report. */
type Oracle = Readonly<Record<string, readonly (readonly Decoded[])[]>>
interface Decoded {
  readonly handle: number
  readonly time: string | null
  readonly values: readonly (readonly [number, number | null, number | string])[]
}

const oracle = JSON.parse(readFileSync(join(folder, 'oracle.json'), 'utf8')) as Oracle

interface Played {
  readonly reports: readonly (readonly Observation[])[]
  readonly actions: readonly ManagerAction[]
}

function isAnswer({ message }: Data): boolean {
  return message.kind.endsWith('-answer')
}

/** What a question is about, and what its answer is about. */
function subject(message: Message): string {
  const kind = message.kind.replace('-answer', '')
  const handle = 'handle' in message ? message.handle : ''
  return `${kind} ${handle} ${'action' in message ? message.action : ''}`
}

function play(
  name: string,
  standards: ReadonlyMap<number, Configuration>,
  looksAtStore = true,
): Played {
  const manager = new Manager({
    systemId: Uint8Array.of(0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88),
    standards,
    looksAtStore,
    releasesAfterStore: false,
    idleCloseMs: null,
  })
  const lines = readSession(name)
  const answers = lines.flatMap(({ from, apdu }) =>
    from === 'agent' && apdu.kind === 'data' && isAnswer(apdu.data) ? [apdu.data.message] : [],
  )
  const all: ManagerAction[] = []
  const hear = (apdu: Apdu, atMs: number): void => {
    const actions = [...manager.handle({ kind: 'apdu', apdu }, atMs)]
    for (let action = actions.shift(); action !== undefined; action = actions.shift()) {
      all.push(action)
      if (action.kind === 'commit') {
        actions.push(...manager.handle({ kind: 'committed', isStored: true }, atMs))
      }
      if (action.kind !== 'send' || action.apdu.kind !== 'data') continue
      const { invoke, message } = action.apdu.data
      const answer = answers.find((one) => isAnswer({ invoke, message: one }) && asks(message, one))
      if (answer === undefined) continue
      const again: Apdu = { kind: 'data', data: { invoke, message: answer } }
      actions.push(...manager.handle({ kind: 'apdu', apdu: again }, atMs))
    }
  }
  for (const { from, apdu, atMs } of lines) {
    if (from !== 'agent' || (apdu.kind === 'data' && isAnswer(apdu.data))) continue
    hear(apdu, atMs)
  }
  const reports = all.flatMap((action) => {
    if (action.kind === 'observed') return [action.observations]
    return action.kind === 'entries' ? action.entries.map((entry) => entry.observations) : []
  })
  return { reports, actions: all }
}

function asks(question: Message, answer: Message): boolean {
  return !question.kind.endsWith('-answer') && subject(question) === subject(answer)
}

function decoded(observation: Observation): Decoded {
  const { metric, numbers, bits, time } = observation
  const values = numbers.map(
    ({ type, unit, number }) => [numberOf(type), unit, valueOfNumber(number) ?? NaN] as const,
  )
  const flags = bits === null ? [] : [[numberOf(metric.type), null, String(bits.bits)] as const]
  return {
    handle: metric.handle,
    time: time === null ? null : timeText(time),
    values: [...values, ...flags],
  }
}

/** Its values pass through a C float. */
function isSame(one: Decoded, other: Decoded | undefined): boolean {
  if (other === undefined || one.handle !== other.handle) return false
  if (one.time !== other.time || one.values.length !== other.values.length) return false
  return one.values.every(([code, unit, value], at) => {
    const [otherCode, otherUnit, otherValue] = other.values[at] ?? []
    if (code !== otherCode || unit !== otherUnit) return false
    if (typeof value === 'string' || typeof otherValue === 'string') return value === otherValue
    return Math.abs(value - (otherValue ?? NaN)) <= Math.abs(value) * 1e-6
  })
}

t.test('sessions: every recorded APDU is read, and is written as it stood', async (t) => {
  let count = 0
  for (const name of names) {
    for (const { apdu, bytes } of readSession(name)) {
      count++
      if (apdu.kind === 'malformed') t.fail(`${name}: ${apdu.reason}`)
      else if (!sameBytes(encodeApdu(apdu), bytes)) t.fail(`${name}: ${toHex(bytes)}`)
    }
  }
  t.equal(count, 278)
})

/** Whether a manager that knows no standard configuration can do without: the agent tells its own. */
function canBeTold(name: string): boolean {
  const tells = readSession(name).some(
    ({ apdu }) =>
      apdu.kind === 'data' &&
      apdu.data.message.kind === 'event-report' &&
      apdu.data.message.eventType === events.configuration,
  )
  // The thermometer tells a wrong map.
  return tells && !name.includes('0320')
}

t.test('sessions: the values are those of the other manager', async (t) => {
  let values = 0
  for (const name of names) {
    const expected = oracle[name]
    if (expected === undefined) continue
    for (const standards of [standardConfigurations, new Map<number, Configuration>()]) {
      if (standards.size === 0 && !canBeTold(name)) continue
      const { reports } = play(name, standards)
      const found = reports.map((observations) => observations.map(decoded))
      const same = expected.map((report, at) =>
        report.every((one, index) => isSame(one, found[at]?.[index])),
      )
      t.ok(same.every(Boolean), name)
      if (same.includes(false)) t.comment(JSON.stringify(found))
      t.equal(found.length, expected.length, name)
      values += expected.flat().flatMap((one) => one.values).length
    }
  }
  t.ok(values > 200, `${values} values`)
})

function sentKinds(actions: readonly ManagerAction[]): readonly string[] {
  return actions.flatMap((action) => {
    if (action.kind !== 'send') return []
    const { apdu } = action
    if (apdu.kind !== 'data') return [apdu.kind]
    const { message } = apdu.data
    return 'action' in message ? [`action ${message.action}`] : [message.kind]
  })
}

t.test('sessions: a store is read segment by segment, and confirmed entry by entry', async (t) => {
  const { reports, actions } = play('antidotemgr-10417-pmstore', standardConfigurations)
  const found = reports.flat().map(decoded)
  t.strictSame(
    found.map(({ time, values }) => [time, values[0]?.[2]]),
    [
      ['2026-11-21T00:00:00.00', 80],
      ['2026-11-21T01:00:00.00', 80.5],
      ['2026-11-21T02:00:00.00', 81],
      ['2026-11-21T03:00:00.00', 81.5],
      ['2026-11-21T04:00:00.00', 82],
      ['2026-11-21T05:00:00.00', 82.5],
    ],
  )
  t.strictSame(sentKinds(actions), [
    'association-response',
    'event-answer',
    'get',
    'get',
    `action ${actionCodes.segmentInfo}`,
    `action ${actionCodes.transferSegment}`,
    'event-answer',
    'event-answer',
    'release-response',
  ])
  const short = play('antidotemgr-10417-pmstore', standardConfigurations, false)
  t.strictSame(short.reports.flat().map(decoded), found, 'also without looking at the store first')
})

t.test('sessions: a stored electrocardiogram is one recording, in millivolts', async (t) => {
  const { actions } = play('antidotemgr-10406-pmstore', standardConfigurations)
  const recordings = actions.filter((action) => action.kind === 'recording')
  t.equal(recordings.length, 1)
  const { start, leads } = recordings[0]?.recording ?? { start: null, leads: [] }
  t.equal(start === null ? null : timeText(start), '2026-11-21T00:00:00.00')
  const [lead] = leads
  if (lead === undefined) throw new Error('no lead')
  t.equal(leads.length, 1)
  t.equal(numberOf(lead.metric.type), 131_329, 'lead I')
  t.equal(lead.periodTicks, 32, '250 samples a second')
  t.equal(lead.samples.length, 250, '5 entries of 50 samples')
  t.ok(lead.isAsSpecified)
  t.strictSame(Array.from(lead.samples.subarray(0, 3)), [0x800, 0x800, 0x800])
  const scale = lead.metric.sampling?.scale ?? null
  if (scale === null) throw new Error('no scale')
  const { step, zero } = stepOf(scale)
  t.equal(zero, 2_047.5)
  t.equal(step, 10 / 4_095)
})

t.test(
  'sessions: more samples than announced are kept, and not believed to be scaled',
  async (t) => {
    const { reports } = play('antidote-10406-ext4000-config', standardConfigurations)
    t.equal(reports.length, 3)
    for (const [observation] of reports) {
      t.equal(observation?.samples?.samples.length, 80)
      t.equal(observation?.samples?.isAsSpecified, false)
    }
  },
)

t.test(
  'sessions: a thermometer with a wrong map is refused when nothing else is known',
  async (t) => {
    const { actions, reports } = play('antidote-10408-0320-config', new Map())
    t.strictSame(reports, [], 'and never 65,280 degrees')
    t.match(
      actions.filter(({ kind }) => kind === 'note'),
      [{ code: 'configuration-refused', detail: 'object 1: attribute 2646 cannot have 2 bytes' }],
    )
  },
)

t.test('sessions: nothing is cleared and no clock is set', async (t) => {
  for (const name of names) {
    const kinds = sentKinds(play(name, standardConfigurations).actions)
    t.notOk(kinds.includes(`action ${actionCodes.clearSegments}`), name)
    t.notOk(kinds.includes(`action ${actionCodes.setTime}`), name)
  }
})

t.test('sessions: an unconfirmed report is not answered', async (t) => {
  const { actions } = play('antidote-10408-0320-unconfirmed', standardConfigurations)
  const observed = actions.filter(({ kind }) => kind === 'observed').length
  t.equal(observed, 3)
  t.notOk(actions.some(({ kind }) => kind === 'commit'))
})

t.test('sessions: we say what the other manager says, byte by byte', async (t) => {
  const same = names.filter((name) => /-known$|-abort$|-drop$|-remembered$/.test(name))
  for (const name of same.filter((one) => !one.includes('manager-abort'))) {
    const { actions } = play(name, standardConfigurations)
    const ours = actions.flatMap((action) => (action.kind === 'send' ? [action.apdu] : []))
    // The other one did not ask who it is in one of them.
    const asked = name.includes('remembered')
      ? ours.filter((apdu) => apdu.kind !== 'data' || apdu.data.message.kind !== 'get')
      : ours
    const theirs = readSession(name).filter(({ from }) => from === 'manager')
    t.strictSame(
      asked.map((apdu) => toHex(encodeApdu(apdu))),
      theirs.map(({ bytes }) => toHex(bytes)),
      name,
    )
  }
  t.ok(same.length >= 8)
})
