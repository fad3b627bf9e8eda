/**
 * The line of the Detecto solo scale, printed when its key is pressed.
 *
 *   hh:mm,MM/DD/YY,21.5,5'03.0",132.3lb CR      or 160.0cm and 60.0kg
 *
 * The marks of feet and inches may be any characters that are no digits. The example of the manual
 * does not agree with itself, so that nothing is refused for its body mass index.
 *
 * Source: Detecto solo manual 0044-0391-0M.
 */
import { latin1Bytes } from '../bytes/bytes.ts'
import { endsBehind, notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'

export interface DetectoLine {
  /** As the clock stands on the display: whether it counts to 12 or to 24, it does not say. */
  readonly deviceTime: DeviceTime | null
  readonly bodyMassIndex: number | null
  readonly height: { readonly value: number; readonly unit: 'cm' | 'in' } | null
  readonly weight: { readonly value: number; readonly unit: 'kg' | 'lb' } | null
}

export const detectoLimitBytes = 64

const line =
  /^(\d\d):(\d\d),(\d\d)\/(\d\d)\/(\d\d),(\d{1,2}\.\d),(?:(\d)\D(\d\d\.\d)\D{1,3}|(\d{1,3}\.\d)cm),(\d{1,3}\.\d)(lb|kg)\r$/

export const scanDetecto = textScanner<DetectoLine>({
  mayBegin: (text) => /^\d{1,2}$|^\d\d:/.test(text),
  lengthOf: endsBehind('\r'),
  limitBytes: detectoLimitBytes,
  read: readLine,
})

function readLine(text: string): Decoded<DetectoLine> {
  const found = line.exec(text)
  if (found === null) return notAFrame('no Detecto line')
  const [hour = '', minute = '', month = '', day = '', year = '', index = ''] = found.slice(1)
  const [feet, inches = '', centimetres = '', weight = '', unit] = found.slice(7)
  const height =
    feet === undefined
      ? ({ value: Number(centimetres), unit: 'cm' } as const)
      : ({ value: Math.round((Number(feet) * 12 + Number(inches)) * 10) / 10, unit: 'in' } as const)
  return {
    ok: true,
    value: {
      deviceTime: deviceTimeOf(2000 + +year, +month, +day, +hour, +minute),
      bodyMassIndex: Number(index) || null,
      height: height.value === 0 ? null : height,
      weight:
        Number(weight) === 0 ? null : { value: Number(weight), unit: unit === 'kg' ? 'kg' : 'lb' },
    },
  }
}

export function encodeDetecto({
  deviceTime,
  bodyMassIndex,
  height,
  weight,
}: DetectoLine): Uint8Array {
  const time = deviceTime ?? { year: 2000, month: 0, day: 0, hour: 0, minute: 0 }
  const [hour, minute, month, day, year] = [
    time.hour,
    time.minute,
    time.month,
    time.day,
    time.year % 100,
  ].map((part) => String(part).padStart(2, '0'))
  const fields = [
    `${hour}:${minute}`,
    `${month}/${day}/${year}`,
    (bodyMassIndex ?? 0).toFixed(1),
    heightText(height),
    `${(weight?.value ?? 0).toFixed(1)}${weight?.unit ?? 'kg'}`,
  ]
  return latin1Bytes(`${fields.join(',')}\r`)
}

function heightText(height: DetectoLine['height']): string {
  if (height?.unit !== 'in') return `${(height?.value ?? 0).toFixed(1)}cm`
  const tenths = Math.round(height.value * 10)
  const inches = ((tenths % 120) / 10).toFixed(1).padStart(4, '0')
  return `${Math.floor(tenths / 120)}'${inches}"`
}
