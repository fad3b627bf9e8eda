/** What an ASTM message says, in our words: one measurement for each order and moment. */
import { parseAstm } from '../protocols/astm/records.ts'
import {
  readTransmission,
  type AstmOrder,
  type AstmResult,
  type AstmTransmission,
} from '../protocols/astm/transmission.ts'
import { timeKey } from '../protocols/packet/device-time.ts'
import type { Value, Words } from '../protocols/packet/record.ts'
import { identifiersOf, isOfControl, isTraining, orderWords } from './astm-order.ts'
import { instrumentOf, type AstmInstrument } from './astm-instruments.ts'
import type { Said } from './driver.ts'
import { genexpertResults } from './genexpert-results.ts'
import { isAbsent, isUnitSet, joined, laboratoryValue, neighbours, textWord } from './laboratory.ts'
import { measured } from './measured.ts'
import { Once } from './once.ts'
import type { Received } from './receiving.ts'

/** By the header of a message. */
export function astmSender(header: string): AstmInstrument | null {
  const message = parseAstm(header)
  return message.ok ? instrumentOf(readTransmission(message.value).sender) : null
}

/** Instruments send whole batches again, so what was said in this session is not said twice. */
export function astmMessages(): (text: string) => Received {
  const once = new Once()
  let identity = ''
  return (text) => {
    const message = parseAstm(text)
    if (!message.ok) return message
    const transmission = readTransmission(message.value)
    const instrument = instrumentOf(transmission.sender)
    const said = transmission.orders.flatMap((order) => saidOf(transmission, order, instrument))
    const isNew = (one: Said) => {
      const isDated = one.kind === 'measurement' && one.deviceTime !== undefined
      return !isDated || once.isNew(keyOf(transmission, one))
    }
    const who = identityOf(transmission, instrument)
    const isKnown = JSON.stringify(who) === identity
    identity = JSON.stringify(who)
    return { ok: true, said: [...(isKnown ? [] : [who]), ...said.filter(isNew)] }
  }
}

type Measured = Extract<Said, { kind: 'measurement' }>

/** Without the number of the message, which is another one each time. */
function keyOf({ sender }: AstmTransmission, said: Measured): string {
  const { values, identifiers, deviceTime, qualifiers } = said
  const words = { ...qualifiers, messageId: '' }
  return JSON.stringify([sender, identifiers, timeKey(deviceTime ?? null), values, words])
}

function identityOf({ sender }: AstmTransmission, instrument: AstmInstrument): Said {
  const at = (place: number | null) => (place === null ? null : sender[place] || null)
  return {
    kind: 'identity',
    model: at(instrument.model),
    serialNumber: at(instrument.serialNumber),
    firmware: at(instrument.firmware),
  }
}

function saidOf(
  transmission: AstmTransmission,
  order: AstmOrder,
  instrument: AstmInstrument,
): readonly Said[] {
  if (instrument.name === 'genexpert') return genexpertResults(transmission, order, instrument)
  const results = order.results.filter(({ test }) => !instrument.isLeftOut(nameOf(test)))
  const moments = neighbours(results, ({ completed }) => timeKey(completed))
  return moments.map((moment) => measuredOf(transmission, order, instrument, moment))
}

function measuredOf(
  transmission: AstmTransmission,
  order: AstmOrder,
  instrument: AstmInstrument,
  results: readonly AstmResult[],
): Measured {
  const isControl = isOfControl(transmission, order)
  const pairs = results
    .filter((result) => !isAlert(result))
    .map((result) => ({
      result,
      value: isControl ? controlValue(instrument, result) : valueOf(instrument, result),
    }))
  const of = (word: (result: AstmResult) => string) =>
    pairs.flatMap(({ result, value }) => {
      const text = word(result)
      return text === '' ? [] : [`${value.code}=${text}`]
    })
  const alerts = results.filter(isAlert).map(({ test }) => nameOf(test))
  const unitSets = new Set(results.flatMap(({ unit }) => (isUnitSet(unit) ? [unit] : [])))
  const qualifiers: Words = {
    ...orderWords(transmission, order),
    ...textWord('status', statusOf(results)),
    ...textWord('flags', joined(of(({ flags }) => (flags === 'N' ? '' : flags)))),
    ...textWord('ranges', joined(of(({ range }) => range))),
    ...textWord('doubtful', joined(of((result) => (isDoubtful(result) ? result.status : '')))),
    ...textWord('unitSet', joined([...unitSets])),
    ...textWord('alerts', joined(alerts)),
    ...textWord('comments', joined(of((result) => commentsOf(instrument, result)))),
  }
  const values = pairs.map(({ value }) => value)
  const [first] = results
  return {
    ...measured(values, {
      deviceTime: first?.completed ?? order.reported,
      qualifiers,
      identifiers: identifiersOf(order, instrument, isControl),
    }),
    ...(isTraining(transmission) ? { simulated: true as const } : {}),
  }
}

/** The instrument's own code: the fourth component; Sysmex puts its names into the fifth. */
function nameOf(test: readonly string[]): string {
  const name = test[3] || test[4] || test.find((one) => one !== '') || ''
  return name.replace(/\/+$/, '')
}

/** A loinc number stands behind the name. */
function valueOf(instrument: AstmInstrument, result: AstmResult): Value {
  const test = nameOf(result.test)
  return laboratoryValue(instrument.name, {
    test,
    term: Object.hasOwn(instrument.tests, test) ? (instrument.tests[test] ?? null) : null,
    loinc: result.test[4] ?? '',
    text: isUndone(result) ? '' : result.value.filter((part) => part !== '').join(' '),
    unit: result.unit,
    isDoubtful: isDoubtful(result),
  })
}

/** What is measured of a control never travels under the code of a patient's result. */
function controlValue(instrument: AstmInstrument, result: AstmResult): Value {
  const name = `${instrument.name}-control`
  const test = ['', '', '', nameOf(result.test)]
  return valueOf({ ...instrument, name, tests: {} }, { ...result, test })
}

function isUndone({ status }: AstmResult): boolean {
  return ['X', 'I', 'N'].includes(status)
}

/** A warning, to be looked at by a person before it counts. */
function isDoubtful({ status }: AstmResult): boolean {
  return status === 'W'
}

/** A name without a result, which says by its flag that it applies, such as `Anemia`. */
function isAlert({ value, flags }: AstmResult): boolean {
  return isAbsent(value.join('')) && flags === 'A'
}

/** One letter when it is that of all. */
function statusOf(results: readonly AstmResult[]): string {
  const all = new Set(results.map(({ status }) => status))
  return all.size === 1 ? ([...all][0] ?? '') : ''
}

function commentsOf(instrument: AstmInstrument, { comments }: AstmResult): string {
  if (!instrument.hasCodedComments) return ''
  const own = comments.filter(
    ({ source, text }) => source === 'I' && text.some((one) => one !== ''),
  )
  return own.map(({ text }) => text.filter((one) => one !== '').join(' ')).join(', ')
}
