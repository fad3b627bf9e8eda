/**
 * A van that plays a script: an ECG that beats, an oximeter, a blood pressure monitor that is
 * ready, a scale whose cable is out, a stranger at the DICOM port, and a hospital that receives
 * with a delay. For the tests of the page, and to look at the page without a gateway.
 */
import type { Filled } from '../../drivers/keypad/photo.ts'
import { readForm } from '../../drivers/keypad/read.ts'
import { forms } from '../../drivers/keypad/forms.ts'
import type {
  Measurement,
  Numerics,
  Record,
  Source,
  Value,
  Words,
} from '../../protocols/packet/record.ts'
import { outlineOf, type Outline } from '../../protocols/packet/outline.ts'
import { terms } from '../../protocols/vocabulary/terms.ts'
import { otherWaves } from '../../protocols/vocabulary/waves.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import { imagingTrouble } from '../errors/imaging.ts'
import type { IdentifyRequest, PortView } from './identify-view.ts'
import { scriptedDevices } from './scripted-devices.ts'
import { scriptedMedia, type ScriptedMedia } from './scripted-media.ts'
import { scriptedVisits, type ScriptedVisits } from './scripted-visits.ts'
import { ecgDescription, ecgRate, ecgSamples, pleth, plethRate } from './scripted-waves.ts'
import { troubleWords } from './trouble-words.ts'
import type {
  Delivery,
  Happened,
  PageSource,
  PageStatus,
  RecentQuery,
  SourceRecord,
  StrangerView,
  Typed,
} from './view.ts'

export interface ScriptedSource extends PageSource {
  /** Lets the waves run until the function that is returned is called. */
  play(): () => void
  /** What became of the uplink: offline keeps every record where it is. */
  online: boolean
  /** True while the electrode cable is out: the ECG stops. */
  stalled: boolean
  /** A device says temperatures, beside what it plays. */
  say(device: string, celsius: readonly number[], qualifiers: Words): void
  event(device: string, code: string, active: boolean): void
  /** Where a device is searched for; empty at the start. */
  ports: readonly PortView[]
  strangers: readonly StrangerView[]
  readonly answered: { readonly aeTitle: string; readonly device: string }[]
  /** What was asked about them. */
  readonly asked: IdentifyRequest[]
  /** How often `typed` was called. */
  typedCount: number
  /** What `typed` was called with last; null before. */
  typedLast: Filled | null
  readonly visits: ScriptedVisits
  readonly media: ScriptedMedia
}

const blockMs = 250
const recordsMax = 400

interface Kept {
  readonly key: string
  readonly device: string
  readonly record: Outline
  readonly storedMs: number
  delivery: Delivery
}

