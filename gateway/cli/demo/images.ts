/** A real ultrasound and a real X-ray; each send is a new instance of an invented patient. */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { runToEnd } from './processes.ts'

const pictures = [
  // storescu proposes only what it is told to: each picture goes in the syntax that it is stored
  // in.
  { name: 'ultrasound', aeTitle: 'DEMO_US', propose: '-xy' },
  { name: 'x-ray', aeTitle: 'DEMO_XR', propose: '-xv' },
] as const

/** AE titles that the demo's gateway knows, with the device that each is. */
export const demoSenders = [
  { aeTitle: 'DEMO_US', device: 'us-1', simulated: true },
  { aeTitle: 'DEMO_XR', device: 'xr-1', simulated: true },
] as const

export interface SentImage {
  /** The file as it was sent. */
  readonly path: string
  readonly device: string
  /** True when storescu saw the answer "success". Otherwise the gateway promised nothing. */
  readonly answered: boolean
}

export interface ImageSender {
  /** Sends the next picture, alternating; resolves when storescu has ended. */
  sendNext(): Promise<SentImage>
}

/** District 99 does not exist, so no living person has this number. */
const inventedNik = '3602994101900001'

export function createImageSender(folder: string, port: number): ImageSender {
  const outbox = join(folder, 'images')
  mkdirSync(outbox, { recursive: true })
  const log = join(folder, 'storescu.log')
  let count = 0
  return {
    async sendNext() {
      const picture = pictures[count % pictures.length] ?? pictures[0]
      count += 1
      const path = join(outbox, `${String(count).padStart(4, '0')}-${picture.name}.dcm`)
      copyFileSync(join(import.meta.dirname, `${picture.name}.dcm`), path)
      const identity = `-m (0010,0010)=CONTOH^PASIEN -m (0010,0020)=${inventedNik}`
      await dcmtk('dcmodify', log, [...`-nb -gin -gst -gse ${identity}`.split(' '), path])
      const titles = `-aet ${picture.aeTitle} -aec SIMPUL ${picture.propose} -R`
      const patience = `-to 10 -td 60 -ta 30 127.0.0.1 ${port}`
      const code = await dcmtk('storescu', log, [...`${titles} ${patience}`.split(' '), path])
      const device = demoSenders.find((one) => one.aeTitle === picture.aeTitle)?.device ?? ''
      return { path, device, answered: code === 0 }
    },
  }
}

async function dcmtk(command: string, logPath: string, args: readonly string[]) {
  if (!existsSync(`/usr/bin/${command}`)) {
    throw new Error(`${command} is missing: please install Debian's package dcmtk`)
  }
  return runToEnd({ name: command, command, args, logPath })
}
