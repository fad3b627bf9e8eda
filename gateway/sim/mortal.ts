/**
 * What one life of a process may touch. When the life ends, nothing of it reaches the world any
 * more
 * and nothing of the world reaches it: what it waited for never comes.
 */
import type { Broker, BrokerConnection } from '../../protocols/world/broker.ts'
import type { Journal } from '../journal/journal.ts'
import type { Link, Links } from '../world.ts'
import type { Incarnation } from './incarnation.ts'

type Life = Pick<Incarnation, 'alive'>

/** Settles as `work` does as long as the life lasts, and never afterwards. */
export function mortal<T>(life: Life, work: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (!life.alive) return
    work().then(
      (value) => {
        if (life.alive) resolve(value)
      },
      (error: unknown) => {
        if (life.alive) reject(error instanceof Error ? error : new Error(String(error)))
      },
    )
  })
}

const goneConnection: BrokerConnection = { publish() {}, subscribe() {}, close() {} }

export function mortalBroker(life: Life, broker: Broker): Broker {
  return {
    connect: (options, hears) => (life.alive ? broker.connect(options, hears) : goneConnection),
  }
}

export function mortalJournal(life: Life, journal: Journal): Journal {
  return {
    epoch: journal.epoch,
    publicKey: journal.publicKey,
    incomingFolder: journal.incomingFolder,
    store: (device, record) => mortal(life, () => journal.store(device, record)),
    adopt: (device, record, path, form) =>
      mortal(life, () => journal.adopt(device, record, path, form)),
    undecided: (limit) => mortal(life, () => journal.undecided(limit)),
    sendAsIs: (sha256) => mortal(life, () => journal.sendAsIs(sha256)),
    outgoing: (query) => mortal(life, () => journal.outgoing(query)),
    again: (epoch, stream, range, limit) =>
      mortal(life, () => journal.again(epoch, stream, range, limit)),
    receipt: (epoch, stream, ranges) => mortal(life, () => journal.receipt(epoch, stream, ranges)),
    sealDue: () => mortal(life, () => journal.sealDue()),
    watch: (stream, packetMs, untilMs) =>
      mortal(life, () => journal.watch(stream, packetMs, untilMs)),
    status: () => mortal(life, () => journal.status()),
    objectsOfImage: (uid) => mortal(life, () => journal.objectsOfImage(uid)),
    imageFiles: (sha256) => mortal(life, () => journal.imageFiles(sha256)),
    instances: (uids) => mortal(life, () => journal.instances(uids)),
    known: (kind) => mortal(life, () => journal.known(kind)),
    recent: (limit) => mortal(life, () => journal.recent(limit)),
    close: () => mortal(life, () => journal.close()),
  }
}

export interface MortalLinks extends Links {
  /** As the kernel does for a process that is gone: every port is free again. */
  closeAll(): void
}

export function mortalLinks(life: Life, links: Links): MortalLinks {
  const open = new Set<Link>()
  return {
    closeAll() {
      for (const link of open) void link.close()
      open.clear()
    },
    open: (address, splits, hears) =>
      mortal(life, async () => {
        const link = await links.open(address, splits, {
          bytes: (bytes, ageMs) => {
            if (life.alive) hears.bytes(bytes, ageMs)
          },
          raw: (bytes) => {
            if (life.alive) hears.raw?.(bytes)
          },
          noise: (reason, bytes) => {
            if (life.alive) hears.noise?.(reason, bytes)
          },
          closed: (trouble) => {
            open.delete(link)
            if (life.alive) hears.closed(trouble)
          },
        })
        if (life.alive) open.add(link)
        else void link.close()
        return {
          write: (bytes: Uint8Array) => mortal(life, () => link.write(bytes)),
          close: () => mortal(life, () => link.close()),
        }
      }),
    // No device of a simulation calls.
    listen: (port, splits, hears) => mortal(life, () => links.listen(port, splits, hears)),
  }
}
