import { readdirSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FolderKeeper } from '../../test/dicom/keeper.ts'
import { imageOnMedium } from '../../test/dicom/medium.ts'
import { storing } from '../imaging/storing.ts'
import { mediaThread } from './thread.ts'

const medium = {
  a: Buffer.from(imageOnMedium('1.2.3.1', { pixelBytes: 300_000 }).file),
  b: Buffer.from(imageOnMedium('1.2.3.2').file),
}

t.test('media thread: looks, takes, and is there again after it has died', async (t) => {
  const folder = t.testdir({ incoming: { 'media-old.part': '' }, objects: {}, medium })
  const incomingFolder = join(folder, 'incoming')
  const keeper = new FolderKeeper(join(folder, 'objects'))
  const { store } = storing(keeper, { conflict: () => {}, failed: () => {} })
  const thread = mediaThread(
    { incomingFolder, reserveBytes: 0 },
    { known: (uid) => keeper.known(uid), store },
  )
  const root = realpathSync(join(folder, 'medium'))
  const progress: (readonly [number, number])[] = []
  const looking = thread.run({ kind: 'look', folder: root }, (done, total) => {
    progress.push([done, total])
  })
  t.match(await looking.result, { kind: 'looked', look: { instances: { length: 2 } } })
  t.strictSame(progress[0], [0, 2])
  const place = { root, dev: statSync(root).dev }
  const take = { kind: 'take', place, names: ['a', 'b'], device: 'media' } as const
  const taken = await thread.run(take, () => {}).result
  t.match(taken, { kind: 'ran', report: { stored: 2, ending: 'whole' } })
  t.equal(keeper.images.length, 2)

  // A job that is none kills the thread, as a file could that makes it take all the memory.
  const broken = { ...take, names: null } as unknown as typeof take
  t.equal(await thread.run(broken, () => {}).result, null)
  t.strictSame(readdirSync(incomingFolder), [], 'what the dead one left is gone')
  const again = await thread.run(take, () => {}).result
  t.match(again, { kind: 'ran', report: { stored: 0, already: 2 } })

  const cancelled = thread.run(take, () => {})
  cancelled.stop()
  await thread.stop()
  t.equal(await cancelled.result, null)
  t.equal(await thread.run(take, () => {}).result, null, 'and nothing is begun any more')
})
