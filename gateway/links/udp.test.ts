import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import type { LinkHears } from '../world.ts'
import { hostLinks } from './links.ts'

async function device(t: Test): Promise<{ socket: Socket; port: number }> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  return { socket, port: socket.address().port }
}

interface Heard {
  readonly hears: LinkHears
  readonly bytes: string[]
  /** Resolves with the next datagram, or with why it was closed. */
  next(): Promise<string>
}

function listener(): Heard {
  const bytes: string[] = []
  let tell: (text: string) => void = () => {}
  return {
    bytes,
    next: () =>
      new Promise((resolve) => {
        tell = resolve
      }),
    hears: {
      bytes(datagram) {
        bytes.push(new TextDecoder().decode(datagram))
        tell(bytes.at(-1) ?? '')
      },
      closed(trouble) {
        tell(`closed: ${trouble === null ? 'by us' : trouble.message}`)
      },
    },
  }
}

t.test('udp: each datagram is heard whole, and only those of the device', async (t) => {
  const { socket, port } = await device(t)
  const stranger = createSocket('udp4')
  t.teardown(() => stranger.close())
  const heard = listener()
  const links = hostLinks()
  const link = await links.open({ kind: 'udp', host: '127.0.0.1', port }, 'whole', heard.hears)
  const asked = once(socket, 'message')
  await link.write(new TextEncoder().encode('hello'))
  const [question, from] = (await asked) as [Buffer, { port: number; address: string }]
  t.equal(question.toString(), 'hello')
  stranger.send('not me', from.port, from.address)
  const first = heard.next()
  socket.send('one', from.port, from.address)
  t.equal(await first, 'one')
  const second = heard.next()
  socket.send('two', from.port, from.address)
  t.equal(await second, 'two')
  t.strictSame(heard.bytes, ['one', 'two'])
  const closed = heard.next()
  await link.close()
  t.equal(await closed, 'closed: by us')
  await t.rejects(link.write(Uint8Array.of(1)), { code: 'link-closed' })
})

t.test('udp: a port at which nobody listens closes the link', async (t) => {
  const { socket, port } = await device(t)
  const heard = listener()
  const links = hostLinks()
  const link = await links.open({ kind: 'udp', host: '127.0.0.1', port }, 'whole', heard.hears)
  await t.rejects(
    links.open({ kind: 'udp', host: '127.0.0.1', port }, 'whole', heard.hears),
    { code: 'link-busy' },
    'one owner for each device',
  )
  const silent = createSocket('udp4')
  silent.bind(0, '127.0.0.1')
  await once(silent, 'listening')
  const nowhere = silent.address().port
  silent.close()
  const lost = listener()
  const closed = lost.next()
  const dead = await links.open(
    { kind: 'udp', host: '127.0.0.1', port: nowhere },
    'whole',
    lost.hears,
  )
  await dead.write(Uint8Array.of(1))
  t.match(await closed, /^closed: .*127\.0\.0\.1/)
  t.ok(socket.address().port === port)
  await link.close()
})

t.test('udp: a name that nobody knows is a trouble', async (t) => {
  const links = hostLinks()
  await t.rejects(
    links.open({ kind: 'udp', host: 'nowhere.invalid', port: 1 }, 'whole', listener().hears),
    { code: 'link-unreachable' },
  )
})
