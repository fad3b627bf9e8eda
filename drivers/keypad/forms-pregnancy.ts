/**
 * Antenatal care (ANC).
 *
 * documented: fields and LOINC numbers of the SATUSEHAT playbook for antenatal care, 1.1.
 */
import { terms } from '../../protocols/vocabulary/terms.ts'
import { presentations } from './choices.ts'
import { choice, day, detail, finding, number, type Form } from './fields.ts'

/** 44 weeks: longer ago, it is another pregnancy or a slip of the year. */
const daysOfPregnancyMax = 308

const history = { group: 'history' } as const

const fundalHeight = number('fundal-height', terms.fundalHeight, { decimals: 1 })
const fetalHeartRate = number('fetal-heart-rate', terms.fetalHeartRate)

export const pregnancy: Form = {
  id: 'pregnancy',
  label: { en: 'Pregnancy check', id: 'Pemeriksaan kehamilan (ANC)' },
  fields: [
    day('last-period', terms.lastPeriod, daysOfPregnancyMax),
    number('gestational-age', terms.gestationalAge, {
      label: { en: 'Gestational age, full weeks', id: 'Usia kehamilan, minggu penuh' },
      decimals: 0,
    }),
    number('gravida', terms.gravida, history),
    number('para', terms.para, history),
    number('abortus', terms.abortus, history),
    number('mother-upper-arm', terms.upperArm),
    fundalHeight,
    finding('presentation', terms.fetalPresentation, presentations),
    fetalHeartRate,
    detail(
      fetalHeartRate,
      choice(
        { name: 'fetal-heart-device', label: { en: 'Heard with', id: 'Didengar dengan' } },
        'method',
        {
          doppler: { en: 'Doppler', id: 'Doppler' },
          stethoscope: { en: 'fetal stethoscope', id: 'Laenec' },
        },
        'fetal-heart-rate',
      ),
    ),
    number('pre-pregnancy-weight', terms.prePregnancyWeight),
  ],
}

const scan = { group: 'scan' } as const

/**
 * What the screen of an ultrasound shows beside the picture: most machines send only the picture.
 */
export const pregnancyScan: Form = {
  id: 'pregnancy-scan',
  label: { en: 'Obstetric ultrasound', id: 'USG kehamilan (biometri)' },
  fields: [
    number('scan-gestational-age', terms.scanGestationalAge, {
      ...scan,
      label: {
        en: 'Gestational age, full weeks',
        id: 'Usia kehamilan, minggu penuh',
      },
      decimals: 0,
    }),
    number('scan-sac', terms.scanGestationalSac, scan),
    number('scan-crown-rump', terms.scanCrownRump, scan),
    number('scan-biparietal', terms.scanBiparietal, scan),
    number('scan-head', terms.scanHead, scan),
    number('scan-abdomen', terms.scanAbdomen, scan),
    number('scan-femur', terms.scanFemur, scan),
    number('scan-heart-rate', terms.scanFetalHeartRate, scan),
    number('scan-weight', terms.scanFetalWeight, scan),
  ],
}
