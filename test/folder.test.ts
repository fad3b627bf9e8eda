/**
 * Files of a device, from a folder to the journal: each once, whatever stops in between, and with
 * the file itself beside what was read out of it.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Driver } from '../drivers/driver.ts'
import { receiving } from '../drivers/receiving.ts'
import { systemRandom } from '../gateway/clock/random.ts'
import { systemClock } from '../gateway/clock/system-clock.ts'
import { readConfig } from '../gateway/config/read.ts'
import { startGateway } from '../gateway/gateway.ts'
import { memoryLog } from '../gateway/health/log.ts'
import { nodeFiles } from '../gateway/journal/files.ts'
import { incomingFiles } from '../gateway/journal/incoming.ts'
import { openLocalJournal } from '../gateway/journal/open.ts'
import { hostLinks } from '../gateway/links/links.ts'
import { door } from '../gateway/uplink/mqtt-testing.ts'
import { until } from './bad-input/tested-van.ts'

const rate = { samples: 500, perMs: 1_000 } as const
const lead = { code: 'MDC_ECG_ELEC_POTL_I', unit: 'uV', lsb: 5, zero: 0 } as const
const settledMs = 250

/** A cardiograph that exports `ECG` and a number: that many beats, and as many samples. */
const cardiograph: Driver = receiving({
  id: 'cardiograph',
  label: 'A cardiograph that does not exist',
  source: 'made for tests',
  evidence: 'documented',
  confidence: 'high',
  links: [{ kind: 'folder', endings: ['.ecg'], limitBytes: 1_000_000 }],
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'waveform', 'document'],
  silentAfterMs: null,
  objectLimitBytes: 1_000_000,
  read(bytes) {
    const [, digits] = /^ECG(\d+)$/.exec(Buffer.from(bytes).toString('latin1')) ?? []
    if (digits === undefined) return { ok: false, reason: 'no recording' }
    const beats = Number(digits)
    const samples = [new Int32Array(beats)]
    return {
      ok: true,
      said: [
        { kind: 'document', title: 'Resting ECG', mediaType: 'application/x-ecg', bytes },
        { kind: 'strip', wave: 'resting', rate, leads: [lead], samples },
        { kind: 'measurement', values: [{ code: 'MDC_PULS_RATE', value: beats, unit: '/min' }] },
      ],
    }
  },
})

