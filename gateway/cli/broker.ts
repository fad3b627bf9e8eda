/** `simpul broker`: a small broker in memory, for the demo and for benches. Not for a hospital. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Aedes } from 'aedes'
import { stopSignal } from './signals.ts'
import { exitCodes, readArgs, wholeNumber, type Verb } from './verb.ts'

/** A subscriber that does not read is cut off, so that it cannot stop the others. */
const drainTimeoutMs = 10_000

export const broker: Verb = {
  name: 'broker',
  summary: 'a small MQTT 3.1.1 broker in memory, for demos',
  help: `simpul broker [--host ADDRESS] [--port N]

Listens on ADDRESS (default 127.0.0.1) and N (default 1883; 0 takes a free one) and prints the address.
It keeps nothing on disk: whatever it held is gone when it ends, and nothing is lost by that, because
the van sends again what the hospital has not confirmed.`,
  async run(args) {
    const { values } = readArgs(args, {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string' },
    })
    const port = wholeNumber(values.port, 'port', { min: 0, max: 65_535, otherwise: 1883 })
    const stop = stopSignal()
    const aedes = await Aedes.createBroker({ drainTimeout: drainTimeoutMs })
    const server = createServer((socket) => void aedes.handle(socket))
    server.listen(port, values.host)
    await once(server, 'listening')
    const address = server.address()
    const bound = typeof address === 'object' && address !== null ? address.port : port
    process.stdout.write(`mqtt://${values.host}:${bound}\n`)
    await stop
    await new Promise<void>((done) => aedes.close(done))
    server.close()
    return exitCodes.ok
  },
}
