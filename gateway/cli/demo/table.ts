/** The tables that a demo prints. */
import type { Audit } from './audit.ts'

/** Lines of a table in which numbers stand right. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, at) => Math.max(...all.map((row) => (row[at] ?? '').length)))
  return all
    .map((row) =>
      row
        .map((cell, at) =>
          at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}

const head = ['stream', 'produced', 'stored', 'receipted', 'missing', 'doubled', 'p50', 'p99']

/** Latency is from the first byte of a packet in the van to the receipt of the hospital. */
export function auditText(
  audit: Audit,
  latenciesMs: ReadonlyMap<string, readonly number[]>,
): string {
  const rows = audit.rows.map((row) => {
    const latencies = latenciesMs.get(row.stream) ?? []
    return [
      row.stream,
      row.produced === null ? '-' : String(row.produced),
      String(row.stored),
      String(row.receipted),
      String(row.missing),
      String(row.doubled),
      milliseconds(percentile(latencies, 50)),
      milliseconds(percentile(latencies, 99)),
    ]
  })
  return tableText(head, rows)
}

function percentile(values: readonly number[], percent: number): number | null {
  const sorted = values.toSorted((one, other) => one - other)
  const at = Math.ceil((percent / 100) * sorted.length) - 1
  return sorted[Math.max(0, at)] ?? null
}

function milliseconds(value: number | null): string {
  return value === null ? '-' : `${Math.round(value)} ms`
}
