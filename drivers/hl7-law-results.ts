/**
 * What an analyser says in OUL^R22 (IHE LAW, LAB-29) or ORU^R01: SPM and SAC name the specimen, OBR
 * the order, OBX the results of it.
 */
import { firstPart, type Hl7Message, type Segment } from '../protocols/hl7/er7.ts'
import { headOf } from '../protocols/hl7/header.ts'
import {
  isContainer,
  isWithoutResult,
  observationOf,
  type Observation,
} from '../protocols/hl7/observation.ts'
import { timeKey } from '../protocols/packet/device-time.ts'
import type { DeviceTime, Value, Words } from '../protocols/packet/record.ts'
import type { Said } from './driver.ts'
import { joined, laboratoryValue, neighbours, textWord } from './laboratory.ts'
import { measured } from './measured.ts'
import { Once } from './once.ts'
import type { Received } from './receiving.ts'

/** What stands above a result. */
interface Above {
  readonly patientId: string
  readonly specimenId: string
  readonly isControl: boolean
  readonly orderId: string
}

interface Result {
  readonly above: Above
  readonly observation: Observation
  readonly time: DeviceTime | null
}

const nobody: Above = { patientId: '', specimenId: '', isControl: false, orderId: '' }

/** An analyser sends what it has again when it is asked to, so each result is said once. */
export function lawMessages(): (message: Hl7Message, isSound: boolean) => Received {
  const once = new Once()
  let identity = ''
  return (message, isSound) => {
    const head = headOf(message)
    const [model = ''] = head.application
    const kind = `${head.type}^${head.trigger}`
    if (!['OUL^R22', 'OUL^R23', 'OUL^R24', 'ORU^R01'].includes(kind)) {
      return { ok: false, reason: 'another type of message' }
    }
    const common = {
      ...textWord('messageId', head.controlId),
      ...(isSound ? {} : { characters: 'doubtful' }),
    }
    const isSimulated = ['T', 'D'].includes(head.processing)
    const said = neighbours(resultsOf(message), placeOf).flatMap((group) => {
      const one = measuredOf(group, common)
      const { values, identifiers, deviceTime = null } = one
      const words = { ...one.qualifiers, messageId: '' }
      const key = JSON.stringify([model, identifiers, timeKey(deviceTime), values, words])
      if (deviceTime !== null && !once.isNew(key)) return []
      return [isSimulated ? { ...one, simulated: true as const } : one]
    })
    const who: readonly Said[] =
      model === identity ? [] : [{ kind: 'identity', model, serialNumber: null, firmware: null }]
    identity = model
    return { ok: true, said: [...who, ...said] }
  }
}

function resultsOf(message: Hl7Message): readonly Result[] {
  const results: Result[] = []
  let above = nobody
  for (const segment of message.segments) {
    switch (segment.name) {
      case 'PID':
        above = { ...nobody, patientId: firstPart(message, segment, 3) }
        break
      case 'SPM':
        above = { ...above, ...specimenOf(message, segment), orderId: '' }
        break
      case 'SAC':
        above = { ...above, specimenId: above.specimenId || firstPart(message, segment, 3) }
        break
      case 'OBR':
        above = { ...above, orderId: firstPart(message, segment, 2) }
        break
      case 'OBX': {
        const observation = observationOf(message, segment)
        if (isContainer(observation)) break
        results.push({ above, observation, time: observation.analysed ?? observation.observed })
        break
      }
    }
  }
  return results.filter((result) => !isEmptyTwin(result, results))
}

/** SPM-11: P patient, Q control; L, a calibrator, and E, proficiency, are of nobody either. */
function specimenOf(message: Hl7Message, segment: Segment): Partial<Above> {
  const role = firstPart(message, segment, 11).toUpperCase()
  return {
    specimenId: firstPart(message, segment, 2),
    isControl: role !== '' && !['P', 'U'].includes(role),
  }
}

/** Roche sends a second OBX of the same test for flags, which is empty when there are none. */
function isEmptyTwin({ observation, above }: Result, all: readonly Result[]): boolean {
  return (
    observation.text === '' &&
    all.some(
      (other) =>
        other.observation.text !== '' &&
        other.above.specimenId === above.specimenId &&
        other.observation.code[0] === observation.code[0],
    )
  )
}

/** Of one specimen, order and moment. */
function placeOf({ above, time }: Result): string {
  return JSON.stringify([above, timeKey(time)])
}

function measuredOf(
  results: readonly Result[],
  common: Words,
): Extract<Said, { kind: 'measurement' }> {
  const above = results[0]?.above ?? nobody
  const pairs = results.map(({ observation }) => ({
    observation,
    value: valueOf(observation, above.isControl),
  }))
  const of = (word: (observation: Observation) => string) =>
    joined(
      pairs.flatMap(({ observation, value }) => {
        const text = word(observation)
        return text === '' ? [] : [`${value.code}=${text}`]
      }),
    )
  const statuses = new Set(results.map(({ observation }) => observation.status))
  const qualifiers: Words = {
    ...common,
    ...(above.isControl ? { control: 'yes' } : {}),
    ...textWord('status', statuses.size === 1 ? ([...statuses][0] ?? '') : ''),
    ...textWord(
      'flags',
      of(({ flags }) => flags.filter((flag) => flag !== 'N').join(' ')),
    ),
    ...textWord(
      'ranges',
      of(({ range }) => range),
    ),
  }
  return measured(
    pairs.map(({ value }) => value),
    {
      deviceTime: results[0]?.time ?? null,
      qualifiers,
      identifiers: {
        ...textWord('specimenId', above.specimenId),
        ...(above.isControl ? {} : textWord('patientId', above.patientId)),
        ...textWord('orderId', above.orderId),
      },
    },
  )
}

/** OBX-3 names the system of the code: LN is LOINC, 99ROC is Roche's own. */
function valueOf(observation: Observation, isControl: boolean): Value {
  const [code = '', , system = '', other = '', , otherSystem = ''] = observation.code
  const loinc = system === 'LN' ? code : otherSystem === 'LN' ? other : ''
  const name = system === '' ? 'hl7' : system.replace(/[^A-Za-z0-9-]/g, '-').slice(0, 20)
  return laboratoryValue(isControl ? `${name}-control` : name, {
    test: code,
    term: null,
    loinc: isControl ? '' : loinc,
    text: isWithoutResult(observation) ? '' : observation.text,
    unit: observation.unit[0] ?? '',
    isDoubtful: false,
  })
}
