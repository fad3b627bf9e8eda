/** The real door to the broker: the npm package mqtt, with its own queue switched off. */
import mqtt from 'mqtt'
import { mqttBroker, type MqttSettings } from '../protocols/mqtt/broker.ts'
import { emptyStore, type MqttLibrary } from '../protocols/mqtt/library.ts'
import type { Broker } from '../protocols/world/broker.ts'
import type { Clock } from '../protocols/world/clock.ts'

const library: MqttLibrary<Buffer> = {
  connect: (url, options) =>
    mqtt.connect(url, {
      ...options,
      queueQoSZero: false,
      // Else 65,536 buffers are made in advance, one for each message id: 8 MB.
      writeCache: false,
      messageIdProvider: new mqtt.UniqueMessageIdProvider(),
      outgoingStore: emptyStore(() => new mqtt.Store().createStream()),
    }),
  buffer: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
}

export function openMqttBroker(clock: Clock, settings: MqttSettings): Broker {
  return mqttBroker(library, clock, settings)
}
