/**
 * What a plain daemon does: reads a serial port and commits what comes on its main thread, each piece
 * on its own. It has the same durability as ours, and no other care.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import Database from 'better-sqlite3'
import { SerialPort } from 'serialport'
import { Framer } from '../protocols/bytes/framer.ts'
import { pm6750PacketLimitBytes, scanPm6750 } from '../protocols/berrymed/frame.ts'

const [path = '', databasePath = ''] = process.argv.slice(2)
const resolutionMs = 20
const database = new Database(databasePath)
database.pragma('journal_mode = WAL')
database.pragma('synchronous = FULL')
database.exec('CREATE TABLE piece (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)')
const insert = database.prepare('INSERT INTO piece (bytes) VALUES (?)')
const framer = new Framer(scanPm6750, pm6750PacketLimitBytes)
const delay = monitorEventLoopDelay({ resolution: resolutionMs })
delay.enable()

let frames = 0
const port = new SerialPort({ path, baudRate: 115_200 })
port.on('open', () => process.stdout.write('ready\n'))
port.on('data', (bytes: Buffer) => {
  insert.run(bytes)
  for (const found of framer.feed(new Uint8Array(bytes), 0)) {
    if (found.kind === 'packet' && found.packet.kind === 'ecg') frames += 1
  }
})

process.on('SIGTERM', () => {
  const late = (ns: number) => Math.max(0, ns / 1e6 - resolutionMs)
  const rows = Number(database.prepare('SELECT count(*) FROM piece').pluck().get())
  process.stdout.write(
    `${JSON.stringify({
      p50Ms: late(delay.percentile(50)),
      p99Ms: late(delay.percentile(99)),
      maxMs: late(delay.max),
      frames,
      rows,
    })}\n`,
  )
  process.exit(0)
})
