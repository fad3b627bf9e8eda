/** What the packets of a PM6750 mean, one after the other: flags override numbers and samples. */
import {
  arrhythmias,
  type EcgNumbers,
  type EcgSamples,
  type NibpNumbers,
  type NibpState,
  type OximeterNumbers,
  type Pm6750Packet,
  type TemperatureNumbers,
} from '../protocols/berrymed/packet.ts'
import type { Words } from '../protocols/packet/record.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { outOfOrder } from './blood-pressure.ts'
import { Current, type Condition } from './condition.ts'
import type { Said } from './driver.ts'
import { Live } from './live.ts'
import { measured, valueOf } from './measured.ts'
import type { Reader } from './streaming.ts'

type Saying = Generator<Said, void, undefined>

/** Until the first packet with flags comes, which takes a second, nothing is held back. */
export class Pm6750Reader implements Reader<Pm6750Packet> {
  readonly #ecgLead = new Current()
  readonly #arrhythmia = new Current()
  readonly #oximeter = new Current()
  readonly #probes = [new Current(), new Current()] as const
  readonly #live = new Live()
  #isMeasuringPressure = false;

  *packet(packet: Pm6750Packet): Saying {
    switch (packet.kind) {
      case 'ecg':
        yield this.#ecg(packet)
        break
      case 'pleth':
        yield this.#sample('pleth', packet.sample, this.#oximeter)
        break
      case 'respiration':
        // It is measured between the electrodes of the ECG.
        yield this.#sample('respiration', packet.sample, this.#ecgLead)
        break
      case 'ecg-numbers':
        yield* this.#ecgNumbers(packet)
        break
      case 'oximeter':
        yield* this.#oximeterNumbers(packet)
        break
      case 'temperature':
        yield* this.#temperature(packet)
        break
      case 'nibp':
        yield* this.#pressure(packet)
        break
      case 'version':
        yield versionOf(packet)
        break
      // A beat is in the waves already.
      case 'heart-beat':
      case 'pulse-beat':
      case 'other':
        break
    }
  }

  #ecg({ leads }: EcgSamples): Said {
    const wave = leads.length === 1 ? 'ecg-single' : 'ecg'
    return { kind: 'samples', wave, samples: this.#ecgLead.code === null ? leads : null }
  }

  #sample(wave: string, sample: number, condition: Current): Said {
    return { kind: 'samples', wave, samples: condition.code === null ? [sample] : null }
  }

  *#ecgNumbers(packet: EcgNumbers): Saying {
    // Nobody connected looks the same as an electrode that fell off: no fault of the device.
    yield* this.#ecgLead.become(packet.leadOff ? { code: 'lead-off', level: 'info' } : null)
    yield* this.#arrhythmia.become(packet.leadOff ? null : arrhythmiaOf(packet.arrhythmia))
    const values = [
      valueOf(terms.heartRate, packet.leadOff ? null : packet.heartPerMinute),
      valueOf(terms.respiration, packet.leadOff ? null : packet.breathsPerMinute),
    ]
    const qualifiers: Words = {
      gain: String(packet.gain),
      filter: packet.filter,
      ...(packet.weakSignal ? { signal: 'weak' } : {}),
      ...(packet.stMillivolt === null || packet.leadOff
        ? {}
        : { stMillivolt: packet.stMillivolt.toFixed(2) }),
    }
    yield* this.#live.say('ecg', values, qualifiers)
  }

  *#oximeterNumbers(packet: OximeterNumbers): Saying {
    const isOk = packet.state === 'ok'
    yield* this.#oximeter.become(isOk ? null : { code: `oximeter-${packet.state}`, level: 'info' })
    const values = [
      valueOf(terms.saturation, isOk ? packet.saturationPercent : null),
      valueOf(terms.oximeterPulse, isOk ? packet.pulsePerMinute : null),
    ]
    yield* this.#live.say('oximeter', values)
  }

  /** Where a probe is placed the module does not know, so each has numerics of its own. */
  *#temperature(packet: TemperatureNumbers): Saying {
    for (const [index, celsius] of packet.probesCelsius.entries()) {
      const probe = String(index + 1)
      const off: Condition = { code: `temperature-${probe}-off`, level: 'info' }
      yield* this.#probes[index]?.become(celsius === null ? off : null) ?? []
      yield* this.#live.say(`probe-${probe}`, [valueOf(terms.temperature, celsius)], { probe })
    }
  }

  /**
   * A result is one only behind a measurement that we saw: the module repeats its last result for
   * as long as it likes, and says it anew after a restart of ours.
   */
  *#pressure(packet: NibpNumbers): Saying {
    if (packet.state === 'measuring') {
      this.#isMeasuringPressure = true
      return
    }
    if (!this.#isMeasuringPressure) return
    if (packet.state === 'done') {
      // Done without numbers is not yet a result. For none at all there is another state.
      if (packet.systolicMmHg === null || packet.diastolicMmHg === null) return
      this.#isMeasuringPressure = false
      yield pressureOf(packet)
    } else if (isFailure(packet.state)) {
      this.#isMeasuringPressure = false
      yield {
        kind: 'event',
        code: 'measurement-failed',
        level: packet.state === 'stopped' ? 'info' : 'warning',
        active: null,
        detail: { error: packet.state },
      }
    }
  }
}

function arrhythmiaOf(code: number | null): Condition | null {
  const kind = arrhythmias[code ?? 0] ?? 'analysing'
  if (kind === 'analysing' || kind === 'none') return null
  const isEmergency = kind === 'asystole' || kind === 'ventricular-fibrillation'
  return { code: 'arrhythmia', level: isEmergency ? 'alarm' : 'warning', detail: { kind } }
}

function isFailure(state: NibpState): boolean {
  return state !== 'initialising' && state !== 'initialised'
}

function pressureOf(packet: NibpNumbers): Said {
  return measured(
    [
      valueOf(terms.systolic, packet.systolicMmHg),
      valueOf(terms.diastolic, packet.diastolicMmHg),
      valueOf(terms.meanPressure, packet.meanMmHg),
    ],
    { qualifiers: { cuffPatient: packet.patient }, implausible: outOfOrder(packet) },
  )
}

function versionOf(packet: Extract<Pm6750Packet, { kind: 'version' }>): Said {
  const text = packet.text.replace(/[^\u0020-\u007e]/g, '').trim()
  const firmware = packet.of === 'firmware' && text !== '' ? text : null
  return { kind: 'identity', model: 'PM6750', serialNumber: null, firmware }
}
