/** What OBX segments of monitors and pumps say, as values of the vocabulary. */
import type { Observation } from '../protocols/hl7/observation.ts'
import { isContainer, isWithoutResult } from '../protocols/hl7/observation.ts'
import type { Value } from '../protocols/packet/record.ts'
import { converted } from '../protocols/vocabulary/convert.ts'
import { termOfMdcCode, ucumOfMdcUnit } from '../protocols/vocabulary/mdc-names.ts'
import type { Term } from '../protocols/vocabulary/term.ts'
import { ucumOfText } from '../protocols/vocabulary/unit-text.ts'
import { localCode } from './laboratory.ts'

/** Flags in OBX-8 that say that there is no value, or none that the device vouches for. */
const absentFlags = ['INV', 'NAV', 'OFF', 'QUES', 'CALIB', 'MEAS', 'MSMT']
/** Test data: whoever shows or files it has to say so. */
const demoFlags = ['DEMO', 'TEST']

export function isDemo({ flags }: Observation): boolean {
  return flags.some((flag) => demoFlags.includes(flag))
}

/** Names that may hold whose it is, or who works there. */
const personal = /_PT_|PATIENT|OPERATOR|CLINICIAN/

/** null for what is no value: a container, or something about a person. */
export function valueOfObservation(observation: Observation): Value | null {
  const [number = '', refId = ''] = observation.code
  if (isContainer(observation) || personal.test(refId)) return null
  const term = termOfMdcCode(number, refId)
  // A name with a term, whose number is of another one, is believed as little as the number.
  const isUnknownName = /^MDC_\w{1,100}$/.test(refId) && termOfMdcCode('', refId) === null
  const own = term?.code ?? (isUnknownName ? refId : localCode('hl7', `${number}-${refId}`))
  if (isAbsent(observation))
    return { code: own, value: null, unit: term?.unit ?? unitOf(observation) }
  if (observation.type === 'NM') return numberValue(observation, own, term)
  return { code: own, value: null, unit: '1', text: observation.text.slice(0, 200) }
}

function isAbsent(observation: Observation): boolean {
  const { flags, text } = observation
  return (
    text === '' || isWithoutResult(observation) || flags.some((flag) => absentFlags.includes(flag))
  )
}

function unitOf({ unit }: Observation): string {
  return ucumOf(unit) ?? '1'
}

/** The first of the two names of a unit that we know: 11073 by number or name, or UCUM. */
function ucumOf([number = '', refId = '', , other = '', otherText = '']: readonly string[]) {
  return (
    ucumOfMdcUnit(number, refId) ?? ucumOfText(number) ?? ucumOfText(other) ?? ucumOfText(otherText)
  )
}

/** A number without a unit that fits is not the number of the term: it stays what it is, text. */
function numberValue({ text, unit }: Observation, code: string, term: Term | null): Value {
  const number = /^[+-]?\d{1,12}(?:\.\d{1,9})?$/.test(text) ? Number(text) : null
  const ucum = ucumOf(unit)
  const shown = `${text} ${unit[1] || unit[0] || ''}`.trim().slice(0, 200)
  if (number === null || ucum === null) return { code, value: null, unit: '1', text: shown }
  if (term === null) return { code, value: number, unit: ucum }
  const value = converted(number, ucum, term.unit)
  return value === null
    ? { code, value: null, unit: '1', text: shown }
    : { code, value, unit: term.unit }
}
