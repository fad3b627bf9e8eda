/**
 * What a person can type. About half of what a mobile clinic measures is read off a display, so a
 * form is data like any other device: every field has a term, and no field has a default value.
 *
 * Weight, lengths and circumferences are measured twice, the second time without looking at the
 * first. documented: largest differences of the WHO Multicentre Growth Reference Study, 2006; for
 * the waist, STEPS manual.
 */
import type { Names, Term } from '../protocols/vocabulary/term.ts'
import { terms } from '../protocols/vocabulary/terms.ts'
import { units } from '../protocols/vocabulary/units.ts'
import type { Words } from '../protocols/packet/record.ts'

export interface FormField {
  readonly name: string
  readonly label: Names
  readonly term: Term
  /** As people write it. */
  readonly unit: Names
  /** More digits after the point than this are a mistake, never rounded. */
  readonly decimals: number
  /** Outside of it a person is asked to look again. It never changes or refuses the value. */
  readonly plausible: { readonly low: number; readonly high: number }
  readonly required: boolean
  /** The same quantity measured again: the field of the first measurement; null otherwise. */
  readonly repeats: { readonly field: string; readonly tolerance: number } | null
  /** The field without which this one makes no sense; null when it stands alone. */
  readonly needs: string | null
  /** The field whose value must be greater; null when there is none. */
  readonly below: string | null
  /** Fields of one group are one act of measuring, hence one measurement. */
  readonly group: string
  /** What the measurement says beside its values. */
  readonly qualifiers: Words
  /** `HI` and `LO` are results too: the meter says that the value is beyond what it can measure. */
  readonly beyond: boolean
}

export interface Form {
  readonly id: string
  readonly label: Names
  readonly fields: readonly FormField[]
}

type Measured = (typeof terms)[keyof typeof terms]

type FieldOptions = Partial<
  Pick<FormField, 'label' | 'group' | 'needs' | 'below' | 'qualifiers' | 'beyond'>
>

function field(name: string, term: Measured, options: FieldOptions = {}): FormField {
  const { from: low, to: high } = term.plausible
  return {
    name,
    label: term.name,
    term,
    unit: units[term.unit].shown,
    decimals: term.decimals,
    plausible: { low, high },
    required: false,
    repeats: null,
    needs: null,
    below: null,
    group: name,
    qualifiers: {},
    beyond: false,
    ...options,
  }
}

function required(one: FormField): FormField {
  return { ...one, required: true }
}

/** A field and the field of its second measurement. */
function twice(one: FormField, tolerance: number): readonly [FormField, FormField] {
  const again = {
    en: `${one.label.en}, measured again`,
    id: `${one.label.id}, diukur ulang`,
  }
  const name = `${one.name}-again`
  const repeats = { field: one.name, tolerance }
  return [
    { ...one, needs: name },
    { ...one, name, label: again, repeats, needs: one.name },
  ]
}

const pressure = {
  systolic: field('systolic', terms.systolic, { group: 'pressure', needs: 'diastolic' }),
  diastolic: field('diastolic', terms.diastolic, {
    group: 'pressure',
    needs: 'systolic',
    below: 'systolic',
  }),
  pulse: field('pulse', terms.pulse, { group: 'pressure' }),
}

const bloodPressure: Form = {
  id: 'blood-pressure',
  label: { en: 'Blood pressure', id: 'Tekanan darah (TD)' },
  fields: [required(pressure.systolic), required(pressure.diastolic), pressure.pulse],
}

const vitalSigns: Form = {
  id: 'vital-signs',
  label: { en: 'Vital signs', id: 'Tanda-tanda vital (TTV)' },
  fields: [
    pressure.systolic,
    pressure.diastolic,
    pressure.pulse,
    field('respiration', terms.respiration),
    field('temperature', terms.bodyTemperature),
    field('saturation', terms.saturation),
  ],
}

const anthropometry: Form = {
  id: 'anthropometry',
  label: { en: 'Weight, height and circumferences', id: 'Antropometri' },
  fields: [
    ...twice(field('weight', terms.weight), 0.1),
    ...twice(
      field('height', terms.height, {
        label: { en: 'Height (standing)', id: 'Tinggi badan (berdiri)' },
        qualifiers: { posture: 'standing' },
      }),
      0.7,
    ),
    ...twice(
      field('length', terms.height, {
        label: {
          en: 'Length (lying, below 24 months)',
          id: 'Panjang badan (PB, di bawah 24 bulan)',
        },
        qualifiers: { posture: 'lying' },
      }),
      0.7,
    ),
    ...twice(field('head', terms.headCircumference), 0.5),
    ...twice(field('upper-arm', terms.upperArm), 0.5),
    ...twice(field('waist', terms.waist), 1),
  ],
}

const pointOfCare: Form = {
  id: 'point-of-care',
  label: { en: 'Rapid blood tests', id: 'Pemeriksaan darah cepat' },
  fields: [
    field('glucose-random', terms.glucose, {
      label: { en: 'Blood glucose, random', id: 'Gula darah sewaktu (GDS)' },
      qualifiers: { fasting: 'no' },
      beyond: true,
    }),
    field('glucose-fasting', terms.glucose, {
      label: { en: 'Blood glucose, fasting', id: 'Gula darah puasa (GDP)' },
      qualifiers: { fasting: 'yes' },
      beyond: true,
    }),
    field('cholesterol', terms.cholesterol, { beyond: true }),
    field('uric-acid', terms.uricAcid, { beyond: true }),
    field('haemoglobin', terms.haemoglobin, { beyond: true }),
  ],
}

/** In the order in which they are offered. */
export const forms: readonly Form[] = [vitalSigns, bloodPressure, anthropometry, pointOfCare]
