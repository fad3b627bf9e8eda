import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { decodeFileHead, encodeFileHead } from '../../protocols/dicom/part10.ts'
import { explicitBig, explicitLittle, implicitLittle } from '../../protocols/dicom/uids.ts'
import { encodeDataSet, instance, ultrasoundImage } from '../../test/dicom/data-set.ts'
import { proposals, startStorescp, tool } from '../../test/dicom/dcmtk.ts'
import { FolderKeeper } from '../../test/dicom/keeper.ts'
import type { Trouble } from '../errors/trouble.ts'
import { startImaging } from './imaging.ts'

const samples = join(import.meta.dirname, '..', '..', '..', 'shared', 'samples', 'dicom')

/** The node in its thread, with its troubles collected. */
async function serve(t: Test) {
  const folder = t.testdir({ incoming: {}, objects: {}, reference: {}, own: {} })
  const keeper = new FolderKeeper(join(folder, 'objects'))
  const troubles: Trouble[] = []
  const imaging = await startImaging(
    {
      incomingFolder: join(folder, 'incoming'),
      host: '127.0.0.1',
      ports: [{ port: 0, tls: null }],
      reserveBytes: 0,
    },
    {
      known: (uid) => keeper.known(uid),
      store: (image) => keeper.store(image),
      trouble: (trouble) => void troubles.push(trouble),
      association: () => {},
    },
  )
  t.teardown(() => imaging.stop())
  const port = imaging.address()[0]?.port ?? 0
  return { folder, keeper, port, codes: () => troubles.map((trouble) => trouble.code) }
}

/** Small images of our own, so that the comparison means something on any machine. */
function ownFiles(folder: string): readonly string[] {
  const encodings = [
    { transferSyntaxUid: implicitLittle, explicit: false, little: true },
    { transferSyntaxUid: explicitLittle, explicit: true, little: true },
    { transferSyntaxUid: explicitBig, explicit: true, little: false },
  ]
  return encodings.map(({ transferSyntaxUid, ...encoding }, index) => {
    const names = { sopClassUid: ultrasoundImage, sopInstanceUid: `1.2.3.${index + 1}` }
    const dataSet = encodeDataSet(instance({ ...names, pixelBytes: 50_000 }), encoding)
    const path = join(folder, `own-${index}.dcm`)
    writeFileSync(path, Buffer.concat([encodeFileHead({ ...names, transferSyntaxUid }), dataSet]))
    return path
  })
}

/** Files in groups that one association of storescu can carry as they are, each instance once. */
function groups(files: readonly string[]): readonly (readonly [string, readonly string[]])[] {
  const found = new Map<string, Map<string, string>>()
  for (const file of files) {
    const head = decodeFileHead(readFileSync(file))
    if (!head.ok) continue
    const proposal = proposals.get(head.value.transferSyntaxUid)
    if (proposal === undefined) continue
    const group = found.get(proposal) ?? new Map<string, string>()
    group.set(head.value.sopInstanceUid, file)
    found.set(proposal, group)
  }
  return [...found].map(([proposal, group]) => [proposal, [...group.values()]] as const)
}

/** Data sets by instance and transfer syntax, as text for comparing. */
function dataSets(paths: readonly string[]): readonly string[] {
  return paths
    .map((path) => {
      const bytes = readFileSync(path)
      const head = decodeFileHead(bytes)
      if (!head.ok) return `${path}: ${head.reason}`
      const { sopInstanceUid, transferSyntaxUid, dataSetOffset } = head.value
      const dataSet = bytes.subarray(dataSetOffset).toString('base64')
      return `${sopInstanceUid} ${transferSyntaxUid} ${dataSet}`
    })
    .toSorted()
}

/** Sends the same files to storescp +B and to us, and compares bit for bit. */
async function compare(t: Test, filesIn: (folder: string) => readonly string[]): Promise<number> {
  const { folder, keeper, port, codes } = await serve(t)
  const files = filesIn(join(folder, 'own'))
  const reference = await startStorescp(join(folder, 'reference'))
  t.teardown(() => reference.stop())
  for (const [proposal, group] of groups(files)) {
    const args = (to: number) => ['-R', '-nh', proposal, '127.0.0.1', String(to), ...group]
    await tool('storescu', args(reference.port))
    await tool('storescu', args(port))
  }
  await reference.stop()
  const theirs = readdirSync(join(folder, 'reference')).map((name) =>
    join(folder, 'reference', name),
  )
  const ours = keeper.images.map((one) => keeper.pathOf(one.image.object.sha256))
  t.equal(ours.length, theirs.length, 'as many as the reference kept')
  const [left, right] = [dataSets(ours), dataSets(theirs)]
  for (const [index, one] of left.entries()) {
    if (one !== right[index]) t.fail(`differs: ${one.slice(0, 100)}`)
  }
  for (const { image } of keeper.images) {
    const head = decodeFileHead(readFileSync(keeper.pathOf(image.object.sha256)))
    t.equal(head.ok && head.value.dataSetOffset, image.dataSetOffset)
  }
  t.strictSame(readdirSync(join(folder, 'incoming')), [])
  t.notOk(codes().includes('imaging-malformed'))
  return ours.length
}

t.test('dcmtk: echoscu is answered', async (t) => {
  const { port } = await serve(t)
  const words = await tool('echoscu', ['-v', '-aet', 'INSTALLER', '127.0.0.1', String(port)])
  t.match(words, /Received Echo Response \(Success\)/)
})

t.test('dcmtk: images of our own are kept bit for bit as storescp keeps them', async (t) => {
  t.equal(await compare(t, ownFiles), 3)
})

t.test('dcmtk: images of many makers too, the malformed ones as well', async (t) => {
  const folders = ['us', 'xr', 'ts', 'other', 'malformed', 'charset']
  const files = folders
    .map((one) => join(samples, one))
    .filter((one) => existsSync(one))
    .flatMap((one) => readdirSync(one).map((name) => join(one, name)))
  const count = await compare(t, () => files)
  t.ok(count >= Math.min(files.length, 30), `${count} of ${files.length}`)
})

t.test('dcmtk: a file with another name inside is refused with a reason, and kept', async (t) => {
  const { folder, keeper, port, codes } = await serve(t)
  const names = { sopClassUid: ultrasoundImage, sopInstanceUid: '1.2.3.4' }
  const dataSet = encodeDataSet(instance({ ...names, sopInstanceUid: '9.9' }), {
    explicit: true,
    little: true,
  })
  const path = join(folder, 'own', 'a.dcm')
  const head = encodeFileHead({ ...names, transferSyntaxUid: explicitLittle })
  writeFileSync(path, Buffer.concat([head, dataSet]))
  // storescu itself takes the names from the data set, so that both agree.
  await tool('storescu', ['127.0.0.1', String(port), path])
  t.match(keeper.images, [{ image: { sopInstanceUid: '9.9', flags: ['unknown-sender'] } }])
  t.ok(codes().includes('imaging-unknown-sender'))
})
