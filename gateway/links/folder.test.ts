import t, { type Test } from 'tap'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FileOutcome, FolderAddress, LinkHears } from '../world.ts'
import { doneFolder, unreadFolder } from './folder-files.ts'
import { FolderMemory } from './folder-memory.ts'
import { linesFile } from './lines-file.ts'
import { hostLinks } from './links.ts'

const patienceMs = 60_000
const quick = { lookEveryMs: 15, restMs: 40, againAfterMs: 60 }
/** Longer than a file needs to be handed over. */
const settledMs = 250

async function until(what: string, isSo: () => boolean): Promise<void> {
  const beganMs = performance.now()
  while (!isSo()) {
    if (performance.now() - beganMs > patienceMs) throw new Error(`waited in vain for ${what}`)
    await sleep(5)
  }
}

/** Somebody who reads a folder, and answers what became of each file. */
class Reader {
  readonly files: string[] = []
  readonly unreadable: string[] = []
  readonly closed: (Error | null)[] = []
  answer: (text: string) => FileOutcome | 'later' = () => 'stored'
  readonly later: ((outcome: FileOutcome) => void)[] = []

  readonly hears: LinkHears = {
    bytes: () => {
      throw new Error('a folder says files')
    },
    file: (bytes, taken) => {
      const text = Buffer.from(bytes).toString('latin1')
      this.files.push(text.slice(0, 20))
      const outcome = this.answer(text)
      if (outcome === 'later') this.later.push(taken)
      else taken(outcome)
    },
    unreadable: (why) => void this.unreadable.push(why),
    closed: (trouble) => void this.closed.push(trouble),
  }
}

function addressOf(path: string, more: Partial<FolderAddress> = {}): FolderAddress {
  return {
    kind: 'folder',
    path,
    endings: ['.scp', '.pdf'],
    limitBytes: 100,
    after: 'leave',
    ...more,
  }
}

/** An empty folder, somewhere to remember, and readers who come one after the other. */
function share(t: Test, more: Partial<FolderAddress> = {}) {
  const home = t.testdir({ share: {}, state: {} })
  const folder = join(home, 'share')
  const state = join(home, 'state')
  const address = addressOf(folder, more)
  return {
    folder,
    state,
    address,
    put: (name: string, text: string) => writeFileSync(join(folder, name), text),
    /** As a new process would. */
    read: async (prepare: (reader: Reader) => void = () => {}) => {
      const reader = new Reader()
      prepare(reader)
      const links = hostLinks({ folders: { ...quick, stateFolder: state } })
      const link = await links.open(address, 'whole', reader.hears)
      t.teardown(() => link.close())
      return { reader, link, links }
    },
  }
}

t.test('folder: each file is handed over once, also after a restart', async (t) => {
  const { put, read } = share(t)
  put('a.scp', 'one')
  put('b.PDF', 'two')
  const first = await read()
  await until('both', () => first.reader.files.length === 2)
  put('c.scp', 'three')
  await until('the third', () => first.reader.files.length === 3)
  t.strictSame([...first.reader.files].sort(), ['one', 'three', 'two'])
  await first.link.close()
  t.strictSame(first.reader.closed, [null])

  const second = await read()
  put('d.scp', 'four')
  await until('only the new one', () => second.reader.files.length > 0)
  await sleep(settledMs)
  t.strictSame(second.reader.files, ['four'])
})

t.test('folder: the same file under another name is not handed over again', async (t) => {
  const { put, read, folder } = share(t)
  put('a.scp', 'one')
  const { reader } = await read()
  await until('the first', () => reader.files.length === 1)
  put('again.scp', 'one')
  const past = new Date(1_000)
  put('touched.scp', 'one')
  utimesSync(join(folder, 'touched.scp'), past, past)
  await sleep(settledMs)
  t.strictSame(reader.files, ['one'])
})

t.test('folder: a file that grows is not read before it rests', async (t) => {
  const { put, read } = share(t)
  const { reader } = await read()
  let text = ''
  for (let piece = 0; piece < 12; piece++) {
    text += piece
    put('a.scp', text)
    await sleep(10)
    t.strictSame(reader.files, [])
  }
  await until('the whole of it', () => reader.files.length === 1)
  t.strictSame(reader.files, ['01234567891011'])
})

