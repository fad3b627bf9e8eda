/** The text between STX and ETX: fields, each followed by RS. See packet.ts for the layout. */
import type { Decoded } from '../packet/decoded.ts'
import type { DeviceTime } from '../packet/record.ts'
import type { AndPacket, AndPulses, AndResult } from './packet.ts'

const fieldEnd = '\u001e'

/** How wide every A&D writes a pressure or a pulse. */
const numberWidth = 3

/** How wide a TM-2657 writes each tagged field, blanks included. */
const tagWidths: Readonly<{ [letter: string]: number }> = {
  I: 2,
  L: 3,
  p: 3,
  i: 2,
  m: 1,
  r: 1,
  t: 3,
  c: 1,
  l: 2,
  d: 0,
  h: 5,
  s: 5,
  w: 6,
  f: 6,
  e: 6,
  b: 5,
}

export function readText(text: string, address: string): Decoded<AndPacket> {
  if (/^[A-Z]{2}$/.test(text)) {
    return { ok: true, value: { kind: 'command', address, command: text } }
  }
  const fields = text.split(fieldEnd)
  if (fields.pop() !== '') return wrong('last field without its end')
  const [model = '', time = '', format = ''] = fields
  if (!/^TM-?\d{4}P?$/.test(model)) return wrong('unknown model')
  if (!/^\d{10}$/.test(time)) return wrong('no date')
  if (format === 'RP') return readPulses(fields, address)
  if (!/^[A-Z]{2}$/.test(format) || fields[3] !== 'M') return wrong('unknown format')
  return readResult(fields, address)
}

function readResult(fields: readonly string[], address: string): Decoded<AndResult> {
  const [model = '', time = '', format = ''] = fields
  const error = /^E(\S\S)$/.exec(fields[4] ?? '')
  if (error === null) return wrong('no error code')
  const tags: { [letter: string]: string } = {}
  for (const field of fields.slice(9)) {
    const letter = field.slice(0, 1)
    if (!/^[A-Za-z]$/.test(letter)) return wrong('field without tag')
    // A pressure where none belongs, or a tag that comes twice: position and tag disagree.
    if (letter in tags || 'ESMDP'.includes(letter)) return wrong('tag in the wrong place')
    tags[letter] = field.slice(1).trim()
  }
  const numbers = ['S', 'M', 'D', 'P'].map((tag, index) => readNumber(fields[5 + index], tag))
  const [systolicMmHg, meanMmHg, diastolicMmHg, pulsePerMinute] = numbers
  if (
    systolicMmHg === undefined ||
    meanMmHg === undefined ||
    diastolicMmHg === undefined ||
    pulsePerMinute === undefined
  ) {
    return wrong('no number where a result belongs')
  }
  return {
    ok: true,
    value: {
      kind: 'result',
      address,
      model,
      deviceTime: readTime(time),
      format,
      errorCode: error[1] ?? '',
      systolicMmHg,
      meanMmHg,
      diastolicMmHg,
      pulsePerMinute,
      tags,
    },
  }
}

function readPulses(fields: readonly string[], address: string): Decoded<AndPulses> {
  const [model = '', time = '', , count = ''] = fields
  const pulses = fields.slice(4).flatMap((field) => {
    const pair = /^ *(\d{1,3}), *(\d{1,3})$/.exec(field)
    return pair === null ? [] : [{ pressureMmHg: Number(pair[1]), amplitude: Number(pair[2]) }]
  })
  const said = /^N *(\d{1,3})$/.exec(count)
  if (said === null || Number(said[1]) !== fields.length - 4) return wrong('wrong count of pulses')
  if (pulses.length !== fields.length - 4) return wrong('pulse without its numbers')
  return {
    ok: true,
    value: { kind: 'pulses', address, model, deviceTime: readTime(time), pulses },
  }
}

/**
 * null when the device says that there is no value, undefined when the field is wrong. Its width
 * counts: two equal digits that were lost on the cable leave the check byte as it was.
 */
function readNumber(field: string | undefined, tag: string): number | null | undefined {
  if (field === tag) return null
  if (field?.length !== tag.length + numberWidth) return undefined
  const found = /^([A-Z]) *(\d{1,3}|-{0,3}) *$/.exec(field)
  if (found === null || found[1] !== tag) return undefined
  return /^\d/.test(found[2] ?? '') ? Number(found[2]) : null
}

function readTime(digits: string): DeviceTime | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = [0, 2, 4, 6, 8].map((at) =>
    Number(digits.slice(at, at + 2)),
  )
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59) return null
  return { year: 2000 + year, month, day, hour, minute, second: null }
}

export function writeText(packet: AndResult | AndPulses): string {
  const head = [packet.model, writeTime(packet.deviceTime)]
  const fields =
    packet.kind === 'result'
      ? [...head, packet.format, 'M', `E${packet.errorCode}`, ...resultFields(packet)]
      : [...head, 'RP', ...pulseFields(packet)]
  return fields.map((field) => field + fieldEnd).join('')
}

function resultFields(result: AndResult): string[] {
  return [
    `S${padded(result.systolicMmHg, 3)}`,
    `M${padded(result.meanMmHg, 3)}`,
    `D${padded(result.diastolicMmHg, 3)}`,
    `P${padded(result.pulsePerMinute, 3)}`,
    ...Object.entries(result.tags).map(
      ([letter, text]) => letter + padded(text, tagWidths[letter] ?? 0),
    ),
  ]
}

function pulseFields(packet: AndPulses): string[] {
  return [
    `N${padded(packet.pulses.length, 3)}`,
    ...packet.pulses.map((one) => `${padded(one.pressureMmHg, 3)},${padded(one.amplitude, 3)}`),
  ]
}

function writeTime(time: DeviceTime | null): string {
  if (time === null) return '0000000000'
  return [time.year % 100, time.month, time.day, time.hour, time.minute]
    .map((part) => String(part).padStart(2, '0'))
    .join('')
}

function padded(value: number | string | null, width: number): string {
  return String(value ?? '').padStart(width)
}

function wrong(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason }
}
