/**
 * What a plain daemon does: reads a serial port and commits on its main thread, with the durability
 * of ours. It commits each record, as most do, or with `read` as the last argument all that came at
 * once, which is the best that it can do.
 */
import Database from 'better-sqlite3'
import { SerialPort } from 'serialport'
import { monitorEventLoop, type EventLoopDelay } from '../gateway/health/event-loop.ts'
import { pm6750PacketLimitBytes, scanPm6750 } from '../protocols/berrymed/frame.ts'
import { Framer } from '../protocols/bytes/framer.ts'

export interface PlainResult extends EventLoopDelay {
  readonly bytes: number
  readonly stored: number
}

export type PlainCommits = 'record' | 'read'

if (import.meta.main) {
  const [path = '', databasePath = '', commits] = process.argv.slice(2)
  run(path, databasePath, commits === 'read' ? 'read' : 'record')
}

function run(path: string, databasePath: string, commits: PlainCommits): void {
  const database = new Database(databasePath)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.exec('CREATE TABLE record (id INTEGER PRIMARY KEY, leads TEXT NOT NULL)')
  const insert = database.prepare('INSERT INTO record (leads) VALUES (?)')
  const insertAll = database.transaction((records: readonly string[]) => {
    for (const record of records) insert.run(record)
  })
  const framer = new Framer(scanPm6750, pm6750PacketLimitBytes)
  const eventLoop = monitorEventLoop()
  let heard = 0
  const port = new SerialPort({ path, baudRate: 115_200 })
  port.on('open', () => process.stdout.write('ready\n'))
  // How late it was while it started is another matter.
  port.once('data', () => eventLoop.read())
  port.on('data', (bytes: Buffer) => {
    heard += bytes.length
    const records = [...framer.feed(new Uint8Array(bytes), 0)].flatMap((one) =>
      one.kind === 'packet' ? [JSON.stringify(one.packet)] : [],
    )
    if (commits === 'read') insertAll(records)
    else for (const record of records) insert.run(record)
  })
  process.on('SIGTERM', () => {
    const stored = Number(database.prepare('SELECT count(*) FROM record').pluck().get())
    const result: PlainResult = { ...eventLoop.read(), bytes: heard, stored }
    process.stdout.write(`${JSON.stringify(result)}\n`)
    process.exit(0)
  })
}
