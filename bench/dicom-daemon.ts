/**
 * What of the gateway takes in images, alone in a process: the DICOM node with its thread, and the
 * journal with its own. Everything else of the daemon is absent, so that its memory is not counted.
 *
 *     node bench/dicom-daemon.ts FOLDER
 *
 * Prints the port when it listens.
 */
import { readBootId } from '../gateway/clock/boot-id.ts'
import { systemClock } from '../gateway/clock/system-clock.ts'
import { ImageDesk } from '../gateway/images.ts'
import { startImaging } from '../gateway/imaging/imaging.ts'
import { openJournal } from '../gateway/journal/remote-journal.ts'
import { SenderBook } from '../gateway/sender-book.ts'
import type { Log } from '../gateway/world.ts'

const silent: Log = {
  debug() {},
  info() {},
  warn() {},
  error: (message, fields) => console.error(message, fields),
  child: () => silent,
}

const [folder = ''] = process.argv.slice(2)
const clock = systemClock()
const journal = await openJournal(
  { folder, van: 'bench', bootId: readBootId(), limitBytes: 2 ** 36, reserveBytes: 0 },
  {
    log: silent,
    failed(error) {
      throw error
    },
  },
)
const time = { utcOf: () => null }
const senders = [{ device: 'cart-1', aeTitle: 'CART_1', simulated: false }]
const noFile = { read: async () => null, write: async () => {}, setAside: async () => {} }
const desk = new ImageDesk({
  clock,
  time,
  journal,
  log: silent,
  // As in a van, where it is decided after the answer in which form an image travels.
  isPacked: true,
  book: await SenderBook.open(noFile, silent, senders),
  known: () => {},
  stored: () => {},
  changed: () => {},
})
const imaging = await startImaging(
  {
    incomingFolder: journal.incomingFolder,
    host: '127.0.0.1',
    ports: [{ port: 0, tls: null }],
    senders,
    associationsPerPeerMax: 64,
    reserveBytes: 0,
  },
  desk,
)
process.stdout.write(`${imaging.address()[0]?.port ?? 0}\n`)
process.once('SIGTERM', () => {
  void imaging.stop().then(() => journal.close())
})
