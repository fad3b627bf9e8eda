/**
 * Orders of the hospital become patients, visits and orders here. A new order (NW) makes what is
 * missing of the three, a cancelled one (CA, DC) is cancelled, a corrected patient (ADT A08) is
 * corrected if known, and of two numbers of one person (A40) one remains. The same message twice
 * changes nothing.
 *
 * The hospital's numbers find the patient, then the NIK: a name alone never does.
 */
import type { DeviceTime } from '../../protocols/packet/record.ts'
import type { Order, Patient } from '../../protocols/packet/visit-records.ts'
import { headOf } from '../../protocols/hl7/header.ts'
import type { Hl7Message } from '../../protocols/hl7/er7.ts'
import {
  readAdmission,
  readOrders,
  type OrderRequest,
  type Patient as HospitalPatient,
  type PatientId,
  type PersonName,
} from '../../protocols/hl7/orders.ts'
import { readNik } from '../../protocols/identity/nik.ts'
import { Trouble } from '../errors/trouble.ts'
import { ordersTrouble } from '../errors/orders.ts'
import { byHospital, oneLine, type PatientSaid } from './saying.ts'
import type { Visits } from './visits.ts'

/** `taken`: on the disk, or of nobody here. `kept-out`: later perhaps. `wrong`: never. */
export interface OrderOutcome {
  readonly kind: 'taken' | 'kept-out' | 'wrong'
  /** null when all is well. Without a word of whom it is about. */
  readonly trouble: Trouble | null
}

export interface HospitalOrdersParts {
  readonly visits: Visits
  /** Of the zone in which the van works: HL7 says local times. */
  readonly utcOffsetMinutes: number
}

const taken: OrderOutcome = { kind: 'taken', trouble: null }

/** Of the order in DICOM; the sections of HL7 table 0074 that are examinations. */
const modalities = new Set(
  'AR AU BMD CR CT DOC DX ECG EPS ES GM HD IO IVUS KER LEN MG MR NM OCT OP OPM OPT OPV OT PT PX RF RG RESP SC SM US VA XA XC'.split(
    ' ',
  ),
)
const modalityOfSection: Readonly<{ [section: string]: string }> = {
  RAD: 'DX',
  RX: 'DX',
  XRC: 'DX',
  CUS: 'US',
  OUS: 'US',
  RUS: 'US',
  VUS: 'US',
  EC: 'ECG',
  CP: 'ECG',
  NMR: 'MR',
  NMS: 'NM',
}

export class HospitalOrders {
  readonly #parts: HospitalOrdersParts
  #last: Promise<unknown> = Promise.resolve()

  constructor(parts: HospitalOrdersParts) {
    this.#parts = parts
  }

  /** Resolves when what the message says is on the disk, or with why it is not. */
  take(message: Hl7Message): Promise<OrderOutcome> {
    const done = this.#last.then(() => this.#take(message)).catch(outcomeOf)
    this.#last = done.catch(() => {})
    return done
  }

