/**
 * Every file of a folder through the whole way: by DCMTK's storescu, plain and with TLS, into a
 * gateway, over a real broker to the landing; there its data set is compared bit for bit with what
 * DCMTK's `storescp +B` wrote for the same send. A file that storescu does not send is sent by our
 * own sender as it is, and compared with itself.
 *
 *     node test/dicom-roundtrip.ts FOLDER
 *
 * Prints a table. The exit code is 1 when something stored came out different or not at all, when a
 * refusal had no sentence, or when the node fell.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { tableText } from '../gateway/cli/demo/table.ts'
import { decodeFileHead } from '../protocols/dicom/part10.ts'
import { uidName } from '../protocols/dicom/uids.ts'
import { landedRecords } from '../upstream/landed.ts'
import { startStorescp } from './dicom/dcmtk.ts'
import {
  factsOf,
  hashOf,
  sendByOurs,
  sendByStorescu,
  type FileFacts,
  type Sent,
  type Target,
} from './dicom/round-send.ts'
import { startRoundVan } from './dicom/round-van.ts'

const senders = [
  { aeTitle: 'ROUND_PLAIN', device: 'plain' },
  { aeTitle: 'ROUND_TLS', device: 'tls' },
] as const
const arriveWithinMs = 300_000
const lookEveryMs = 2_000
const referenceOptions = ['+B', '-pm', '+xa', '+uf', '-pdu', '131072']

interface Row {
  readonly file: FileFacts
  readonly by: 'storescu' | 'ours'
  /** SHA-256, hex, of the data set as the reference wrote it; null when it wrote none. */
  readonly expected: string | null
  /** One for each sender. */
  readonly sent: readonly Sent[]
}

interface Judged extends Row {
  /** For each sender: null when it was not stored, so that there is nothing to compare. */
  readonly equal: readonly (boolean | null)[]
  readonly isGood: boolean
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}

/** The data set that the reference wrote since it was last asked; the file is removed. */
function takeReference(folder: string): string | null {
  let found: string | null = null
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, name))
    const head = decodeFileHead(bytes)
    if (head.ok) found = hashOf(bytes.subarray(head.value.dataSetOffset))
    rmSync(join(folder, name))
  }
  return found
}

async function sendThere(
  path: string,
  reference: Target,
  referenceFolder: string,
  targets: readonly Target[],
): Promise<Row> {
  const file = factsOf(path)
  const first = await sendByStorescu(file, reference)
  const expected = takeReference(referenceFolder)
  const sent: Sent[] = []
  // Without a status and without a file there, it never left: storescu cannot propose its syntax.
  if (first !== null && (first.status !== null || expected !== null)) {
    for (const target of targets) {
      const one = await sendByStorescu(file, target)
      sent.push(one ?? { status: null, refused: false, sentence: 'not sent' })
    }
    return { file, by: 'storescu', expected, sent }
  }
  for (const target of targets) sent.push(await sendByOurs(file, target))
  return { file, by: 'ours', expected: file.dataSetHash, sent }
}

/** By device, the hashes of the data sets that are whole at the landing. */
function landedDataSets(landingFolder: string): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>()
  for (const { stream, records } of landedRecords(landingFolder)) {
    for (const record of records) {
      if (record.kind !== 'image') continue
      const { sha256 } = record.object
      const path = join(landingFolder, 'objects', sha256.slice(0, 2), sha256)
      if (!existsSync(path)) continue
      const device = stream.replace(/\/.*$/, '')
      const hashes = found.get(device) ?? new Set()
      hashes.add(hashOf(readFileSync(path).subarray(record.dataSetOffset)))
      found.set(device, hashes)
    }
  }
  return found
}

function judge(row: Row, landed: ReadonlyMap<string, ReadonlySet<string>>): Judged {
  const equal = senders.map(({ device }, index) => {
    const isThere = row.expected !== null && landed.get(device)?.has(row.expected) === true
    // What was refused may have been kept apart all the same.
    if (row.sent[index]?.status !== 0) return isThere ? true : null
    return isThere
  })
  const isGood = row.sent.every(({ status, refused, sentence }, index) =>
    status === 0 ? equal[index] === true : refused && sentence !== '',
  )
  return { ...row, equal, isGood }
}

