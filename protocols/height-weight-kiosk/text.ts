/**
 * What columns for height and weight print: G-Tech GL-150 and GL-310, and the clones that write W
 * and H in one line.
 *
 *   standard  STX height,weight,x,x,index,... ETX             x: not documented, not read
 *   printer   NUL CR LF  lines "HEIGHT   ---- 188.6 cm" ...   ESC T NUL          GL-310, F4 = 1
 *   short     W:062.5 H:170.0 CR
 *
 * Centimetres and kilograms. There is no check sum. Where the column says a body mass index, it
 * must agree with the other two numbers; a number outside of what a column can measure is refused,
 * as it is more likely a broken line. Zero and hyphens in the short line mean that there was
 * nothing.
 *
 * Source: one program each that works with such columns, the printer text with its literal in it.
 */
import { latin1Bytes } from '../bytes/bytes.ts'
import { beginsWith, endsBehind, notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'

export interface KioskResult {
  readonly format: 'standard' | 'printer' | 'short'
  /** null only in the short line, where it was not measured. */
  readonly heightCm: number | null
  readonly weightKg: number | null
  /** null in the short line, which has none. */
  readonly bodyMassIndex: number | null
}

export const kioskLimitBytes = 320

const stx = '\u0002'
const printerBegin = '\0\r\n'
const endsBehindEtx = endsBehind('\u0003')
const endsBehindPrint = endsBehind('\u001bT\0')
const endsBehindCr = endsBehind('\r')

export const scanKiosk = textScanner<KioskResult>({
  mayBegin: beginsWith(stx, printerBegin, 'W:'),
  lengthOf: (text) => {
    if (text.startsWith(stx)) return endsBehindEtx(text)
    return text.startsWith('\0') ? endsBehindPrint(text) : endsBehindCr(text)
  },
  limitBytes: kioskLimitBytes,
  read: (text) => {
    if (text.startsWith(stx)) return readStandard(text)
    return text.startsWith('\0') ? readPrinter(text) : readShort(text)
  },
})

const number = String.raw`(\d{1,3}\.\d{1,2})`
const standard = new RegExp(
  String.raw`^\x02${number},${number},[\d.]{0,6},[\d.]{0,6},${number}(?:,[ -~]*)?\x03$`,
)

function readStandard(text: string): Decoded<KioskResult> {
  const [height, weight, index] = standard.exec(text)?.slice(1) ?? []
  if (height === undefined) return notAFrame('no height, weight and index')
  return withIndex('standard', Number(height), Number(weight), Number(index))
}

function readPrinter(text: string): Decoded<KioskResult> {
  const labelled = new Map<string, string>()
  for (const line of text.split(/[\r\n]+/)) {
    const [label = '', value] = line.split('----')
    if (value !== undefined) labelled.set(label.replaceAll(' ', ''), value.trim())
  }
  const height = /^(\d{2,3}\.\d) cm$/.exec(labelled.get('HEIGHT') ?? '')?.[1]
  const weight = /^(\d{1,3}\.\d{1,2}) kg$/.exec(labelled.get('WEIGHT') ?? '')?.[1]
  const index = /^(\d{1,2}\.\d)$/.exec(labelled.get('BMI') ?? '')?.[1]
  if (height === undefined || weight === undefined || index === undefined) {
    return notAFrame('no height, weight and index')
  }
  return withIndex('printer', Number(height), Number(weight), Number(index))
}

/** What the columns of these makers can measure. */
const heightsCm = { from: 30, to: 230 }
const weightsKg = { from: 1, to: 300 }
const indexTolerance = 0.3

function withIndex(
  format: KioskResult['format'],
  heightCm: number,
  weightKg: number,
  bodyMassIndex: number,
): Decoded<KioskResult> {
  if (!isWithin(heightCm, heightsCm) || !isWithin(weightKg, weightsKg)) {
    return notAFrame('height or weight out of range')
  }
  if (Math.abs(bodyMassIndex - weightKg / (heightCm / 100) ** 2) > indexTolerance) {
    return notAFrame('body mass index does not agree')
  }
  return { ok: true, value: { format, heightCm, weightKg, bodyMassIndex } }
}

function readShort(text: string): Decoded<KioskResult> {
  const found = /^W: ?(\d{2,3}\.\d|-+) +H: ?(\d{2,3}\.\d|-+)\r$/.exec(text)
  if (found === null) return notAFrame('no W and H')
  const [weightKg, heightCm] = found.slice(1).map((one) => Number(one) || null)
  const isWeightGood = weightKg === null || isWithin(weightKg, weightsKg)
  const isHeightGood = heightCm === null || isWithin(heightCm, heightsCm)
  if (!isWeightGood || !isHeightGood) return notAFrame('height or weight out of range')
  const values = { heightCm: heightCm ?? null, weightKg: weightKg ?? null, bodyMassIndex: null }
  return { ok: true, value: { format: 'short', ...values } }
}

function isWithin(value: number | undefined, range: { from: number; to: number }): boolean {
  return value !== undefined && value >= range.from && value <= range.to
}

/** A column rounds its index to one digit. */
export function encodeKiosk({
  format,
  heightCm,
  weightKg,
  bodyMassIndex,
}: KioskResult): Uint8Array {
  const [height, weight] = [heightCm ?? 0, weightKg ?? 0]
  const index = (bodyMassIndex ?? 0).toFixed(1)
  if (format === 'standard') {
    const fields = [height.toFixed(1), weight.toFixed(2).padStart(6, '0'), '0.0', '0.0', index]
    return latin1Bytes(`${stx}${fields.join(',')}\u0003`)
  }
  if (format === 'short') {
    const [kilograms, centimetres] = [weight, height].map((one) => one.toFixed(1).padStart(5, '0'))
    return latin1Bytes(`W:${kilograms} H:${centimetres}\r`)
  }
  const lines = [
    'GENDER   ---- FEMALE',
    `WEIGHT   ---- ${weight.toFixed(2)} kg`,
    `HEIGHT   ---- ${height.toFixed(1)} cm`,
    `B  M  I  ---- ${index.padStart(5)}   `,
  ]
  return latin1Bytes(`${printerBegin}${lines.join('\r\n')}\r\n\u001bT\0`)
}
