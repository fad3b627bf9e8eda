/** In which order a port is listened to, and in which order it is asked. */
import type { Driver, SerialLine } from '../../../drivers/driver.ts'
import { linkOf } from '../../../drivers/link.ts'
import { priorBits, sameLine, type UsbWords } from './prior.ts'

export interface LineChoice {
  readonly line: SerialLine
  /** Those that may be at the other end, in the order of the list. */
  readonly drivers: readonly Driver[]
  /**
   * Somebody at this setting speaks only when there is a result: it is worth a longer wait than one
   * where all speak all the time and would have been heard.
   */
  readonly isWorthWaiting: boolean
  /** How likely it is among all settings, from 0 to 1. */
  readonly share: number
}

export interface Asking {
  readonly driver: Driver
  readonly line: SerialLine
}

/** Of how many of its settings a device is asked; the rest is for a person to choose. */
const askedLinesMax = 3

/** Later settings of a device are chosen by hand, and seldom. */
const laterLineWeight = 0.25
/** So much of a difference does eight bits of prior make. */
const bitsPerEightfold = 8

/** All settings at which something may be heard unasked, the likeliest first. */
export function listeningPlan(
  drivers: readonly Driver[],
  usb: UsbWords | null,
): readonly LineChoice[] {
  const choices: { line: SerialLine; weight: number; isWorthWaiting: boolean }[] = []
  for (const driver of drivers) {
    const link = linkOf(driver, 'serial')
    if (link === null || !mayTalk(driver)) continue
    const likely = 8 ** (priorBits(driver, usb) / bitsPerEightfold)
    for (const [index, line] of link.lines.entries()) {
      const weight = likely * (index === 0 ? 1 : laterLineWeight)
      const isWorthWaiting = driver.silentAfterMs === null
      const known = choices.find((one) => sameLine(one.line, line))
      if (known === undefined) choices.push({ line, weight, isWorthWaiting })
      else {
        known.weight += weight
        known.isWorthWaiting ||= isWorthWaiting
      }
    }
  }
  const all = choices.reduce((sum, { weight }) => sum + weight, 0)
  return choices
    .sort((one, other) => other.weight - one.weight)
    .map(({ line, isWorthWaiting, weight }) => ({
      line,
      isWorthWaiting,
      share: weight / all,
      drivers: driversAt(drivers, line),
    }))
}

/** Whose questions may be sent to a stranger: factory settings first, and the likeliest first. */
export function askingPlan(drivers: readonly Driver[], usb: UsbWords | null): readonly Asking[] {
  return drivers
    .filter(({ asks }) => asks === 'harmless')
    .flatMap((driver) =>
      (linkOf(driver, 'serial')?.lines ?? [])
        .slice(0, askedLinesMax)
        .map((line, index) => ({ driver, line, index, bits: priorBits(driver, usb) })),
    )
    .sort((one, other) => one.index - other.index || other.bits - one.bits)
    .map(({ driver, line }) => ({ driver, line }))
}

/** Whoever has this setting among its own. */
export function driversAt(drivers: readonly Driver[], line: SerialLine): readonly Driver[] {
  return drivers.filter(
    (driver) => linkOf(driver, 'serial')?.lines.some((one) => sameLine(one, line)) === true,
  )
}

/** A monitor that was once enabled may talk still; one that only answers does not. */
function mayTalk(driver: Driver): boolean {
  return driver.asks === 'nothing' || driver.silentAfterMs !== null
}
