/** Omron HBP-9020 / HBP-9030, Terumo and their relatives: a person puts an arm into it. */
import { hbpLimitBytes, scanHbp, type HbpPacket } from '../protocols/omron-hbp/line.ts'
import { cuffMeasured } from './blood-pressure.ts'
import type { Said } from './driver.ts'
import { measurementFailed } from './measured.ts'
import { Once } from './once.ts'
import { streaming, type Reader } from './streaming.ts'

const eight = { dataBits: 8, parity: 'none', stopBits: 1 } as const

export const omronHbp = streaming({
  id: 'omron-hbp',
  label: 'Omron HBP-9020 / HBP-9030, Terumo, InBody BPBIO, ACCUNIQ BP blood pressure monitor',
  source:
    'Published drivers: three of the HBP-9030 that agree, one each of the HBP-9020 and Terumo ' +
    'with a line of a real device; no paper of the makers. Select format 5 on the HBP-9030, ' +
    'mode 5 (F3) on the HBP-9020',
  evidence: 'inferred',
  confidence: 'high',
  links: [
    {
      kind: 'serial',
      lines: [
        { baud: 9_600, ...eight },
        { baud: 19_200, ...eight },
      ],
      // Of the HBP-9030, and of hundreds of other things with the same chip.
      usb: ['0483:5740'],
      splits: 'bytes',
    },
  ],
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'event'],
  silentAfterMs: null,

  scan: scanHbp,
  packetLimitBytes: 2 * hbpLimitBytes,
  pausedAfterMs: 2_000,
  opening: null,
  read: () => new Lines(),
})

class Lines implements Reader<HbpPacket> {
  readonly #said = new Once();

  *packet(packet: HbpPacket): Generator<Said, void, undefined> {
    if (packet.kind === 'unsupported') {
      const detail = { found: packet.format }
      yield { kind: 'event', code: 'output-format-wrong', level: 'warning', active: null, detail }
      return
    }
    // A measurement takes half a minute: the same numbers in the same minute are the same one.
    if (packet.deviceTime !== null && !this.#said.isNew(JSON.stringify(packet))) {
      yield { kind: 'event', code: 'said-twice', level: 'info', active: null }
      return
    }
    const { format, errorCode, bodyMovement, isCheckKnown } = packet
    if (errorCode !== null) {
      yield measurementFailed(errorCode)
      return
    }
    yield cuffMeasured(packet, {
      format,
      ...(bodyMovement === null ? {} : { bodyMovement }),
      ...(isCheckKnown === null ? {} : { checkByte: isCheckKnown ? 'known' : 'unknown' }),
    })
  }
}
