import * as fc from 'fast-check'
import t from 'tap'
import { encodeDataSet, instance, ultrasoundImage } from '../../test/dicom/data-set.ts'
import { FakeHost } from '../../test/dicom/fake-host.ts'
import { encodeCommandSet } from './command-set.ts'
import { encodeMessage } from './message.ts'
import { decodeFileHead } from './part10.ts'
import { encodePdu, rejections, type Pdv } from './pdu.ts'
import { Requestor, type RequestorEvent } from './requestor.ts'
import { nobody } from './stated-identity.ts'
import { concat } from './text.ts'

const contexts = [
  { id: 1, abstractSyntax: ultrasoundImage, transferSyntaxes: ['1.2.840.10008.1.2.1'] },
  { id: 3, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] },
  { id: 5, abstractSyntax: '1.2.840.10008.5.1.4.31', transferSyntaxes: ['1.2.840.10008.1.2'] },
]
const names = { sopClassUid: ultrasoundImage, sopInstanceUid: '1.2.3.4.5.6' }
const dataSet = encodeDataSet(instance(names), { explicit: true, little: true })

function sender(): Requestor {
  return new Requestor({ callingAeTitle: 'CART_1', calledAeTitle: 'SIMPUL', contexts })
}

/** A host with an association, and who asked for it. */
function associated(): { readonly host: FakeHost; readonly requestor: Requestor } {
  const host = new FakeHost()
  const requestor = sender()
  host.receive(requestor.associate())
  requestor.received(host.take())
  return { host, requestor }
}

function stored(requestor: Requestor): Uint8Array {
  return concat([...requestor.store(1, names, dataSet)])
}

function statusIn(events: readonly RequestorEvent[]): readonly (number | null)[] {
  return events.flatMap((event) => (event.kind === 'response' ? [event.command.status] : []))
}

function data(values: readonly Partial<Pdv>[]): Uint8Array {
  const whole = { contextId: 1, command: false, last: true, bytes: new Uint8Array() }
  return encodePdu({ kind: 'data', values: values.map((value) => ({ ...whole, ...value })) })
}

t.test('acceptor: a whole association, wherever the network cuts', async (t) => {
  const probe = sender()
  const request = probe.associate()
  for (const size of [1, 2, 3, 5, 7, 64, 1_000, 100_000]) {
    const { host, requestor } = associated()
    const feed = (bytes: Uint8Array): void => {
      for (let at = 0; at < bytes.length; at += size) host.receive(bytes.subarray(at, at + size))
    }
    const fresh = new FakeHost()
    for (let at = 0; at < request.length; at += size) {
      fresh.receive(request.subarray(at, at + size))
    }
    t.strictSame(fresh.log, ['established'])
    feed(requestor.echo(3))
    t.strictSame(statusIn(requestor.received(host.take())), [0])
    feed(stored(requestor))
    t.equal(host.take().length, 0, 'nothing is answered before it is stored')
    const held = host.objects.get(2)
    t.strictSame(held?.dataSet, dataSet)
    t.strictSame(held?.findings, {
      studyInstanceUid: '1.2.3.4',
      seriesInstanceUid: '1.2.3.4.5',
      modality: 'US',
      identity: nobody,
      flags: [],
    })
    host.answer(2, { kind: 'stored' })
    t.strictSame(statusIn(requestor.received(host.take())), [0])
    feed(requestor.release())
    t.strictSame(requestor.received(host.take()), [{ kind: 'released' }])
    t.strictSame(host.log, ['established', 'finish', 'over released'])
    t.equal(host.closed, false, 'the peer closes first')
    host.do(host.acceptor.peerEnded())
    t.equal(host.closed, true)
  }
})

t.test('acceptor: the file begins with a head that names the instance', async (t) => {
  const { host, requestor } = associated()
  host.receive(stored(requestor))
  const head = host.objects.get(1)?.object.head ?? new Uint8Array()
  t.strictSame(decodeFileHead(head), {
    ok: true,
    value: { ...names, transferSyntaxUid: '1.2.840.10008.1.2.1', dataSetOffset: head.length },
  })
})

