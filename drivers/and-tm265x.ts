/** A&D TM-2655 and TM-2657: the blood pressure monitor that a person puts an arm into. */
import { andPacketLimitBytes, scanAnd } from '../protocols/and-tm265x/frame.ts'
import type { AndPacket, AndResult } from '../protocols/and-tm265x/packet.ts'
import type { Words } from '../protocols/packet/record.ts'
import { cuffMeasured } from './blood-pressure.ts'
import type { Said } from './driver.ts'
import { measurementFailed } from './measured.ts'
import { streaming, type Reader } from './streaming.ts'

const serial = { dataBits: 8, parity: 'none', stopBits: 1 } as const

/** inferred, but for the inflation setting: used so by published drivers of the TM-2657. */
const tagNames: Readonly<{ [tag: string]: string }> = {
  I: 'inflation',
  p: 'cuffPressureMmHg',
  i: 'irregularPulses',
  m: 'bodyMovement',
  r: 'repeats',
  t: 'measuringSeconds',
}

export const andTm265x = streaming({
  id: 'and-tm265x',
  label: 'A&D TM-2655 / TM-2657 blood pressure monitor',
  source:
    'One captured frame of a TM-2657P, field lists of three more devices, published drivers of ' +
    'independent users; the pages of the A&D manual on the data format were not available',
  evidence: 'captured',
  confidence: 'high',
  links: [
    {
      kind: 'serial',
      lines: [
        { baud: 2_400, ...serial },
        { baud: 9_600, ...serial },
      ],
      usb: ['067b:2303'],
      splits: 'bytes',
    },
  ],
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'event'],
  // It speaks after a measurement and never else.
  silentAfterMs: null,

  scan: scanAnd,
  packetLimitBytes: andPacketLimitBytes,
  pausedAfterMs: 500,
  // Asking for the last result at each start would publish it again at each start.
  opening: null,
  read: () => new Results(),
})

class Results implements Reader<AndPacket> {
  #model: string | null = null
  #last = '';

  *packet(packet: AndPacket): Generator<Said, void, undefined> {
    if (packet.kind !== 'result') return
    if (packet.model !== this.#model) {
      this.#model = packet.model
      yield { kind: 'identity', model: packet.model, serialNumber: null, firmware: null }
    }
    if (packet.errorCode !== '00') {
      yield measurementFailed(`E${packet.errorCode}`)
      return
    }
    // The clock of the device has no seconds, but a measurement takes half a minute: the same
    // numbers in the same minute are the same measurement, said twice.
    const key = JSON.stringify(packet)
    if (key === this.#last) {
      yield { kind: 'event', code: 'said-twice', level: 'info', active: null }
      return
    }
    this.#last = key
    yield cuffMeasured(packet, qualifiersOf(packet))
  }
}

function qualifiersOf(result: AndResult): Words {
  const known = Object.entries(result.tags).flatMap(([tag, text]) => {
    const name = tagNames[tag]
    return name === undefined || text === '' ? [] : [[name, text] as const]
  })
  return { format: result.format, ...Object.fromEntries(known) }
}
