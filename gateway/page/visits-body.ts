/** Reads what a browser says about visits and images, with limits. */
import { asAct, bad, fieldsOf, namesIn, text } from './body.ts'
import { visitsTrouble } from '../errors/visits.ts'
import { descriptionOf, examinations } from './examinations.ts'
import type { Act } from './once.ts'
import { nameLengthMax, type PatientTexts } from './patient-check.ts'
import type { Decision, OrderSaid } from './visits-view.ts'

const typedLengthMax = 80
const reasonLengthMax = 200
const devicesMax = 32
/** Names that the van gives itself and the hospital. */
const takenNames: readonly string[] = ['van', 'hospital']

export interface PatientForm extends Act {
  readonly by: string
  readonly texts: PatientTexts
  /** Fields of which the person saw the question and said that they are right. */
  readonly confirmed: readonly string[]
}

export interface OpenRequest extends PatientForm {
  /** Token of a known patient; null: a new one, by `texts`. */
  readonly patient: string | null
  readonly devices: readonly string[]
}

export interface CorrectRequest extends PatientForm {
  readonly patient: string
  /** The NIK that is known is none of this person. */
  readonly nikGone: boolean
}

export interface OrderRequest extends Act {
  readonly by: string
  readonly said: OrderSaid
}

type Fields = ReturnType<typeof fieldsOf>

export function asOpen(raw: unknown): OpenRequest {
  const fields = fieldsOf(raw)
  const { patient, devices } = fields
  return {
    ...asPatientForm(fields),
    patient: patient === null ? null : token(patient, 'patient'),
    devices: asDevices(devices),
  }
}

export function asCorrect(raw: unknown): CorrectRequest {
  const fields = fieldsOf(raw)
  const { patient, nikGone } = fields
  if (typeof nikGone !== 'boolean') throw bad('nikGone')
  return { ...asPatientForm(fields), patient: token(patient, 'patient'), nikGone }
}

export function asVisitDevices(raw: unknown): {
  readonly by: string
  readonly visit: string
  readonly devices: readonly string[]
} {
  const { by, visit, devices } = fieldsOf(raw)
  return { by: asBy(by), visit: token(visit, 'visit'), devices: asDevices(devices) }
}

export function asOf(
  name: 'visit' | 'order',
  raw: unknown,
): { readonly by: string; readonly token: string; readonly reason: string } {
  const fields = fieldsOf(raw)
  return {
    by: asBy(fields['by']),
    token: token(fields[name], name),
    reason: asReason(fields['reason']),
  }
}

export function asOrder(raw: unknown): OrderRequest {
  const { instance, entry, by, visit, examination, detail, stationAeTitle } = fieldsOf(raw)
  const chosen = examinations.find(({ id }) => id === examination)
  if (chosen === undefined) throw bad('examination')
  const { modality, code } = chosen
  const said = {
    visit: token(visit, 'visit'),
    modality,
    code,
    description: descriptionOf(chosen, plain(detail, 'detail', typedLengthMax)),
    stationAeTitle: stationAeTitle === null ? null : text(stationAeTitle, 'stationAeTitle', 16),
  }
  return { ...asAct({ instance, entry }), by: asBy(by), said }
}

export function asSearch(raw: unknown): string {
  return plain(fieldsOf(raw)['text'], 'text', typedLengthMax)
}

export function asDecision(raw: unknown): { readonly by: string; readonly decision: Decision } {
  const fields = fieldsOf(raw)
  const by = asBy(fields['by'])
  const study = text(fields['study'], 'study', typedLengthMax)
  const { kind } = fields
  switch (kind) {
    case 'assign': {
      const order = token(fields['order'], 'order')
      const patient = token(fields['patient'], 'patient')
      return { by, decision: { kind, study, order, patient } }
    }
    case 'accept':
    case 'refuse': {
      const reason = asReason(fields['reason'])
      if (reason === '') throw bad('reason')
      return { by, decision: { kind, study, reason } }
    }
    case 'undo':
      return { by, decision: { kind, study } }
    default:
      throw bad('kind')
  }
}

export function asPreview(raw: unknown): string {
  return text(fieldsOf(raw)['preview'], 'preview', typedLengthMax)
}

/** The name of who does it. */
export function asBy(raw: unknown): string {
  const by = plain(raw, 'by', nameLengthMax)
  const isName = /\p{L}/u.test(by) && !takenNames.includes(by.toLowerCase())
  if (!isName) throw visitsTrouble('visits-person-refused')
  return by
}

/** A token as the van makes it. */
export function token(raw: unknown, name: string): string {
  const value = text(raw, name, typedLengthMax)
  if (!/^[A-Za-z0-9-]{1,64}$/.test(value)) throw bad(name)
  return value
}

function asPatientForm(fields: Fields): PatientForm {
  const { instance, entry, by, texts, confirmed } = fields
  const typed = fieldsOf(texts)
  const one = (name: keyof PatientTexts) => plain(typed[name], name, typedLengthMax)
  return {
    ...asAct({ instance, entry }),
    by: asBy(by),
    texts: {
      name: one('name'),
      nik: one('nik'),
      birthDate: one('birthDate'),
      age: one('age'),
      sex: one('sex'),
    },
    confirmed: namesIn(confirmed),
  }
}

function asDevices(raw: unknown): readonly string[] {
  const names = namesIn(raw, 'devices', devicesMax)
  if (!names.every((name) => /^[a-z0-9-]{1,32}$/.test(name))) throw bad('devices')
  return [...new Set(names)]
}

function asReason(raw: unknown): string {
  return plain(raw ?? '', 'reason', reasonLengthMax)
}

/** One line, without what no keyboard writes. */
function plain(raw: unknown, name: string, lengthMax: number): string {
  return text(raw, name, lengthMax)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
}
