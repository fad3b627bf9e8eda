/** seca scales and height rods behind the interface 460: recognised, and their digits refused. */
import { scanSeca, secaLimitBytes, type SecaBlock } from '../protocols/seca/block.ts'
import type { Said } from './driver.ts'
import { Once } from './once.ts'
import { streaming, type Reader } from './streaming.ts'

export const seca460 = streaming({
  id: 'seca-460',
  label: 'seca scale or height rod (interface 460), recognised only',
  source:
    'seca 30-34-00-605 index c. Its tables of decimal places, units and flags could not be had, ' +
    'so that no weight is said: type it in, or bring the table of the model',
  evidence: 'documented',
  confidence: 'low',
  links: [
    {
      kind: 'serial',
      lines: [{ baud: 1_200, dataBits: 8, parity: 'even', stopBits: 1 }],
      usb: [],
      splits: 'bytes',
    },
  ],
  asks: 'nothing',
  waves: [],
  streams: ['event'],
  // A block every second.
  silentAfterMs: 10_000,

  scan: scanSeca,
  packetLimitBytes: 4 * secaLimitBytes,
  pausedAfterMs: 1_500,
  opening: null,
  read: () => new Blocks(),
})

class Blocks implements Reader<SecaBlock> {
  readonly #said = new Once();

  *packet({ kind, displayType }: SecaBlock): Generator<Said, void, undefined> {
    const display = displayType.toString(16).padStart(2, '0')
    if (!this.#said.isNew(`${kind} ${display}`)) return
    // A weight with the point in a wrong place is worse than none.
    yield {
      kind: 'event',
      code: 'value-not-understood',
      level: 'warning',
      active: null,
      detail: { kind, display },
    }
  }
}
