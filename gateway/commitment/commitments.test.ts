import t from 'tap'
import type { CommitmentReport } from '../../protocols/dicom/commitment.ts'
import { fakeClock, type FakeClock } from '../clock/fake-clock.ts'
import { seededRandom } from '../clock/seeded-random.ts'
import type { RegistryFile } from '../devices/registry-file.ts'
import type { Trouble } from '../errors/trouble.ts'
import type { Asked } from '../imaging/received-image.ts'
import type { ReportOrder, ReportOutcome } from '../imaging/report-order.ts'
import type { KeptInstance } from '../journal/journal.ts'
import { silentLog } from '../page/page-testing.ts'
import { Commitments, type Address, type CommitmentsParts } from './commitments.ts'

const usImage = '1.2.840.10008.5.1.4.1.1.6.1'
const day = 86_400_000
const listens: Address = { host: '10.0.0.7', port: 104 }

const instance = (sopInstanceUid: string) => ({ sopClassUid: usImage, sopInstanceUid })

/** A van with one device, whose journal, disk and device do as the test says. */
class Van {
  clock: FakeClock = fakeClock()
  readonly states = new Map<string, KeptInstance['state']>()
  readonly lookedUp: (readonly string[])[] = []
  readonly orders: ReportOrder[] = []
  readonly troubles: Trouble[] = []
  text: string | null = null
  setAside = 0
  isFull = false
  address: Address | null = listens
  title = 'CART_1'
  outcome: (order: ReportOrder) => ReportOutcome | Promise<ReportOutcome> = () => ({
    kind: 'delivered',
  })
  commitments: Commitments | null = null

  async start(policy: CommitmentsParts['policy'] = 'hospital'): Promise<this> {
    const file: RegistryFile = {
      read: async () => this.text,
      write: async (text) => {
        if (this.isFull) throw new Error('ENOSPC')
        this.text = text
      },
      setAside: async () => void this.setAside++,
    }
    this.commitments = await Commitments.open({
      clock: this.clock,
      random: seededRandom(1),
      log: silentLog,
      journal: {
        instances: async (uids) => {
          this.lookedUp.push(uids)
          return uids.flatMap((sopInstanceUid) => {
            const state = this.states.get(sopInstanceUid)
            if (state === undefined) return []
            return [
              { ...instance(sopInstanceUid), sha256: sopInstanceUid, devices: ['us-1'], state },
            ]
          })
        },
      },
      file,
      policy,
      addressOf: () => this.address,
      report: async (order) => {
        this.orders.push(order)
        return this.outcome(order)
      },
      trouble: (trouble) => void this.troubles.push(trouble),
    })
    this.commitments.start()
    await this.clock.settle()
    return this
  }

  /** As when the power goes: nothing is written any more. */
  async killAndRestart(): Promise<void> {
    this.clock = fakeClock()
    await this.start()
  }

  /** The status of the answer. */
  async ask(transactionUid: string, ...uids: readonly string[]): Promise<number> {
    const asked: Asked = {
      device: 'us-1',
      known: true,
      simulated: false,
      peerAddress: '10.0.0.7',
      callingAeTitle: this.title,
      calledAeTitle: 'VAN_STORE',
      association: 7,
      question: { kind: 'commitment' },
    }
    const question = { kind: 'commitment', transactionUid, instances: uids.map(instance) } as const
    const answer = await this.commitments?.asked(asked, question)
    await this.clock.settle()
    return answer?.kind === 'failed' ? answer.status : 0
  }

  get reports(): readonly CommitmentReport[] {
    return this.orders.map(({ report }) => report)
  }

  get codes(): readonly string[] {
    return (this.commitments?.troubles() ?? []).map(({ code }) => code)
  }
}

t.test('commitment: told only when the hospital has all of them', async (t) => {
  const van = await new Van().start()
  van.states.set('1.1', 'receipted').set('1.2', 'here')
  t.equal(await van.ask('2.25.1', '1.1', '1.2'), 0)
  await van.clock.advance(3_600_000)
  t.strictSame(van.orders, [], 'an hour later nothing is told')
  van.states.set('1.2', 'receipted')
  await van.clock.advance(60_000)
  t.strictSame(van.orders, [
    {
      report: { transactionUid: '2.25.1', kept: [instance('1.1'), instance('1.2')], failed: [] },
      callingAeTitle: 'VAN_STORE',
      calledAeTitle: 'CART_1',
      way: { kind: 'call', ...listens },
    },
  ])
  await van.clock.advance(day)
  t.equal(van.orders.length, 1, 'and told once')
  t.strictSame(van.troubles, [])
})

t.test('commitment: what the van has is enough where that is the policy', async (t) => {
  const van = await new Van().start('van')
  van.states.set('1.1', 'here')
  await van.ask('2.25.1', '1.1')
  await van.clock.advance(0)
  t.strictSame(van.reports[0]?.kept, [instance('1.1')])
})