t.test('acceptor: refuses with the reason of the standard, and of the node', async (t) => {
  const requestor = sender()
  const bytes = requestor.associate()
  const version = bytes.slice()
  version[7] = 0
  const wrongVersion = new FakeHost()
  wrongVersion.receive(version)
  t.match(requestor.received(wrongVersion.take()), [{ rejection: rejections.protocolVersion }])
  const context = bytes.slice()
  context[74 + 4] = 0x39
  const wrongContext = new FakeHost()
  wrongContext.receive(context)
  t.match(requestor.received(wrongContext.take()), [{ rejection: rejections.applicationContext }])
  const note = { code: 'disk-full', details: {} } as const
  const full = new FakeHost({ admit: () => ({ rejection: rejections.localLimit, note }) })
  full.receive(bytes)
  t.match(requestor.received(full.take()), [
    { rejection: { result: 'transient', source: 3, reason: 2 } },
  ])
  t.strictSame(full.notes, [note])
  t.equal(full.timer, 'artim')
  full.do(full.acceptor.timedOut())
  t.equal(full.closed, true)
})

t.test('acceptor: higher bits of the protocol version do not matter', async (t) => {
  const bytes = sender().associate()
  bytes[6] = 0x80
  bytes[7] = 0x03
  const host = new FakeHost()
  host.receive(bytes)
  t.strictSame(host.log, ['established'])
})

t.test('acceptor: names what it did not accept', async (t) => {
  const { host } = associated()
  t.match(host.notes, [{ code: 'context-refused', details: { classes: '1.2.840.10008.5.1.4.31' } }])
  const lone = new Requestor({
    callingAeTitle: 'A',
    calledAeTitle: 'B',
    contexts: contexts.slice(2),
  })
  const nothing = new FakeHost()
  nothing.receive(lone.associate())
  t.match(lone.received(nothing.take()), [{ kind: 'accepted' }], 'friendlier than a rejection')
  t.match(nothing.notes, [{ code: 'nothing-accepted' }])
})

t.test('acceptor: a data set that names another instance is kept, and answered A900', async (t) => {
  const { host, requestor } = associated()
  const other = { ...names, sopInstanceUid: '1.2.3.4.5.7' }
  host.receive(concat([...requestor.store(1, other, dataSet)]))
  t.strictSame(host.objects.get(1)?.findings?.flags, ['uid-mismatch'])
  host.answer(1, { kind: 'stored' })
  t.strictSame(statusIn(requestor.received(host.take())), [0xa900])
})

t.test('acceptor: padded UIDs are the same UIDs', async (t) => {
  const { host, requestor } = associated()
  const padded = { sopClassUid: ` ${ultrasoundImage} `, sopInstanceUid: '1.2.3.4.5.6 \0' }
  host.receive(concat([...requestor.store(1, padded, dataSet)]))
  t.strictSame(host.objects.get(1)?.findings?.flags, [])
  t.equal(host.objects.get(1)?.object.sopInstanceUid, '1.2.3.4.5.6')
})

t.test('acceptor: what it cannot read it keeps, with a flag', async (t) => {
  const cases: readonly (readonly [Uint8Array, readonly string[]])[] = [
    [new Uint8Array(5_000).fill(0xee), ['header-unreadable', 'transfer-syntax-mislabelled']],
    [new Uint8Array(), ['header-unreadable']],
    [
      encodeDataSet(instance({ ...names, studyInstanceUid: null }), {
        explicit: true,
        little: true,
      }),
      ['no-study'],
    ],
    [
      encodeDataSet(instance(names), { explicit: false, little: true }),
      ['transfer-syntax-mislabelled'],
    ],
  ]
  for (const [bytes, flags] of cases) {
    const { host, requestor } = associated()
    host.receive(concat([...requestor.store(1, names, bytes)]))
    t.strictSame(host.objects.get(1)?.findings?.flags, flags)
    t.strictSame(host.objects.get(1)?.dataSet, bytes)
    host.answer(1, { kind: 'stored' })
    t.strictSame(statusIn(requestor.received(host.take())), [0])
  }
})

