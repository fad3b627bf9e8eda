import t from 'tap'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Link, LinkHears, ListenHears } from '../world.ts'
import { hostLinks } from './links.ts'

/** Takes every call, and keeps what each says. */
function listener(accepts = true) {
  const calls: { link: Link; heard: string[]; closed: Promise<Error | null> }[] = []
  const ended = Promise.withResolvers<Error | null>()
  const waiting: (() => void)[] = []
  const hears: ListenHears = {
    called: (accept) => {
      if (!accepts) return
      const heard: string[] = []
      const closed = Promise.withResolvers<Error | null>()
      const ears: LinkHears = {
        bytes: (bytes) => {
          heard.push(Buffer.from(bytes).toString('latin1'))
          for (const tell of waiting.splice(0)) tell()
        },
        closed: (trouble) => closed.resolve(trouble),
      }
      calls.push({ link: accept(ears), heard, closed: closed.promise })
    },
    closed: (trouble) => ended.resolve(trouble),
  }
  return {
    hears,
    calls,
    ended: ended.promise,
    /** The next time that anything is heard. */
    next: () => new Promise<void>((resolve) => waiting.push(resolve)),
  }
}

async function dial(port: number | null): Promise<Socket> {
  const socket = connect({ port: port ?? 0, host: '127.0.0.1' })
  await once(socket, 'connect')
  return socket
}

t.test('listen: several are connected at a time, each alone', async (t) => {
  const links = hostLinks()
  const { hears, calls, next, ended } = listener()
  const listening = await links.listen(0, 'bytes', hears)
  const port = links.listeningPort(0)
  const sockets = [await dial(port), await dial(port)]
  for (const [index, socket] of sockets.entries()) {
    const heard = next()
    socket.write(`from ${index}`)
    await heard
  }
  t.strictSame(
    calls.map(({ heard }) => heard.join('')),
    ['from 0', 'from 1'],
  )
  const answered = once(sockets[1] ?? socketless(), 'data')
  await calls[1]?.link.write(Buffer.from('to 1'))
  t.equal(String((await answered)[0]), 'to 1')

  sockets[0]?.destroy()
  t.match(await calls[0]?.closed, { code: 'link-cut' })
  const again = await dial(port)
  const heard = next()
  again.write('again')
  await heard
  t.strictSame(calls[2]?.heard, ['again'])

  await listening.close()
  t.equal(await ended, null)
  t.equal(await calls[2]?.closed, null)
  t.equal(links.listeningPort(0), null)
})

function socketless(): Socket {
  throw new Error('expected a socket')
}

t.test('listen: lines are cut for each caller apart', async (t) => {
  const links = hostLinks()
  const { hears, calls, next } = listener()
  await links.listen(0, 'lines', hears)
  const [one, other] = [await dial(links.listeningPort(0)), await dial(links.listeningPort(0))]
  one.write('be')
  const heard = next()
  other.write('other\r\n')
  await heard
  const rest = next()
  one.write('gun\n')
  await rest
  t.strictSame(
    calls.map((call) => call.heard),
    [['begun'], ['other']],
  )
  await links.close()
})

t.test('listen: who is not accepted is hung up', async (t) => {
  const links = hostLinks()
  await links.listen(0, 'bytes', listener(false).hears)
  const socket = await dial(links.listeningPort(0))
  await once(socket, 'close')
  t.ok(socket.destroyed)
  await links.close()
})

t.test('listen: a port has one owner', async (t) => {
  const links = hostLinks()
  const taken = createServer().listen(0)
  await once(taken, 'listening')
  const address = taken.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await t.rejects(links.listen(port, 'bytes', listener().hears), { code: 'link-port-taken' })
  taken.close()
  await once(taken, 'close')
  const listening = await links.listen(port, 'bytes', listener().hears)
  await t.rejects(links.listen(port, 'bytes', listener().hears), { code: 'link-busy' })
  await listening.close()
  await (await links.listen(port, 'bytes', listener().hears)).close()
})
