import type { SerialLine } from '../../drivers/driver.ts'

/** `9600 8N1`, as printed in every manual. */
export function lineWords(line: SerialLine): string {
  return `${line.baud} ${line.dataBits}${line.parity.charAt(0).toUpperCase()}${line.stopBits}`
}
