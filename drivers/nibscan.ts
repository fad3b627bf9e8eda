/** Medlab NIBP2010, NIBScan, UN300C: asked for its result when it says that it has measured. */
import {
  nibscanLimitBytes,
  nibscanQuestion,
  scanNibscan,
  type NibscanStatus,
} from '../protocols/nibscan/frame.ts'
import { asking } from './asking.ts'
import { cuffMeasured, outOfOrder } from './blood-pressure.ts'
import type { Said } from './driver.ts'
import { measurementFailed } from './measured.ts'

export const nibscan = asking({
  id: 'nibscan',
  label: 'Medlab NIBP2010 / NIBScan / UN300C blood pressure module',
  source:
    'A published description and two programs; the order of the three pressures is believed only ' +
    'where no other is possible',
  evidence: 'inferred',
  confidence: 'medium',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 4_800, dataBits: 8, parity: 'none', stopBits: 1 }],
      usb: [],
      splits: 'bytes',
    },
  ],
  // Nothing is asked before it has spoken.
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'event'],
  silentAfterMs: null,

  scan: scanNibscan,
  packetLimitBytes: 2 * nibscanLimitBytes,
  answerWithinMs: 2_000,
  tries: 3,
  lateWithinMs: 200,
  againAfterMs: 0,
  *talk(ask) {
    const end = yield* ask(null, ({ kind }) => kind === 'over')
    if (end === null) return
    const question = { bytes: nibscanQuestion, why: 'last result' }
    const status = yield* ask(question, ({ kind }) => kind === 'status')
    if (status?.kind === 'status') yield resultOf(status)
  },
})

function resultOf(status: NibscanStatus): Said {
  const { errorCode, systolicMmHg, meanMmHg, diastolicMmHg, patient } = status
  if (errorCode !== '00') return measurementFailed(errorCode)
  const areAllThere = systolicMmHg !== null && meanMmHg !== null && diastolicMmHg !== null
  if (!areAllThere || outOfOrder(status).length > 0) return measurementFailed('pressures-refused')
  return cuffMeasured(
    { ...status, deviceTime: null },
    patient === 'adult' ? { cuffPatient: patient } : {},
  )
}
