/**
 * The one table of codes, names, units and ranges, by subject. Drivers and the page take them from
 * here.
 *
 * Source: 11073 numbers from open tables of ISO/IEEE 11073-10101 and from the traffic of devices;
 * LOINC numbers and plausible ranges as Indonesian practice uses them (SATUSEHAT playbook for
 * outpatient care). Where a number is not certain there is none. A range is a question to the
 * person who measured, never a reason to drop or to change a value.
 */
import { bloodPressure } from './terms/blood-pressure.ts'
import { body } from './terms/body.ts'
import { coldChain } from './terms/cold-chain.ts'
import { consciousnesses } from './terms/consciousness.ts'
import { ecgSt } from './terms/ecg-st.ts'
import { glucoses } from './terms/glucose.ts'
import { heart } from './terms/heart.ts'
import { infusion } from './terms/infusion.ts'
import { laboratory } from './terms/laboratory.ts'
import { oximetry } from './terms/oximetry.ts'
import { pregnancy } from './terms/pregnancy.ts'
import { respiratory } from './terms/respiration.ts'
import { temperatures } from './terms/temperature.ts'
import { urine } from './terms/urine.ts'
import { vehicle } from './terms/vehicle.ts'
import { ventilation } from './terms/ventilation.ts'

/** In the order in which they are documented. */
export const subjects = {
  bloodPressure,
  heart,
  ecgSt,
  oximetry,
  respiratory,
  temperatures,
  consciousnesses,
  body,
  glucoses,
  laboratory,
  urine,
  pregnancy,
  ventilation,
  infusion,
  coldChain,
  vehicle,
} as const

export const terms = {
  ...bloodPressure,
  ...heart,
  ...ecgSt,
  ...oximetry,
  ...respiratory,
  ...temperatures,
  ...consciousnesses,
  ...body,
  ...glucoses,
  ...laboratory,
  ...urine,
  ...pregnancy,
  ...ventilation,
  ...infusion,
  ...coldChain,
  ...vehicle,
} as const
