import { join } from 'node:path'
import dimse from 'dcmjs-dimse'
import t from 'tap'
import { tool } from '../../test/dicom/dcmtk.ts'
import { FakeFiles } from '../../test/dicom/fake-files.ts'
import { FakeModality } from '../../test/dicom/fake-wire.ts'
import {
  cancelRequest,
  entries,
  entry,
  findRequest,
  statusesIn,
  usualKeys,
} from '../../test/dicom/worklist.ts'
import { fakeClock } from '../clock/fake-clock.ts'
import { startImaging } from './imaging.ts'
import { ImagingNode } from './node.ts'
import { imagingDefaults } from './options.ts'

/** A node whose turns are given by the test. */
function van() {
  const clock = fakeClock()
  const later: (() => void)[] = []
  const node = new ImagingNode(
    { ...imagingDefaults, incomingFolder: '/in' },
    {
      clock,
      files: new FakeFiles(),
      soon: (work) => void later.push(work),
      newName: () => 'one',
      newUid: () => '2.25.1',
      call: async () => ({ kind: 'failed', why: 'unreachable' }),
    },
    {
      expect: () => {},
      store: async () => ({ status: 'failed' }),
      ask: async () => ({ kind: 'stored' }),
      trouble: () => {},
      association: () => {},
    },
  )
  node.worklist(entries(500))
  return { node, soon: () => later.splice(0).map((work) => work()).length }
}

const asked = 5

t.test('worklist: a device that does not read gets no more than it takes', async (t) => {
  const { node, soon } = van()
  const cart = new FakeModality(node).associate()
  cart.reads = false
  cart.send(findRequest(cart.requestor, usualKeys, asked))
  t.equal(soon(), 0)
  t.strictSame(cart.statuses, [0xff00], 'one answer waits in the socket, the others are not made')
  cart.runner?.writable()
  t.equal(soon(), 1)
  t.strictSame(cart.statuses, [0xff00, 0xff00])
  t.equal(soon(), 0)
  cart.reads = true
  cart.runner?.writable()
  while (soon() > 0);
  t.equal(cart.statuses.length, 501)
  t.equal(cart.statuses.at(-1), 0)
})

t.test('worklist: a cart that calls off and then aborts is served the next time', async (t) => {
  const { node, soon } = van()
  const cart = new FakeModality(node).associate()
  cart.send(findRequest(cart.requestor, usualKeys, asked))
  soon()
  cart.send(cancelRequest(1, asked))
  cart.send(cart.requestor.abort())
  soon()
  t.strictSame(cart.statuses, [0xff00, 0xff00, 0xfe00])
  const again = new FakeModality(node).associate()
  again.send(
    findRequest(again.requestor, [[0x0008_0050, 'SH', 'A7'], ...usualKeys.slice(1)], asked),
  )
  while (soon() > 0);
  t.strictSame(again.statuses, [0xff00, 0])
})

t.test('worklist: an image can be sent after it on the same association', async (t) => {
  const { node, soon } = van()
  const cart = new FakeModality(node).associate()
  cart.send(findRequest(cart.requestor, [[0x0008_0050, 'SH', 'A7']], asked))
  while (soon() > 0);
  cart.send(cart.requestor.echo(3))
  t.strictSame(statusesIn(cart.events), [0xff00, 0, 0])
})

