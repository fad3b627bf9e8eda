/** Content of the commands in packet.ts: A1 says which, A2 is its one argument. */
import type { EcgFilter, EcgGain, Pm6750Command } from './packet.ts'

export const gains: readonly EcgGain[] = [0.25, 0.5, 1, 2]
export const filters: readonly EcgFilter[] = ['operation', 'monitor', 'diagnostic']

const switches = {
  ecg: 0x01,
  oximeter: 0x03,
  temperature: 0x04,
  'pleth-wave': 0xfe,
  'respiration-wave': 0xff,
} as const

type Switch = keyof typeof switches

const ecgGain = 0x07
const ecgFilter = 0x08
const respirationGain = 0x0f
const firmware = 0xfc
const hardware = 0xfd

export function commandContent(command: Pm6750Command): readonly [number, number] {
  switch (command.kind) {
    case 'ecg-gain':
      return [ecgGain, gains.indexOf(command.gain) + 1]
    case 'respiration-gain':
      return [respirationGain, gains.indexOf(command.gain) + 1]
    case 'ecg-filter':
      return [ecgFilter, filters.indexOf(command.filter) + 1]
    case 'version':
      return [command.of === 'firmware' ? firmware : hardware, 0]
    default:
      return [switches[command.kind], command.on ? 1 : 0]
  }
}

/** null for what is no harmless command. */
export function readCommand(content: Uint8Array): Pm6750Command | null {
  const [type = 0, argument = 0] = content
  if (content.length !== 2) return null
  if (type === firmware || type === hardware) {
    return argument === 0
      ? { kind: 'version', of: type === firmware ? 'firmware' : 'hardware' }
      : null
  }
  if (type === ecgFilter) {
    const filter = filters[argument - 1]
    return filter === undefined ? null : { kind: 'ecg-filter', filter }
  }
  if (type === ecgGain || type === respirationGain) {
    const gain = gains[argument - 1]
    const kind = type === ecgGain ? 'ecg-gain' : 'respiration-gain'
    return gain === undefined ? null : { kind, gain }
  }
  const kind = (Object.keys(switches) as Switch[]).find((name) => switches[name] === type)
  return kind === undefined || argument > 1 ? null : { kind, on: argument === 1 }
}
