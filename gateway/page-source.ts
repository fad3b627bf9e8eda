/** What the local page shows, put together from those who know it. */
import { timeKey } from '../protocols/packet/device-time.ts'
import { outlineOf, type Outline } from '../protocols/packet/outline.ts'
import { parseStream } from '../protocols/packet/topics.ts'
import { forms } from '../drivers/keypad/forms.ts'
import { readForm } from '../drivers/keypad/read.ts'
import type { Driver } from '../drivers/driver.ts'
import type { TimeKeeper } from './clock/time-keeper.ts'
import type { Config } from './config/schema.ts'
import { dayOf } from './devices/calibration.ts'
import { hearingWords, type DeviceStatus } from './devices/device-status.ts'
import type { Devices } from './devices/devices.ts'
import type { Identification } from './devices/identify/identification.ts'
import type { Trouble } from './errors/trouble.ts'
import type { Commitments } from './commitment/commitments.ts'
import type { ImageDesk, SenderView } from './images.ts'
import type { Imaging } from './imaging/imaging.ts'
import type { Journal, RecentRecord } from './journal/journal.ts'
import { identifyDesk, portViews } from './page-identify.ts'
import { visitsDesk } from './page-visits.ts'
import type { MediaDesk } from './page/media-view.ts'
import { troubleWords } from './page/trouble-words.ts'
import type {
  Delivery,
  DeviceView,
  Happened,
  PageSource,
  SourceRecord,
  StrangerView,
  UplinkView,
} from './page/view.ts'
import type { IdentityDesk, StationView } from './page/visits-view.ts'
import type { Uplink } from './uplink/uplink.ts'
import { software } from './version.ts'
import type { Visits } from './visits/visits.ts'

export interface PageSourceParts {
  readonly config: Config
  readonly time: TimeKeeper
  readonly journal: Journal
  readonly devices: Devices
  readonly identification: Identification
  readonly drivers: readonly Driver[]
  readonly images: ImageDesk
  readonly commitments: Pick<Commitments, 'troubles'>
  /** null: no DICOM node. */
  readonly imaging: Imaging | null
  readonly visits: Visits
  readonly identity: IdentityDesk
  readonly media: MediaDesk
  readonly uplink: Uplink
  readonly listeners: Set<(happened: Happened) => void>
}

/** More of them in a row would push the devices out of sight. */
const troublesMax = 4

/** So many are looked through when the page asks for one device or some kinds. */
const lookThroughMax = 1_000

export function pageSource(parts: PageSourceParts): PageSource {
  const { commitments } = parts
  const { config, time, journal, devices, identification, images, imaging, uplink, listeners } =
    parts
  const deliveryOf = ({ stream, packet }: RecentRecord): Delivery => {
    if (packet === null) return 'stored'
    return packet.receipted ? 'receipted' : uplink.deliveryOf(packet.epoch, stream, packet.seq)
  }
  return {
    async status() {
      const { utc, authority } = time.status()
      const senders = images.senders()
      const imageTroubles = [...images.troubles(), ...commitments.troubles()]
      return {
        van: config.van,
        software,
        clock: {
          utcMs: utc?.utcMs ?? null,
          uncertaintyMs: utc?.uncertaintyMs ?? null,
          authority,
        },
        devices: [
          ...devices
            .statuses()
            .map((status) => serialView(status, identification.isAdopted(status.id))),
          ...senders.map((sender) => senderView(sender, imageTroubles, imaging)),
        ],
        ports: portViews(identification),
        strangers: strangersOf(images),
        troubles: imageTroubles
          .filter(({ details }) => !senders.some(({ device }) => device === details['device']))
          .slice(0, troublesMax)
          .map((trouble) => troubleWords(trouble)),
        journal: await journal.status(),
        uplink: uplinkView(uplink),
      }
    },
    async recent({ limit, device, kinds }) {
      const all = device === null && kinds === null
      const found = await journal.recent(all ? limit : lookThroughMax)
      return found
        .map((one) => sourceRecord(one, deliveryOf(one)))
        .filter((one) => device === null || one.device === device)
        .filter((one) => kinds?.includes(one.record.kind) ?? true)
        .slice(0, limit)
    },
    live(hears) {
      listeners.add(hears)
      return () => void listeners.delete(hears)
    },
    visits: visitsDesk({
      visits: parts.visits,
      images: parts.identity,
      stations: () => stationsOf(images),
    }),
    media: parts.media,
    identify: identifyDesk(identification, parts.drivers),
    answerSender: (aeTitle, device) => images.answer(aeTitle, device),
    forms: () => forms,
    async typed(filled) {
      const { utc } = time.status()
      const today = utc === null ? null : dayOf(utc.utcMs)
      const read = readForm({ ...filled, photo: null, today })
      if (read.kind !== 'said') {
        const fields = read.findings.map(({ field, text }) => ({ field, why: text }))
        return { kind: read.kind, fields }
      }
      const records = await devices.typed(filled)
      return {
        kind: 'stored',
        keys: records.map((record) => keyOf(keypadOf(devices), outlineOf(record))),
      }
    },
    capture: async (device) => devices.capture(device),
  }
}

