/**
 * The block that the seca interface 460 sends every second. Each byte is two hexadecimal digits;
 * only STX, CR, LF and ETX stand for themselves.
 *
 *   weight  STX A0|A1 ddddd t c1 c2 crc CR LF ETX     d  digits, the highest first
 *   other   STX A4    dddd tt c1    crc CR LF ETX     t  kind of display: point and unit
 *                                                     c  flags: stable, hold, minus, net ...
 *
 *   crc  CRC-8, x^8 + x^2 + x + 1, over the bytes before it; 00 from a scale that has none
 *
 * The tables of t and of the bits of c are in no document that could be had. So the digits are no
 * number yet: where their point stands, in which unit and with which sign, nobody can tell. The
 * start value of the CRC is inferred.
 *
 * Source: seca 30-34-00-605 index c.
 */
import { joinBytes, latin1Bytes, noBytes } from '../bytes/bytes.ts'
import { crc8Smbus } from '../bytes/checksum.ts'
import { beginsWith, endsBehind, notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'
import { fromHex, toHex } from '../packet/hex.ts'

export interface SecaBlock {
  readonly kind: 'A0' | 'A1' | 'A4'
  /** As they are shown, without point. */
  readonly digits: string
  readonly displayType: number
  /** Two bytes of flags, or one for A4. */
  readonly control: readonly number[]
  /** False: the scale says that it does not compute one. */
  readonly hasCheck: boolean
}

export const secaLimitBytes = 18

const stx = '\u0002'
const block = /^\x02(A[01])(\d{5})([\dA-F])((?:[\dA-F]{2}){2})([\dA-F]{2})\r\n\x03$/
const otherBlock = /^\x02(A4)(\d{4})([\dA-F]{2})([\dA-F]{2})([\dA-F]{2})\r\n\x03$/

export const scanSeca = textScanner<SecaBlock>({
  mayBegin: beginsWith(`${stx}A0`, `${stx}A1`, `${stx}A4`),
  lengthOf: endsBehind('\r\n\u0003'),
  limitBytes: secaLimitBytes,
  read: readBlock,
})

function readBlock(text: string): Decoded<SecaBlock> {
  const [kind, digits = '', display = '', flags = '', check = ''] =
    (block.exec(text) ?? otherBlock.exec(text))?.slice(1) ?? []
  if (kind !== 'A0' && kind !== 'A1' && kind !== 'A4') return notAFrame('no seca block')
  const covered = bytesOfHex(text.slice(1, -5))
  const hasCheck = check !== '00'
  if (hasCheck && crc8Smbus(covered) !== Number.parseInt(check, 16)) return notAFrame('wrong CRC')
  const control = [...bytesOfHex(flags)]
  const displayType = Number.parseInt(display, 16)
  return { ok: true, value: { kind, digits, displayType, control, hasCheck } }
}

function bytesOfHex(text: string): Uint8Array {
  return fromHex(text.toLowerCase()) ?? noBytes
}

/** A block whose CRC happens to be 00 reads as one without. */
export function encodeSeca({
  kind,
  digits,
  displayType,
  control,
  hasCheck,
}: SecaBlock): Uint8Array {
  const display = displayType.toString(16).padStart(kind === 'A4' ? 2 : 1, '0')
  const hex = `${kind}${digits}${display}${toHex(Uint8Array.from(control))}`.toUpperCase()
  const check = hasCheck ? crc8Smbus(bytesOfHex(hex)) : 0
  const words = `${hex}${check.toString(16).toUpperCase().padStart(2, '0')}`
  return joinBytes(latin1Bytes(stx + words), [0x0d, 0x0a, 0x03])
}
