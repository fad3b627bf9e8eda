import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { decodeFileHead, type FileMeta } from '../../protocols/dicom/part10.ts'
import { explicitLittle } from '../../protocols/dicom/uids.ts'
import { worklistUid } from '../../protocols/dicom/worklist.ts'
import { encodeDataSet, instance, ultrasoundImage } from '../../test/dicom/data-set.ts'
import { tool } from '../../test/dicom/dcmtk.ts'
import { FolderKeeper } from '../../test/dicom/keeper.ts'
import { Sender, statusOf, usualContexts } from '../../test/dicom/sender.ts'
import { entries, findRequest, usualKeys } from '../../test/dicom/worklist.ts'
import { journalTrouble } from '../errors/journal.ts'
import type { Trouble } from '../errors/trouble.ts'
import { startImaging, type ImagingHears } from './imaging.ts'
import type { ImagingOptions } from './options.ts'
import type { AssociationEvent, StoreOutcome } from './received-image.ts'

const samples = join(import.meta.dirname, '..', '..', '..', 'shared', 'samples', 'dicom')

async function serve(
  t: Test,
  options: Partial<ImagingOptions> = {},
  hears: Partial<ImagingHears> = {},
) {
  const folder = t.testdir({ incoming: {}, objects: {} })
  const keeper = new FolderKeeper(join(folder, 'objects'))
  const troubles: Trouble[] = []
  const events: AssociationEvent[] = []
  const imaging = await startImaging(
    {
      incomingFolder: join(folder, 'incoming'),
      host: '127.0.0.1',
      ports: [{ port: 0, tls: null }],
      reserveBytes: 0,
      ...options,
    },
    {
      known: (uid) => keeper.known(uid),
      store: (image) => keeper.store(image),
      trouble: (trouble) => void troubles.push(trouble),
      association: (event) => void events.push(event),
      ...hears,
    },
  )
  t.teardown(() => imaging.stop())
  const port = (): number => imaging.address()[0]?.port ?? 0
  const codes = (): readonly string[] => troubles.map((trouble) => trouble.code)
  return { folder, keeper, imaging, port, codes, troubles, events }
}

function image(sopInstanceUid: string, pixelBytes = 20_000): Uint8Array {
  const names = { sopClassUid: ultrasoundImage, sopInstanceUid, pixelBytes }
  return encodeDataSet(instance(names), { explicit: true, little: true })
}

t.test('imaging: stores through its thread, and tells what happened', async (t) => {
  const { keeper, port, codes, events, imaging } = await serve(t, {
    senders: [{ aeTitle: 'CART_1', device: 'us-1', simulated: false }],
  })
  const sender = new Sender(port())
  await sender.associate()
  t.equal(await sender.store('1.2.3', image('1.2.3')), 0)
  t.equal(await sender.store('1.2.3', image('1.2.3')), 0)
  t.equal(await sender.store('1.2.3', image('1.2.3', 30_000)), 0)
  await sender.release()
  await imaging.stop()
  t.match(keeper.images, [
    { device: 'us-1', image: { sopInstanceUid: '1.2.3', flags: [] } },
    { device: 'us-1', image: { sopInstanceUid: '1.2.3', flags: ['uid-conflict'] } },
  ])
  t.strictSame(codes(), ['imaging-uid-conflict'])
  t.match(events, [
    { kind: 'opened', device: 'us-1', callingAeTitle: 'CART_1' },
    { kind: 'closed', ending: 'released', storedCount: 3, refusedCount: 0 },
  ])
  t.strictSame(imaging.address(), [])
})

t.test('imaging: what the journal refuses is refused, in its own words', async (t) => {
  let turn = 0
  const { port, codes, folder } = await serve(
    t,
    {},
    {
      store: async () => {
        throw turn++ === 0 ? journalTrouble('journal-full') : new Error('card gone')
      },
    },
  )
  const sender = new Sender(port())
  await sender.associate()
  t.equal(await sender.store('1.2.3', image('1.2.3')), 0xa700)
  t.equal(await sender.store('1.2.3', image('1.2.3')), 0x0110)
  await sender.release()
  t.ok(codes().includes('imaging-disk-full') && codes().includes('imaging-keep-failed'))
  t.strictSame(readdirSync(join(folder, 'incoming')), [])
})

t.test('imaging: a journal that takes nothing closes the door', async (t) => {
  const { imaging, port } = await serve(t)
  imaging.intake(false)
  const refused = new Sender(port())
  t.match(await refused.associate(), { kind: 'rejected', rejection: { result: 'transient' } })
  refused.socket.destroy()
  imaging.intake(true)
  const taken = new Sender(port())
  t.match(await taken.associate(), { kind: 'accepted' })
  await taken.release()
})

