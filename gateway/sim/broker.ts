/**
 * A broker that lies: it accepts and forgets, delivers twice, late or out of order, stalls, leaves
 * sockets half open, closes, refuses and crashes. Everything is drawn from one seed.
 */
import type {
  Broker,
  BrokerConnection,
  BrokerHears,
  BrokerOptions,
} from '../../protocols/world/broker.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Random } from '../../protocols/world/random.ts'

/** Probabilities are per thousand, for each message or attempt; times are in ms. */
export interface BrokerFaults {
  readonly refuseConnect: number
  readonly connectNeverAnswers: number
  readonly forget: number
  readonly duplicate: number
  readonly delay: number
  readonly delayMsMax: number
  readonly acknowledgeNever: number
  readonly closeAfterPublish: number
  readonly halfOpenAfterPublish: number
  readonly refusePublish: number
}

export const noBrokerFaults: BrokerFaults = {
  refuseConnect: 0,
  connectNeverAnswers: 0,
  forget: 0,
  duplicate: 0,
  delay: 0,
  delayMsMax: 0,
  acknowledgeNever: 0,
  closeAfterPublish: 0,
  halfOpenAfterPublish: 0,
  refusePublish: 0,
}

export interface SimBrokerOptions {
  readonly receiveMaximum: number
  readonly maximumPacketBytes: number
  readonly latencyMs: number
}

export interface SimBroker extends Broker {
  setFaults(faults: BrokerFaults): void
  /** Every connection dies and everything in memory is gone, retained messages too. */
  crash(): void
  /** Every socket of this client dies without a farewell, as when its process was killed. */
  dropClient(clientId: string): void
  /** Cuts all sockets; the broker itself lives on. */
  cutAll(): void
  /** What a client did that the protocol forbids. Must stay empty. */
  readonly violations: readonly string[]
}

interface Peer {
  readonly options: BrokerOptions
  readonly hears: BrokerHears
  readonly filters: Set<string>
  open: boolean
  /** Bytes still seem to leave, and nothing ever arrives. */
  halfOpen: boolean
  closed: boolean
  unacknowledged: number
}

const violationsMax = 20

