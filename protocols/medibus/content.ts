/**
 * What stands in the answers of a Draeger ventilator:
 *
 *   measured data   repeated: code, two hexadecimal characters; value, four characters
 *   settings        repeated: code; value, five characters
 *   alarms          repeated: priority, a character from 30 hex on; code; phrase of 12 characters
 *   texts           repeated: code; length, a character from 30 hex on; text; ETX
 *   identity        number of four digits, 'name', revision of five characters, :, MEDIBUS version
 *
 * What is not there is not valid now. An answer that does not come out even is not read at all.
 *
 * Source: Draeger MEDIBUS protocol definition 4.03; supplement for intensive care.
 */
export interface MedibusNumber {
  /** 0 to 255; what it means depends on the question. */
  readonly code: number
  /** null: the ventilator shows something that is no number. */
  readonly value: number | null
}

export interface MedibusAlarm {
  readonly code: number
  /** 1 to 31, the highest. */
  readonly priority: number
  readonly phrase: string
}

export interface MedibusText {
  readonly code: number
  readonly text: string
}

export interface MedibusIdentity {
  readonly number: string
  readonly name: string
  readonly revision: string
  /** Of the protocol. */
  readonly version: string
}

const etx = '\u0003'
const valueWidths = { measured: 4, settings: 5 } as const

/** null when the data do not come out even. */
export function readMedibusNumbers(
  data: string,
  what: keyof typeof valueWidths,
): readonly MedibusNumber[] | null {
  const parts = partsOf(data, 2 + valueWidths[what])
  return parts === null ? null : allOf(parts, readNumber)
}

function readNumber(part: string): MedibusNumber | null {
  const code = codeOf(part.slice(0, 2))
  const text = part.slice(2).trim()
  if (code === null) return null
  return { code, value: /^-?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : null }
}

export function encodeMedibusNumbers(
  numbers: readonly MedibusNumber[],
  what: keyof typeof valueWidths,
): string {
  return numbers
    .map(({ code, value }) => {
      const text = value === null ? '-' : String(value)
      return `${hexOf(code)}${text.padStart(valueWidths[what]).slice(0, valueWidths[what])}`
    })
    .join('')
}

const alarmWidth = 15

export function readMedibusAlarms(data: string): readonly MedibusAlarm[] | null {
  const parts = partsOf(data, alarmWidth)
  if (parts === null) return null
  return allOf(parts, (part) => {
    const priority = part.charCodeAt(0) - 0x30
    const code = codeOf(part.slice(1, 3))
    if (code === null || priority < 1 || priority > 31) return null
    // Its own sign for a symbol of the display.
    return { code, priority, phrase: part.slice(3).replaceAll('@', ' ').trim() }
  })
}

export function encodeMedibusAlarms(alarms: readonly MedibusAlarm[]): string {
  return alarms
    .map(({ code, priority, phrase }) => {
      return `${String.fromCharCode(0x30 + priority)}${hexOf(code)}${phrase.padEnd(12).slice(0, 12)}`
    })
    .join('')
}

export function readMedibusTexts(data: string): readonly MedibusText[] | null {
  const texts: MedibusText[] = []
  for (let at = 0; at < data.length;) {
    const code = codeOf(data.slice(at, at + 2))
    const length = data.charCodeAt(at + 2) - 0x30
    const end = at + 3 + length
    if (code === null || !(length >= 0) || data[end] !== etx) return null
    texts.push({ code, text: data.slice(at + 3, end).trim() })
    at = end + 1
  }
  return texts
}

export function encodeMedibusTexts(texts: readonly MedibusText[]): string {
  return texts
    .map(
      ({ code, text }) => `${hexOf(code)}${String.fromCharCode(0x30 + text.length)}${text}${etx}`,
    )
    .join('')
}

const identityForm = /^([0-9A-F]{4}) *'([ -&(-~]{1,32})' *([ -~]{5}):([ -~]{5})$/

/** null when it says nothing of itself, as it may. */
export function readMedibusIdentity(data: string): MedibusIdentity | null {
  const [, number, name, revision, version] = identityForm.exec(data.trimEnd()) ?? []
  if (number === undefined || name === undefined) return null
  const [one = '', other = ''] = [revision, version].map((text) => text?.trim())
  return { number, name: name.trim(), revision: one, version: other }
}

export function encodeMedibusIdentity(identity: MedibusIdentity): string {
  const { number, name, revision, version } = identity
  return `${number}'${name}'${revision.padStart(5)}:${version.padStart(5)}`
}

function partsOf(data: string, width: number): readonly string[] | null {
  if (data.length % width !== 0) return null
  return Array.from({ length: data.length / width }, (_, index) =>
    data.slice(index * width, (index + 1) * width),
  )
}

/** null when one of them cannot be read. */
function allOf<Part>(
  parts: readonly string[],
  read: (part: string) => Part | null,
): readonly Part[] | null {
  const all: Part[] = []
  for (const part of parts) {
    const one = read(part)
    if (one === null) return null
    all.push(one)
  }
  return all
}

function codeOf(text: string): number | null {
  return /^[0-9A-F]{2}$/.test(text) ? Number.parseInt(text, 16) : null
}

function hexOf(code: number): string {
  return code.toString(16).toUpperCase().padStart(2, '0')
}
