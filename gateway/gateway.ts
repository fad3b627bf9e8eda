/**
 * The gateway: what is wired to what, and in which order it starts and stops.
 *
 *     device ─▶ link ─▶ driver ─▶ record ─▶ journal ─▶ packet ─▶ uplink ─▶ broker
 *
 * Nothing here touches the outside: the world and the doors come in, so a seed can run all of it.
 */
import type { Driver } from '../drivers/driver.ts'
import { claimFromAnswer, TimeKeeper, type TimeKeeperParts } from './clock/time-keeper.ts'
import { Commitments } from './commitment/commitments.ts'
import type { Config, DeviceConfig } from './config/schema.ts'
import { Devices } from './devices/devices.ts'
import type { DeviceSink } from './devices/outbox.ts'
import { Adopted } from './devices/identify/adopted.ts'
import { HandoverLinks } from './devices/identify/handover.ts'
import { Identification } from './devices/identify/identification.ts'
import type { RegistryFile } from './devices/registry-file.ts'
import { stamp } from './devices/stamp.ts'
import { vanRecords } from './devices/van-records.ts'
import { storeDocument } from './documents.ts'
import { openImageIdentity, type IdentityDoors } from './image-identity.ts'
import { ImageDesk } from './images.ts'
import type { Imaging, ImagingHears } from './imaging/imaging.ts'
import type { KnownSender } from './imaging/senders.ts'
import type { Transcoder } from './imaging/transcode/transcoder.ts'
import type { IncomingFiles } from './journal/incoming.ts'
import type { Journal } from './journal/journal.ts'
import { carriedStoring, subjectOf } from './media-orders.ts'
import { Media } from './media/media.ts'
import type { Medium } from './media/mounts.ts'
import type { MediaThread, ThreadHears } from './media/thread.ts'
import type { PortInfo } from './links/ports.ts'
import { repeats } from './journal/kinds.ts'
import { modalityHears } from './modality-hears.ts'
import type { LinesFile } from './links/lines-file.ts'
import { Packing } from './packing.ts'
import { mediaDesk, noMedia } from './page-media.ts'
import { pageSource } from './page-source.ts'
import { OrderDoor } from './order-door.ts'
import { ProcedureDesk } from './procedures.ts'
import { SenderBook } from './sender-book.ts'
import type { PageSource } from './page/view.ts'
import { createUplink, uplinkDefaults, type Uplink } from './uplink/uplink.ts'
import type { ReceiptWindowLimits } from './uplink/receipt-window.ts'
import { software } from './version.ts'
import { HospitalOrders } from './visits/hospital-orders.ts'
import { Visits } from './visits/visits.ts'
import { offerWorklist } from './visits/worklist-offer.ts'
import type { World } from './world.ts'

export interface GatewayDoors {
  readonly drivers: readonly Driver[]
  readonly journal: Journal
  /** In the journal's folder for incoming files. */
  readonly incoming: IncomingFiles
  readonly registryFile: RegistryFile
  /** Which results of the memories of devices are stored; null: that is forgotten at the end. */
  readonly knownFile: LinesFile | null
  /** Devices that were recognised and taken into use. */
  readonly adoptedFile: RegistryFile
  /** Which devices send images, as a person has said on the page. */
  readonly sendersFile: RegistryFile
  /** Devices that wait to be told which images they may forget. */
  readonly commitmentsFile: RegistryFile
  readonly synchronised: TimeKeeperParts['synchronised']
  /** Of the zone in which the van works, if not western Indonesia. */
  readonly utcOffsetMinutes?: number
  /** null: no DICOM node. */
  readonly openImaging:
    | ((hears: ImagingHears, senders: readonly KnownSender[]) => Promise<Imaging>)
    | null
  /** Makes images small for the wire; without it they travel as they came. */
  readonly transcoder?: Transcoder
  /** What reads and writes whose an image is. */
  readonly identity?: IdentityDoors
  /** Reads sticks and discs, and makes images of pictures; without it there are none. */
  readonly openMedia?: (hears: ThreadHears) => MediaThread
  /** Packets that may wait for a receipt, if not so many as usual. */
  readonly unreceipted?: ReceiptWindowLimits
}