t.test('folder: only what ends right, down its folders, and no links', async (t) => {
  const { put, read, folder } = share(t)
  mkdirSync(join(folder, '2026/12'), { recursive: true })
  mkdirSync(join(folder, '.hidden'))
  put('2026/12/a.scp', 'deep')
  put('.hidden/a.scp', 'hidden')
  put('.part.scp', 'part')
  put('a.scp.tmp', 'being written')
  put('notes.txt', 'other')
  put('empty.scp', '')
  symlinkSync(join(folder, 'notes.txt'), join(folder, 'link.scp'))
  const { reader } = await read()
  await until('the deep one', () => reader.files.length > 0)
  await sleep(settledMs)
  t.strictSame(reader.files, ['deep'])
  t.strictSame(reader.unreadable, [])
})

t.test('folder: one at a time, the oldest first', async (t) => {
  const { put, read, folder } = share(t)
  for (const [index, name] of ['new', 'old', 'middle'].entries()) {
    put(`${index}.scp`, name)
    const at = { new: 3_000, old: 1_000, middle: 2_000 }[name] ?? 0
    utimesSync(join(folder, `${index}.scp`), at, at)
  }
  const { reader } = await read((one) => {
    one.answer = () => 'later'
  })
  for (const name of ['old', 'middle', 'new']) {
    await until(name, () => reader.later.length === 1)
    await sleep(30)
    t.equal(reader.files.at(-1), name)
    reader.later.pop()?.('stored')
  }
  await sleep(settledMs)
  t.equal(reader.files.length, 3)
})

t.test('folder: what the journal refused comes again, and nothing behind it before', async (t) => {
  const { put, read, folder } = share(t)
  put('a.scp', 'one')
  utimesSync(join(folder, 'a.scp'), 1, 1)
  put('b.scp', 'two')
  let refuses = true
  const { reader } = await read((one) => {
    one.answer = () => (refuses ? 'not-stored' : 'stored')
  })
  await until('three tries', () => reader.files.length === 3)
  t.strictSame(reader.files, ['one', 'one', 'one'])
  refuses = false
  await until('the other', () => reader.files.includes('two'))
  await sleep(settledMs)
  t.equal(reader.files.filter((text) => text === 'two').length, 1)
})

t.test('folder: an end while a file is read does not forget it', async (t) => {
  const { put, read } = share(t)
  put('a.scp', 'one')
  const first = await read((one) => {
    one.answer = () => 'later'
  })
  await until('the file', () => first.reader.files.length === 1)
  const closing = first.link.close()
  t.strictSame(first.reader.closed, [])
  first.reader.later[0]?.('not-stored')
  await closing
  t.strictSame(first.reader.closed, [null])
  const second = await read()
  await until('it again', () => second.reader.files.length === 1)
})

t.test('folder: what is not understood is not asked again before the next start', async (t) => {
  const { put, read } = share(t)
  put('a.scp', 'rubbish')
  const { reader } = await read((one) => {
    one.answer = () => 'not-understood'
  })
  await until('the file', () => reader.files.length === 1)
  await sleep(settledMs)
  t.equal(reader.files.length, 1)
  const next = await read()
  await until('it again', () => next.reader.files.length === 1)
})

t.test('folder: a driver that fails on a file does not see it for ever', async (t) => {
  const { put, address } = share(t)
  put('a.scp', 'poison')
  const links = hostLinks({ folders: quick })
  const seen: string[] = []
  const unreadable: string[] = []
  for (let opening = 0; opening < 5; opening++) {
    const reader = new Reader()
    reader.answer = () => 'driver-failed'
    const link = await links.open(address, 'whole', reader.hears)
    await sleep(settledMs)
    await link.close()
    seen.push(...reader.files)
    unreadable.push(...reader.unreadable)
  }
  t.equal(seen.length, 3)
  t.strictSame(unreadable, ['the driver makes a mistake with it'])
})

t.test('folder: stored files are moved, and those that brought nothing apart', async (t) => {
  const { put, read, folder } = share(t, { after: 'move' })
  mkdirSync(join(folder, doneFolder))
  put(`${doneFolder}/a.scp`, 'of yesterday')
  put('a.scp', 'one')
  put('b.scp', 'rubbish')
  put('c.pdf', 'x'.repeat(101))
  const { reader } = await read((one) => {
    one.answer = (text) => (text === 'one' ? 'stored' : 'not-understood')
  })
  await until('all', () => readdirSync(join(folder)).length === 2)
  t.strictSame(readdirSync(join(folder, doneFolder)).sort(), ['a-2.scp', 'a.scp'])
  t.equal(readFileSync(join(folder, doneFolder, 'a-2.scp'), 'latin1'), 'one')
  t.strictSame(readdirSync(join(folder, unreadFolder)).sort(), ['b.scp', 'c.pdf'])
  t.strictSame(reader.unreadable, ['larger than 100 bytes'])
  t.strictSame([...reader.files].sort(), ['one', 'rubbish'])
})