/** An image may wait in the van for the form in which it travels: no packet waits meanwhile. */
async function judgeWhenThere(
  rows: readonly Row[],
  landingFolder: string,
): Promise<readonly Judged[]> {
  const beganMs = performance.now()
  for (;;) {
    const landed = landedDataSets(landingFolder)
    const judged = rows.map((row) => judge(row, landed))
    const isLate = performance.now() - beganMs > arriveWithinMs
    if (isLate || judged.every(({ isGood }) => isGood)) return judged
    await sleep(lookEveryMs)
  }
}

function print(rows: readonly Judged[], folder: string): void {
  const head = ['file', 'SOP class', 'transfer syntax', 'sent by', 'plain', 'TLS', 'equal', 'said']
  const status = (sent: Sent | undefined): string =>
    sent?.status === null || sent === undefined
      ? '-'
      : sent.status.toString(16).padStart(4, '0').toUpperCase()
  const yes = (equal: boolean | null | undefined): string =>
    equal === true ? 'yes' : equal === false ? 'NO' : '-'
  const lines = rows.map(({ file, by, sent, equal }) => [
    relative(folder, file.path),
    uidName(file.sopClassUid),
    uidName(file.transferSyntaxUid),
    by,
    status(sent[0]),
    status(sent[1]),
    `${yes(equal[0])} ${yes(equal[1])}`,
    sent.map(({ sentence }) => sentence).find((one) => one !== '') ?? '',
  ])
  process.stdout.write(tableText(head, lines))
}

async function run(folder: string): Promise<boolean> {
  const work = mkdtempSync(join(tmpdir(), 'simpul-roundtrip-'))
  const referenceFolder = join(work, 'reference')
  const vanFolder = join(work, 'van')
  mkdirSync(referenceFolder)
  mkdirSync(vanFolder)
  const reference = await startStorescp(referenceFolder, referenceOptions)
  const van = await startRoundVan(vanFolder, senders)
  const rows: Row[] = []
  let judged: readonly Judged[] = []
  let isDrained = false
  let lived = true
  try {
    const { plainPort, securePort, certificatePath } = van
    const plain = { callingAeTitle: senders[0].aeTitle, certificatePath: null }
    const targets: readonly Target[] = [
      { ...plain, port: plainPort },
      { port: securePort, callingAeTitle: senders[1].aeTitle, certificatePath },
    ]
    for (const path of filesIn(folder)) {
      const there = { ...plain, port: reference.port }
      rows.push(await sendThere(path, there, referenceFolder, targets))
    }
    isDrained = await van.drained()
    judged = await judgeWhenThere(rows, van.landingFolder)
    lived = van.alive()
  } finally {
    await van.stop()
    await reference.stop()
  }
  print(judged, folder)
  const stored = judged.flatMap(({ sent }) => sent).filter(({ status }) => status === 0).length
  const bad = judged.filter(({ isGood }) => !isGood)
  process.stdout.write(
    `\n${rows.length} files, ${stored} of ${rows.length * senders.length} sends stored; ` +
      `${bad.length} not as they should be${lived ? '' : '; THE NODE FELL'}` +
      `${isDrained ? '' : '; not everything was receipted in time'}\n`,
  )
  for (const { file } of bad) process.stdout.write(`  ${relative(folder, file.path)}\n`)
  const isGood = bad.length === 0 && isDrained && lived && rows.length > 0
  if (isGood) rmSync(work, { recursive: true, force: true })
  else process.stdout.write(`logs and files are in ${work}\n`)
  return isGood
}

const [folder = ''] = process.argv.slice(2)
if (folder === '' || !existsSync(folder)) {
  process.stderr.write('usage: node test/dicom-roundtrip.ts FOLDER\n')
  process.exitCode = 2
} else {
  process.exitCode = (await run(resolve(folder))) ? 0 : 1
}