export interface Gateway {
  readonly page: PageSource
  readonly uplink: Uplink
  /** Ports that have appeared: devices there are opened at once. */
  portsAppeared(paths: readonly string[]): void
  /** Something was plugged into USB: devices that are looked for there are opened at once. */
  usbAppeared(): void
  /** All sticks and discs that there are now. */
  mediaSeen(media: readonly Medium[]): void
  /** All ports that there are now: where no device is known to be, one is searched for. */
  portsSeen(ports: readonly PortInfo[]): void
  /** Says goodbye, stores what was heard, seals it and closes the journal. */
  stop(): Promise<void>
}

/** How often it is looked whether an open packet is full: watched ones may hold 250 ms. */
const sealEveryMs = 250
const lookForRoomEveryMs = 5_000
/** Modalities ask for their worklist in local time. */
const westernIndonesiaMinutes = 420

export async function startGateway(
  world: World,
  config: Config,
  doors: GatewayDoors,
): Promise<Gateway> {
  const { clock, log } = world
  const { journal } = doors
  const sink: DeviceSink = {
    async record(device, record) {
      await journal.store(device, record)
      if (!repeats(record.kind)) uplink.nudge()
    },
    async document(device, document) {
      const record = await storeDocument(doors, device, document)
      if (record === null) return
      uplink.nudge()
      tell({ kind: 'record', device, record })
    },
  }
  const van = vanRecords(world, sink)
  const time = new TimeKeeper({
    clock,
    log,
    synchronised: doors.synchronised,
    says: (fix) => van.add(fix),
  })
  const uplink = createUplink(world, journal, {
    ...uplinkDefaults,
    van: config.van,
    software,
    keepaliveSeconds: config.uplink.keepaliveSeconds,
    windowMax: config.uplink.windowMax,
    ...(doors.unreceipted !== undefined && { unreceipted: doors.unreceipted }),
    stamp: () => stamp(time, clock.monotonicMs(), { source: 'device', simulated: false }),
    heardTime: ({ answer, asked }) => void time.hear(claimFromAnswer('broker', answer, asked)),
  })
  // Before the first device speaks, so that its records know the time if anybody does.
  await time.start()
  const adopted = await Adopted.open(doors.adoptedFile, log, config.devices)
  const links = new HandoverLinks(world.links, clock)
  const devices = await Devices.open({
    world: { ...world, links },
    time,
    sink,
    van,
    drivers: doors.drivers,
    devices: withKeypad([...config.devices, ...adopted.devices.map(({ device }) => device)]),
    registryFile: doors.registryFile,
    knownFile: doors.knownFile,
  })
  const listeners = new Set<Parameters<PageSource['live']>[0]>()
  const tell: Parameters<PageSource['live']>[0] = (happened) => {
    for (const listener of listeners) listener(happened)
  }
  const identification = new Identification({
    clock,
    log,
    links,
    drivers: doors.drivers,
    config: config.identify,
    devices,
    adopted,
    changed: () => tell({ kind: 'changed', what: 'status' }),
  })
  const packing = new Packing({
    clock,
    time,
    journal,
    transcoder: doors.transcoder ?? null,
    remove: (path) => void doors.incoming.remove(path),
    log,
    decided: () => uplink.nudge(),
  })
  const book = await SenderBook.open(doors.sendersFile, log, config.imaging.senders)
  const images = new ImageDesk({
    clock,
    time,
    journal,
    log,
    isPacked: doors.transcoder !== undefined,
    book,
    identify: (image) => identity.arrived(image),
    known: (senders) => imaging?.know(senders),
    stored: (device, record) => {
      packing.nudge()
      uplink.nudge()
      media?.stored(record)
      tell({ kind: 'record', device, record })
    },
    changed: () => tell({ kind: 'changed', what: 'status' }),
  })
  const visits = await Visits.open({
    van: config.van,
    clock,
    random: world.random.fork('visits'),
    time,
    journal,
    stored: () => uplink.nudge(),
  })
  const identity = openImageIdentity({
    config,
    clock,
    time,
    journal,
    incoming: doors.incoming,
    visits,
    book,
    doors: doors.identity ?? null,
    isPacked: doors.transcoder !== undefined,
    stored: () => {
      packing.nudge()
      uplink.nudge()
    },
  })
  const procedures = new ProcedureDesk({ clock, time, log, visits })
  const commitments = await Commitments.open({
    clock,
    random: world.random.fork('commitment'),
    log,
    journal,
    file: doors.commitmentsFile,
    policy: config.imaging.commitment,
    addressOf: (aeTitle) => book.addressOf(aeTitle),
    report: (order) => imaging?.report(order) ?? Promise.resolve({ kind: 'no-association' }),
    trouble: (trouble) => images.trouble(trouble),
  })
  const hears = modalityHears({ images, commitments, procedures })
  const imaging = (await doors.openImaging?.(hears, book.all())) ?? null
  const zoneMinutes = doors.utcOffsetMinutes ?? westernIndonesiaMinutes
  const { openMedia } = doors
  const media =
    openMedia === undefined
      ? null
      : new Media({
          clock,
          random: world.random.fork('media'),
          time,
          log,
          openThread: openMedia,
          storing: carriedStoring(hears, (trouble) => images.trouble(trouble)),
          van: config.van,
          software,
          zoneMinutes,
          subjectOf: (order) => subjectOf(visits, order, zoneMinutes),
          changed: () => tell({ kind: 'changed', what: 'media' }),
        })
  const stopOffering = offerWorklist({
    clock,
    visits,
    utcOffsetMinutes: zoneMinutes,
    offer: (entries) => imaging?.worklist(entries),
  })
  devices.listen({
    record: (device, record) => tell({ kind: 'record', device, record }),
    changed: () => tell({ kind: 'changed', what: 'status' }),
  })
  visits.listen(() => tell({ kind: 'changed', what: 'visits' }))
  const orders = new HospitalOrders({ visits, utcOffsetMinutes: zoneMinutes })
  const orderDoor =
    config.orders === undefined
      ? null
      : new OrderDoor({ clock, log, links, port: config.orders.hl7Port, orders })
  devices.start()
  orderDoor?.start()
  uplink.start()
  packing.start()
  commitments.start()
  const stopSealing = repeat(world, 'seal full packets', sealEveryMs, async () => {
    await journal.sealDue()
    uplink.nudge()
  })
  // A modality that is refused at the door tries again later; one that fails in the middle may not.
  const stopDoor = repeat(world, 'look for room', lookForRoomEveryMs, async () => {
    imaging?.intake(!(await journal.status()).full)
  })

  return {
    uplink,
    page: pageSource({
      config,
      time,
      journal,
      devices,
      identification,
      drivers: doors.drivers,
      images,
      commitments,
      imaging,
      visits,
      identity: identity.desk,
      media: media === null ? noMedia : mediaDesk(media),
      uplink,
      listeners,
    }),
    portsAppeared: (paths) => devices.portsAppeared(paths),
    usbAppeared: () => devices.usbAppeared(),
    mediaSeen: (seen) => media?.seen(seen),
    portsSeen: (ports) => identification.portsSeen(ports),
    async stop() {
      time.stop()
      stopOffering()
      await orderDoor?.stop()
      await media?.stop()
      await imaging?.stop()
      await commitments.stop()
      await procedures.stop()
      await identity.stop()
      await packing.stop()
      await identification.stop()
      await devices.stop()
      await van.stop()
      stopSealing()
      stopDoor()
      await uplink.stop()
      await journal.close()
    },
  }
}

/** About half of what a clinic measures is typed, so a van always has a keypad. */
function withKeypad(devices: readonly DeviceConfig[]): readonly DeviceConfig[] {
  const has = devices.some((one) => one.driver === 'keypad' || one.id === 'keypad')
  if (has) return devices
  return [
    ...devices,
    { id: 'keypad', driver: 'keypad', link: { kind: 'keypad' }, simulated: false },
  ]
}

/** One at a time, also when one takes longer than the pause; what fails is told and tried again. */
function repeat(
  { clock, log }: Pick<World, 'clock' | 'log'>,
  name: string,
  everyMs: number,
  work: () => Promise<void>,
): () => void {
  let stopped = false
  let cancel = nothing
  const next = () => {
    if (stopped) return
    cancel = clock.after(name, everyMs, () => {
      void work()
        .catch((err: unknown) => log.error('a regular task failed', { why: name, err }))
        .then(next)
    })
  }
  next()
  return () => {
    stopped = true
    cancel()
  }
}

function nothing(): void {}
