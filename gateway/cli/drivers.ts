/** `simpul drivers`: which devices this gateway can read, and why we believe so. */
import { driverTable, type DriverRow } from '../../drivers/index.ts'
import { exitCodes, readArgs, type Verb } from './verb.ts'

const columns = ['id', 'device', 'link', 'streams', 'evidence', 'confidence'] as const

export const driversVerb: Verb = {
  name: 'drivers',
  summary: 'the devices that can be read, with evidence and confidence',
  help: `simpul drivers [--json]

One row a driver: its id (for the configuration), the device, how it is connected, what it says, on
what that knowledge rests (documented, captured, inferred) and how sure it is. --json adds the source.`,
  async run(args) {
    const { values } = readArgs(args, { json: { type: 'boolean', default: false } })
    const rows = driverTable()
    process.stdout.write(values.json ? `${JSON.stringify(rows, null, 2)}\n` : tableText(rows))
    return exitCodes.ok
  },
}

function tableText(rows: readonly DriverRow[]): string {
  const lines = [
    columns.map((name) => name),
    ...rows.map((row) => columns.map((name) => row[name])),
  ]
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((line) => line[index]?.length ?? 0)),
  )
  return lines
    .map((line) =>
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}
