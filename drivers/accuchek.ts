/**
 * Roche Accu-Chek glucose meters at a USB cable. They speak IEEE 11073 and keep their readings in a
 * store, from which all of them are read at each connection. Nothing is erased, no clock is set.
 */
import type { Driver } from './driver.ts'
import { managerSession } from './ieee11073-session.ts'
import { personalHealthManager } from './ieee11073.ts'

export const accuchek: Driver = {
  id: 'accuchek',
  label: 'Roche Accu-Chek Guide, Guide Me, Guide Link, Instant, Aviva Connect',
  source:
    'The driver of the Tidepool uploader, which reads these meters; no capture of one was available',
  evidence: 'documented',
  confidence: 'medium-high',
  links: [
    {
      kind: 'usb',
      usb: ['173a:21d5', '173a:21cf', '173a:21d6', '173a:21d7', '173a:21d8', '173a:21db'],
      carries: 'phdc',
    },
  ],
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'event'],
  silentAfterMs: null,
  session: () =>
    managerSession({ ...personalHealthManager, looksAtStore: false, releasesAfterStore: true }),
}