t.test('acceptor: another class than negotiated is kept, with a flag', async (t) => {
  const { host, requestor } = associated()
  const scan = { sopClassUid: '1.2.840.10008.5.1.4.1.1.2', sopInstanceUid: '1.2.3.4.5.6' }
  const bytes = encodeDataSet(instance(scan), { explicit: true, little: true })
  host.receive(concat([...requestor.store(1, scan, bytes)]))
  t.strictSame(host.objects.get(1)?.findings?.flags, ['class-not-negotiated'])
})

t.test('acceptor: a UID that could be a path is refused and nothing is opened', async (t) => {
  for (const uid of ['../../etc/passwd', '1.2.3/..', 'x', '1'.repeat(65), '']) {
    const { host, requestor } = associated()
    const instance = { ...names, sopInstanceUid: uid }
    host.receive(concat([...requestor.store(1, instance, dataSet)]))
    t.equal(host.objects.size, 0)
    t.strictSame(statusIn(requestor.received(host.take())), [0x0117])
    host.receive(requestor.echo(3))
    t.strictSame(statusIn(requestor.received(host.take())), [0], 'the association lives')
  }
})

t.test('acceptor: a failure in the middle lets the rest pass and then says so', async (t) => {
  const { host, requestor } = associated()
  const bytes = stored(requestor)
  host.receive(bytes.subarray(0, 300))
  host.answer(1, { kind: 'failed', status: 0xa700, comment: 'full' })
  t.equal(host.take().length, 0)
  host.receive(bytes.subarray(300))
  const events = requestor.received(host.take())
  t.match(events, [{ command: { status: 0xa700, comment: 'full', sopInstanceUid: '1.2.3.4.5.6' } }])
  t.equal(host.objects.get(1)?.findings, null)
  host.receive(stored(requestor))
  host.answer(2, { kind: 'stored' })
  t.strictSame(statusIn(requestor.received(host.take())), [0], 'the next one is stored')
})

t.test('acceptor: a peer that pipelines waits, and is answered in order', async (t) => {
  const { host, requestor } = associated()
  const burst = concat([stored(requestor), stored(requestor), requestor.echo(3), stored(requestor)])
  host.receive(burst.subarray(0, -7))
  t.equal(host.objects.size, 1)
  t.equal(host.paused, true)
  host.answer(1, { kind: 'stored' })
  t.equal(host.objects.size, 2)
  t.equal(host.paused, true)
  host.answer(99, { kind: 'stored' })
  host.answer(1, { kind: 'failed', status: 1, comment: 'late' })
  host.answer(2, { kind: 'stored' })
  t.equal(host.paused, false)
  host.receive(burst.subarray(-7))
  host.answer(4, { kind: 'stored' })
  const events = requestor.received(host.take())
  t.strictSame(statusIn(events), [0, 0, 0, 0])
  t.strictSame(
    events.map((event) => event.kind === 'response' && event.command.respondedTo),
    [1, 2, 3, 4],
  )
})

t.test('acceptor: an abort behind a pipelined store closes, and nothing follows it', async (t) => {
  const { host, requestor } = associated()
  host.receive(concat([...requestor.store(1, names, dataSet)]))
  host.receive(requestor.abort())
  t.equal(host.paused, true)
  host.answer(1, { kind: 'stored' })
  t.equal(host.closed, true)
  t.strictSame(host.log, ['established', 'finish', 'pause', 'over aborted'])
})