/** A record stays `stateMs` in each state while the van is online. */
export function scriptedSource(clock: Clock, stateMs = 700): ScriptedSource {
  const kept: Kept[] = []
  const listeners = new Set<(happened: Happened) => void>()
  const startedMs = clock.monotonicMs()
  let keys = 0
  let ecgSample = 0
  let plethSample = 0
  let ticks = 0

  const tell = (happened: Happened) => {
    for (const listener of listeners) listener(happened)
  }
  const stamp = (source: Source, simulated = false) => ({
    atMs: clock.monotonicMs(),
    utcMs: clock.wallMs(),
    uncertaintyMs: 40,
    source,
    simulated,
  })
  const store = (device: string, record: Record): string => {
    keys += 1
    const key = `${device}/${record.kind}/${keys}`
    kept.unshift({
      key,
      device,
      record: outlineOf(record),
      storedMs: clock.monotonicMs(),
      delivery: 'stored',
    })
    kept.splice(recordsMax)
    tell({ kind: 'changed', what: 'records' })
    return key
  }
  const measure = (device: string, values: readonly Value[]): void => {
    const record: Measurement = {
      ...stamp('device', device === 'scale-1'),
      kind: 'measurement',
      values,
      deviceTime: null,
      qualifiers: {},
    }
    tell({ kind: 'record', device, record })
    store(device, record)
  }
  const repeat = (device: string, values: readonly Value[], qualifiers: Words = {}): void => {
    const record: Numerics = { ...stamp('device'), kind: 'numerics', values, qualifiers }
    tell({ kind: 'record', device, record })
    store(device, record)
  }
  const playWaves = (): void => {
    if (!source.stalled) {
      const count = (ecgRate.samples * blockMs) / ecgRate.perMs
      const record = {
        ...stamp('device'),
        kind: 'waveform',
        wave: 'ecg',
        run: 1,
        firstSample: ecgSample,
        rate: ecgRate,
        leads: ecgDescription,
        samples: ecgSamples(ecgSample, count),
      } as const
      ecgSample += count
      tell({ kind: 'record', device: 'ecg-1', record })
      if (ticks % 8 === 0) store('ecg-1', record)
    }
    const count = (plethRate.samples * blockMs) / plethRate.perMs
    const samples = Int32Array.from({ length: count }, (_, at) => pleth(plethSample + at))
    const record = {
      ...stamp('device'),
      kind: 'waveform',
      wave: 'pleth',
      run: 1,
      firstSample: plethSample,
      rate: plethRate,
      leads: [{ code: otherWaves.pleth.code, unit: null, lsb: null, zero: 0 }],
      samples: [samples],
    } as const
    plethSample += count
    tell({ kind: 'record', device: 'monitor-1', record })
    if (ticks % 8 === 4) store('monitor-1', record)
  }
  const playNumbers = (): void => {
    const wander = Math.round(Math.sin(ticks / 20) * 2)
    repeat('monitor-1', [value('saturation', 97 + wander / 2), value('oximeterPulse', 74 + wander)])
    if (!source.stalled) repeat('ecg-1', [value('heartRate', 73 + wander)])
  }
  /** Stored, sent, acknowledged, receipted: each record takes its time. */
  const playUplink = (): void => {
    if (!source.online) return
    const nowMs = clock.monotonicMs()
    const states: readonly Delivery[] = ['stored', 'sent', 'acknowledged', 'receipted']
    let isChanged = false
    for (const record of kept) {
      const step = Math.min(3, Math.floor((nowMs - record.storedMs) / stateMs))
      const delivery = states[step] ?? 'receipted'
      if (states.indexOf(delivery) <= states.indexOf(record.delivery)) continue
      record.delivery = delivery
      isChanged = true
    }
    if (!isChanged) return
    tell({ kind: 'changed', what: 'records' })
    tell({ kind: 'changed', what: 'status' })
  }

  const source: ScriptedSource = {
    online: true,
    stalled: false,
    ports: [],
    strangers: [],
    answered: [],
    async answerSender(aeTitle, device) {
      if (device === '') throw imagingTrouble('imaging-name-refused', { name: device })
      source.answered.push({ aeTitle, device })
      source.strangers = source.strangers.filter((one) => one.aeTitle !== aeTitle)
      tell({ kind: 'changed', what: 'status' })
    },
    asked: [],
    typedCount: 0,
    typedLast: null,
    visits: scriptedVisits(clock, () => tell({ kind: 'changed', what: 'visits' })),
    media: scriptedMedia(() => tell({ kind: 'changed', what: 'media' })),
    say(device, celsius, qualifiers) {
      repeat(
        device,
        celsius.map((one) => value('temperature', one)),
        qualifiers,
      )
    },
    event(device, code, active) {
      const level = 'warning'
      const record = { ...stamp('device'), kind: 'event', code, level, active, detail: {} } as const
      tell({ kind: 'record', device, record })
      store(device, record)
    },
    status: async () => statusOf({ kept, clock, startedMs, source }),
    recent: async ({ limit, device, kinds }: RecentQuery): Promise<readonly SourceRecord[]> =>
      kept
        .filter((one) => device === null || one.device === device)
        .filter((one) => kinds === null || kinds.includes(one.record.kind))
        .slice(0, limit)
        .map((one) => ({ ...one })),
    live(hears) {
      listeners.add(hears)
      return () => listeners.delete(hears)
    },
    forms: () => forms,
    async typed(filled: Filled): Promise<Typed> {
      source.typedCount += 1
      source.typedLast = filled
      const photo = filled.photo === null ? null : '0'.repeat(64)
      const today = new Date(clock.wallMs()).toISOString().slice(0, 10)
      const read = readForm({ ...filled, photo, today })
      if (read.kind !== 'said') {
        const fields = read.findings.map(({ field, text }) => ({ field, why: text }))
        return { kind: read.kind, fields }
      }
      const typedOrPhoto = filled.photo?.isSource === true ? 'photo' : 'typed'
      const stored = read.said.flatMap((said) => {
        if (said.kind !== 'measurement') return []
        const { values, qualifiers = {} } = said
        const stamped = stamp(typedOrPhoto)
        const record = { ...stamped, kind: 'measurement', values, qualifiers } as const
        return [store('keypad', { ...record, deviceTime: null })]
      })
      return { kind: 'stored', keys: stored }
    },
    identify: {
      async ask(request) {
        source.asked.push(request)
        if (request.kind !== 'forget') {
          source.ports = source.ports.filter(({ path }) => path !== request.path)
        }
        tell({ kind: 'changed', what: 'status' })
      },
      drivers: () => [
        { driver: 'and-tm265x', label: 'A&D TM-2655 / TM-2657' },
        { driver: 'st-gs-scale', label: 'Timbangan ST/GS' },
      ],
      capture: (path) => `# an unknown device at ${path}\n< 02 31 32 38 03\n`,
    },
    capture: async (device) => (device === 'scale-1' ? null : `# ${device}\n< 02 31 32 38 03\n`),
    play() {
      let isPlaying = true
      measure('bp-1', [
        value('systolic', 128),
        value('diastolic', 82),
        value('meanPressure', 97),
        value('cuffPulse', 71),
      ])
      const tick = (): void => {
        if (!isPlaying) return
        playWaves()
        if (ticks % 4 === 0) playNumbers()
        playUplink()
        ticks += 1
        clock.after('scripted van', blockMs, tick)
      }
      tick()
      return () => {
        isPlaying = false
      }
    },
  }
  return source
}

