/** A Capnostream 20 with a person connected: silent until it is enabled and started. */
import { joinBytes, noBytes } from '../../protocols/bytes/bytes.ts'
import { Framer } from '../../protocols/bytes/framer.ts'
import {
  capnostreamLimitBytes,
  encodeCapnostream,
  scanCapnostream,
  type CapnostreamPacket,
} from '../../protocols/capnostream/frame.ts'
import { Body, type BodyOptions } from './body.ts'
import type { Simulated } from './simulated.ts'

const sampleMs = 50
const numbersEveryMs = 1_000
const enable = 0x01
const start = 0x04
const stepsPerMmHg = 256

/** The start command has the code of the answer to the enabling one, without anything behind it. */
function isCommand(packet: CapnostreamPacket, code: number): boolean {
  return packet.kind === 'other' && packet.code === code && packet.payload.length === 0
}

export function* simulateCapnostream20(options: BodyOptions): Simulated {
  const body = new Body(options)
  const ear = new Framer(scanCapnostream, capnostreamLimitBytes)
  let isStarted = false
  let answers: CapnostreamPacket[] = []
  for (let nowMs = sampleMs; ; nowMs += sampleMs) {
    body.passUntil(nowMs)
    const packets = answers
    answers = []
    if (isStarted) packets.push(...packetsAt(body, nowMs))
    const heard = yield { afterMs: sampleMs, bytes: joinBytes(...packets.map(encodeCapnostream)) }
    for (const framed of ear.feed(heard ?? noBytes, nowMs)) {
      if (framed.kind !== 'packet') continue
      if (isCommand(framed.packet, enable)) {
        answers.push({ kind: 'identity', version: '45.67', serialNumber: 'B355987654' })
      }
      if (isCommand(framed.packet, start)) isStarted = true
    }
  }
}

function packetsAt(body: Body, nowMs: number): readonly CapnostreamPacket[] {
  const co2Steps = Math.round(body.breath(nowMs) * body.endTidalCo2MmHg * stepsPerMmHg)
  const number = Math.floor(nowMs / sampleMs) & 0xff
  const wave: CapnostreamPacket = { kind: 'wave', number, co2Steps, status: 0 }
  if (nowMs % numbersEveryMs !== 0) return [wave]
  return [
    wave,
    {
      kind: 'numbers',
      localSeconds: 1_700_000_000 + Math.floor(nowMs / 1_000),
      co2Unit: 'mm[Hg]',
      endTidalCo2: body.endTidalCo2MmHg,
      inspiredCo2: 0,
      breathsPerMinute: body.breathsPerMinute,
      saturationPercent: body.saturationPercent,
      pulsePerMinute: body.heartPerMinute,
      isBreathMissing: false,
      isPulseMissing: false,
      isSensorOff: false,
      isSensorUnplugged: false,
      isBatteryLow: false,
    },
  ]
}