t.test('acceptor: an impatient release after a pipelined store is heard at once', async (t) => {
  const { host, requestor } = associated()
  host.receive(concat([stored(requestor), requestor.release()]))
  t.equal(host.paused, true)
  host.answer(1, { kind: 'stored' })
  const events = requestor.received(host.take())
  t.match(events, [{ kind: 'response', command: { status: 0 } }, { kind: 'released' }])
  t.equal(host.paused, false, 'so that the end of the connection is seen')
})

t.test('acceptor: an answer is owed even to a peer that has said all', async (t) => {
  const { host, requestor } = associated()
  host.receive(stored(requestor))
  host.do(host.acceptor.peerEnded())
  t.equal(host.closed, false)
  host.answer(1, { kind: 'stored' })
  t.strictSame(statusIn(requestor.received(host.take())), [0])
  t.equal(host.closed, true)
})

t.test(
  'acceptor: whoever cuts in the middle, the half is discarded and nothing else',
  async (t) => {
    const ways: readonly (readonly [
      string,
      string,
      (host: FakeHost, requestor: Requestor) => void,
    ])[] = [
      ['abort', 'over aborted', (host, requestor) => host.receive(requestor.abort())],
      ['fin', 'over lost', (host) => host.do(host.acceptor.peerEnded())],
      ['reset', 'over lost', (host) => host.do(host.acceptor.lost())],
      ['release', 'over released', (host, requestor) => host.receive(requestor.release())],
    ]
    for (const [what, over, cut] of ways) {
      const { host, requestor } = associated()
      host.receive(stored(requestor))
      host.answer(1, { kind: 'stored' })
      const second = [...requestor.store(1, names, dataSet)]
      host.receive(second[0] ?? new Uint8Array())
      cut(host, requestor)
      t.strictSame(host.log, ['established', 'finish', 'discard', over], what)
      t.equal(host.objects.get(1)?.discarded, false, what)
      t.match(host.notes.at(-1), { code: 'cut-in-transfer' }, what)
    }
  },
)

t.test(
  'acceptor: what is complete stays, though the peer is gone before it is stored',
  async (t) => {
    const { host, requestor } = associated()
    host.receive(stored(requestor))
    host.do(host.acceptor.lost())
    t.strictSame(host.log, ['established', 'finish', 'over lost'])
    host.answer(1, { kind: 'stored' })
    t.equal(host.sent.length, 0, 'nobody is left to be told')
  },
)

t.test('acceptor: time limits end each state', async (t) => {
  const waiting = new FakeHost()
  t.equal(waiting.timer, 'artim')
  waiting.receive(sender().associate().subarray(0, 50))
  t.equal(waiting.timer, 'artim', 'a dribbling peer does not get more time')
  waiting.do(waiting.acceptor.timedOut())
  t.equal(waiting.closed, true)
  t.match(waiting.notes, [{ code: 'request-late' }])

  const { host, requestor } = associated()
  t.equal(host.timer, 'idle')
  host.do(host.acceptor.timedOut())
  t.match(requestor.received(host.take()), [{ kind: 'aborted', source: 2 }])
  t.equal(host.timer, 'linger')
  host.receive(new Uint8Array(100))
  host.do(host.acceptor.timedOut())
  t.equal(host.closed, true)
})

t.test('acceptor: stopping finishes what was begun, and aborts the rest', async (t) => {
  const idle = associated()
  idle.host.do(idle.host.acceptor.stop())
  t.match(idle.requestor.received(idle.host.take()), [{ kind: 'aborted' }])

  const { host, requestor } = associated()
  const bytes = stored(requestor)
  host.receive(bytes.subarray(0, 400))
  host.do(host.acceptor.stop())
  host.receive(bytes.subarray(400))
  host.answer(1, { kind: 'stored' })
  t.match(requestor.received(host.take()), [
    { kind: 'response', command: { status: 0 } },
    { kind: 'aborted' },
  ])
  t.strictSame(host.log, ['established', 'finish', 'over stopped'])

  const early = new FakeHost()
  early.do(early.acceptor.stop())
  t.equal(early.closed, true)
})