function statusOf(van: {
  readonly kept: readonly Kept[]
  readonly clock: Clock
  readonly startedMs: number
  readonly source: ScriptedSource
}): PageStatus {
  const { kept, clock, startedMs, source } = van
  const nowMs = clock.monotonicMs()
  const devices = ['ecg-1', 'monitor-1', 'bp-1', 'keypad']
  return {
    van: 'van-02',
    software: 'simpul 0.1.0',
    clock: { utcMs: clock.wallMs(), uncertaintyMs: 38, authority: 'ntp' },
    devices: scriptedDevices(nowMs, startedMs, source.stalled),
    ports: source.ports,
    strangers: source.strangers,
    troubles: [troubleWords(imagingTrouble('imaging-not-dicom', { peer: '192.168.8.77' }))],
    journal: {
      streams: devices.map((device) => {
        const own = kept.filter((one) => one.device === device)
        const waiting = own.filter((one) => one.delivery !== 'receipted')
        return {
          stream: `${device}/measurement`,
          recordsStored: own.length,
          recordsReceipted: own.length - waiting.length,
          oldestUnreceiptedUtcMs: waiting.at(-1)?.record.utcMs ?? null,
        }
      }),
      usedBytes: 2_410_000_000,
      limitBytes: 32_000_000_000,
      full: false,
      unreceiptedPackets: kept.filter((one) => one.delivery !== 'receipted').length,
      unreceiptedBytes: kept.filter((one) => one.delivery !== 'receipted').length * 21_700,
    },
    uplink: {
      state: source.online ? 'online' : 'offline',
      sinceMs: startedMs - 1_234_000,
      words: source.online
        ? { id: 'Terhubung. Sedang mengirim.', en: 'Connected. Sending.' }
        : {
            id: 'Tidak ada sambungan. Data aman di sini dan dikirim nanti.',
            en: 'No connection. Data is safe here and is sent later.',
          },
      landing: source.online ? 'online' : 'unknown',
      lastReceiptMs: source.online ? nowMs - 900 : startedMs - 1_234_000,
      trouble: null,
    },
  }
}

function value(term: keyof typeof terms, number: number): Value {
  return { code: terms[term].code, value: number, unit: terms[term].unit }
}
