/**
 * Listens to the broker as anybody could, and measures how long a reading took from its first byte
 * in
 * the van to the hospital's receipt. All clocks are the one of this machine.
 */
import { decodeReceipt } from '../../../protocols/packet/messages.ts'
import { decodePacket } from '../../../protocols/packet/packet.ts'
import { downTopic, parseUpTopic, upTopicFilter } from '../../../protocols/packet/topics.ts'
import { mqttDefaults } from '../../../protocols/mqtt/broker.ts'
import { keepLink } from '../../../upstream/link.ts'
import { openMqttBroker } from '../../../upstream/mqtt.ts'
import { realClock, realRandom } from '../../../upstream/real-world.ts'
import { systemClock } from '../../clock/system-clock.ts'

export interface Observer {
  /** By stream: from the first byte of each packet to its receipt, in ms. */
  latenciesMs(): ReadonlyMap<string, readonly number[]>
  stop(): Promise<void>
}

/** Packets whose receipt is awaited, and latencies that are kept. */
const rememberedMax = 100_000
const farewellMs = 2_000
const keepaliveSeconds = 30

const silent = { info: () => {}, warn: () => {}, error: () => {} }

export function observe(brokerUrl: string, van: string): Observer {
  const clock = systemClock()
  const firstMs = new Map<string, number>()
  const latencies = new Map<string, number[]>()
  const broker = openMqttBroker(realClock, {
    ...mqttDefaults,
    url: brokerUrl,
    sessionExpirySeconds: 0,
  })
  const receiptTopic = downTopic(van, 'receipt')
  const link = keepLink(
    { clock: realClock, random: realRandom, broker, log: silent },
    { clientId: 'demo-observer', keepaliveSeconds, will: null },
    {
      opened: () => link.subscribe([upTopicFilter, receiptTopic]),
      closed: () => {},
      message(topic, payload) {
        if (topic === receiptTopic) receipted(payload)
        else if (parseUpTopic(topic) !== null) sent(payload)
      },
    },
  )

  function sent(payload: Uint8Array): void {
    const packet = decodePacket(payload)
    if (!packet.ok || firstMs.size >= rememberedMax) return
    const { epoch, stream, seq } = packet.value.header
    const key = keyOf(epoch, stream, seq)
    if (!firstMs.has(key)) firstMs.set(key, packet.value.header.firstMs)
  }

  function receipted(payload: Uint8Array): void {
    const receipt = decodeReceipt(payload)
    if (!receipt.ok) return
    const nowMs = clock.monotonicMs()
    for (const { stream, ranges } of receipt.value.receipts) {
      for (const { from, to } of ranges) {
        for (let seq = to; seq >= from; seq--) {
          const key = keyOf(receipt.value.epoch, stream, seq)
          const began = firstMs.get(key)
          // Receipts repeat all from the first on; below what is known all was counted before.
          if (began === undefined) break
          firstMs.delete(key)
          note(stream, nowMs - began)
        }
      }
    }
  }

  function note(stream: string, ms: number): void {
    const list = latencies.get(stream) ?? []
    latencies.set(stream, list)
    if (list.length < rememberedMax) list.push(ms)
  }

  return {
    latenciesMs: () => latencies,
    stop: () => link.close(farewellMs),
  }
}

function keyOf(epoch: string, stream: string, seq: number): string {
  return `${epoch} ${stream} ${seq}`
}