t.test('acceptor: operations that it does not know are answered, in any context', async (t) => {
  const cases: readonly (readonly [number, number, boolean, number | null])[] = [
    [3, 0x0001, true, 0x0122],
    [1, 0x0020, true, 0x0211],
    [1, 0x0140, false, 0x0211],
    [1, 0x0030, false, 0],
    [1, 0x0fff, false, null],
    [1, 0x8001, false, null],
  ]
  for (const [contextId, field, hasDataSet, status] of cases) {
    const { host, requestor } = associated()
    const command = encodeCommandSet({ ...names, field, messageId: 9, hasDataSet })
    const bytes = hasDataSet ? dataSet : null
    host.receive(encodeMessage({ contextId, command, dataSet: bytes, peerMaxPduBytes: 0 }))
    const events = requestor.received(host.take())
    t.strictSame(statusIn(events), status === null ? [] : [status], `0x${field.toString(16)}`)
    host.receive(requestor.echo(3))
    t.strictSame(statusIn(requestor.received(host.take())), [0], 'the association lives')
  }
})

t.test('acceptor: a C-STORE without data set is answered', async (t) => {
  const { host, requestor } = associated()
  const command = encodeCommandSet({ ...names, field: 1, messageId: 1, hasDataSet: false })
  host.receive(encodeMessage({ contextId: 1, command, dataSet: null, peerMaxPduBytes: 0 }))
  t.strictSame(statusIn(requestor.received(host.take())), [0xc000])
})

t.test('acceptor: aborts what cannot be mended, once, and says why', async (t) => {
  const command = encodeCommandSet({
    ...names,
    field: 1,
    messageId: 1,
    priority: 0,
    hasDataSet: true,
  })
  const begun = data([{ command: true, bytes: command }])
  const wrong: readonly (readonly [string, readonly Uint8Array[]])[] = [
    ['a context that was refused', [data([{ contextId: 5, command: true, bytes: command }])]],
    [
      'a context that was never proposed',
      [data([{ contextId: 77, command: true, bytes: command }])],
    ],
    ['a data set without command', [data([{ bytes: dataSet }])]],
    ['a data set in another context', [begun, data([{ contextId: 3, bytes: dataSet }])]],
    ['a command inside a data set', [begun, begun]],
    [
      'two commands interleaved',
      [data([{ command: true, last: false }]), data([{ contextId: 3, command: true }])],
    ],
    ['a command set of rubbish', [data([{ command: true, bytes: Uint8Array.of(1, 2, 3, 4) }])]],
    [
      'an endless command set',
      [data([{ command: true, last: false, bytes: new Uint8Array(70_000) }])],
    ],
    ['a second request', [sender().associate()]],
    ['a release reply', [encodePdu({ kind: 'release-reply' })]],
    ['an unknown PDU', [Uint8Array.of(0x47, 0x45, 0x54, 0x20, 0x2f, 0x20)]],
    ['a gigantic PDU', [Uint8Array.of(4, 0, 255, 255, 255, 255)]],
    ['a value that does not fit', [Uint8Array.of(4, 0, 0, 0, 0, 6, 0, 0, 0, 99, 1, 3)]],
  ]
  for (const [what, pieces] of wrong) {
    const { host, requestor } = associated()
    for (const piece of pieces) host.receive(piece)
    host.receive(new Uint8Array(1_000))
    const events = requestor.received(host.take())
    t.match(events, [{ kind: 'aborted', source: 2 }], what)
    t.equal(host.log.at(-1), 'over broken', what)
    t.equal(host.ended, true, what)
    t.equal(host.notes.length, 2, what)
  }
})

