/**
 * What the plug says before a byte is heard. Adapters are sold bare and resold under any name, so
 * it never identifies a device: it orders what is tried, and decides between equals.
 */
import type { Driver, SerialLine } from '../../../drivers/driver.ts'
import { linkOf } from '../../../drivers/link.ts'

/** What a USB device says of itself, as far as it matters here. */
export interface UsbWords {
  /** Four hex digits, lower case. */
  readonly vid: string
  readonly pid: string
  readonly manufacturer: string | null
  readonly product: string | null
}

/** In bits, as evidence is. Far less than one packet gives. */
const bits = { listed: 12, notListed: -4, named: 8, factoryLine: 2 } as const

/** Words of adapters, which name no device. */
const commonWords = new Set(['usb', 'serial', 'port', 'uart', 'bridge', 'controller', 'device'])

/** `usb` is null for a port that is not on USB; `line` null when none is chosen yet. */
export function priorBits(
  driver: Driver,
  usb: UsbWords | null,
  line: SerialLine | null = null,
): number {
  const link = linkOf(driver, 'serial')
  if (link === null) return Number.NEGATIVE_INFINITY
  const [factory] = link.lines
  const lineBits =
    line !== null && factory !== undefined && sameLine(line, factory) ? bits.factoryLine : 0
  if (usb === null) return lineBits
  const isListed = link.usb.includes(`${usb.vid}:${usb.pid}`)
  const listBits = isListed ? bits.listed : link.usb.length > 0 ? bits.notListed : 0
  return lineBits + listBits + (isNamed(driver, usb) ? bits.named : 0)
}

export function sameLine(one: SerialLine, other: SerialLine): boolean {
  return (
    one.baud === other.baud &&
    one.dataBits === other.dataBits &&
    one.parity === other.parity &&
    one.stopBits === other.stopBits
  )
}

function isNamed(driver: Driver, { manufacturer, product }: UsbWords): boolean {
  const label = new Set(wordsOf(driver.label))
  return wordsOf(`${manufacturer ?? ''} ${product ?? ''}`).some((word) => label.has(word))
}

function wordsOf(text: string): readonly string[] {
  const words = text.toLowerCase().match(/[a-z0-9&-]{3,}/g) ?? []
  return words.filter((word) => !commonWords.has(word))
}
