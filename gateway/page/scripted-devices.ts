/** The devices of the scripted van. */
import { linkTrouble } from '../errors/links.ts'
import { troubleWords } from './trouble-words.ts'
import type { DeviceView } from './view.ts'

/** An ECG, a monitor, a blood pressure monitor, a scale whose cable is out, and a keypad. */
export function scriptedDevices(
  nowMs: number,
  startedMs: number,
  isStalled: boolean,
): readonly DeviceView[] {
  const common = {
    link: 'open',
    state: 'talking',
    simulated: false,
    forgettable: false,
    noiseBytes: 0,
    noiseReason: null,
    words: null,
    trouble: null,
  } as const
  const heardMs = nowMs - startedMs
  const ports = '/dev/serial/by-path/platform-xhci-usb-0:1'
  return [
    {
      ...common,
      id: 'ecg-1',
      driver: 'ecg-12',
      label: 'EKG 12 sadapan',
      where: `${ports}.1`,
      state: isStalled ? 'silent' : 'talking',
      words: isStalled
        ? {
            id: 'Alat sempat mengirim data, lalu berhenti.',
            en: 'The device spoke and has stopped.',
          }
        : { id: 'Alat mengirim data dan terbaca.', en: 'The device speaks and is understood.' },
      lastHeardMs: isStalled ? startedMs : nowMs - 60,
      bytes: Math.round(heardMs * 12),
      noiseBytes: 46,
      noiseReason: 'checksum expected 4f, found 3e',
      staleAfterMs: 5_000,
    },
    {
      ...common,
      id: 'monitor-1',
      driver: 'berrymed-pm6750',
      label: 'BerryMed PM6750',
      where: `${ports}.2`,
      lastHeardMs: nowMs - 120,
      bytes: Math.round(heardMs * 2.2),
      staleAfterMs: 5_000,
    },
    {
      ...common,
      id: 'bp-1',
      driver: 'and-tm265x',
      label: 'A&D TM-2657',
      where: '192.168.8.21:4001',
      state: 'waiting',
      lastHeardMs: startedMs,
      bytes: 58,
      staleAfterMs: null,
    },
    {
      ...common,
      id: 'scale-1',
      driver: 'st-gs-scale',
      label: 'Timbangan ST/GS',
      where: '/dev/ttyUSB3',
      link: 'closed',
      state: 'unknown',
      simulated: true,
      lastHeardMs: null,
      bytes: 0,
      staleAfterMs: null,
      trouble: troubleWords(linkTrouble('link-not-there', { path: '/dev/ttyUSB3' })),
    },
    {
      ...common,
      id: 'keypad',
      driver: 'keypad',
      label: 'Keypad',
      where: '',
      state: 'waiting',
      lastHeardMs: null,
      bytes: 0,
      staleAfterMs: null,
    },
  ]
}
