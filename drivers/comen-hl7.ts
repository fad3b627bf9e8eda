/** Comen STAR, C and NC monitors: they connect, and send what they measure once a second. */
import type { Observation } from '../protocols/hl7/observation.ts'
import { headOf } from '../protocols/hl7/header.ts'
import type { Hl7Message } from '../protocols/hl7/er7.ts'
import type { Value, Words } from '../protocols/packet/record.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import type { Said } from './driver.ts'
import { hl7Host } from './hl7-host.ts'
import { Monitor } from './hl7-monitor.ts'
import { valueOfObservation } from './hl7-values.ts'

export const comenHl7 = hl7Host({
  id: 'comen-hl7',
  label: 'Comen STAR / C / NC patient monitor (network)',
  source:
    'Segments of a real monitor quoted in an open implementation, which names the codes; no whole ' +
    'message and no paper of the maker. Waves are not described',
  evidence: 'inferred',
  confidence: 'medium',
  links: [{ kind: 'tcp', weAre: 'server', port: 5_001, splits: 'bytes' }],
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'numerics', 'event'],
  silentAfterMs: 30_000,
  begin: () => {
    const monitor = new Monitor({ identity, valueOf: comenValue, wordsOf: probeOf })
    return (message, isSound) => monitor.read(message, isSound)
  },
})

/** MSH-3 is the model, MSH-4 the serial number. */
function identity(message: Hl7Message): Said {
  const { application, facility } = headOf(message)
  const model = application[0] || null
  return { kind: 'identity', model, serialNumber: facility || null, firmware: null }
}

/** Old firmware has numbers of its own, with the name behind. */
const oldNames: Readonly<{ [codeAndName: string]: readonly string[] }> = {
  '110^HR': ['147842', 'MDC_ECG_HEART_RATE'],
  '115^PVC': ['', 'MDC_ECG_V_P_C_RATE'],
}

const absentTexts = ['-1', '-100', '-10000']
/** With no probe attached it sends 0.0 and 0.1. */
const noProbeCelsius = 15

export function comenValue(observation: Observation): Value | null {
  const name = `${observation.code[0] ?? ''}^${observation.code[1] ?? ''}`
  const code = Object.hasOwn(oldNames, name) ? oldNames[name] : observation.code
  if (code?.[1]?.startsWith('MDC_') !== true) return null
  const isAbsent = absentTexts.includes(observation.text)
  const value = valueOfObservation({
    ...observation,
    code,
    text: isAbsent ? '' : observation.text,
    status: observation.status || 'F',
  })
  if (value === null || value.value === null) return value
  const isCold = value.unit === 'Cel' && value.value < noProbeCelsius && isBody(value.code)
  return isCold || (value.value === 0 && neverZero.includes(value.code))
    ? { ...value, value: null }
    : value
}

const neverZero: readonly string[] = [
  terms.heartRate.code,
  terms.saturation.code,
  terms.oximeterPulse.code,
  terms.pulse.code,
]

/** The difference of two temperatures is small. */
function isBody(code: string): boolean {
  return code !== terms.temperatureDifference.code
}

/** 1.2.1 and 1.2.2 are the two probes of the channel of temperatures. */
function probeOf({ code, place }: Observation): Words {
  const probe = place.split('.')[2] ?? ''
  return code[1] === 'MDC_TEMP' && /^\d$/.test(probe) ? { probe } : {}
}