export function createSimBroker(
  clock: Clock,
  random: Random,
  options: SimBrokerOptions,
): SimBroker {
  const peers = new Set<Peer>()
  const retained = new Map<string, Uint8Array>()
  const violations: string[] = []
  let faults = noBrokerFaults

  const happens = (perThousand: number) => perThousand > 0 && random.below(1000) < perThousand
  const later = (ms: number, work: () => void) => void clock.after('broker', ms, work)
  const jitterMs = () => options.latencyMs + random.below(options.latencyMs + 1)

  /** A closed peer may connect again while we walk, and must not be met on the same walk. */
  const snapshot = () => Array.from(peers)

  function violate(what: string): void {
    if (violations.length < violationsMax) violations.push(what)
  }

  function end(peer: Peer, reason: string | null, retriable: boolean): void {
    if (peer.closed) return
    peer.closed = true
    peer.open = false
    peers.delete(peer)
    peer.hears.closed(reason, retriable)
  }

  function lose(peer: Peer, reason: string): void {
    if (peer.closed) return
    sendWill(peer)
    end(peer, reason, true)
  }

  function sendWill(peer: Peer): void {
    const will = peer.options.will
    if (will === null || !peer.open) return
    peer.open = false
    if (will.retain) retain(will.topic, will.payload)
    route(will.topic, will.payload)
  }

  function retain(topic: string, payload: Uint8Array): void {
    if (payload.length === 0) retained.delete(topic)
    else retained.set(topic, payload)
  }

  function route(topic: string, payload: Uint8Array): void {
    for (const peer of peers) {
      if (!peer.open || ![...peer.filters].some((filter) => matches(filter, topic))) continue
      const copies = happens(faults.duplicate) ? 2 : 1
      for (let copy = 0; copy < copies; copy++) {
        const ms = happens(faults.delay) ? random.below(faults.delayMsMax + 1) : 0
        later(jitterMs() + ms, () => deliver(peer, topic, payload))
      }
    }
  }

  function deliver(peer: Peer, topic: string, payload: Uint8Array): void {
    if (peer.open && !peer.halfOpen) peer.hears.message(topic, payload)
  }

  function receive(
    peer: Peer,
    topic: string,
    payload: Uint8Array,
    retain_: boolean,
    acknowledged: (refused: string | null) => void,
  ): void {
    if (!peer.open || peer.halfOpen) return
    const answer = (refused: string | null) => {
      if (happens(faults.acknowledgeNever)) return
      later(jitterMs(), () => {
        if (peer.closed || peer.halfOpen) return
        peer.unacknowledged -= 1
        acknowledged(refused)
      })
    }
    if (happens(faults.refusePublish)) return answer('quota exceeded (0x97)')
    if (!happens(faults.forget)) {
      if (retain_) retain(topic, payload)
      route(topic, payload)
    }
    answer(null)
    if (happens(faults.closeAfterPublish)) later(random.below(20), () => lose(peer, 'reset'))
    else if (happens(faults.halfOpenAfterPublish)) peer.halfOpen = true
  }

  function open(peer: Peer): void {
    if (peer.closed) return
    if (happens(faults.connectNeverAnswers)) return
    if (happens(faults.refuseConnect)) return end(peer, 'server busy', true)
    for (const other of peers) {
      const taken = other !== peer && other.options.clientId === peer.options.clientId
      if (taken && other.open) lose(other, 'taken over by another connection of this client')
    }
    peer.open = true
    peer.hears.opened({
      protocol: '5',
      receiveMaximum: options.receiveMaximum,
      maximumPacketBytes: options.maximumPacketBytes,
    })
  }

  function connectionOf(peer: Peer): BrokerConnection {
    return {
      publish(topic, payload, { retain: keep }, acknowledged) {
        if (!peer.open) return violate(`${peer.options.clientId} publishes while not connected`)
        peer.unacknowledged += 1
        if (peer.unacknowledged > options.receiveMaximum) {
          violate(`${peer.options.clientId} has more unacknowledged than the Receive Maximum`)
        }
        if (payload.length > options.maximumPacketBytes) {
          violate(`${peer.options.clientId} sends more than the Maximum Packet Size`)
        }
        // The sender may reuse its buffer, as it may with a real socket once it has been written.
        const copy = payload.slice()
        later(jitterMs(), () => receive(peer, topic, copy, keep, acknowledged))
      },
      subscribe(filters, done) {
        later(jitterMs(), () => {
          if (!peer.open || peer.halfOpen) return
          for (const filter of filters) peer.filters.add(filter)
          done(null)
          for (const [topic, payload] of retained) {
            if (filters.some((filter) => matches(filter, topic))) {
              later(jitterMs(), () => deliver(peer, topic, payload))
            }
          }
        })
      },
      close(how) {
        if (peer.closed) return
        if (how === 'destroy') sendWill(peer)
        end(peer, null, true)
      },
    }
  }

  return {
    violations,
    connect(connectOptions, hears) {
      const peer: Peer = {
        options: connectOptions,
        hears,
        filters: new Set(),
        open: false,
        halfOpen: false,
        closed: false,
        unacknowledged: 0,
      }
      peers.add(peer)
      later(jitterMs(), () => open(peer))
      return connectionOf(peer)
    },
    setFaults(next) {
      faults = next
    },
    crash() {
      retained.clear()
      for (const peer of snapshot()) end(peer, 'connection reset', true)
    },
    dropClient(clientId) {
      for (const peer of snapshot()) {
        if (peer.options.clientId !== clientId) continue
        sendWill(peer)
        peer.closed = true
        peers.delete(peer)
      }
    },
    cutAll() {
      for (const peer of snapshot()) lose(peer, 'connection reset')
    },
  }
}

/** MQTT 5 section 4.7: `+` stands for one level, a trailing `#` for the rest. */
export function matches(filter: string, topic: string): boolean {
  const wanted = filter.split('/')
  const levels = topic.split('/')
  for (let index = 0; index < wanted.length; index++) {
    if (wanted[index] === '#') return true
    if (index >= levels.length) return false
    if (wanted[index] !== '+' && wanted[index] !== levels[index]) return false
  }
  return wanted.length === levels.length
}
