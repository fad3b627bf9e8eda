/** What is on the disk when a row names a file, on a disk that forgets what nobody synced. */
import t from 'tap'
import { existsSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { nodeFiles } from './files.ts'
import {
  allOutgoing,
  copyOfFolder,
  fastFolder,
  imageOf,
  measurement,
  noise,
  openRig,
  rejection,
  sha256Hex,
} from './journal-testing.ts'
import { everythingIn, openStepped } from './stepped-testing.ts'

/** What a power cut would take, of the files whose changes it is told. */
class Forgetful {
  readonly #bytes = new Set<string>()
  readonly #names = new Set<string>()
  /** Its step came; it is over when the next one comes. */
  #underWay: () => void = () => {}

  /** Without waiting for the disk. */
  write(path: string, bytes: Uint8Array): void {
    writeFileSync(path, bytes)
    this.#bytes.add(path)
  }

  begin(operation: string, paths: readonly string[]): void {
    this.#underWay()
    const [path = '', to = ''] = paths
    this.#underWay = () => {
      if (operation === 'rename') {
        this.#names.add(to)
        if (this.#bytes.delete(path)) this.#bytes.add(to)
      } else if (operation === 'addFolder') {
        this.#names.add(path)
      } else if (operation === 'sync') {
        this.#bytes.delete(path)
        for (const name of this.#names) if (dirname(name) === path) this.#names.delete(name)
      }
    }
  }

  /** Takes it from a copy of the folder. */
  forget(folder: string, copy: string): void {
    const inCopy = (path: string) => path.replace(folder, copy)
    for (const path of this.#bytes) if (existsSync(inCopy(path))) truncateSync(inCopy(path))
    for (const path of this.#names) nodeFiles.remove(inCopy(path))
  }
}

t.test('adopting: a power cut at any operation takes nothing that was promised', async (t) => {
  const base = fastFolder(t)
  const folder = `${base}/running`
  nodeFiles.makeFolder(folder)
  const disk = new Forgetful()
  const promised: string[] = []
  const cuts: { copy: string; promised: readonly string[] }[] = []
  let isRunning = false
  const rig = openStepped(folder, (operation, ...paths) => {
    disk.begin(operation, paths)
    if (!isRunning) return
    const copy = `${base}/${cuts.length}`
    copyOfFolder(folder, copy)
    disk.forget(folder, copy)
    cuts.push({ copy, promised: [...promised] })
  })
  const adopt = async (at: number): Promise<void> => {
    const bytes = noise(5_000, at)
    disk.write(`${rig.incoming}/${at}`, bytes)
    await rig.journal.adopt('xray-1', imageOf(at, bytes, `1.2.${at}`), `${rig.incoming}/${at}`)
    promised.push(sha256Hex(bytes))
  }
  isRunning = true
  await adopt(1)
  await Promise.all([adopt(2), adopt(3), rig.journal.store('oxi-1', measurement(4))])
  isRunning = false
  t.ok(cuts.length > 30, `${cuts.length} cuts`)
  const missing: string[] = []
  for (const { copy, promised } of cuts) {
    // Throws when a row names what is not there.
    const hospital = await everythingIn(copy, rig.journal.epoch)
    for (const hash of promised) if (hospital.object(hash) === null) missing.push(`${copy} ${hash}`)
  }
  t.strictSame(missing, [])
  rig.db.close()
})

/** A disk that is done when it is told so. */
function slowDisk(): {
  readonly asked: string[][]
  readonly syncAside: (paths: readonly string[]) => Promise<void>
  readonly answer: (error?: Error) => Promise<void>
} {
  const asked: string[][] = []
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = []
  return {
    asked,
    syncAside(paths) {
      asked.push([...paths])
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    },
    async answer(error) {
      const first = waiting.shift()
      if (error === undefined) first?.resolve()
      else first?.reject(error)
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

const bytes = noise(10_000, 'object')
const record = imageOf(5, bytes)

t.test('adopting: nothing names a file before the disk has it; readings go on', async (t) => {
  const { asked, syncAside, answer } = slowDisk()
  const rig = openRig(fastFolder(t), { syncAside })
  let status = 'waits'
  const adopting = rig.journal.adopt('xray-1', record, rig.incoming('a', bytes))
  void adopting.then((said) => (status = said))
  await rig.journal.store('oxi-1', measurement(1))
  const folder = `${rig.folder}/objects`
  const { sha256 } = record.object
  const path = `${folder}/${sha256.slice(0, 2)}/${sha256}`
  t.strictSame(asked, [[path, dirname(path), folder]])
  t.equal(status, 'waits')
  t.strictSame(
    (await allOutgoing(rig.journal)).map(({ stream }) => stream),
    ['oxi-1/measurement'],
  )
  t.strictSame(await rig.journal.objectsOfImage(record.sopInstanceUid), [])
  await answer()
  t.equal(await adopting, 'stored')
  t.strictSame(await rig.journal.objectsOfImage(record.sopInstanceUid), [sha256])
})

t.test('adopting: the same object from two devices waits for the first', async (t) => {
  const { asked, syncAside, answer } = slowDisk()
  const rig = openRig(fastFolder(t), { syncAside })
  const one = rig.journal.adopt('xray-1', record, rig.incoming('a', bytes))
  const other = rig.journal.adopt('xray-2', record, rig.incoming('b', bytes))
  const again = rig.journal.adopt('xray-1', record, rig.incoming('c', bytes))
  await rig.journal.store('oxi-1', measurement(1))
  t.equal(asked.length, 1, 'a file that waits for the disk is not replaced')
  await answer()
  t.strictSame(await Promise.all([one, other, again]), ['stored', 'stored', 'already'])
  t.equal(asked.length, 1, 'the file is there already')
  t.strictSame(nodeFiles.list(rig.journal.incomingFolder), [])
})

t.test('adopting: a close waits for the disk itself', async (t) => {
  const { syncAside, answer } = slowDisk()
  const folder = fastFolder(t)
  const rig = openRig(folder, { syncAside })
  const one = rig.journal.adopt('xray-1', record, rig.incoming('a', bytes))
  const other = rig.journal.adopt('xray-2', record, rig.incoming('b', bytes))
  await rig.journal.store('oxi-1', measurement(1))
  await rig.journal.close()
  t.strictSame(await Promise.all([one, other]), ['stored', 'stored'])
  await answer(new Error('too late to matter'))
  t.strictSame(rig.failures, [])
  const hospital = await everythingIn(folder, rig.journal.epoch)
  t.strictSame(hospital.object(record.object.sha256), bytes)
})

t.test('adopting: a disk that is full at the sync gives the file back', async (t) => {
  const { syncAside, answer } = slowDisk()
  const rig = openRig(fastFolder(t), { syncAside })
  const path = rig.incoming('a', bytes)
  const refused = rejection(rig.journal.adopt('xray-1', record, path))
  const next = rig.journal.adopt('xray-1', record, rig.incoming('b', bytes))
  await rig.journal.store('oxi-1', measurement(1))
  await answer(Object.assign(new Error('no room'), { code: 'ENOSPC' }))
  t.equal(await refused, 'journal-full')
  t.ok(existsSync(path), 'the file is its owners again')
  await answer()
  t.equal(await next, 'stored', 'the next of the same is looked at anew')
})

t.test('adopting: a disk that fails at the sync ends the journal', async (t) => {
  const { syncAside, answer } = slowDisk()
  const rig = openRig(fastFolder(t), { syncAside })
  const refused = rejection(rig.journal.adopt('xray-1', record, rig.incoming('a', bytes)))
  await rig.journal.store('oxi-1', measurement(1))
  await answer(Object.assign(new Error('it is broken'), { code: 'EIO' }))
  t.equal(await refused, 'journal-failed')
  t.match(rig.failures, [{ code: 'journal-failed' }])
})