function uplinkView(from: Uplink): UplinkView {
  const status = from.status()
  const { online } = status.landing
  const newest = status.troubles[0]?.trouble ?? null
  return {
    state: status.state === 'stopped' ? 'offline' : status.state,
    sinceMs: status.sinceMs,
    words: status.words,
    landing: online === null ? 'unknown' : online ? 'online' : 'offline',
    lastReceiptMs: status.lastReceiptMs,
    trouble: newest === null ? null : troubleWords(newest),
  }
}

function senderView(
  sender: SenderView,
  troubles: readonly Trouble[],
  imaging: Imaging | null,
): DeviceView {
  const ports = imaging?.address() ?? []
  const open = ports.length > 0
  const trouble = troubles.find(({ details }) => details['device'] === sender.device)
  return {
    id: sender.device,
    driver: 'dicom',
    label: `DICOM ${sender.aeTitle}`,
    where: ports.map(({ port }) => `port ${port}`).join(', '),
    link: open ? 'open' : 'closed',
    state: open ? 'waiting' : 'unknown',
    simulated: sender.simulated,
    forgettable: false,
    lastHeardMs: sender.lastHeardMs,
    bytes: sender.storedBytes,
    noiseBytes: 0,
    noiseReason: null,
    words: null,
    staleAfterMs: null,
    trouble: trouble === undefined ? null : troubleWords(trouble),
  }
}

/** Devices that examine, and that somebody has named: an order may be for one of them. */
function stationsOf(images: ImageDesk): readonly StationView[] {
  return images
    .senders()
    .filter(({ known, aeTitle }) => known && aeTitle !== '')
    .map(({ aeTitle, device }) => ({ aeTitle, device }))
}

function strangersOf(images: ImageDesk): readonly StrangerView[] {
  const candidates = images
    .senders()
    .filter(({ known }) => known)
    .map(({ device }) => device)
  return images.strangers().map(({ aeTitle, peerAddress, device, storedCount }) => ({
    aeTitle,
    peer: peerAddress,
    device,
    images: storedCount,
    candidates,
  }))
}

function serialView(status: DeviceStatus, isAdopted: boolean): DeviceView {
  const trouble = status.storeTrouble ?? status.trouble
  return {
    id: status.id,
    driver: status.driver,
    label: status.label,
    where: status.where,
    link: status.link,
    state: stateOf(status),
    simulated: status.simulated,
    forgettable: isAdopted,
    lastHeardMs: status.lastHeardMs,
    bytes: status.bytesIn,
    noiseBytes: status.noiseBytes,
    noiseReason: status.lastNoise,
    words: hearingWords(status),
    staleAfterMs: status.silentAfterMs,
    trouble: trouble === null ? null : troubleWords(trouble),
  }
}

function stateOf(status: DeviceStatus): DeviceView['state'] {
  if (status.link !== 'open') return 'unknown'
  if (status.state === 'silent') return 'silent'
  if (status.hearing === 'bytes' || status.hearing === 'broken') return 'garbled'
  const streams = status.silentAfterMs !== null
  return status.hearing === 'packets' && streams ? 'talking' : 'waiting'
}

function sourceRecord(recent: RecentRecord, delivery: Delivery): SourceRecord {
  const device = parseStream(recent.stream)?.device ?? recent.stream
  return { key: keyOf(device, recent.record), device, record: recent.record, delivery }
}

function keypadOf(devices: Devices): string {
  return devices.statuses().find((one) => one.driver === 'keypad')?.id ?? 'keypad'
}

/**
 * The same before and after sealing: device, kind, time, and what tells apart records that were
 * said in the same millisecond.
 */
function keyOf(device: string, record: Outline): string {
  return `${device}/${record.kind}/${record.atMs}/${distinctionOf(record)}`
}

function distinctionOf(record: Outline): string {
  switch (record.kind) {
    case 'measurement': {
      // A message of an analyser holds the results of many specimens.
      const { values, deviceTime, identifiers } = record
      const specimen = identifiers?.['specimenId'] ?? ''
      return `${values[0]?.code ?? ''} ${timeKey(deviceTime)} ${specimen}`
    }
    case 'numerics':
      return `${record.values[0]?.code ?? ''} ${record.qualifiers['probe'] ?? ''}`
    case 'waveform':
      return `${record.wave} ${record.firstSample}`
    case 'event':
      return `${record.code} ${String(record.active)}`
    case 'image':
    case 'document':
    case 'rendition':
      return record.object.sha256
    case 'clock':
    case 'loss':
    case 'device':
      return ''
    case 'patient':
      return record.patient
    case 'visit':
      return `${record.visit} ${record.state}`
    case 'order':
      return `${record.order} ${record.state}`
    case 'identity':
      return `${record.of} ${record.state}`
    case 'procedure':
      return `${record.sopInstanceUid} ${record.state}`
  }
}
