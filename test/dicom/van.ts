/** The imaging node with a small journal, alone in a process that a test may kill. */
import { join } from 'node:path'
import { startImaging } from '../../gateway/imaging/imaging.ts'
import { FolderKeeper } from './keeper.ts'

const [folder = ''] = process.argv.slice(2)
const keeper = new FolderKeeper(join(folder, 'objects'))
const imaging = await startImaging(
  {
    incomingFolder: join(folder, 'incoming'),
    host: '127.0.0.1',
    ports: [{ port: 0, tls: null }],
    reserveBytes: 0,
  },
  {
    known: (uid) => keeper.known(uid),
    store: (image) => keeper.store(image),
    trouble: () => {},
    association: () => {},
  },
)
process.stdout.write(`${imaging.address()[0]?.port ?? 0}\n`)
