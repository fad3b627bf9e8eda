/** The daemon: builds the real world, starts the gateway and its page, and waits for a signal. */
import { accessSync, constants, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { drivers } from '../drivers/index.ts'
import { mqttDefaults, type MqttSettings, type MqttTls } from '../protocols/mqtt/broker.ts'
import { readBootId } from './clock/boot-id.ts'
import { kernelSynchronised } from './clock/kernel-time.ts'
import { systemRandom } from './clock/random.ts'
import { systemClock } from './clock/system-clock.ts'
import type { Config } from './config/schema.ts'
import { registryFile } from './devices/registry-file.ts'
import { journalTrouble } from './errors/journal.ts'
import { startGateway } from './gateway.ts'
import { watchEventLoop } from './health/event-loop.ts'
import { jsonLog } from './health/log.ts'
import { connectSystemd, keepWatchdog } from './health/systemd.ts'
import { startImaging } from './imaging/imaging.ts'
import { openCoercer } from './imaging/coerce/coercer.ts'
import { readStart } from './imaging/coerce/read-start.ts'
import { openTranscoder } from './imaging/transcode/transcoder.ts'
import { imagingDefaults, type ImagingOptions, type PortOptions } from './imaging/options.ts'
import { incomingFiles } from './journal/incoming.ts'
import { openJournal } from './journal/remote-journal.ts'
import { linesFile } from './links/lines-file.ts'
import { hostLinks } from './links/links.ts'
import { watchNetworks } from './links/networks.ts'
import { watchPorts, type PortsOptions } from './links/ports.ts'
import { watchUsbDevices } from './links/usb-devices.ts'
import { watchMedia } from './media/mounts.ts'
import { mediaThread } from './media/thread.ts'
import { startPage, westernIndonesia } from './page/page.ts'
import { openMqttBroker } from './uplink/mqtt.ts'
import type { World } from './world.ts'

/** Where `make page` puts the files of the page. */
const assetsFolder = join(import.meta.dirname, '../build/page')

/** A thread that has not run for so long does not deserve its sign of life. */
const stuckMs = 10_000

export interface Running {
  readonly pageUrl: string
  /** For the technician who claims the box; null once it is claimed. */
  readonly claimCode: string | null
  stop(): Promise<void>
}

export interface RunOptions {
  /** Where ports are looked for. */
  readonly ports?: Pick<PortsOptions, 'devFolder' | 'sysFolder'>
}

/**
 * Rejects with a `Trouble` when the journal or the page cannot be opened. Nothing is left running
 * then.
 */
export async function runGateway(config: Config, options: RunOptions = {}): Promise<Running> {
  const log = jsonLog()
  const clock = systemClock()
  const links = hostLinks({ folders: { stateFolder: join(config.folder, 'folders') } })
  const world: World = {
    clock,
    random: systemRandom(),
    links,
    broker: openMqttBroker(clock, mqttSettings(config)),
    log,
    bootId: readBootId(),
  }
  makeFolder(config.folder)
  const systemd = connectSystemd({
    environment: process.env,
    processId: process.pid,
    log,
  })
  const { limitBytes, reserveBytes, packetSeconds, waves } = config.journal
  const journal = await openJournal(
    {
      folder: config.folder,
      van: config.van,
      bootId: world.bootId,
      limitBytes,
      reserveBytes,
      packetMs: packetSeconds * 1_000,
      waves,
    },
    { log, failed: (error) => die(error) },
  )
  const { incomingFolder } = journal
  const gateway = await startGateway(world, config, {
    drivers,
    journal,
    incoming: incomingFiles(incomingFolder),
    registryFile: registryFile(join(config.folder, 'devices.json')),
    knownFile: linesFile(join(config.folder, 'results.seen')),
    adoptedFile: registryFile(join(config.folder, 'adopted.json')),
    sendersFile: registryFile(join(config.folder, 'senders.json')),
    commitmentsFile: registryFile(join(config.folder, 'commitments.json')),
    synchronised: kernelSynchronised,
    utcOffsetMinutes: westernIndonesia.offsetMinutes,
    transcoder: openTranscoder({ folder: incomingFolder }),
    openMedia: (hears) => mediaThread({ incomingFolder, reserveBytes }, hears),
    identity: { coercer: openCoercer({ folder: incomingFolder }), readStart },
    openImaging:
      dicomPorts(config.imaging).length === 0
        ? null
        : (hears, senders) =>
            startImaging(
              { incomingFolder, reserveBytes, ...imagingOptions(config.imaging), senders },
              hears,
            ),
  }).catch(async (error: unknown) => {
    await journal.close()
    throw error
  })
  const eventLoop = watchEventLoop(clock, log)
  const page = await startPage(
    {
      clock,
      log,
      host: config.page.host,
      port: config.page.port,
      names: ['simpul.local', `${config.van}.local`],
      folder: config.folder,
      assetsFolder,
      claimCode: null,
      zone: westernIndonesia,
      mainThread: () => {
        const { p50Ms, p99Ms, maxMs } = eventLoop.last()
        return { lateP50Ms: p50Ms, lateP99Ms: p99Ms, lateMaxMs: maxMs }
      },
    },
    gateway.page,
  ).catch(async (error: unknown) => {
    eventLoop.stop()
    await gateway.stop()
    await links.close()
    throw error
  })
  const stopPorts = watchPorts(
    clock,
    ({ ports: seen, appeared }) => {
      gateway.portsAppeared(appeared.flatMap(({ path, stablePath }) => [path, stablePath]))
      gateway.portsSeen(seen)
    },
    { ...options.ports, extraPaths: serialPaths(config) },
  )
  const stopUsb = watchUsbDevices(clock, () => gateway.usbAppeared(), options.ports?.sysFolder)
  const stopMedia = watchMedia(clock, config.media.folders, (media) => gateway.mediaSeen(media))
  const stopNetworks = watchNetworks(clock, () => gateway.uplink.linkUp())
  const stopWatchdog = keepWatchdog(systemd, clock, () => eventLoop.last().maxMs < stuckMs)
  await systemd.ready()
  log.info('ready', { count: config.devices.length })

  return {
    pageUrl: `http://${shownHost(config.page.host)}:${page.port}/`,
    claimCode: page.claimCode(),
    async stop() {
      log.info('stopping')
      await systemd.stopping()
      stopWatchdog()
      eventLoop.stop()
      stopPorts()
      stopUsb()
      stopMedia()
      stopNetworks()
      await page.close()
      await gateway.stop()
      await links.close()
    },
  }

  function die(error: Error): never {
    log.error('nothing is stored any more', { why: error.message, err: error })
    // systemd starts us again, and the journal is opened and checked anew.
    process.exit(1)
  }
}

/** Files of somebody else are the mark of a gateway that was once started by hand, as root. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const name of ['', ...readdirSync(folder)]) {
      accessSync(join(folder, name), constants.R_OK | constants.W_OK)
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw journalTrouble('journal-folder-denied', { folder, why }, error)
  }
}

function mqttSettings(config: Config): MqttSettings {
  const { url } = config.uplink
  return {
    ...mqttDefaults,
    url,
    // Not before the first attempt: a certificate that is not there must not stop the recording.
    tls: url.startsWith('mqtts:') ? () => readTls(config.uplink) : null,
  }
}

function readTls({ authority, certificate, key, serverName }: Config['uplink']): MqttTls {
  return {
    authority: authority === undefined ? null : readFileSync(authority, 'utf8'),
    client:
      certificate === undefined || key === undefined
        ? null
        : { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') },
    serverName: serverName ?? null,
  }
}

function dicomPorts({ ports, tls }: Config['imaging']): readonly PortOptions[] {
  const plain = ports.map((port) => ({ port, tls: null }))
  if (tls === undefined) return plain
  const { port, certificate, key, authority } = tls
  return [...plain, { port, tls: { certificate, key, authority: authority ?? null } }]
}

function imagingOptions(imaging: Config['imaging']): Partial<ImagingOptions> {
  const { host, aeTitle, titles, idleMinutes } = imaging
  return {
    host,
    ports: dicomPorts(imaging),
    strictTitle: titles === 'strict' ? aeTitle : null,
    timersMs: { ...imagingDefaults.timersMs, idle: idleMinutes * 60_000 },
  }
}

function serialPaths(config: Config): readonly string[] {
  const paths = config.devices.flatMap(({ link }) => (link.kind === 'serial' ? [link.path] : []))
  return [...paths, ...config.identify.ports]
}

/** An address that can be typed into a browser on this machine. */
function shownHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? 'localhost' : host
}