/** A van with one folder, started again and again. */
function van(t: Test) {
  const home = t.testdir({ share: {}, data: {} })
  const share = join(home, 'share')
  const folder = join(home, 'data')
  const link = { kind: 'folder', path: share }
  const read = readConfig(
    JSON.stringify({
      van: 'van-test',
      folder,
      devices: [{ id: 'ecg-1', driver: 'cardiograph', link }],
      imaging: { ports: [] },
      uplink: { url: 'mqtt://127.0.0.1:1' },
    }),
    [cardiograph],
  )
  if (!read.ok) throw new Error('the configuration is good')
  const { config } = read
  const disk = { freeBytes: 1e12 }
  const emptyFile = { read: async () => null, write: async () => {}, setAside: async () => {} }
  return {
    share,
    disk,
    put: (name: string, text: string) => writeFileSync(join(share, name), text),
    start: async () => {
      const [clock, random, { log }] = [systemClock(), systemRandom(), memoryLog()]
      const bootId = '00000000-0000-4000-8000-000000000000'
      const journal = openLocalJournal(
        { folder, van: config.van, bootId, limitBytes: 1e9, reserveBytes: 1e9 },
        { clock, random, log, files: { ...nodeFiles, freeBytes: () => disk.freeBytes } },
        (error) => t.fail(error.message),
      )
      const links = hostLinks({
        folders: {
          stateFolder: join(folder, 'folders'),
          lookEveryMs: 15,
          restMs: 30,
          againAfterMs: 100,
        },
      })
      const gateway = await startGateway(
        { clock, random, links, broker: door(1), log, bootId },
        config,
        {
          drivers: [cardiograph],
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
      /** Beats of what is stored, in order. */
      const stored = async (): Promise<readonly number[]> => {
        const records = (await journal.recent(1_000)).map(({ record }) => record)
        const beats = records.flatMap((record) =>
          record.kind === 'measurement' ? (record.values[0]?.value ?? []) : [],
        )
        return beats.toSorted((one, other) => one - other)
      }
      const counted = async (stream: string): Promise<number> => {
        const { streams } = (await gateway.page.status()).journal
        return streams.find((one) => one.stream === `ecg-1/${stream}`)?.recordsStored ?? 0
      }
      return { gateway, stored, counted, incoming: () => readdirSync(journal.incomingFolder) }
    },
  }
}

const holds = (stored: () => Promise<readonly number[]>, count: number) => async () =>
  (await stored()).length >= count ? true : null

t.test('folder: a file is read, kept, and not read again by the next start', async (t) => {
  const { put, start, share } = van(t)
  put('a.ecg', 'ECG61')
  const first = await start()
  await until('the first', holds(first.stored, 1))
  put('b.ecg', 'ECG62')
  put('copy of b.ecg', 'ECG62')
  put('rubbish.ecg', 'EEG')
  await until('the second', holds(first.stored, 2))
  await sleep(settledMs)
  t.strictSame(await first.stored(), [61, 62])
  t.strictSame([await first.counted('document'), await first.counted('waveform')], [2, 2])
  t.strictSame(first.incoming(), [])
  await first.gateway.stop()

  mkdirSync(join(share, 'new'))
  put('new/c.ecg', 'ECG63')
  const second = await start()
  await until('the third', holds(second.stored, 3))
  await sleep(settledMs)
  t.strictSame(await second.stored(), [61, 62, 63])
  t.strictSame([await second.counted('document'), await second.counted('waveform')], [3, 3])
  await second.gateway.stop()
})

t.test('folder: a full disk leaves the file for later, and nothing half', async (t) => {
  const { put, start, disk } = van(t)
  const running = await start()
  disk.freeBytes = 1e9
  put('a.ecg', 'ECG61')
  await sleep(settledMs)
  t.strictSame(await running.stored(), [])
  disk.freeBytes = 1e12
  await until('room', holds(running.stored, 1))
  await sleep(settledMs)
  t.strictSame(await running.stored(), [61])
  t.strictSame([await running.counted('document'), await running.counted('waveform')], [1, 1])
  await running.gateway.stop()
})

t.test('folder: stopped at any moment, each file is stored once', async (t) => {
  const { put, start } = van(t)
  const expected: number[] = []
  for (let round = 0; round < 8; round++) {
    const running = await start()
    for (let file = 0; file < 3; file++) {
      const beats = 60 + expected.length
      expected.push(beats)
      put(`${beats}.ecg`, `ECG${beats}`)
    }
    // From before the files rest until after they are stored.
    await sleep(20 + round * 10)
    await running.gateway.stop()
  }
  const last = await start()
  await until('all', holds(last.stored, expected.length))
  await sleep(settledMs)
  t.strictSame(await last.stored(), expected)
  t.equal(await last.counted('document'), expected.length)
  await last.gateway.stop()
})

t.test('folder: one that goes away and comes back', async (t) => {
  const { put, start, share } = van(t)
  const running = await start()
  put('a.ecg', 'ECG61')
  await until('the first', holds(running.stored, 1))
  rmSync(share, { recursive: true })
  await until('its end', async () => {
    const [device] = (await running.gateway.page.status()).devices
    return device?.trouble?.code === 'link-no-folder' ? true : null
  })
  mkdirSync(share)
  put('a.ecg', 'ECG61')
  put('b.ecg', 'ECG62')
  await until('the second', holds(running.stored, 2))
  t.strictSame(await running.stored(), [61, 62])
  await running.gateway.stop()
})
