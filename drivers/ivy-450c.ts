/** Ivy Biomedical 450C: a small monitor that says everything once a second. */
import { ivyMessageLimitBytes, scanIvy, type IvyMessage } from '../protocols/ivy-450c/message.ts'
import type { Lead } from '../protocols/packet/record.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { ecgLeads, otherWaves } from '../protocols/vocabulary/waves.ts'
import type { Said, Wave } from './driver.ts'
import { Live } from './live.ts'
import { valueOf } from './measured.ts'
import { ShownPressure } from './shown-pressure.ts'
import { streaming, type Reader } from './streaming.ts'

function wave(name: string, samples: number, lead: Lead): Wave {
  return { name, rate: { samples, perMs: 1_000 }, leads: [lead] }
}

/** No step in mV is documented; 100 is no voltage. inferred from an independent client */
const ecgZero = 100
const knownLeads = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V'] as const

const ecg = [...knownLeads, 'unknown' as const].map((lead) => {
  const { code } = ecgLeads[lead]
  return wave(waveOfLead(lead), 200, { code, unit: null, lsb: null, zero: ecgZero })
})

function waveOfLead(lead: string | null): string {
  const known = knownLeads.find((one) => one.toUpperCase() === lead?.toUpperCase())
  return known === undefined ? 'ecg' : `ecg-${known.toLowerCase()}`
}

function uncalibrated(name: string, code: string, zero: number): Wave {
  return wave(name, 50, { code, unit: null, lsb: null, zero })
}

/** captured: least and greatest byte are the diastolic and systolic pressure of the text. */
function pressure(name: string): Wave {
  const { code } = otherWaves.invasivePressure
  return wave(name, 50, { code, unit: 'mm[Hg]', lsb: 1, zero: 0 })
}

const line = { baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 } as const

export const ivy450c = streaming({
  id: 'ivy-450c',
  label: 'Ivy Biomedical 450C monitor',
  source: 'A recording of a 450C and its reader, both of OpenICE',
  evidence: 'captured',
  confidence: 'medium-high',
  links: [{ kind: 'serial', lines: [line], usb: [], splits: 'bytes' }],
  asks: 'nothing',
  waves: [
    ...ecg,
    uncalibrated('respiration', otherWaves.respiration.code, 0),
    uncalibrated('pleth', otherWaves.pleth.code, 86),
    pressure('pressure-1'),
    pressure('pressure-2'),
  ],
  streams: ['measurement', 'numerics', 'waveform'],
  silentAfterMs: 5_000,

  scan: scanIvy,
  packetLimitBytes: ivyMessageLimitBytes,
  pausedAfterMs: 2_000,
  opening: null,
  read: () => new MessageReader(),
})

class MessageReader implements Reader<IvyMessage> {
  readonly #live = new Live()
  readonly #cuff = new ShownPressure();

  *packet(message: IvyMessage): Generator<Said, void, undefined> {
    yield* samplesOf(waveOfLead(message.ecgLead), message.ecg, true)
    yield* samplesOf('respiration', message.respiration, true)
    yield* samplesOf('pleth', message.pleth, true)
    for (const index of [0, 1] as const) {
      const name = `pressure-${index + 1}`
      yield* samplesOf(name, message.pressures[index], message.hasTransducer[index])
    }
    yield* this.#numbers(message)
    const { cuff } = message
    yield* this.#cuff.show({ ...cuff, deviceTime: null })
  }

  *#numbers(message: IvyMessage): Generator<Said, void, undefined> {
    const live = this.#live
    yield* live.say('ecg', [valueOf(terms.heartRate, message.heartPerMinute)])
    yield* live.say('respiration', [valueOf(terms.respiration, message.breathsPerMinute)])
    yield* live.say('oximeter', [
      valueOf(terms.saturation, message.saturationPercent),
      valueOf(terms.oximeterPulse, message.pulsePerMinute),
    ])
    // The text has no units: these are those of the display as it leaves the factory.
    const assumed = { unit: 'assumed' }
    yield* live.say('co2', [valueOf(terms.endTidalCo2, message.endTidalCo2)], assumed)
    for (const [index, celsius] of message.temperatures.entries()) {
      const probe = String(index + 1)
      const values = [valueOf(terms.temperature, celsius)]
      yield* live.say(`probe-${probe}`, values, { probe, ...assumed })
    }
    for (const [index, catheter] of message.catheters.entries()) {
      const values = [
        valueOf(terms.invasiveSystolic, catheter.systolicMmHg),
        valueOf(terms.invasiveDiastolic, catheter.diastolicMmHg),
        valueOf(terms.invasiveMean, catheter.meanMmHg),
      ]
      yield* live.say(`p${index + 1}`, values, { site: `P${index + 1}` })
    }
  }
}

function* samplesOf(
  wave: string,
  samples: Uint8Array,
  isThere: boolean,
): Generator<Said, void, undefined> {
  for (const sample of samples) yield { kind: 'samples', wave, samples: isThere ? [sample] : null }
}
