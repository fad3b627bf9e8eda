/** Options with which the verbs of the hospital's end reach a broker. */
import { readFileSync } from 'node:fs'
import { mqttDefaults, type MqttSettings } from '../../protocols/mqtt/broker.ts'
import { UsageError } from './verb.ts'

export const brokerOptions = {
  broker: { type: 'string' },
  authority: { type: 'string' },
  certificate: { type: 'string' },
  key: { type: 'string' },
} as const

export const brokerOptionsHelp = `  --broker URL        mqtt://HOST:PORT, or mqtts://HOST:PORT with TLS
  --authority FILE    PEM, whose certificates to trust (default: the system's)
  --certificate FILE  PEM, our own certificate, with --key FILE`

export interface BrokerValues {
  readonly broker?: string | undefined
  readonly authority?: string | undefined
  readonly certificate?: string | undefined
  readonly key?: string | undefined
}

export function brokerSettings(values: BrokerValues): MqttSettings {
  const { broker, authority, certificate, key } = values
  if (broker === undefined) throw new UsageError('--broker URL is needed')
  if ((certificate === undefined) !== (key === undefined)) {
    throw new UsageError('--certificate and --key go together')
  }
  const client =
    certificate === undefined || key === undefined
      ? null
      : { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') }
  const trusted = authority === undefined ? null : readFileSync(authority, 'utf8')
  return {
    ...mqttDefaults,
    url: broker,
    tls: broker.startsWith('mqtts:') ? { authority: trusted, client, serverName: null } : null,
    // Everything that is missed can be asked for again: nothing hangs on the broker's memory.
    sessionExpirySeconds: 0,
    willDelaySeconds: 0,
  }
}
