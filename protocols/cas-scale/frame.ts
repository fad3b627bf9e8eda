/**
 * CAS SW-II: a scale that answers each question with what is on its platform.
 *
 *   question  11
 *   answer    01 02  s - wwwwww uu  bcc  03 04
 *
 *   s  S stable, U not    -  sign or blank    w  weight with its point    uu  KG or LB
 *
 * Over which bytes bcc is the exclusive or, the manual does not say: from s to uu, inferred from
 * the usual. If that is wrong every answer is noise, and never a wrong weight.
 *
 * Source: CAS SW-II manual.
 */
import { joinBytes, latin1Bytes } from '../bytes/bytes.ts'
import { xorOf } from '../bytes/checksum.ts'
import { beginsWith, notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'
import type { ScaleLine } from '../st-gs-scale/line.ts'

export const casLimitBytes = 15

const begin = '\u0001\u0002'
const end = '\u0003\u0004'
const content = /^([SU])([- ])( *\d+\.?\d*) *(KG|LB)$/

export const casQuestion = Uint8Array.of(0x11)

export const scanCas = textScanner<ScaleLine>({
  mayBegin: beginsWith(begin),
  lengthOf: (text) => (text.length < casLimitBytes ? null : casLimitBytes),
  limitBytes: casLimitBytes,
  read: readAnswer,
})

function readAnswer(text: string): Decoded<ScaleLine> {
  const body = text.slice(begin.length, -3)
  if (!text.endsWith(end)) return notAFrame('no end')
  if (xorOf(latin1Bytes(body)) !== text.charCodeAt(text.length - 3)) {
    return notAFrame('wrong check byte')
  }
  const [state, sign, digits = '', unit] = content.exec(body)?.slice(1) ?? []
  if (state === undefined) return notAFrame('no weight')
  const number = digits.trim()
  const decimals = number.includes('.') ? number.length - number.indexOf('.') - 1 : 0
  const value = sign === '-' ? -Number(number) : Number(number)
  return {
    ok: true,
    value: {
      kind: 'line',
      state: state === 'S' ? 'stable' : 'unstable',
      load: null,
      comparator: null,
      amount: { value: value + 0, decimals, unit: unit === 'KG' ? 'kg' : 'lb' },
      parityInData: null,
    },
  }
}

export function encodeCas({ state, amount }: ScaleLine): Uint8Array {
  const { value, decimals, unit } = amount ?? { value: 0, decimals: 2, unit: 'kg' }
  const sign = value < 0 ? '-' : ' '
  const digits = Math.abs(value).toFixed(decimals).padStart(6)
  const body = latin1Bytes(`${state === 'stable' ? 'S' : 'U'}${sign}${digits}${unit.toUpperCase()}`)
  return joinBytes([1, 2], body, [xorOf(body), 3, 4])
}
