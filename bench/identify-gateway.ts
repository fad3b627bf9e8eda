/**
 * The daemon as it is, but with ports that are looked for in other folders than /dev and /sys.
 *
 *     node bench/identify-gateway.ts CONFIG DEV SYS     sends its address and claim code
 */
import { readFileSync } from 'node:fs'
import { readConfig } from '../gateway/config/read.ts'
import { runGateway } from '../gateway/main.ts'
import { drivers } from '../drivers/index.ts'

const [configPath = '', devFolder = '', sysFolder = ''] = process.argv.slice(2)
const read = readConfig(readFileSync(configPath, 'utf8'), drivers)
if (!read.ok) throw new Error(JSON.stringify(read.findings))
const running = await runGateway(read.config, { ports: { devFolder, sysFolder } })
process.send?.({ pageUrl: running.pageUrl, claimCode: running.claimCode })
process.on('disconnect', () => {
  void running.stop().then(() => process.exit())
})