t.test('commitment: what is not here, or is lost, is told as not kept', async (t) => {
  const van = await new Van().start()
  van.states.set('1.1', 'receipted').set('1.2', 'lost')
  await van.ask('2.25.1', '1.1', '1.2', '1.3')
  await van.clock.advance(0)
  t.strictSame(van.reports, [
    {
      transactionUid: '2.25.1',
      kept: [instance('1.1')],
      failed: [
        { ...instance('1.2'), reason: 0x0110 },
        { ...instance('1.3'), reason: 0x0112 },
      ],
    },
  ])
  t.match(van.troubles, [{ code: 'imaging-commitment-not-kept', details: { count: 2 } }])
})

t.test('commitment: first on the association of the question, then by a call', async (t) => {
  const van = await new Van().start()
  const ways = (): readonly string[] => van.orders.splice(0).map(({ way }) => way.kind)
  van.states.set('1.1', 'receipted')
  await van.ask('2.25.1', '1.1')
  await van.clock.advance(0)
  t.match(van.orders, [{ way: { kind: 'association', association: 7 } }])
  t.strictSame(ways(), ['association'])
  van.outcome = ({ way }) =>
    way.kind === 'call' ? { kind: 'delivered' } : { kind: 'no-association' }
  await van.ask('2.25.2', '1.1')
  await van.clock.advance(0)
  t.strictSame(ways(), ['association', 'call'], 'it is over already')
  van.states.set('1.2', 'here')
  await van.ask('2.25.3', '1.2')
  await van.clock.advance(20_000)
  van.states.set('1.2', 'receipted')
  await van.clock.advance(20_000)
  t.strictSame(ways(), ['call'], 'nobody waits so long')
})

t.test('commitment: a device without an address is told on its next association', async (t) => {
  const van = await new Van().start()
  van.address = null
  van.outcome = () => ({ kind: 'no-association' })
  van.states.set('1.1', 'receipted')
  await van.ask('2.25.1', '1.1')
  await van.clock.advance(60_000)
  t.strictSame(van.codes, ['imaging-commitment-no-address'])
  van.orders.length = 0
  van.outcome = () => ({ kind: 'delivered' })
  van.commitments?.opened('CART_2')
  await van.clock.settle()
  t.strictSame(van.orders, [], 'that was another device')
  van.commitments?.opened('CART_1')
  await van.clock.advance(0)
  t.match(van.orders, [{ way: { kind: 'association', association: null } }])
  t.strictSame(van.codes, [])
})

t.test('commitment: a start forgets nothing, and judges anew', async (t) => {
  const van = await new Van().start()
  van.outcome = () => ({ kind: 'failed', why: 'unreachable' })
  van.states.set('1.1', 'receipted').set('1.2', 'here')
  await van.ask('2.25.1', '1.1')
  await van.ask('2.25.2', '1.2')
  await van.clock.advance(60_000)
  t.ok(van.reports.length > 1 && van.reports.every(({ kept }) => kept.length === 1))
  await van.killAndRestart()
  van.orders.length = 0
  // What was told as kept, and not taken, is not any more.
  van.states.set('1.1', 'lost').set('1.2', 'receipted')
  van.outcome = () => ({ kind: 'delivered' })
  await van.clock.advance(1_000)
  t.strictSame(van.reports, [
    {
      transactionUid: '2.25.1',
      kept: [],
      failed: [{ ...instance('1.1'), reason: 0x0110 }],
    },
    { transactionUid: '2.25.2', kept: [instance('1.2')], failed: [] },
  ])
  t.match(van.orders, [{ way: { kind: 'call' } }, { way: { kind: 'call' } }])
  await van.killAndRestart()
  await van.clock.advance(day)
  t.equal(van.orders.length, 2, 'what was answered stays answered')
})

t.test('commitment: a receipt that is withdrawn before the telling holds it back', async (t) => {
  const van = await new Van().start()
  van.states.set('1.1', 'receipted').set('1.2', 'here')
  await van.ask('2.25.1', '1.1', '1.2')
  await van.clock.advance(5_000)
  van.states.set('1.1', 'here').set('1.2', 'receipted')
  await van.clock.advance(3_600_000)
  t.strictSame(van.orders, [])
  t.ok(
    van.lookedUp.slice(-9).every((uids) => uids.length === 1),
    'only what waits is looked up',
  )
  van.states.set('1.1', 'receipted')
  await van.clock.advance(60_000)
  t.equal(van.reports[0]?.kept.length, 2)
})

t.test('commitment: a transaction UID counts once, waiting or answered', async (t) => {
  const van = await new Van().start()
  van.states.set('1.1', 'here')
  t.equal(await van.ask('2.25.1', '1.1'), 0)
  t.equal(await van.ask('2.25.1', '1.1'), 0x0131)
  await van.killAndRestart()
  t.equal(await van.ask('2.25.1', '1.1'), 0x0131)
  van.states.set('1.1', 'receipted')
  await van.clock.advance(60_000)
  t.equal(van.orders.length, 1)
  await van.killAndRestart()
  t.equal(await van.ask('2.25.1', '1.1'), 0x0131, 'a report was made for it')
})

