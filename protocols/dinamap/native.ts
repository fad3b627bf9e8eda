/**
 * The stream of a GE Dinamap PRO 1000 in its native mode: 50 blocks of 18 bytes a second.
 *
 *   0       sequence 0 to 199, one more each block
 *   1       status: counters of beats, alarms
 *   2-6     respiration: four fields of ten bits, the last one is the sample
 *   7-11    four samples of the ECG, ten bits each, highest bit first
 *   12-14   three bytes of a record of 150, which begins where the sequence is 0 mod 50
 *   15      CRC-8 of bytes 1 to 14: reflected, polynomial A1, from 0
 *   16 17   byte 15 and byte 0, inverted
 *
 * The samples of the ECG are woven over four blocks, whose first has a sequence of 0 mod 4: written
 * as rows they are read column by column, which gives 16 samples of 5 ms. 3FE is no sample.
 *
 * Source: a capture of 1,152 blocks; the rule of the CRC and the weave were found in it, and hold
 * in every block. How the mode is switched on is not known, so nothing is sent.
 */
import { joinBytes } from '../bytes/bytes.ts'
import { makeCrc8 } from '../bytes/checksum.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'

export interface DinamapBlock {
  readonly sequence: number
  readonly status: number
  /** 0 to 1,023, uncalibrated. */
  readonly respiration: number
  /** Four samples, 0 to 1,023, uncalibrated; null is no sample. In the order of the block. */
  readonly ecg: readonly (number | null)[]
  /** Three bytes of the numeric record. */
  readonly record: Uint8Array
}

export const dinamapBlockBytes = 18
export const sequences = 200
export const blocksWoven = 4
export const recordBlocks = 50

const noSample = 0x3fe
/** What the other three fields of the first channel hold. */
const filling = [384, 0, 384] as const
const crc8 = makeCrc8({ polynomial: 0xa1, isReflected: true })

export function scanDinamapBlock(bytes: Uint8Array): Scan<DinamapBlock> {
  const [sequence] = bytes
  if (sequence === undefined) return incomplete
  if (sequence >= sequences) return noise('no sequence', 1)
  if (bytes.length < dinamapBlockBytes) return incomplete
  const check = bytes[15] ?? 0
  if (bytes[17] !== (sequence ^ 0xff) || bytes[16] !== (check ^ 0xff)) return noise('no block', 1)
  if (crc8(bytes.subarray(1, 15)) !== check) return noise('wrong CRC', 1)
  const ecg = tenBitFields(bytes.subarray(7, 12)).map((one) => (one === noSample ? null : one))
  return packet(
    {
      sequence,
      status: bytes[1] ?? 0,
      respiration: tenBitFields(bytes.subarray(2, 7))[3] ?? 0,
      ecg,
      record: bytes.slice(12, 15),
    },
    dinamapBlockBytes,
  )
}

/** Four fields of five bytes. */
function tenBitFields(bytes: Uint8Array): readonly number[] {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = bytes
  return [
    (a << 2) | (b >> 6),
    ((b & 0x3f) << 4) | (c >> 4),
    ((c & 0x0f) << 6) | (d >> 2),
    ((d & 0x03) << 8) | e,
  ]
}

function fiveBytes(fields: readonly number[]): readonly number[] {
  const [p = 0, q = 0, r = 0, s = 0] = fields
  return [
    p >> 2,
    ((p & 3) << 6) | (q >> 4),
    ((q & 15) << 4) | (r >> 6),
    ((r & 63) << 2) | (s >> 8),
    s & 255,
  ]
}

export function encodeDinamapBlock(block: DinamapBlock): Uint8Array {
  const covered = joinBytes(
    [block.status],
    fiveBytes([...filling, block.respiration]),
    fiveBytes(block.ecg.map((sample) => sample ?? noSample)),
    block.record,
  )
  const check = crc8(covered)
  return joinBytes([block.sequence], covered, [check, check ^ 0xff, block.sequence ^ 0xff])
}

/** The samples of four neighbouring blocks, in the order of time. */
export function unwovenEcg(blocks: readonly DinamapBlock[]): readonly (number | null)[] {
  return [0, 1, 2, 3].flatMap((column) => blocks.map((block) => block.ecg[column] ?? null))
}

/**
 * The heart rate of a whole record of 150 bytes; null when it has none. What else is in the record
 * is not explained: the simulator behind the capture had only an ECG.
 */
export function heartRateIn(record: Uint8Array): number | null {
  const hasHead = record[0] === 0x14 && record[1] === 0x01 && record[2] === 0x0c
  if (!hasHead || record[128] !== 0 || record[129] !== 1) return null
  const rate = ((record[130] ?? 0) << 8) | (record[131] ?? 0)
  return rate >= 1 && rate <= 350 ? rate : null
}
