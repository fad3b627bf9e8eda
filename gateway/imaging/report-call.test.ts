import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { commandFields, statuses } from '../../protocols/dicom/command-set.ts'
import {
  commitmentUid,
  decodeCommitmentReport,
  referenceSequences,
  type CommitmentReport,
} from '../../protocols/dicom/commitment.ts'
import { chooseForReading } from '../../protocols/dicom/negotiate.ts'
import { PduReader } from '../../protocols/dicom/pdu-reader.ts'
import { encodePdu, rejections } from '../../protocols/dicom/pdu.ts'
import type { Service } from '../../protocols/dicom/service.ts'
import { readingWhole } from '../../protocols/dicom/whole-data-set.ts'
import { acceptOn } from '../../upstream/pacs/acceptor-socket.ts'
import { callWithReport } from './report-call.ts'

const usImage = '1.2.840.10008.5.1.4.1.1.6.1'
const report: CommitmentReport = {
  transactionUid: '2.25.7',
  kept: [{ sopClassUid: usImage, sopInstanceUid: '1.2.3' }],
  failed: [{ sopClassUid: usImage, sopInstanceUid: '1.2.4', reason: 0x0112 }],
}
const limits = { silenceMs: 10_000, wholeMs: 20_000 }

/** A device that does with each connection, by its number from 0, what the test says. */
async function device(t: Test, serve: (socket: Socket, index: number) => void) {
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    sockets.push(socket)
    serve(socket, sockets.length - 1)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  const way = { kind: 'call', host: '127.0.0.1', port } as const
  const order = { report, callingAeTitle: 'VAN_STORE', calledAeTitle: 'CART_1', way }
  return {
    port,
    sockets,
    call: (callLimits = limits) => callWithReport(order, way, callLimits),
  }
}

/** Takes reports, and answers with this status. */
function taking(told: CommitmentReport[], status: number = statuses.success): Service {
  return {
    name: 'reports',
    peerProvides: true,
    serves: (uid) => uid === commitmentUid,
    choose: chooseForReading,
    begin: (request, exchange) => {
      if (request.command.field !== commandFields.eventReport) return null
      const reading = { sequences: referenceSequences, tooLarge: { status }, malformed: { status } }
      return readingWhole(request, exchange, reading, (_, bytes) => {
        const found = decodeCommitmentReport(bytes, request.context.transferSyntax)
        if (found.ok) told.push(found.value)
        exchange.respond({ status })
        return {}
      })
    },
  }
}

t.test('report call: under the title that was called, as the provider', async (t) => {
  const told: CommitmentReport[] = []
  const asked: Uint8Array[] = []
  const { call, sockets } = await device(t, (socket) => {
    socket.once('data', (bytes: Uint8Array) => asked.push(bytes))
    acceptOn(socket, [taking(told)], () => {})
  })
  t.strictSame(await call(), { kind: 'delivered' })
  t.strictSame(told, [report])
  const reader = new PduReader(131_072)
  reader.push(asked[0] ?? new Uint8Array())
  const read = reader.next()
  const request = read?.kind === 'control' && read.pdu.kind === 'associate-request' && read.pdu
  t.match(request && request.request.user.roles, [
    { sopClassUid: commitmentUid, scu: false, scp: true },
  ])
  t.match(Buffer.from(asked[0] ?? []).toString('latin1'), /CART_1 {10}VAN_STORE {7}/)
  if (sockets[0]?.closed === false) await once(sockets[0], 'close')
  t.equal(sockets.length, 1, 'and it says goodbye')
})

t.test('report call: a device that refuses it with the role is asked without', async (t) => {
  const told: CommitmentReport[] = []
  const { call, sockets } = await device(t, (socket, index) => {
    acceptOn(socket, index === 0 ? [] : [taking(told)], () => {})
  })
  t.strictSame(await call(), { kind: 'delivered' })
  t.strictSame(told, [report])
  t.equal(sockets.length, 2)
})

t.test('report call: a device that never takes the service', async (t) => {
  const { call, sockets } = await device(t, (socket) => acceptOn(socket, [], () => {}))
  t.strictSame(await call(), { kind: 'failed', why: 'context-refused' })
  t.equal(sockets.length, 2)
})

t.test('report call: what the device answers, and how it fails', async (t) => {
  const refusing = await device(t, (socket) => acceptOn(socket, [taking([], 0x0110)], () => {}))
  t.strictSame(await refusing.call(), { kind: 'refused', status: 0x0110 })
  const rejecting = await device(t, (socket) => {
    socket.write(encodePdu({ kind: 'associate-reject', rejection: rejections.callingTitle }))
  })
  t.strictSame(await rejecting.call(), { kind: 'failed', why: 'rejected' })
  const aborting = await device(t, (socket) => {
    socket.write(encodePdu({ kind: 'abort', source: 0, reason: 0 }))
  })
  t.strictSame(await aborting.call(), { kind: 'failed', why: 'aborted' })
  const closing = await device(t, (socket) => socket.once('data', () => socket.destroy()))
  t.strictSame(await closing.call(), { kind: 'failed', why: 'cut' })
  const babbling = await device(t, (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))
  t.strictSame(await babbling.call(), { kind: 'failed', why: 'broken' })
  const silent = await device(t, (socket) => void socket.resume())
  const short = { silenceMs: 50, wholeMs: 10_000 }
  t.strictSame(await silent.call(short), { kind: 'failed', why: 'silent' })
  // One that only sends a byte now and then is not waited for either.
  const dripping = await device(t, (socket) => {
    socket.resume()
    // The head of an answer of 64 KiB.
    socket.write(Uint8Array.of(2, 0, 0, 0, 255, 255))
    const drip = setInterval(() => socket.write('\0'), 5)
    socket.on('close', () => clearInterval(drip))
  })
  const whole = { silenceMs: 10_000, wholeMs: 50 }
  t.strictSame(await dripping.call(whole), { kind: 'failed', why: 'silent' })
})

t.test('report call: nobody listens', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  const way = { kind: 'call', host: '127.0.0.1', port } as const
  const order = { report, callingAeTitle: 'A', calledAeTitle: 'B', way }
  t.strictSame(await callWithReport(order, way, limits), { kind: 'failed', why: 'unreachable' })
})
