/**
 * The line that a Tanita scale sends after a measurement: tags and values, alternating.
 *
 *   {0,16,~0,1,~1,1,~2,1,MO,"SC-240",SN,"00000002",...,Wk,82.7,...,CS,FD CR LF
 *
 *   MO SN  model, serial number    Wk Wp Wg  weight in kg, lb, g      Hm  height, cm, typed in
 *   Pt  tare, kg                   MI  body mass index                FW  fat, %
 *   fW MW mW bW wW  mass of fat, of all but fat, of muscle, bone, water, kg      ww  water, %
 *   IF  rating of visceral fat     rb  basal metabolism, kJ           ZF  impedance, Ohm
 *   CS  low byte of the sum from { up to the comma before CS, two hexadecimal digits
 *
 * Tags differ in their case. What of the body could not be measured is missing or zero. Number, age
 * and sex of the person are not read. A baby scale (BD-815) sends Wg and no CS, so that only a line
 * with Wg is believed without. When the scale counts in pounds, in which unit it says the masses is
 * not documented, and they are left out.
 *
 * Source: manuals of the SC-240, whose sample line agrees with its CS, WB-3000, BD-815 and KP-601;
 * names of the tags from a public driver of the SC-240.
 */
import { latin1Bytes } from '../bytes/bytes.ts'
import { sumOf } from '../bytes/checksum.ts'
import { beginsWith, endsBehind, notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'
import { kilogramsOfPounds } from '../vocabulary/body-units.ts'

export interface TanitaResult {
  readonly model: string | null
  readonly serialNumber: string | null
  readonly weightKg: number | null
  /** The weight as it was sent, when that was in pounds. */
  readonly shownPounds: number | null
  /** Typed in by a person, not measured. */
  readonly enteredHeightCm: number | null
  readonly presetTareKg: number | null
  readonly bodyMassIndex: number | null
  readonly fatPercent: number | null
  readonly fatMassKg: number | null
  readonly fatFreeMassKg: number | null
  readonly muscleMassKg: number | null
  readonly boneMassKg: number | null
  readonly waterMassKg: number | null
  readonly waterPercent: number | null
  readonly visceralFatRating: number | null
  readonly basalKilojoules: number | null
  readonly impedanceOhm: number | null
}

export const tanitaLimitBytes = 512

const begin = '{0,16,'

export const scanTanita = textScanner<TanitaResult>({
  mayBegin: beginsWith(begin),
  lengthOf: endsBehind('\r\n'),
  limitBytes: tanitaLimitBytes,
  read: readLine,
})

function readLine(text: string): Decoded<TanitaResult> {
  const items = text.slice(1, -2).split(',')
  if (items.length % 2 !== 0) return notAFrame('tag without value')
  const tags = new Map<string, string>()
  for (let at = 0; at < items.length; at += 2) {
    const [tag = '', value = ''] = items.slice(at, at + 2)
    if (!/^[\dA-Za-z~]{1,2}$/.test(tag) || tags.has(tag)) return notAFrame('no tag in its place')
    tags.set(tag, value)
  }
  const check = tags.get('CS')
  if (check === undefined && !tags.has('Wg')) return notAFrame('no check sum')
  if (check !== undefined && items.at(-2) !== 'CS') return notAFrame('check sum in the middle')
  if (check !== undefined && check !== checkOf(text.slice(0, text.lastIndexOf('CS,')))) {
    return notAFrame('wrong check sum')
  }
  return resultOf(tags)
}

function checkOf(covered: string): string {
  return sumOf(latin1Bytes(covered)).toString(16).toUpperCase().padStart(2, '0')
}

const masses = ['fW', 'MW', 'mW', 'bW', 'wW'] as const
const numeric = [
  ...masses,
  'Wk',
  'Wp',
  'Wg',
  'Hm',
  'Pt',
  'MI',
  'FW',
  'ww',
  'IF',
  'rb',
  'ZF',
] as const

function resultOf(tags: ReadonlyMap<string, string>): Decoded<TanitaResult> {
  const numbers = new Map<string, number>()
  for (const tag of numeric) {
    const text = tags.get(tag)
    if (text === undefined) continue
    if (!/^\d{1,5}(\.\d{1,3})?$/.test(text)) return notAFrame('no number behind a tag')
    if (Number(text) > 0) numbers.set(tag, Number(text))
  }
  const pounds = numbers.get('Wp') ?? null
  const grams = numbers.get('Wg') ?? null
  const kilograms = numbers.get('Wk') ?? (grams === null ? null : grams / 1_000)
  const inPounds = kilograms === null && pounds !== null
  const of = (tag: (typeof numeric)[number]): number | null => numbers.get(tag) ?? null
  const mass = (tag: (typeof masses)[number]): number | null => (inPounds ? null : of(tag))
  return {
    ok: true,
    value: {
      model: unquoted(tags.get('MO')),
      serialNumber: unquoted(tags.get('SN')),
      weightKg: inPounds ? kilogramsOfPounds(pounds) : kilograms,
      shownPounds: inPounds ? pounds : null,
      enteredHeightCm: of('Hm'),
      presetTareKg: inPounds ? null : of('Pt'),
      bodyMassIndex: of('MI'),
      fatPercent: of('FW'),
      fatMassKg: mass('fW'),
      fatFreeMassKg: mass('MW'),
      muscleMassKg: mass('mW'),
      boneMassKg: mass('bW'),
      waterMassKg: mass('wW'),
      waterPercent: of('ww'),
      visceralFatRating: of('IF'),
      basalKilojoules: of('rb'),
      impedanceOhm: of('ZF'),
    },
  }
}

function unquoted(text: string | undefined): string | null {
  const found = /^"([ -~]{1,24})"$/.exec(text ?? '')
  return found?.[1]?.trim() ?? null
}

/** In the order of the SC-240, with the check sum. */
export function encodeTanita(result: TanitaResult): Uint8Array {
  const { shownPounds, weightKg } = result
  const items: readonly (readonly [string, string | number | null])[] = [
    ['MO', result.model === null ? null : `"${result.model}"`],
    ['SN', result.serialNumber === null ? null : `"${result.serialNumber}"`],
    ['Hm', result.enteredHeightCm],
    ['Pt', result.presetTareKg],
    shownPounds === null ? ['Wk', weightKg] : ['Wp', shownPounds],
    ['FW', result.fatPercent],
    ['fW', result.fatMassKg],
    ['MW', result.fatFreeMassKg],
    ['mW', result.muscleMassKg],
    ['bW', result.boneMassKg],
    ['wW', result.waterMassKg],
    ['ww', result.waterPercent],
    ['MI', result.bodyMassIndex],
    ['IF', result.visceralFatRating],
    ['rb', result.basalKilojoules],
    ['ZF', result.impedanceOhm],
  ]
  const said = items.flatMap(([tag, value]) => (value === null ? [] : [`${tag},${value},`]))
  const covered = `${begin}~0,1,~1,1,~2,1,${said.join('')}`
  return latin1Bytes(`${covered}CS,${checkOf(covered)}\r\n`)
}
