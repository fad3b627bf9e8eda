import { join } from 'node:path'
import t from 'tap'
import { registryFile } from './devices/registry-file.ts'
import { silentLog } from './page/page-testing.ts'
import { SenderBook } from './sender-book.ts'
import { writeFileSync, existsSync } from 'node:fs'

const configured = [{ aeTitle: 'CART_1', device: 'us-1', simulated: true }]

t.test(
  'sender book: an answer is kept, a later one counts, and the configuration first',
  async (t) => {
    const file = registryFile(join(t.testdir(), 'senders.json'))
    const book = await SenderBook.open(file, silentLog, configured)
    t.strictSame(book.all(), configured)
    await Promise.all([book.answer('VIVID IQ', 'us-2'), book.answer('PX', 'us-3')])
    await book.answer('VIVID IQ', 'us-4')
    const again = await SenderBook.open(file, silentLog, configured)
    t.strictSame(again.all(), [
      ...configured,
      { aeTitle: 'PX', device: 'us-3', simulated: false },
      { aeTitle: 'VIVID IQ', device: 'us-4', simulated: false },
    ])
  },
)

t.test('sender book: what is no name is refused, and nothing changes', async (t) => {
  const file = registryFile(join(t.testdir(), 'senders.json'))
  const book = await SenderBook.open(file, silentLog, [])
  for (const name of ['', 'US 2', '../x', 'van', 'x'.repeat(33)]) {
    await t.rejects(book.answer('PX', name), { code: 'imaging-name-refused' }, name)
  }
  await t.rejects(book.answer('', 'us-1'), { code: 'imaging-name-refused' })
  t.strictSame(book.all(), [])
})

t.test('sender book: a damaged file is set aside, and the question asked anew', async (t) => {
  const path = join(t.testdir(), 'senders.json')
  writeFileSync(path, '{"version":1,"senders":[{"aeTitle":')
  const book = await SenderBook.open(registryFile(path), silentLog, configured)
  t.strictSame(book.all(), configured)
  t.ok(existsSync(`${path}.damaged`))
})

t.test('sender book: a disk that does not take the answer leaves it as it was', async (t) => {
  const full = {
    read: async () => null,
    write: () => Promise.reject(new Error('ENOSPC')),
    setAside: async () => {},
  }
  const book = await SenderBook.open(full, silentLog, [])
  await t.rejects(book.answer('PX', 'us-1'), /ENOSPC/)
  t.strictSame(book.all(), [])
})

t.test('sender book: where a device listens, by the title that it gives itself', async (t) => {
  const file = registryFile(join(t.testdir(), 'senders.json'))
  const senders = [
    { aeTitle: 'CART_1', device: 'us-1', simulated: false, host: '10.0.0.7', port: 11_112 },
    { aeTitle: 'CART_2', device: 'us-2', simulated: false, host: 'cart-2.local' },
    { aeTitle: 'CART_3', device: 'us-3', simulated: false },
  ]
  const book = await SenderBook.open(file, silentLog, senders)
  t.strictSame(
    ['CART_1', 'cart-2', 'CART_3', 'CART_4', ''].map((title) => book.addressOf(title)),
    [{ host: '10.0.0.7', port: 11_112 }, { host: 'cart-2.local', port: 104 }, null, null, null],
  )
})
