/**
 * A van and its hospital for sending images through: a real mosquitto, the landing, and the gateway
 * with a plain and an encrypted DICOM port, each part a process of its own.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answering, drained } from '../../gateway/cli/demo/drain.ts'
import { simpulPath, start, type Running } from '../../gateway/cli/demo/processes.ts'
import { startMosquitto } from '../../gateway/sim/mosquitto.ts'
import { freePort } from './dcmtk.ts'

export interface RoundVan {
  readonly plainPort: number
  readonly securePort: number
  /** What a device must believe in to trust the encrypted port. */
  readonly certificatePath: string
  readonly landingFolder: string
  /** False when the gateway has ended by itself. */
  alive(): boolean
  /** Resolves when the hospital has confirmed everything; false when that took too long. */
  drained(): Promise<boolean>
  stop(): Promise<void>
}

export interface RoundSender {
  readonly aeTitle: string
  readonly device: string
}

const startWithinMs = 30_000
const drainWithinMs = 300_000

/** `folder` is empty. */
export async function startRoundVan(
  folder: string,
  senders: readonly RoundSender[],
): Promise<RoundVan> {
  const [plainPort, securePort, pagePort] = [await freePort(), await freePort(), await freePort()]
  const certificatePath = join(folder, 'van.pem')
  const keyPath = join(folder, 'van.key')
  const request = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1'.split(' ')
  const files = [
    '-addext',
    'subjectAltName=IP:127.0.0.1',
    '-keyout',
    keyPath,
    '-out',
    certificatePath,
  ]
  execFileSync('openssl', [...request, ...files], { stdio: 'ignore' })
  mkdirSync(join(folder, 'broker'))
  const broker = await startMosquitto({ folder: join(folder, 'broker') })
  const brokerUrl = `mqtt://127.0.0.1:${broker.port}`
  const landingFolder = join(folder, 'landing')
  const config = {
    van: 'van-round',
    folder: join(folder, 'gateway'),
    imaging: {
      host: '127.0.0.1',
      ports: [plainPort],
      tls: { port: securePort, certificate: certificatePath, key: keyPath },
      senders,
    },
    journal: { reserveBytes: 67_108_864 },
    uplink: { url: brokerUrl },
    page: { host: '127.0.0.1', port: pagePort },
  }
  const configPath = join(folder, 'simpul.json')
  writeFileSync(configPath, JSON.stringify(config))
  const launch = (name: string, args: readonly string[]): Running =>
    start({ name, command: simpulPath, args, logPath: join(folder, `${name}.log`) })
  const wanted = [`--broker=${brokerUrl}`, `--folder=${landingFolder}`, '--trust-on-first-use']
  const landing = launch('landing', ['landing', ...wanted])
  const gateway = launch('gateway', ['run', configPath])
  const pageUrl = `http://127.0.0.1:${pagePort}/`
  const stop = async (): Promise<void> => {
    await gateway.stop()
    await landing.stop()
    await broker.kill()
  }
  if (!(await answering(pageUrl, startWithinMs))) {
    await stop()
    throw new Error(`the gateway did not start; see ${join(folder, 'gateway.log')}`)
  }
  return {
    plainPort,
    securePort,
    certificatePath,
    landingFolder,
    alive: () => gateway.alive,
    drained: () => drained(pageUrl, drainWithinMs),
    stop,
  }
}