t.test('worklist: other implementations ask a node in its thread', async (t) => {
  const folder = t.testdir({ incoming: {} })
  const troubles = new Map<string, PromiseWithResolvers<void>>()
  const trouble = (code: string): PromiseWithResolvers<void> => {
    const one = troubles.get(code) ?? Promise.withResolvers<void>()
    troubles.set(code, one)
    return one
  }
  /** Resolves when a person has been told. */
  const said = (code: string): Promise<void> => trouble(code).promise
  const imaging = await startImaging(
    {
      incomingFolder: join(folder, 'incoming'),
      host: '127.0.0.1',
      ports: [{ port: 0, tls: null }],
      reserveBytes: 0,
      senders: [{ aeTitle: 'UTF', device: 'us-2', simulated: true, characterSet: 'ISO_IR 192' }],
    },
    {
      known: async () => [],
      store: async () => ({ status: 'failed' }),
      trouble: ({ code }) => trouble(code).resolve(),
      association: () => {},
    },
  )
  t.teardown(() => imaging.stop())
  const port = imaging.address()[0]?.port ?? 0
  const findscu = async (...args: readonly string[]): Promise<string> =>
    tool('findscu', ['-v', '-W', '-aet', 'US_1', ...args, '127.0.0.1', String(port)])
  const key = (text: string): readonly string[] => ['-k', text]
  const step = 'ScheduledProcedureStepSequence[0]'

  await t.test('before there is a list', async (t) => {
    t.match(await findscu(...key('PatientName')), /Refused: OutOfResources/)
    await said('imaging-worklist-not-ready')
  })

  imaging.worklist([
    entry(),
    entry({ accessionNumber: 'DX-1', patientName: 'Đorđević^Č', modality: 'DX' }),
  ])

  await t.test('dcmtk: an empty sequence asks for everything in it', async (t) => {
    for (const syntax of ['-xe', '-xb', '-xi']) {
      const words = await findscu(
        syntax,
        ...key('PatientName'),
        ...key('AccessionNumber'),
        ...key('ScheduledProcedureStepSequence'),
      )
      t.match(words, /Find Response: 2 \(Pending\)/)
      t.match(words, /\(0008,0005\) CS \[ISO_IR 100\]/)
      t.match(words, /\(0010,0010\) PN \[Surya\^Dewi\]/)
      t.match(words, /\(0010,0010\) PN \[Dordevic\^C\]/)
      t.match(words, /\(0008,0060\) CS \[US\]/)
      t.match(words, /\(0040,0001\) AE \[US_1\]/)
      t.match(words, /\(0040,0002\) DA \[20260212\]/)
      t.match(words, /Received Final Find Response \(Success\)/)
    }
  })

  await t.test('dcmtk: wildcards, ranges, its own title, and an odd key', async (t) => {
    const cases: readonly (readonly [readonly string[], number])[] = [
      [key('PatientName=sur*'), 1],
      [key('PatientName=*'), 2],
      [key('AccessionNumber=DX-?'), 1],
      [key('(0032,1030)=why'), 2],
      [key('(0009,0010)=ACME'), 2],
      [[...key(`${step}.ScheduledStationAETitle=us_1`), ...key(`${step}.Modality=US`)], 1],
      [key(`${step}.Modality=`), 2],
      [key(`${step}.ScheduledProcedureStepStartDate=20260211-20260212`), 2],
      [key(`${step}.ScheduledProcedureStepStartDate=20260213-`), 0],
      [key(`${step}.ScheduledProcedureStepStartTime=10-`), 0],
    ]
    for (const [keys, count] of cases) {
      const words = await findscu(...keys)
      t.equal(words.match(/Find Response: \d+ \(/g)?.length ?? 0, count, keys.join(' '))
      t.match(words, /Received Final Find Response \(Success\)/)
    }
    t.match(
      await findscu(...key(`${step}.ScheduledProcedureStepStartDate=today`)),
      /DataSetDoesNotMatch/,
    )
    await said('imaging-query-refused')
  })

  await t.test('dcmtk: names in the character set of the device', async (t) => {
    const words = await findscu('-aet', 'UTF', ...key('PatientName'))
    t.match(words, /\(0008,0005\) CS \[ISO_IR 192\]/)
    t.match(words, /\(0010,0010\) PN \[Đorđević\^Č\]/)
  })

  await t.test('dcmjs-dimse: its own query', async (t) => {
    dimse.log.setLevel('error')
    const answers = await ask(port, 'US_1')
    t.match(answers, [
      {
        AccessionNumber: 'VAN02-000017-1',
        PatientID: 'VAN02-000017',
        StudyInstanceUID: '2.25.17',
        ScheduledProcedureStepSequence: [
          { Modality: 'US', ScheduledStationAETitle: 'US_1', ScheduledProcedureStepID: 'SPS17' },
        ],
      },
      { AccessionNumber: 'DX-1', PatientName: [{ Alphabetic: 'Dordevic^C' }] },
    ])
  })

  await t.test('dcmtk: calls off in the middle, and asks again', async (t) => {
    imaging.worklist(entries(500))
    const words = await findscu('--cancel', '1', ...key('PatientName'))
    // Five hundred answers may be on their way before it comes.
    t.match(words, /Received Final Find Response \((Cancel|Success)/)
    t.match(await findscu(...key('AccessionNumber=A499')), /Find Response: 1 \(Pending\)/)
    t.match(
      await findscu('--cancel', '1', '--abort', ...key('PatientName')),
      /Aborting Association/,
    )
    imaging.worklist(entries(501))
    t.match(await findscu(...key('PatientName')), /Refused: OutOfResources/)
    await said('imaging-worklist-too-long')
  })
})

/** The answers to the query that dcmjs-dimse makes when it is told nothing. */
function ask(port: number, callingAeTitle: string): Promise<readonly object[]> {
  return new Promise((resolve, reject) => {
    const { Client, constants, requests } = dimse
    const answers: object[] = []
    const request = requests.CFindRequest.createWorklistFindRequest({})
    request.on('response', (response) => {
      if (response.getStatus() !== constants.Status.Pending) return
      answers.push(response.getDataset()?.getElements() ?? {})
    })
    const client = new Client()
    client.addRequest(request)
    client.on('networkError', reject)
    client.on('closed', () => resolve(answers))
    client.send('127.0.0.1', port, callingAeTitle, 'SIMPUL')
  })
}