t.test('acceptor: tells another protocol from a broken one', async (t) => {
  const http = new FakeHost()
  http.receive(Uint8Array.from(Buffer.from('GET / HTTP/1.1\r\n')))
  t.match(http.notes, [{ code: 'not-dicom' }])
  const tls = new FakeHost()
  tls.receive(Uint8Array.of(0x16, 3, 1, 2, 0, 1))
  t.match(tls.notes, [{ code: 'tls-on-plain-port' }])
  const early = new FakeHost()
  early.receive(data([{ bytes: dataSet }]))
  t.match(early.notes, [{ code: 'malformed' }])
})

t.test('acceptor: the first, last and only fragment may be empty', async (t) => {
  const { host, requestor } = associated()
  const command = encodeCommandSet({ ...names, field: 1, messageId: 1, hasDataSet: true })
  host.receive(
    data([
      { command: true, last: false },
      { command: true, last: false, bytes: command.subarray(0, 9) },
      { command: true, last: true, bytes: command.subarray(9) },
      { last: false },
      { last: false, bytes: dataSet },
      { last: true },
    ]),
  )
  t.strictSame(host.objects.get(1)?.dataSet, dataSet)
  host.receive(data([]))
  host.answer(1, { kind: 'stored' })
  t.strictSame(statusIn(requestor.received(host.take())), [0])
})

t.test('acceptor: cuts its answers to what a peer can take', async (t) => {
  const { host, requestor } = associated()
  t.equal(host.take().length, 0)
  const small = sender().associate()
  const at = Buffer.from(small).indexOf(Buffer.from([0x51, 0, 0, 4]))
  new DataView(small.buffer).setUint32(at + 4, 64)
  const tight = new FakeHost()
  tight.receive(small)
  tight.take()
  tight.receive(stored(requestor))
  tight.answer(1, { kind: 'failed', status: 0xa700, comment: 'x'.repeat(64) })
  t.ok(tight.sent.length === 1, 'in one buffer all the same')
  const events = requestor.received(tight.take())
  t.match(events, [{ command: { status: 0xa700 } }])
})

type Way = 'stored' | 'failed' | 'never'

/** Plays bytes to an acceptor whose host answers in one way, and checks what must always hold. */
function play(bytes: Uint8Array, size: number, way: Way): void {
  const host = new FakeHost()
  const storedTasks = new Set<number>()
  for (let at = 0; at < bytes.length && !host.closed; at += size) {
    host.receive(bytes.subarray(at, at + size))
    for (const held of host.objects.values()) {
      if (host.closed) break
      if (way === 'failed') host.answer(held.task, { kind: 'failed', status: 1, comment: 'no' })
      if (way !== 'stored' || held.findings === null) continue
      storedTasks.add(held.task)
      host.answer(held.task, { kind: 'stored' })
    }
  }
  if (!host.closed) host.do(host.acceptor.lost())
  const successes = sender()
    .received(host.take())
    .filter((event) => event.kind === 'response' && event.command.field === 0x8001)
    .filter((event) => event.kind === 'response' && event.command.status === 0)
  if (successes.length > storedTasks.size) throw new Error('a success for what is not stored')
  for (const held of host.objects.values()) {
    const over = held.findings !== null || held.discarded || way === 'failed'
    if (!over) throw new Error('an object that nobody ended')
  }
}

t.test('acceptor: no conversation makes it throw, forget or confirm too early', async (t) => {
  const requestor = sender()
  const whole = concat([
    requestor.associate(),
    stored(requestor),
    requestor.echo(3),
    stored(requestor),
    requestor.release(),
  ])
  const place = fc.nat({ max: whole.length - 1 })
  const changes = fc.array(fc.tuple(place, fc.nat({ max: 255 })), { maxLength: 4 })
  const ways = fc.constantFrom<Way>('stored', 'failed', 'never')
  fc.assert(
    fc.property(changes, fc.integer({ min: 1, max: 900 }), ways, (changed, size, way) => {
      const bytes = whole.slice()
      for (const [at, value] of changed) bytes[at] = value
      play(bytes, size, way)
    }),
    { numRuns: 1_500 },
  )
  t.pass()
})
