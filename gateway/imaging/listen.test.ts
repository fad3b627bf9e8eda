import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t from 'tap'
import { Sender } from '../../test/dicom/sender.ts'
import { fakeClock } from '../clock/fake-clock.ts'
import { realFiles } from './files.ts'
import { listen } from './listen.ts'
import { ImagingNode } from './node.ts'
import { callWithReport } from './report-call.ts'
import { imagingDefaults } from './options.ts'

t.test('listen: a port that was taken is tried again, and had, and said', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const clock = fakeClock()
  const codes: string[] = []
  const node = new ImagingNode(
    { ...imagingDefaults, incomingFolder: t.testdir(), reserveBytes: 0 },
    {
      clock,
      files: realFiles,
      soon: setImmediate,
      newName: () => 'one',
      newUid: () => '2.25.1',
      call: callWithReport,
    },
    {
      expect: () => {},
      store: async () => ({ status: 'failed' }),
      ask: () => Promise.reject(new Error('nobody answers')),
      trouble: ({ code }) => void codes.push(code),
      association: () => {},
    },
  )
  const opened = Promise.withResolvers<void>()
  const options = { host: '127.0.0.1', ports: [{ port, tls: null }], connectionsMax: 8 }
  const listening = await listen(node, { ...options, openedLate: opened.resolve }, clock)
  t.strictSame(listening.addresses(), [])
  t.strictSame(codes, ['imaging-port-taken'])
  await clock.advance(10_000)
  taken.close()
  await once(taken, 'close')
  await clock.advance(10_000)
  await opened.promise
  t.match(listening.addresses(), [{ port }])
  const sender = new Sender(port)
  t.match(await sender.associate(), { kind: 'accepted' })
  await sender.release()
  t.notOk(codes.includes('imaging-accept-failed'), 'nothing else is said of it')
  await listening.close()
  await node.stop()
})
