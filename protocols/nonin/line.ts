/**
 * The text line that larger Nonin oximeters send once a second, CR LF at its end:
 *
 *   [HH:MM:SS ]SPO2=nnn HR=nnn[ F][*][B]     --- no value, F fast averaging, * event, B breath
 *
 * Source: operator manuals of Nonin 2500, 8600, 9847 and Avant 4000.
 */
import { latin1Bytes } from '../bytes/bytes.ts'
import { beginsLike, endsBehind, notAFrame, textScanner } from '../bytes/text-frame.ts'

export interface NoninLine {
  readonly saturationPercent: number | null
  readonly pulsePerMinute: number | null
  readonly isFastAveraging: boolean
}

export const noninLineLimitBytes = 60

const form = /^(?:\d\d:\d\d:\d\d )?SPO2=([ \d]{2}\d|---) +HR=([ \d]{2}\d|---)((?: *[F*B])*) *\r?\n$/

export const scanNoninLine = textScanner<NoninLine>({
  mayBegin: beginsLike('SPO2=', '##:##:## SPO2='),
  lengthOf: endsBehind('\n'),
  limitBytes: noninLineLimitBytes,
  read: (text) => {
    const found = form.exec(text)
    if (found === null) return notAFrame('no line')
    const [, saturation = '', pulse = '', marks = ''] = found
    if (Number(saturation) > 100) return notAFrame('no saturation')
    return {
      ok: true,
      value: {
        saturationPercent: numberOf(saturation),
        pulsePerMinute: numberOf(pulse),
        isFastAveraging: marks.includes('F'),
      },
    }
  },
})

function numberOf(text: string): number | null {
  const number = Number(text)
  return text === '---' || Number.isNaN(number) ? null : number
}

export function encodeNoninLine(line: NoninLine): Uint8Array {
  const shown = (value: number | null): string =>
    value === null ? '---' : String(value).padStart(3, '0')
  const mark = line.isFastAveraging ? ' F' : ''
  return latin1Bytes(
    `SPO2=${shown(line.saturationPercent)} HR=${shown(line.pulsePerMinute)}${mark}\r\n`,
  )
}