t.test('folder: a folder that is not there, is taken, or goes away', async (t) => {
  const { folder, address, put } = share(t)
  const links = hostLinks({ folders: quick })
  const reader = new Reader()
  const nowhere = addressOf(join(folder, 'nowhere'))
  await t.rejects(links.open(nowhere, 'whole', reader.hears), { code: 'link-no-folder' })
  put('file', 'no folder')
  const noFolder = addressOf(join(folder, 'file'))
  await t.rejects(links.open(noFolder, 'whole', reader.hears), { code: 'link-no-folder' })

  const link = await links.open(address, 'whole', reader.hears)
  await t.rejects(links.open(address, 'whole', new Reader().hears), { code: 'link-busy' })
  const other = await links.open(addressOf(folder, { endings: ['.txt'] }), 'whole', reader.hears)
  await other.close()
  await t.rejects(link.write(Uint8Array.of(1)), { code: 'link-only-read' })
  rmSync(folder, { recursive: true })
  await until('the end', () => reader.closed.length === 2)
  t.match(reader.closed[1], { code: 'link-no-folder' })
  await link.close()
  mkdirSync(folder)
  await (await links.open(address, 'whole', reader.hears)).close()
})

t.test('memory: a torn last line is none, and the next one is whole', async (t) => {
  const path = join(t.testdir({}), 'seen')
  const hash = (digit: string) => digit.repeat(32)
  const memory = await FolderMemory.open(linesFile(path))
  await memory.add(hash('a'), hash('1'))
  writeFileSync(path, `${readFileSync(path, 'latin1')}${hash('b')} 22`)
  const next = await FolderMemory.open(linesFile(path))
  t.ok(next.knowsFile(hash('a')) && next.knowsContent(hash('1')))
  t.notOk(next.knowsFile(hash('b')))
  await next.add(hash('c'), hash('3'))
  const last = await FolderMemory.open(linesFile(path))
  t.ok(last.knowsFile(hash('a')) && last.knowsFile(hash('c')))
})

t.test('memory: forgets files that are gone, and none that is there', async (t) => {
  const path = join(t.testdir({}), 'seen')
  const hash = (number: number) => number.toString(16).padStart(32, '0')
  const count = 9_000
  const lines = Array.from({ length: count }, (_, index) => `${hash(index)} ${hash(index)}\n`)
  writeFileSync(path, lines.join(''))
  const memory = await FolderMemory.open(linesFile(path))
  await memory.tidy(new Set([hash(0)]))
  for (const one of [memory, await FolderMemory.open(linesFile(path))]) {
    t.ok(one.knowsFile(hash(0)), 'there')
    t.notOk(one.knowsFile(hash(1)), 'gone for long')
    t.notOk(one.knowsContent(hash(1)))
    t.ok(one.knowsFile(hash(count - 1)), 'gone lately')
  }
  t.notOk(existsSync(`${path}.new`))
})

t.test('memory: what the disk refuses is saved with the next', async (t) => {
  const folder = t.testdir({ state: {} })
  const path = join(folder, 'state', 'seen')
  const memory = await FolderMemory.open(linesFile(path))
  rmSync(join(folder, 'state'), { recursive: true })
  const hash = (digit: string) => digit.repeat(32)
  await t.rejects(memory.add(hash('a'), hash('1')))
  t.ok(memory.knowsFile(hash('a')))
  mkdirSync(join(folder, 'state'))
  await memory.add(hash('b'), hash('2'))
  t.ok((await FolderMemory.open(linesFile(path))).knowsFile(hash('a')))
})

t.test('folder: a file that cannot be read for a while is told once, and read then', async (t) => {
  const { put, address } = share(t)
  put('a.scp', 'one')
  const reader = new Reader()
  let fails = 3
  const links = hostLinks({
    folders: {
      ...quick,
      readFile: async (path) => {
        if (fails-- > 0) throw Object.assign(new Error('the share stumbles'), { code: 'EIO' })
        return await readFile(path)
      },
    },
  })
  const link = await links.open(address, 'whole', reader.hears)
  await until('the file', () => reader.files.length === 1)
  t.strictSame(reader.unreadable, ['EIO'])
  await link.close()
})
