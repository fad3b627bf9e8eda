/** Draeger ventilators and anaesthesia machines that speak MEDIBUS. Nothing is ever set. */
import { medibusWaves } from './draeger-medibus-curves.ts'
import { MedibusSession } from './draeger-medibus-session.ts'
import type { Driver, SerialLine } from './driver.ts'

function line(baud: number, parity: SerialLine['parity']): SerialLine {
  return { baud, dataBits: 8, parity, stopBits: 1 }
}

export const draegerMedibus: Driver = {
  id: 'draeger-medibus',
  label: 'Draeger ventilator (MEDIBUS: Evita, Savina, V500, Babylog, Apollo, Fabius)',
  source: 'Draeger MEDIBUS protocol definition 4.03 and its supplement for intensive care',
  evidence: 'documented',
  confidence: 'high',
  links: [
    {
      kind: 'serial',
      lines: [line(19_200, 'even'), line(19_200, 'none'), line(9_600, 'even'), line(9_600, 'none')],
      usb: [],
      splits: 'bytes',
    },
  ],
  // To begin to talk ends a talk that another program may have with it.
  asks: 'only-when-chosen',
  waves: medibusWaves,
  streams: ['numerics', 'waveform', 'event'],
  silentAfterMs: 15_000,
  session: () => new MedibusSession().run(),
}
