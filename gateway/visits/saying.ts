/** What people and orders say, checked before it becomes a record. */
import { utf8Length } from '../../protocols/packet/cbor.ts'
import { labelLimitBytes } from '../../protocols/packet/limits.ts'
import type { Words } from '../../protocols/packet/record.ts'
import type { CodedTerm, Sex } from '../../protocols/packet/visit-records.ts'
import { readNik } from '../../protocols/identity/nik.ts'
import { visitsTrouble } from '../errors/visits.ts'

/** Who decides when nobody did it by hand. A person cannot be called so. */
export const byVan = 'van'
export const byHospital = 'hospital'

/** One group of components of a PN of DICOM. */
export const nameCharactersMax = 64
/** LO of DICOM. */
export const descriptionCharactersMax = 64

export interface PatientSaid {
  readonly name: string
  readonly nik: string | null
  /** `YYYY-MM-DD` */
  readonly birthDate: string | null
  readonly sex: Sex | null
  readonly otherIds: Words
}

export interface OrderSaid {
  /** Token of the visit. */
  readonly visit: string
  readonly modality: string
  readonly description: string
  readonly code: CodedTerm | null
  readonly stationAeTitle: string | null
  readonly requestedBy: string
  readonly scheduledUtcMs: number | null
}

/** What is said in words, with single spaces. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

/** The name of a person who decides. Throws `visits-person-refused`. */
export function checkPerson(name: string): string {
  const by = oneLine(name)
  const isTaken = [byVan, byHospital].includes(by.toLowerCase())
  if (!isShown(by, nameCharactersMax) || isTaken) throw visitsTrouble('visits-person-refused')
  return by
}

/** Throws a `Trouble` that says which part is wrong. What is merely odd passes. */
export function checkPatient(said: PatientSaid, todayUtcMs: number | null): PatientSaid {
  const name = oneLine(said.name)
  if (!isShown(name, nameCharactersMax)) throw visitsTrouble('visits-name-refused')
  const { birthDate, sex, otherIds } = said
  if (birthDate !== null && !isPastDay(birthDate, todayUtcMs)) {
    throw visitsTrouble('visits-birth-date-refused')
  }
  return { name, nik: said.nik === null ? null : nikOf(said.nik), birthDate, sex, otherIds }
}

function nikOf(text: string): string {
  const read = readNik(text)
  if (read.kind === 'wrong') throw visitsTrouble('visits-nik-refused')
  return read.nik
}

/** Throws `visits-order-refused` with the name of the field. */
export function checkOrder(said: OrderSaid): OrderSaid {
  const refuse = (field: keyof OrderSaid) => visitsTrouble('visits-order-refused', { field })
  const description = oneLine(said.description)
  const requestedBy = oneLine(said.requestedBy)
  if (!/^[A-Z0-9 _]{1,16}$/.test(said.modality)) throw refuse('modality')
  if (!isShown(description, descriptionCharactersMax)) throw refuse('description')
  if (requestedBy !== '' && !isShown(requestedBy, nameCharactersMax)) throw refuse('requestedBy')
  if (said.stationAeTitle !== null && !/^[!-[\]-~]{1,16}$/.test(said.stationAeTitle)) {
    throw refuse('stationAeTitle')
  }
  if (said.code !== null && !isCode(said.code)) throw refuse('code')
  return { ...said, description, requestedBy }
}

/** As much of a reason as a record holds. */
export function reasonOf(text: string): string {
  let reason = oneLine(text)
  while (utf8Length(reason) > labelLimitBytes) reason = reason.slice(0, -1)
  return reason.toWellFormed()
}

/** SH, SH and LO of a code sequence item. */
function isCode({ value, scheme, meaning }: CodedTerm): boolean {
  return isShown(value, 16) && isShown(scheme, 16) && isShown(meaning, descriptionCharactersMax)
}

/** Without the backslash, which separates values, the equals sign, and characters of control. */
function isShown(text: string, charactersMax: number): boolean {
  const isShort = text.length >= 1 && text.length <= charactersMax
  return isShort && utf8Length(text) <= labelLimitBytes && !/[\\=\p{Cc}\p{Cs}]/u.test(text)
}

/** A day that exists, and that has begun somewhere on earth. */
function isPastDay(date: string, todayUtcMs: number | null): boolean {
  const atMs = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN
  const exists = Number.isFinite(atMs) && new Date(atMs).toJSON().startsWith(date)
  const fourteenHoursMs = 50_400_000
  return exists && (todayUtcMs === null || atMs <= todayUtcMs + fourteenHoursMs)
}