  async #take(message: Hl7Message): Promise<OrderOutcome> {
    const { type } = headOf(message)
    if (type === 'ADT') return this.#admission(message)
    const read = readOrders(message)
    if (!read.ok) return wrong(ordersTrouble('orders-not-understood', { why: read.reason }))
    const { patient, orders } = read.value
    for (const request of orders) {
      const refusal = await this.#order(patient, request)
      if (refusal !== null) return wrong(refusal)
    }
    return taken
  }

  async #admission(message: Hl7Message): Promise<OrderOutcome> {
    const read = readAdmission(message)
    if (!read.ok) return wrong(ordersTrouble('orders-not-understood', { why: read.reason }))
    const { trigger, patient, mergedIds } = read.value
    // Of all that a hospital tells of its patients, only what concerns those who are known here.
    const known = this.#known(patient.ids)
    if (trigger === 'A40') {
      const merged = this.#known(mergedIds)
      if (merged === null) return taken
      // Who is not known under the number that stays gets it now.
      if (known === null || known.patient === merged.patient) await this.#correct(merged, patient)
      else await this.#parts.visits.mergePatients(byHospital, merged.patient, known.patient)
      return taken
    }
    const isCorrection = ['A01', 'A04', 'A08', 'A28', 'A31'].includes(trigger)
    if (isCorrection && known !== null) await this.#correct(known, patient)
    return taken
  }

  /** null when it is done. */
  async #order(patient: HospitalPatient, request: OrderRequest): Promise<Trouble | null> {
    const { visits } = this.#parts
    const known = this.#orderOf(request)
    switch (request.control) {
      case 'NW':
      case '': {
        if (known !== null) return null
        const modality = modalityOf(request.section)
        if (modality === null) return ordersTrouble('orders-modality-unknown')
        await this.#make(patient, request, modality)
        return null
      }
      case 'CA':
      case 'DC':
        if (known !== null) await visits.cancelOrder(byHospital, known.order, '')
        return null
      default:
        return ordersTrouble('orders-control-unknown', { control: wordOf(request.control) })
    }
  }

  async #make(said: HospitalPatient, request: OrderRequest, modality: string): Promise<void> {
    const { visits } = this.#parts
    const patient = await this.#registered(said)
    const open = visits.book
      .visitsOfPatient(patient.patient)
      .findLast(({ state }) => state === 'open')
    const { visit } = open ?? (await visits.openVisit(byHospital, patient.patient))
    const [code = '', text = '', scheme = ''] = request.service
    const description = shown(text || code)
    const isCode = isShort(code) && isShort(scheme)
    await visits.makeOrder(
      byHospital,
      {
        visit,
        modality,
        description: description === '' ? modality : description,
        code: isCode ? { value: code, scheme, meaning: description || code } : null,
        stationAeTitle: isShort(request.stationAeTitle) ? request.stationAeTitle : null,
        requestedBy: shown(nameOf(request.orderedBy)),
        scheduledUtcMs: this.#utcMsOf(request.when),
      },
      {
        accessionNumber: isShort(request.accessionNumber) ? request.accessionNumber : null,
        studyInstanceUid: isUid(request.studyInstanceUid) ? request.studyInstanceUid : null,
        otherIds: numbersOf(request),
      },
    )
  }

  /** A patient who is known learns the hospital's number; what else is known stays. */
  async #registered(said: HospitalPatient): Promise<Patient> {
    const { visits } = this.#parts
    const heard = this.#saidOf(said)
    const known = this.#known(said.ids)
    if (known === null) return visits.savePatient(byHospital, heard)
    const { name, nik, birthDate, sex, otherIds } = known
    const merged: PatientSaid = {
      name,
      nik: nik ?? heard.nik,
      birthDate: birthDate ?? heard.birthDate,
      sex: sex ?? heard.sex,
      otherIds: { ...heard.otherIds, ...otherIds },
    }
    return sameSaid(known, merged) ? known : visits.savePatient(byHospital, merged, known.patient)
  }

  async #correct(known: Patient, patient: HospitalPatient): Promise<void> {
    const heard = this.#saidOf(patient)
    const corrected: PatientSaid = {
      name: heard.name,
      nik: heard.nik ?? known.nik,
      birthDate: heard.birthDate ?? known.birthDate,
      sex: heard.sex ?? known.sex,
      otherIds: { ...known.otherIds, ...heard.otherIds },
    }
    if (sameSaid(known, corrected)) return
    await this.#parts.visits.savePatient(byHospital, corrected, known.patient)
  }

  /** What cannot be right is left out: an order with half a patient is better than none. */
  #saidOf({ ids, familyName, givenName, birthDate, sex }: HospitalPatient): PatientSaid {
    const name = shown(nameOf({ familyName, givenName }))
    const nik = ids.map(nikOf).find((one) => one !== null) ?? null
    const others = ids.filter((one) => nikOf(one) === null)
    return {
      name: name === '' ? unnamed : name,
      nik,
      birthDate,
      sex: sex === 'M' || sex === 'F' || sex === 'O' ? sex : null,
      otherIds: Object.fromEntries(others.map((one) => [keyOf(one), one.id])),
    }
  }

  /** By a number of the hospital; by the NIK where no number is known. */
  #known(ids: readonly PatientId[]): Patient | null {
    const { book } = this.#parts.visits
    for (const one of ids) {
      const found = book
        .patientsByNumber(one.id)
        .find(({ otherIds }) => otherIds[keyOf(one)] === one.id)
      if (found !== undefined) return this.#whoRemains(found)
    }
    const niks = ids.flatMap((one) => nikOf(one) ?? [])
    const byNik = niks
      .flatMap((nik) => book.patientsByNumber(nik))
      .filter(({ nik }) => nik !== null && niks.includes(nik))
      .map((patient) => this.#whoRemains(patient))
    const tokens = new Set(byNik.map(({ patient }) => patient))
    return tokens.size === 1 ? (byNik[0] ?? null) : null
  }

  /** Of two numbers of one person, whoever says the one that is not to be used any more. */
  #whoRemains(patient: Patient): Patient {
    let one = patient
    for (let merges = 0; merges < mergesMax; merges++) {
      const into = one.otherIds['mergedInto']
      const next = into === undefined ? [] : this.#parts.visits.book.patientsByNumber(into)
      const found = next.find(({ patientId }) => patientId === into)
      if (found === undefined) break
      one = found
    }
    return one
  }

  #orderOf({ placerId, fillerId }: OrderRequest): Order | null {
    const { book } = this.#parts.visits
    const isIt = ({ otherIds }: Order) =>
      placerId === ''
        ? fillerId !== '' && otherIds['filler'] === fillerId
        : otherIds['placer'] === placerId
    return book.orders().find(isIt) ?? null
  }

  #utcMsOf(when: DeviceTime | null): number | null {
    if (when === null) return null
    const { year, month, day, hour, minute, second } = when
    const localMs = Date.UTC(year, month - 1, day, hour, minute, second ?? 0)
    return localMs - this.#parts.utcOffsetMinutes * 60_000
  }
}

