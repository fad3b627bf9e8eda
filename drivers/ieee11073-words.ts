/**
 * What an agent says beside its numbers, in words: contexts of a measurement, states of the device,
 * and the flags of a value.
 */
import { numberOf, type TypeCode } from '../protocols/ieee11073/mder.ts'
import { contexts, measurements, statusBits } from '../protocols/ieee11073/nomenclature.ts'
import type { Words } from '../protocols/packet/record.ts'

function context(code: number): number {
  return numberOf({ partition: contexts, code })
}

function measurement(code: number): number {
  return numberOf({ partition: measurements, code })
}

/** Names of objects that say something about a measurement, by their 11073 number. */
const aboutNames: ReadonlyMap<number, string> = new Map([
  [context(21_976), 'deviceStatus'],
  [context(21_977), 'trigger'],
  [context(22_000), 'measurementStatus'],
  [context(29_144), 'deviceStatus'],
  [context(29_152), 'exercise'],
  [context(29_156), 'carbohydrates'],
  [context(29_188), 'medication'],
  [context(29_212), 'health'],
  [context(29_236), 'sampleLocation'],
  [context(29_256), 'meal'],
  [context(29_276), 'tester'],
  [context(30_720), 'readingStatus'],
  [measurement(19_532), 'deviceStatus'],
  [measurement(19_533), 'pulseCharacteristic'],
])

/** What the codes mean that an enumeration can have. 29,300 too is named as bedtime somewhere. */
const valueNames: ReadonlyMap<number, string> = new Map([
  [context(21_978), 'user'],
  [context(21_979), 'periodic'],
  [context(21_980), 'detected'],
  [context(21_981), 'external'],
  [context(29_260), 'before'],
  [context(29_261), 'bedtime'],
  [context(29_264), 'after'],
  [context(29_268), 'fasting'],
  [context(29_272), 'casual'],
  [context(29_300), 'bedtime'],
  [measurement(53_250), 'none'],
  [measurement(53_251), 'beat'],
  [measurement(53_259), 'max-inrush'],
])

/** Of a value that is there, and that needs to be looked at with care. */
const statusNames = [
  ['questionable', statusBits.questionable],
  ['calibrating', statusBits.calibrating],
  ['validated', statusBits.validated],
  ['early', statusBits.early],
  ['ongoing', statusBits.ongoing],
] as const

/** The name of a qualifier; null for what is measured itself. */
export function aboutName(type: TypeCode): string | null {
  return aboutNames.get(numberOf(type)) ?? null
}

/** The name of a qualifier for what is not in any table: its number. */
export function unknownName(type: TypeCode): string {
  return `mdc-${numberOf(type)}`
}

export function valueName(code: TypeCode): string {
  return valueNames.get(numberOf(code)) ?? `mdc-${numberOf(code)}`
}

export function statusWords(status: number): readonly string[] {
  return statusNames.flatMap(([name, bit]) => ((status & bit) === 0 ? [] : [name]))
}

/** Two values of one name stand behind each other. */
export function mergedWords(all: readonly Words[]): Words {
  const merged = new Map<string, string>()
  for (const [name, value] of all.flatMap((words) => Object.entries(words))) {
    const before = merged.get(name)
    if (before === undefined) merged.set(name, value)
    else if (!before.split('; ').includes(value)) merged.set(name, `${before}; ${value}`)
  }
  return Object.fromEntries(merged)
}
