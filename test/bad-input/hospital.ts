/** The hospital's end of a tested van, and what it has of it. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { simpulPath } from '../../gateway/cli/demo/processes.ts'
import type { Outline } from '../../protocols/packet/outline.ts'
import type { Record } from '../../protocols/packet/record.ts'
import { landedRecords } from '../../upstream/landed.ts'
import { runSimpul, until, type RunningSimpul, type TestedVan } from './tested-van.ts'

/** The landing, which trusts what `simpul key` prints and nobody else. */
export function startLanding(
  home: string,
  van: TestedVan,
  broker: string,
  options: readonly string[] = [],
): RunningSimpul {
  const trust = join(home, 'trust.json')
  writeFileSync(trust, execFileSync(simpulPath, ['key', van.configPath]))
  return runSimpul(home, [
    'landing',
    `--broker=${broker}`,
    `--folder=${join(home, 'landing')}`,
    `--trust=${trust}`,
    ...options,
  ])
}

/** Waits until the page says that the hospital has everything. */
export async function allReceipted(van: TestedVan): Promise<void> {
  const seen = async () => (await van.status()).journal
  await until(
    'all receipts',
    async () => {
      const { streams, unreceiptedPackets } = await seen()
      const waits = streams.some((one) => one.recordsReceipted < one.recordsStored)
      return waits || unreceiptedPackets > 0 ? null : true
    },
    { withinMs: 45_000, seen },
  )
}

/** What the landing has of one device, in order. Call it when the landing has ended. */
export function landed(home: string, device: string): readonly Record[] {
  return [...landedRecords(join(home, 'landing'))]
    .filter(({ stream }) => stream.startsWith(`${device}/`))
    .flatMap(({ records }) => records)
}

/** The first value of each measurement: for a blood pressure, the systolic one. */
export function firstValues(
  records: readonly Outline[] | readonly Record[],
): readonly (number | null | undefined)[] {
  return records.flatMap((one) => (one.kind === 'measurement' ? [one.values[0]?.value] : []))
}
