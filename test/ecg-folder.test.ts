/** ECG files and reports of real devices, from a folder to the journal of a gateway. */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { documentFile } from '../drivers/document-file.ts'
import { ecgFile } from '../drivers/ecg-file.ts'
import { systemRandom } from '../gateway/clock/random.ts'
import { systemClock } from '../gateway/clock/system-clock.ts'
import { readConfig } from '../gateway/config/read.ts'
import { startGateway } from '../gateway/gateway.ts'
import { memoryLog } from '../gateway/health/log.ts'
import { nodeFiles } from '../gateway/journal/files.ts'
import { incomingFiles } from '../gateway/journal/incoming.ts'
import { openLocalJournal } from '../gateway/journal/open.ts'
import { stripBlockSamplesMax } from '../gateway/devices/said-items.ts'
import { hostLinks } from '../gateway/links/links.ts'
import { door } from '../gateway/uplink/mqtt-testing.ts'
import { decodeEcgFile } from '../protocols/ecg/file.ts'
import type { Outline } from '../protocols/packet/outline.ts'
import { until } from './bad-input/tested-van.ts'

const samples = join(import.meta.dirname, '../protocols/ecg/samples')

function sample(name: string): Buffer {
  return gunzipSync(readFileSync(join(samples, `${name}.gz`)))
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

t.test('ecg files: a folder of a real electrocardiograph reaches the journal', async (t) => {
  const home = t.testdir({ share: {}, data: {} })
  const [share, folder] = [join(home, 'share'), join(home, 'data')]
  const link = { kind: 'folder', path: share }
  const read = readConfig(
    JSON.stringify({
      van: 'van-test',
      folder,
      devices: [
        { id: 'ecg-1', driver: 'ecg-file', link },
        { id: 'reports', driver: 'document-file', link },
      ],
      imaging: { ports: [] },
      uplink: { url: 'mqtt://127.0.0.1:1' },
    }),
    [ecgFile, documentFile],
  )
  if (!read.ok) throw new Error('the configuration is good')
  const [clock, random, { log }] = [systemClock(), systemRandom(), memoryLog()]
  const bootId = '00000000-0000-4000-8000-000000000000'
  const journal = openLocalJournal(
    { folder, van: 'van-test', bootId, limitBytes: 1e9, reserveBytes: 1e6 },
    { clock, random, log, files: nodeFiles },
    (error) => t.fail(error.message),
  )
  const links = hostLinks({
    folders: { stateFolder: null, lookEveryMs: 15, restMs: 30, againAfterMs: 100 },
  })
  const emptyFile = { read: async () => null, write: async () => {}, setAside: async () => {} }
  const gateway = await startGateway(
    { clock, random, links, broker: door(1), log, bootId },
    read.config,
    {
      drivers: [ecgFile, documentFile],
      journal,
      incoming: incomingFiles(journal.incomingFolder),
      registryFile: emptyFile,
      knownFile: null,
      adoptedFile: emptyFile,
      sendersFile: emptyFile,
      commitmentsFile: emptyFile,
      synchronised: async () => null,
      openImaging: null,
    },
  )
  t.teardown(() => gateway.stop())
  const files = new Map([
    ['MDW14.SCP', sample('MDW14.scp')],
    ['Example.dcm', sample('Example.dcm')],
    ['PageWriter.XML', sample('PageWriterTC.xml')],
    ['half.scp', sample('Example.scp').subarray(0, 9_000)],
    ['62.SCP', sample('62.SCP')],
    ['report.PDF', Buffer.from('%PDF-1.4\n%%EOF\n')],
  ])
  for (const [name, bytes] of files) writeFileSync(join(share, name), bytes)
  const stored = async (): Promise<readonly Outline[]> =>
    (await journal.recent(1_000)).map(({ record }) => record)
  const documentsOf = (records: readonly Outline[]) =>
    records.flatMap((record) => (record.kind === 'document' ? [record.object.sha256] : []))
  await until('five documents', async () => (documentsOf(await stored()).length >= 5 ? true : null))
  await until('three measurements', async () =>
    (await stored()).filter(({ kind }) => kind === 'measurement').length >= 3 ? true : null,
  )
  const records = await stored()
  const kept = [...files].flatMap(([name, bytes]) => (name === '62.SCP' ? [] : [sha256(bytes)]))
  t.strictSame(documentsOf(records).toSorted(), kept.toSorted(), 'every file that is one of them')
  t.match(
    records.find((record) => record.kind === 'event' && record.code === 'file-not-understood'),
    { detail: { reason: /a record of 34144 bytes/ } },
  )
  const blocks = ['MDW14.SCP', 'Example.dcm', 'PageWriter.XML'].map((name) => {
    const file = decodeEcgFile(new Uint8Array(files.get(name) ?? []))
    const part = file.ok && file.value.recording.ok ? file.value.recording.value.parts[0] : null
    const [leads = 0, length = 0] = [part?.leads.length, part?.samples[0]?.length]
    return Math.ceil(length / Math.floor(stripBlockSamplesMax / leads))
  })
  const { streams } = (await gateway.page.status()).journal
  const waves = streams.find(({ stream }) => stream === 'ecg-1/waveform')
  t.equal(
    waves?.recordsStored,
    blocks.reduce((sum, count) => sum + count),
  )
})