function keyOf(meta: FileMeta, dataSet: Uint8Array): string {
  const { sopClassUid, sopInstanceUid, transferSyntaxUid } = meta
  const hash = createHash('sha256').update(dataSet).digest('hex')
  return [sopClassUid, sopInstanceUid, transferSyntaxUid, hash].join(' ')
}

t.test('imaging: data sets are kept as they come, whatever is in them', async (t) => {
  const { keeper, port } = await serve(t)
  const files = ['us', 'ts', 'other', 'malformed']
    .map((one) => join(samples, one))
    .filter((one) => existsSync(one))
    .flatMap((one) => readdirSync(one).map((name) => join(one, name)))
    .filter((path) => !path.includes('3gb-'))
  const sent = new Set<string>()
  const send = async (what: FileMeta, bytes: Buffer): Promise<void> => {
    const { sopClassUid, sopInstanceUid, transferSyntaxUid } = what
    const transferSyntaxes = [transferSyntaxUid]
    const sender = new Sender(port(), [{ id: 1, abstractSyntax: sopClassUid, transferSyntaxes }])
    await sender.associate()
    const names = { sopClassUid, sopInstanceUid }
    for (const pdu of sender.requestor.store(1, names, bytes)) await sender.send(pdu)
    const status = statusOf(await sender.next())
    if (status !== 0 && status !== 0xa900) t.fail(`${sopInstanceUid}: ${status}`)
    await sender.release()
    sent.add(keyOf(what, bytes))
  }
  const unheardOf = {
    sopClassUid: '1.2.826.0.1.3680043.2.1143.99.1',
    sopInstanceUid: '1.2.3',
    transferSyntaxUid: '1.2.3.4.5',
  }
  await send(unheardOf, Buffer.from(image('1.2.3')))
  for (const path of files) {
    const bytes = readFileSync(path)
    const head = decodeFileHead(bytes)
    if (!head.ok || head.value.sopClassUid === '' || head.value.sopInstanceUid === '') continue
    await send(head.value, bytes.subarray(head.value.dataSetOffset))
  }
  t.equal(keeper.images.length, sent.size)
  for (const { image: kept } of keeper.images) {
    const file = readFileSync(keeper.pathOf(kept.object.sha256))
    t.equal(createHash('sha256').update(file).digest('hex'), kept.object.sha256)
    const dataSet = file.subarray(kept.dataSetOffset)
    t.ok(sent.has(keyOf(kept, dataSet)), kept.sopInstanceUid)
  }
})

function empty() {
  return { incoming: {}, objects: {} }
}