t.test(
  'commitment: an unreachable device is told again for seven days, then a person',
  async (t) => {
    const van = await new Van().start()
    van.outcome = () => ({ kind: 'failed', why: 'unreachable' })
    van.states.set('1.1', 'receipted')
    await van.ask('2.25.1', '1.1')
    await van.clock.advance(10 * 60_000)
    t.strictSame(van.codes, ['imaging-commitment-unreachable'])
    const soon = van.orders.length
    t.ok(soon > 4, 'often at first')
    await van.clock.advance(3 * day)
    t.ok(van.orders.length < 400, 'seldom later')
    // Switched off and on: the days that it was on count.
    await van.commitments?.stop()
    await van.killAndRestart()
    await van.clock.advance(3.9 * day)
    t.strictSame(van.codes, ['imaging-commitment-unreachable'])
    await van.clock.advance(0.2 * day)
    t.strictSame(van.codes, ['imaging-commitment-given-up'])
    const told = van.orders.length
    await van.clock.advance(day)
    t.equal(van.orders.length, told, 'it is over')
    await van.killAndRestart()
    t.strictSame(van.codes, ['imaging-commitment-given-up'], 'the person is still to be told')
    van.outcome = () => ({ kind: 'delivered' })
    await van.ask('2.25.2', '1.1')
    await van.clock.advance(0)
    t.strictSame(van.codes, [], 'until the device has taken another')
  },
)

t.test('commitment: what the hospital never had is told as not kept in the end', async (t) => {
  const van = await new Van().start()
  van.states.set('1.1', 'receipted').set('1.2', 'here')
  await van.ask('2.25.1', '1.1', '1.2')
  await van.clock.advance(6.9 * day)
  t.strictSame(van.orders, [])
  await van.clock.advance(0.2 * day)
  t.strictSame(van.reports, [
    {
      transactionUid: '2.25.1',
      kept: [instance('1.1')],
      failed: [{ ...instance('1.2'), reason: 0x0110 }],
    },
  ])
})

t.test('commitment: a device that is off does not keep others waiting', async (t) => {
  const van = await new Van().start()
  let fails: (outcome: ReportOutcome) => void = () => {}
  const held = new Promise<ReportOutcome>((resolve) => (fails = resolve))
  van.outcome = ({ calledAeTitle }) => (calledAeTitle === 'CART_1' ? held : { kind: 'delivered' })
  van.states.set('1.1', 'receipted')
  await van.ask('2.25.1', '1.1')
  await van.ask('2.25.2', '1.1')
  van.title = 'CART_2'
  await van.ask('2.25.3', '1.1')
  await van.clock.advance(60_000)
  const told = (): readonly string[] =>
    van.orders.map(({ report, calledAeTitle }) => `${calledAeTitle} ${report.transactionUid}`)
  t.strictSame(told(), ['CART_1 2.25.1', 'CART_2 2.25.3'], 'one at a time of each device')
  fails({ kind: 'failed', why: 'silent' })
  await van.clock.advance(0)
  t.ok(told().includes('CART_1 2.25.2'))
})

t.test('commitment: what cannot be written down is not promised', async (t) => {
  const van = await new Van().start()
  van.states.set('1.1', 'receipted')
  van.isFull = true
  await t.rejects(van.ask('2.25.1', '1.1'), { message: 'ENOSPC' })
  await van.clock.advance(day)
  t.strictSame(van.orders, [])
  van.isFull = false
  t.equal(await van.ask('2.25.1', '1.1'), 0, 'and may be asked again')
  await van.clock.advance(0)
  t.equal(van.orders.length, 1)
})

t.test('commitment: more than fits is asked for later', async (t) => {
  const van = await new Van().start()
  const many = (from: number): readonly string[] =>
    Array.from({ length: 10_000 }, (_, index) => `1.2.${from}.${index}`)
  for (const uid of many(1)) van.states.set(uid, 'here')
  t.equal(await van.ask('2.25.1', ...many(1)), 0)
  t.ok(van.lookedUp.every((uids) => uids.length <= 1_000))
  t.equal(await van.ask('2.25.2', ...many(2)), 0)
  t.equal(await van.ask('2.25.3', ...many(3)), 0)
  t.equal(await van.ask('2.25.4', '1.1'), 0x0213)
  await van.clock.advance(0)
  t.equal(van.orders.length, 2, 'of those that are not here it is told at once')
  t.equal(await van.ask('2.25.4', '1.1'), 0)
})

t.test('commitment: a damaged file is set aside', async (t) => {
  const van = new Van()
  van.text = '{"version":1,"waiting":[{"transactionUid":"2.25.1"}]}'
  await van.start()
  t.equal(van.setAside, 1)
  t.equal(await van.ask('2.25.1', '1.1'), 0)
})
