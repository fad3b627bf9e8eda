/**
 * Images of a landing go into real archives: Orthanc by C-STORE, with a query or a commitment as
 * proof, and by STOW-RS; DCMTK's storescp. DCMTK's storescu sends the same files beside it. Then
 * once more while the archive and the forwarder are killed in the middle, and what the archive has
 * in the end is counted and compared bit for bit.
 *
 *   node bench/pacs.ts --images 300 --bytes 500000 --kills 6
 */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { decodeFileHead, encodeFileHead } from '../protocols/dicom/part10.ts'
import { freePort, startStorescp, tool } from '../test/dicom/dcmtk.ts'
import { ultrasound } from '../test/dicom/forwarding.ts'
import { ForwardProcess, type Used } from '../test/dicom/forward-process.ts'
import { Orthanc } from '../test/dicom/orthanc.ts'
import { imagePackets, land, type TestImage } from '../upstream/testing/images.ts'
import { openStore } from '../upstream/testing/landing.ts'
import { TestVan } from '../upstream/testing/van.ts'

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '300' },
    bytes: { type: 'string', default: '500000' },
    kills: { type: 'string', default: '6' },
  },
})
const count = Number(values.images)
const bytes = Number(values.bytes)
const kills = Number(values.kills)
const perStudy = 20
const withinMs = 180_000

const home = mkdtempSync(join(tmpdir(), 'simpul-pacs-'))
const images = Array.from({ length: count }, (_, index) =>
  ultrasound(index, { study: Math.floor(index / perStudy), pixelBytes: bytes }),
)

interface Row {
  readonly what: string
  readonly seconds: string
  readonly 'images/s': string
  readonly 'MB/s': string
  readonly 'CPU s': string
  readonly 'peak MB': string
  readonly missing: number
  readonly doubled: number
  readonly differing: number
}

interface Destination {
  readonly [name: string]: unknown
}

/** A landing in a folder of its own that has all images. */
function landingOf(name: string): string {
  const folder = join(home, name)
  mkdirSync(folder)
  const van = new TestVan('van-02')
  const store = openStore(folder, van)
  for (const image of images) land(store, imagePackets(van, image))
  store.close()
  return folder
}

function processOf(
  name: string,
  destination: Destination,
  reportPort: number | null,
): ForwardProcess {
  const listen = reportPort === null ? null : { host: '127.0.0.1', port: reportPort }
  return new ForwardProcess(landingOf(name), { listen, destinations: [destination] })
}

type Found = readonly { readonly uid: string; readonly dataSet: Uint8Array }[]

function compare(found: Found): Pick<Row, 'missing' | 'doubled' | 'differing'> {
  const byUid = new Map(found.map((one) => [one.uid, one.dataSet]))
  const isSame = ({ sopInstanceUid, dataSet }: TestImage): boolean => {
    const there = byUid.get(sopInstanceUid)
    return there === undefined || Buffer.compare(there, dataSet) === 0
  }
  return {
    missing: images.filter(({ sopInstanceUid }) => !byUid.has(sopInstanceUid)).length,
    doubled: found.length - byUid.size,
    differing: images.filter((image) => !isSame(image)).length,
  }
}

function row(what: string, elapsedMs: number, used: Used | null, found: Found): Row {
  const seconds = elapsedMs / 1_000
  return {
    what,
    seconds: seconds.toFixed(1),
    'images/s': (count / seconds).toFixed(0),
    'MB/s': ((count * bytes) / seconds / 1e6).toFixed(0),
    'CPU s': used === null ? '' : (used.cpuMs / 1_000).toFixed(1),
    'peak MB': used === null ? '' : used.rssMb.toFixed(0),
    ...compare(found),
  }
}

async function intoOrthanc(
  what: string,
  name: string,
  more: (orthanc: Orthanc) => Destination,
  options: { readonly phase?: 'sent' | 'confirmed'; readonly listens?: boolean } = {},
): Promise<Row> {
  const reportPort = options.listens === true ? await freePort() : null
  const reports = { aeTitle: 'SIMPUL', port: reportPort ?? 1 }
  const orthanc = await Orthanc.start({ folder: join(home, `${name}-orthanc`), reports })
  const daemon = processOf(name, { name: 'orthanc', ...more(orthanc) }, reportPort)
  await daemon.start()
  const startedMs = performance.now()
  await daemon.until(options.phase ?? 'confirmed', count, withinMs)
  const elapsedMs = performance.now() - startedMs
  const used = await daemon.stop()
  const result = row(what, elapsedMs, used, await orthanc.instances())
  await orthanc.stop()
  return result
}