/** Merges of merges that are followed. */
const mergesMax = 8

/** Somebody of whom the hospital says a number and no name. */
const unnamed = 'Tidak dikenal'

const nationalTypes = ['NI', 'NIK', 'NNIDN']

function nikOf({ id, authority, type }: PatientId): string | null {
  const isNational = nationalTypes.includes(type) || authority.toUpperCase() === 'NIK'
  const read = isNational ? readNik(id) : null
  return read?.kind === 'nik' ? read.nik : null
}

/** Numbers of two authorities may be the same. */
function keyOf({ authority, type }: PatientId): string {
  return authority === '' ? (type === '' ? 'hospital' : `hospital ${type}`) : authority
}

function numbersOf({ placerId, fillerId }: OrderRequest): { readonly [name: string]: string } {
  return {
    ...(placerId === '' ? {} : { placer: placerId }),
    ...(fillerId === '' ? {} : { filler: fillerId }),
  }
}

function modalityOf(section: string): string | null {
  if (modalities.has(section)) return section
  return modalityOfSection[section] ?? null
}

function nameOf({ familyName, givenName }: PersonName): string {
  return [familyName, givenName].filter((part) => part !== '').join('^')
}

/** As much as a PN or an LO of DICOM holds, without what separates there. */
function shown(text: string): string {
  return oneLine(text.replaceAll(/[\\=\p{Cc}\p{Cs}]/gu, ' '))
    .slice(0, 64)
    .trim()
}

function isShort(text: string): boolean {
  return /^[!-[\]-~](?:[ -[\]-~]{0,14}[!-[\]-~])?$/.test(text)
}

function isUid(text: string): boolean {
  return text.length <= 64 && /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+$/.test(text)
}

function sameSaid(known: Patient, { name, nik, birthDate, sex, otherIds }: PatientSaid): boolean {
  const is = JSON.stringify([known.name, known.nik, known.birthDate, known.sex, known.otherIds])
  return is === JSON.stringify([name, nik, birthDate, sex, otherIds])
}

/** Of a field that may hold anything. */
function wordOf(control: string): string {
  return /^[A-Z]{2}$/.test(control) ? control : '?'
}

function wrong(trouble: Trouble): OrderOutcome {
  return { kind: 'wrong', trouble }
}

/** What the journal refuses may fit later; what visits refuse is refused each time. */
function outcomeOf(error: unknown): OrderOutcome {
  if (!(error instanceof Trouble)) throw error
  const isLasting = error.code.startsWith('visits-') && error.code !== 'visits-too-many-open'
  return { kind: isLasting ? 'wrong' : 'kept-out', trouble: error }
}
