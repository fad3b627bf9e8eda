/** Mindray BeneView T, iPM, iMEC: bedside monitors that are asked over the network. */
import { latin1Text } from '../protocols/bytes/bytes.ts'
import { parseEr7 } from '../protocols/hl7/er7.ts'
import { headOf } from '../protocols/hl7/header.ts'
import { mllpLimitBytes, scanMllp, type MllpBlock } from '../protocols/hl7/mllp.ts'
import type { Observation } from '../protocols/hl7/observation.ts'
import { controlIds, heartbeat, queryAll } from '../protocols/mindray-pds/query.ts'
import type { Value } from '../protocols/packet/record.ts'
import { converted } from '../protocols/vocabulary/convert.ts'
import type { Term } from '../protocols/vocabulary/term.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { ucumOfText } from '../protocols/vocabulary/unit-text.ts'
import type { Said } from './driver.ts'
import { Monitor } from './hl7-monitor.ts'
import { valueOf } from './measured.ts'
import { streaming, type Reader } from './streaming.ts'

/** By code and name together: the two sources disagree about the numbers of carbon dioxide. */
const quantities: Readonly<{ [codeAndName: string]: Term }> = {
  '101^HR': terms.heartRate,
  '102^PVC(s)': terms.prematureBeats,
  '151^RR': terms.respiration,
  '160^SpO2': terms.saturation,
  '161^PR': terms.oximeterPulse,
  '170^Sys': terms.systolic,
  '171^Dia': terms.diastolic,
  '172^Mean': terms.meanPressure,
  '200^T1': terms.temperature,
  '500^Sys': terms.arterialSystolic,
  '502^Dia': terms.arterialDiastolic,
  '605^Mean': terms.centralVenousMean,
}

export const mindrayPds = streaming<MllpBlock>({
  id: 'mindray-pds',
  label: 'Mindray BeneView T / iPM / iMEC patient monitor (network)',
  source:
    'Two independent open implementations that agree on the numbers; no capture, and the guide of ' +
    'the maker was not used. Waves are not read: their numbers and amplitudes are not known',
  evidence: 'inferred',
  confidence: 'medium',
  links: [{ kind: 'tcp', weAre: 'client', port: 4_601, splits: 'bytes' }],
  asks: 'harmless',
  waves: [],
  streams: ['measurement', 'numerics'],
  silentAfterMs: 15_000,

  scan: scanMllp,
  packetLimitBytes: mllpLimitBytes,
  pausedAfterMs: 5_000,
  opening: {
    commands: [{ bytes: queryAll, why: 'ask for all numbers' }],
    spacingMs: 1_000,
    againAfterMs: 10_000,
    keepAlive: { bytes: heartbeat, why: 'heartbeat', everyMs: 2_000 },
  },
  read: () => new Numbers(),
})

class Numbers implements Reader<MllpBlock> {
  readonly #monitor = new Monitor({
    identity: () => null,
    valueOf: mindrayValue,
    wordsOf: () => ({}),
  })

  packet({ message }: MllpBlock): Iterable<Said> {
    // Waves are bytes and no text: one character a byte keeps the separators where they are.
    const parsed = parseEr7(latin1Text(message))
    if (!parsed.ok) return []
    const { controlId } = headOf(parsed.value)
    if (controlId !== controlIds.numbers && controlId !== controlIds.pressure) return []
    const read = this.#monitor.read(parsed.value, true)
    return read.ok ? read.said : []
  }
}

export function mindrayValue({ type, code, text, unit }: Observation): Value | null {
  const name = `${code[0] ?? ''}^${code[1] ?? ''}`
  const term = Object.hasOwn(quantities, name) ? quantities[name] : undefined
  if (term === undefined || type !== 'NM') return null
  const number = /^-?\d{1,6}(?:\.\d{1,4})?$/.test(text) ? Number(text) : null
  // -100, -1000 and -10000 stand for no value, and a heart that does not beat has no rate.
  const isAbsent = number === null || text.startsWith('-100') || (number === 0 && isNeverZero(term))
  if (isAbsent) return valueOf(term, null)
  const said = unit.find((one) => one !== '') ?? ''
  const from = said === '' ? usualUnit(term, number) : ucumOfText(said)
  return valueOf(term, from === null ? null : converted(number, from, term.unit))
}

function isNeverZero(term: Term): boolean {
  return term === terms.heartRate || term === terms.saturation || term === terms.oximeterPulse
}

/** A site had degrees Fahrenheit: below 50 a temperature is not one of a person in those. */
function usualUnit(term: Term, number: number): Term['unit'] | null {
  return term === terms.temperature && number > 50 ? null : term.unit
}
