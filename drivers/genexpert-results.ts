/**
 * What a GeneXpert says of one test: the outcome of each analyte in words, among dozens of records
 * of its probes. R-3 of an outcome is
 *
 *   ^ assay ^ ^ panel ^ name of the assay ^ version ^ analyte ^
 *   ^MTB-RIF^^Xpert^Xpert MTB-RIF Ultra^4^MTB^
 *
 * and a probe's has no name of the assay, but `Ct` or `EndPt` behind its own name. Comments hold
 * what a person typed, names included, so that only errors are taken from them.
 *
 * Source: Cepheid GeneXpert LIS interface specification 302-2261, and a transmission.
 */
import type { AstmOrder, AstmResult, AstmTransmission } from '../protocols/astm/transmission.ts'
import type { Value, Words } from '../protocols/packet/record.ts'
import type { AstmInstrument } from './astm-instruments.ts'
import { identifiersOf, isOfControl, isTraining, orderWords } from './astm-order.ts'
import type { Said } from './driver.ts'
import { joined, laboratoryValue, textWord } from './laboratory.ts'
import { measured } from './measured.ts'

/** The test has to be repeated. */
const failures = ['INVALID', 'ERROR', 'NO RESULT']

export function genexpertResults(
  transmission: AstmTransmission,
  order: AstmOrder,
  instrument: AstmInstrument,
): readonly Said[] {
  const outcomes = order.results.filter(isOutcome)
  const [first] = outcomes
  if (first === undefined) return []
  const isControl = isOfControl(transmission, order)
  const values = outcomes.flatMap((result) => valuesOf(instrument, result, isControl))
  const qualifiers: Words = {
    ...orderWords(transmission, order),
    ...textWord('assay', first.test[4] ?? ''),
    ...textWord('assayVersion', first.test[5] ?? ''),
    ...textWord('status', first.status),
    ...textWord('thresholds', joined(order.results.flatMap(thresholdOf))),
    ...textWord('errors', joined([...new Set(outcomes.flatMap(errorsOf))])),
  }
  const said: Said = {
    ...measured(values, {
      deviceTime: first.completed ?? order.reported,
      qualifiers,
      identifiers: identifiersOf(order, instrument, isControl),
    }),
    ...(isTraining(transmission) ? { simulated: true as const } : {}),
  }
  const failed = values.find(({ text }) => failures.includes(text ?? ''))
  return failed === undefined ? [said] : [said, failure(failed.text ?? '')]
}

function isOutcome({ test }: AstmResult): boolean {
  return (test[4] ?? '') !== '' && (test[7] ?? '') === ''
}

/** R-4 is `in words ^ number`. Most assays have only words. */
function valuesOf(
  instrument: AstmInstrument,
  { test, value, unit }: AstmResult,
  isControl: boolean,
): readonly Value[] {
  const analyte = test[6] || test[3] || test[1] || ''
  const [words = '', number = ''] = value
  const name = isControl ? `${instrument.name}-control` : instrument.name
  const known = !isControl && Object.hasOwn(instrument.tests, analyte)
  const term = known ? (instrument.tests[analyte] ?? null) : null
  const common = { term, loinc: '', isDoubtful: false }
  const inWords = laboratoryValue(name, { ...common, test: analyte, text: words, unit: '' })
  if (number === '') return [inWords]
  const amount = { ...common, term: null, test: `${analyte}-quantity`, text: number, unit }
  return [inWords, laboratoryValue(name, amount)]
}

/** `Xpert/SPC=24.7`: the cycle at which a probe was seen. 0 says that it was not. */
function thresholdOf({ test, value }: AstmResult): readonly string[] {
  const cycle = value[1] ?? ''
  if (test[7] !== 'Ct' || !/[1-9]/.test(cycle)) return []
  return [`${test[3] ?? ''}/${test[6] ?? ''}=${cycle}`]
}

/** `Error^^5006^...` : what follows is for the service. */
function errorsOf({ comments }: AstmResult): readonly string[] {
  return comments.flatMap(({ text: [kind = '', , code = ''] }) =>
    /^error/i.test(kind) && /^\w{1,12}$/.test(code) ? [code] : [],
  )
}

function failure(result: string): Said {
  const detail = { result }
  return { kind: 'event', code: 'measurement-failed', level: 'warning', active: null, detail }
}