/** Archive and forwarder are killed in turns, each when some more has gone. */
async function withKills(
  what: string,
  name: string,
  more: (orthanc: Orthanc) => Destination,
): Promise<Row> {
  const orthanc = await Orthanc.start({ folder: join(home, `${name}-orthanc`) })
  const daemon = processOf(name, { name: 'orthanc', ...more(orthanc) }, null)
  await daemon.start()
  const startedMs = performance.now()
  for (let kill = 1; kill <= kills; kill++) {
    await daemon.until('sent', Math.floor((count * kill) / (kills + 1)), withinMs)
    if (kill % 2 === 0) {
      await daemon.kill()
      await daemon.start()
    } else {
      await orthanc.kill()
      await new Promise((resolve) => setTimeout(resolve, 300))
      await orthanc.startAgain()
    }
  }
  await daemon.until('confirmed', count, withinMs)
  const elapsedMs = performance.now() - startedMs
  const used = await daemon.stop()
  const result = row(what, elapsedMs, used, await orthanc.instances())
  await orthanc.stop()
  return result
}

function filesIn(folder: string): Found {
  return readdirSync(folder).map((name) => {
    const file = readFileSync(join(folder, name))
    const head = decodeFileHead(file)
    if (!head.ok) throw new Error(head.reason)
    const { sopInstanceUid: uid, dataSetOffset } = head.value
    return { uid, dataSet: file.subarray(dataSetOffset) }
  })
}

async function intoStorescp(what: string, killEvery: number | null): Promise<Row> {
  const name = `storescp-${killEvery ?? 0}`
  const kept = join(home, `${name}-kept`)
  mkdirSync(kept)
  const peer = await startStorescp(kept, ['+B', '-pm', '+xa'])
  const to = { kind: 'dicom', name: 'storescp', host: '127.0.0.1', port: peer.port }
  const destination = { ...to, calledAeTitle: 'STORESCP', proof: 'none' }
  const daemon = processOf(name, destination, null)
  await daemon.start()
  const startedMs = performance.now()
  for (let at = killEvery ?? count; at < count; at += killEvery ?? count) {
    await daemon.until('sent', at, withinMs)
    await daemon.kill()
    await daemon.start()
  }
  await daemon.until('sent', count, withinMs)
  const elapsedMs = performance.now() - startedMs
  const used = await daemon.stop()
  await peer.stop()
  return row(what, elapsedMs, used, filesIn(kept))
}

/** The named peer: the same files, sent by DCMTK into an Orthanc of its own. */
async function storescu(): Promise<Row> {
  const folder = join(home, 'storescu')
  mkdirSync(folder)
  for (const { sopClassUid, sopInstanceUid, transferSyntaxUid, dataSet } of images) {
    const head = encodeFileHead({ sopClassUid, sopInstanceUid, transferSyntaxUid })
    writeFileSync(join(folder, `${sopInstanceUid}.dcm`), Buffer.concat([head, dataSet]))
  }
  const orthanc = await Orthanc.start({ folder: join(home, 'storescu-orthanc') })
  const startedMs = performance.now()
  const to = ['127.0.0.1', String(orthanc.port)]
  await tool('storescu', ['-aec', 'ORTHANC', '-xe', '-R', '+sd', ...to, folder])
  const elapsedMs = performance.now() - startedMs
  const result = row('storescu (DCMTK), no proof', elapsedMs, null, await orthanc.instances())
  await orthanc.stop()
  return result
}

const byDicom = (proof: string) => (orthanc: Orthanc) => ({
  kind: 'dicom',
  host: '127.0.0.1',
  port: orthanc.port,
  calledAeTitle: 'ORTHANC',
  proof,
})
const byWeb = (orthanc: Orthanc) => ({ kind: 'dicomweb', url: orthanc.webUrl })

try {
  const rows = [
    await storescu(),
    await intoOrthanc('C-STORE, no proof', 'plain', byDicom('none'), { phase: 'sent' }),
    await intoOrthanc('C-STORE, then C-FIND', 'find', byDicom('find')),
    await intoOrthanc('C-STORE, then commitment', 'commit', byDicom('commitment'), {
      listens: true,
    }),
    await intoOrthanc('STOW-RS, then QIDO-RS', 'web', byWeb),
    await withKills(`C-STORE, ${kills} kills`, 'kills', byDicom('auto')),
    await withKills(`STOW-RS, ${kills} kills`, 'web-kills', byWeb),
    await intoStorescp('into storescp', null),
    await intoStorescp(`into storescp, ${kills} kills`, Math.ceil(count / (kills + 1))),
  ]
  console.table(rows)
  const isWhole = rows.every((one) => one.missing + one.doubled + one.differing === 0)
  if (!isWhole) process.exitCode = 1
} finally {
  rmSync(home, { recursive: true, force: true })
}
