/**
 * The forwarder alone in a process, so that it can be killed and its CPU time be told apart.
 *
 *     node test/dicom/forward-daemon.ts FOLDER SETTINGS
 *
 * Prints `ready` when it works and, when it was told to stop, what it has used.
 */
import { readFileSync } from 'node:fs'
import { LandingStore } from '../../upstream/landing/store.ts'
import { startForwarder } from '../../upstream/pacs/forwarder.ts'
import { readForwardSettings } from '../../upstream/pacs/read-settings.ts'
import { realClock, realRandom } from '../../upstream/real-world.ts'
import { quiet } from '../../upstream/testing/scene.ts'

const [folder = '', path = ''] = process.argv.slice(2)
const read = readForwardSettings(readFileSync(path, 'utf8'))
if (!read.ok) throw new Error(JSON.stringify(read.findings))
const store = new LandingStore({ folder, trust: new Map(), trustOnFirstUse: false })
const world = { clock: realClock, random: realRandom, log: quiet }
const forwarder = await startForwarder(world, store, read.settings)
process.once('SIGTERM', () => {
  void forwarder.stop().then(() => {
    store.close()
    const { user, system } = process.cpuUsage()
    // Not the figure of getrusage, which begins with that of the process that started us.
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    const rssMb = Number(peak) / 1_024
    process.stdout.write(`${JSON.stringify({ cpuMs: (user + system) / 1_000, rssMb })}\n`)
  })
})
process.stdout.write('ready\n')