t.test('imaging: killed in the middle, nothing that was confirmed is lost', async (t) => {
  const root = t.testdir({ 0: empty(), 1: empty(), 2: empty() })
  for (let round = 0; round < 3; round++) {
    const folder = join(root, String(round))
    const script = join(import.meta.dirname, '..', '..', 'test', 'dicom', 'van.ts')
    const child = spawn(process.execPath, [script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const gone = new Promise((resolve) => child.once('exit', resolve))
    const port = await new Promise<number>((resolve) => {
      child.stdout.once('data', (line: Buffer) => resolve(Number(line.toString())))
    })
    const confirmed: string[] = []
    const device = async (index: number): Promise<void> => {
      const sender = new Sender(port)
      await sender.associate()
      for (let turn = 0; turn < 1_000; turn++) {
        const uid = `1.${index}.${turn}`
        if ((await sender.store(uid, image(uid, 60_000))) !== 0) return
        confirmed.push(uid)
        if (confirmed.length === 20 + round * 7) child.kill('SIGKILL')
      }
    }
    await Promise.all([device(1), device(2), device(3)])
    await gone
    t.ok(confirmed.length >= 20)
    const kept = new Set<string>()
    for (const name of readdirSync(join(folder, 'objects'))) {
      const file = readFileSync(join(folder, 'objects', name))
      t.equal(createHash('sha256').update(file).digest('hex'), name, 'whole')
      const head = decodeFileHead(file)
      if (head.ok) kept.add(head.value.sopInstanceUid)
    }
    t.strictSame(
      confirmed.filter((uid) => !kept.has(uid)),
      [],
    )
  }
})

t.test('imaging: a thread that dies comes back, and leaves nothing half', async (t) => {
  let asked = 0
  const { folder, imaging, port, codes } = await serve(
    t,
    {},
    {
      store: async (): Promise<StoreOutcome> =>
        // No outcome at all is a mistake of ours, which is what kills a thread.
        ++asked === 1 ? (undefined as unknown as StoreOutcome) : { status: 'already' },
    },
  )
  imaging.worklist(entries(1))
  const sender = new Sender(port())
  await sender.associate()
  const other = new Sender(port())
  await other.associate()
  const names = { sopClassUid: ultrasoundImage, sopInstanceUid: '6.6' }
  for (const pdu of [...other.requestor.store(1, names, image('6.6', 300_000))].slice(0, 2)) {
    await other.send(pdu)
  }
  t.equal(await sender.store('1.2.3', image('1.2.3')), 'closed')
  t.match(await other.next(), { kind: 'closed' })
  const back = (): boolean => codes().includes('imaging-thread-died') && port() !== 0
  while (!back()) await new Promise((resolve) => setTimeout(resolve, 20))
  t.strictSame(readdirSync(join(folder, 'incoming')), [])
  const worklist = { id: 5, abstractSyntax: worklistUid, transferSyntaxes: [explicitLittle] }
  const again = new Sender(port(), [...usualContexts, worklist])
  await again.associate()
  t.equal(await again.store('1.2.3', image('1.2.3')), 0)
  await again.send(findRequest(again.requestor, usualKeys, worklist.id))
  t.equal(statusOf(await again.next()), 0xff00, 'the worklist is still known')
  t.equal(statusOf(await again.next()), 0)
  await again.release()
})

t.test('imaging: a port that is taken is a trouble, and the other port serves', async (t) => {
  const taken = createServer()
  await new Promise<void>((resolve) => void taken.listen(0, '127.0.0.1', () => resolve()))
  t.teardown(() => void taken.close())
  const address = taken.address()
  const port = address === null || typeof address === 'string' ? 0 : address.port
  const { imaging, troubles } = await serve(t, {
    ports: [
      { port, tls: null },
      { port: 0, tls: null },
    ],
  })
  t.equal(imaging.address().length, 1)
  t.match(troubles, [{ code: 'imaging-port-taken', details: { port, why: 'EADDRINUSE' } }])
  t.match(troubles[0]?.words('id').what, /tidak bisa memakai/)
  const sender = new Sender(imaging.address()[0]?.port ?? 0)
  t.match(await sender.associate(), { kind: 'accepted' })
  await sender.release()
})

function echo(options: readonly string[], port: number): Promise<string> {
  return tool('echoscu', ['-v', '-to', '3', '-ta', '3', ...options, '127.0.0.1', String(port)])
}

t.test('imaging: TLS where it is configured, and a word where it is misused', async (t) => {
  const request = 'req -x509 -newkey rsa:2048 -nodes -subj /CN=van -days 2'.split(' ')
  const both = [...request, '-keyout', '-']
  const pem = execFileSync('openssl', both, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const split = pem.indexOf('-----BEGIN CERTIFICATE-----')
  // Not in the folder of the test, which the node takes.
  const files = mkdtempSync(join(tmpdir(), 'simpul-tls-'))
  t.teardown(() => rmSync(files, { recursive: true }))
  const certificate = join(files, 'van.pem')
  writeFileSync(certificate, pem.slice(split))
  const tls = { key: join(files, 'van.key'), certificate, authority: null }
  writeFileSync(tls.key, pem.slice(0, split))
  const { imaging, codes } = await serve(t, {
    ports: [
      { port: 0, tls },
      { port: 0, tls: null },
      { port: 0, tls: { ...tls, key: certificate } },
      { port: 0, tls: { ...tls, key: join(files, 'not-there') } },
      { port: 0, tls: { ...tls, authority: certificate } },
    ],
  })
  const secure = imaging.address().find((one) => one.tls)?.port ?? 0
  const plain = imaging.address().find((one) => !one.tls)?.port ?? 0
  t.match(await echo(['+tla', '-ic'], secure), /Received Echo Response \(Success\)/)
  t.notMatch(await echo(['+tla', '-ic'], plain), /Success/)
  t.notMatch(await echo([], secure), /Success/)
  t.match(await echo([], plain), /Success/)
  // Its own certificate stands in for one of the authority.
  const known = imaging.address().findLast((one) => one.tls)?.port ?? 0
  t.not(known, secure)
  t.notMatch(await echo(['+tla', '-ic'], known), /Success/, 'a device without a certificate')
  const shown = ['+tls', tls.key, certificate, '-ic']
  t.match(await echo(shown, known), /Received Echo Response \(Success\)/)
  await imaging.stop()
  for (const code of ['certificate-unusable', 'tls-on-plain-port', 'tls-failed']) {
    t.ok(codes().includes(`imaging-${code}`), code)
  }
})
