/** One life of the gateway: the real one, on a real journal, in a world that is simulated. */
import { drivers } from '../../drivers/index.ts'
import type { Record } from '../../protocols/packet/record.ts'
import type { Random } from '../../protocols/world/random.ts'
import type { Config } from '../config/schema.ts'
import type { RegistryFile } from '../devices/registry-file.ts'
import type { FakeLinks } from '../devices/fake-links.ts'
import { startGateway, type Gateway } from '../gateway.ts'
import type { ImagingHears } from '../imaging/imaging.ts'
import { nodeFiles } from '../journal/files.ts'
import { incomingFiles } from '../journal/incoming.ts'
import type { Journal, Outgoing } from '../journal/journal.ts'
import { openLocalJournal } from '../journal/open.ts'
import type { Log } from '../world.ts'
import type { SimBroker } from './broker.ts'
import { cuttingFiles, cuttingTools, type Cuts } from './cuts.ts'
import type { Incarnation } from './incarnation.ts'
import { mortalBroker, mortalJournal, mortalLinks } from './mortal.ts'
import type { Plan } from './plan.ts'
import { simTools } from './van-key.ts'
import type { Ward } from './ward.ts'
import { witnessedJournal } from './witnessed-journal.ts'
import type { Witness } from './witness.ts'

export const vanName = 'van-01'

export interface VanLifeParts {
  readonly life: Incarnation
  readonly bootId: string
  readonly folder: string
  readonly plan: Plan
  readonly random: Random
  readonly broker: SimBroker
  readonly links: FakeLinks
  readonly ward: Ward
  readonly witness: Witness
  readonly log: Log
  readonly cuts: Cuts
  readonly freeBytes: () => number
  readonly knowsTime: () => boolean
  readonly registryFile: RegistryFile
  /** The journal takes nothing any more. */
  readonly failed: (trouble: Error) => void
  /** The gateway runs. */
  readonly started: (life: VanLife) => void
}

export interface VanLife {
  readonly life: Incarnation
  readonly bootId: string
  readonly folder: string
  readonly journal: Journal
  /** null until the gateway has started. */
  gateway: Gateway | null
  /** What a node would tell when it receives an image. */
  imaging: ImagingHears | null
  /** What the devices said in this life, before it was stored. */
  readonly understood: { readonly device: string; readonly record: Record }[]
  /** The process is gone: its ports are free, and its database is closed without a word. */
  bury(): void
}

/** Throws when the journal cannot be opened. */
export function beginVanLife(parts: VanLifeParts): VanLife {
  const { life, bootId, folder, plan, random, witness, log, cuts } = parts
  const raw = openLocalJournal(
    {
      folder,
      van: vanName,
      bootId,
      limitBytes: plan.journal.limitBytes,
      reserveBytes: 1,
      packetMs: plan.journal.packetMs,
      waves: plan.journal.waves,
      busyMs: 0,
    },
    {
      clock: life.clock,
      random: random.fork('journal'),
      log,
      files: cuttingFiles(nodeFiles, cuts, parts.freeBytes),
      tools: cuttingTools(simTools, cuts),
    },
    (trouble) => {
      if (life.alive) parts.failed(trouble)
    },
  )
  const links = mortalLinks(life, parts.links)
  const running: VanLife = {
    life,
    bootId,
    folder,
    journal: witnessedJournal(mortalJournal(life, raw), bootId, witness),
    gateway: null,
    imaging: null,
    understood: [],
    bury() {
      links.closeAll()
      void raw.close().catch(() => {})
    },
  }
  const world = {
    clock: life.clock,
    random: random.fork('gateway'),
    links,
    broker: mortalBroker(life, parts.broker),
    log,
    bootId,
  }
  void start(running, world, parts).catch((error: unknown) => {
    witness.fail(`the gateway did not start: ${String(error)}`)
  })
  return running
}

async function start(
  running: VanLife,
  world: Parameters<typeof startGateway>[0],
  parts: VanLifeParts,
): Promise<void> {
  const { witness, ward, knowsTime, plan } = parts
  const { journal } = running
  witness.reopened(await everythingWaiting(journal))
  const gateway = await startGateway(world, configFor(parts), {
    drivers,
    journal,
    incoming: incomingFiles(journal.incomingFolder),
    registryFile: parts.registryFile,
    knownFile: null,
    // No port of the simulation is one that nobody is configured for.
    adoptedFile: { read: async () => null, write: async () => {}, setAside: async () => {} },
    sendersFile: { read: async () => null, write: async () => {}, setAside: async () => {} },
    commitmentsFile: { read: async () => null, write: async () => {}, setAside: async () => {} },
    synchronised: async () => (knowsTime() ? { ageMs: 0 } : null),
    unreceipted: { first: plan.uplink.unreceiptedMax, most: plan.uplink.unreceiptedMax },
    openImaging: async (hears) => {
      running.imaging = hears
      const nothing = (): void => {}
      const told = { intake: nothing, know: nothing, worklist: nothing }
      const report = async () => ({ kind: 'no-association' }) as const
      return { address: () => [], ...told, report, stop: async () => {} }
    },
  })
  running.gateway = gateway
  gateway.page.live((happened) => {
    if (happened.kind !== 'record') return
    const { device, record } = happened
    running.understood.push({ device, record })
    ward.understood(device, record)
  })
  parts.started(running)
}

const readAtOnce = 1_000

/** All packets without a receipt. */
async function everythingWaiting(journal: Journal): Promise<readonly Outgoing[]> {
  const waiting: Outgoing[] = []
  const after: { [K in Outgoing['class']]?: number } = {}
  for (;;) {
    const packets = await journal.outgoing({
      after,
      limitCount: readAtOnce,
      limitBytes: Number.MAX_SAFE_INTEGER,
    })
    if (packets.length === 0) return waiting
    waiting.push(...packets)
    for (const packet of packets) after[packet.class] = packet.id
  }
}

function configFor({ plan, ward, folder }: VanLifeParts): Config {
  return {
    van: vanName,
    folder,
    devices: ward.devices.map(({ plugged: { id, driver, address, simulated } }) => {
      if (address.kind !== 'serial') throw new Error(`${id} is not at a serial port`)
      return { id, driver: driver.id, link: { kind: 'serial', path: address.path }, simulated }
    }),
    identify: { accept: 'ask', ports: [], ignore: [] },
    imaging: {
      ports: [],
      host: '127.0.0.1',
      senders: [],
      aeTitle: 'SIMPUL',
      titles: 'forgiving',
      identity: 'check',
      commitment: 'hospital',
      idleMinutes: 30,
    },
    media: { folders: [] },
    journal: {
      limitBytes: plan.journal.limitBytes,
      reserveBytes: 1,
      packetSeconds: 10,
      waves: 'live',
    },
    uplink: {
      url: 'mqtt://127.0.0.1',
      keepaliveSeconds: plan.uplink.keepaliveSeconds,
      windowMax: plan.uplink.windowMax,
    },
    page: { host: '127.0.0.1', port: 0 },
  }
}
