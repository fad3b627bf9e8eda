/** Orthanc with its DICOMweb plugin, as Debian packages them, on free ports. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeFileHead } from '../../protocols/dicom/part10.ts'
import { answers, ended, freePort } from './dcmtk.ts'

const plugin = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so'
const turnMs = 20
const turnsMax = 1_000

export interface OrthancOptions {
  /** Where it stores. Made when it is not there. */
  readonly folder: string
  /** Our AE title and the port to which it brings reports of commitment. */
  readonly reports?: { readonly aeTitle: string; readonly port: number }
}

export class Orthanc {
  readonly port: number
  readonly webPort: number
  readonly #path: string
  #child: ChildProcess | null = null

  private constructor(path: string, port: number, webPort: number) {
    this.#path = path
    this.port = port
    this.webPort = webPort
  }

  static async start({ folder, reports }: OrthancOptions): Promise<Orthanc> {
    mkdirSync(folder, { recursive: true })
    const [port, webPort] = [await freePort(), await freePort()]
    const path = join(folder, 'orthanc.json')
    const settings = {
      StorageDirectory: join(folder, 'storage'),
      IndexDirectory: join(folder, 'storage'),
      DicomAet: 'ORTHANC',
      DicomPort: port,
      HttpPort: webPort,
      RemoteAccessAllowed: false,
      AuthenticationEnabled: false,
      DicomAlwaysAllowFind: true,
      SaveJobs: false,
      Plugins: [plugin],
      DicomWeb: { Enable: true, Root: '/dicom-web/' },
      DicomModalities:
        reports === undefined ? {} : { simpul: [reports.aeTitle, '127.0.0.1', reports.port] },
    }
    writeFileSync(path, JSON.stringify(settings))
    const orthanc = new Orthanc(path, port, webPort)
    await orthanc.startAgain()
    return orthanc
  }

  /** Resolves when it answers on both ports. */
  async startAgain(): Promise<void> {
    const env = { ...process.env, TCP_NODELAY: '1' }
    const child = spawn('Orthanc', [this.#path], { stdio: 'ignore', env })
    this.#child = child
    const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error))
    const ready = async (): Promise<void> => {
      for (const port of [this.port, this.webPort]) {
        for (let turn = 0; turn < turnsMax && !(await answers(port)); turn++) {
          await new Promise((resolve) => setTimeout(resolve, turnMs))
        }
      }
    }
    await Promise.race([ready(), failed])
  }

  get webUrl(): string {
    return `http://127.0.0.1:${this.webPort}/dicom-web`
  }

  /** As when the power goes. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  async stop(): Promise<void> {
    if (this.#child !== null) await ended(this.#child)
  }

  /** SOP instances with their data sets: all that it lists, one entry a listed instance. */
  async instances(): Promise<readonly { readonly uid: string; readonly dataSet: Buffer }[]> {
    const ids = (await this.#get('/instances').then((one) => one.json())) as readonly string[]
    const all: { readonly uid: string; readonly dataSet: Buffer }[] = []
    for (const id of ids) {
      const file = Buffer.from(await (await this.#get(`/instances/${id}/file`)).arrayBuffer())
      const head = decodeFileHead(file)
      if (!head.ok) throw new Error(`Orthanc keeps a file that is none: ${head.reason}`)
      const { sopInstanceUid: uid, dataSetOffset } = head.value
      all.push({ uid, dataSet: file.subarray(dataSetOffset) })
    }
    return all
  }

  #get(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.webPort}${path}`)
  }
}
