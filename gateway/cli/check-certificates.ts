/**
 * Whether the files of a configuration can protect a line: readable, of one pair, and not too old.
 * A daemon starts without them and tries again; here it is said beforehand.
 */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Finding } from '../config/finding.ts'
import type { Config } from '../config/schema.ts'

interface Pair {
  /** Where in the configuration they stand. */
  readonly path: string
  readonly certificate?: string | undefined
  readonly key?: string | undefined
  readonly authority?: string | undefined
}

const dayMs = 86_400_000
const soonDays = 14

/** `nowMs` is the wall time that validity is compared with. */
export function certificateFindings(config: Config, nowMs: number): readonly Finding[] {
  const { uplink, imaging } = config
  const pairs: readonly Pair[] = [
    { path: 'uplink', ...uplink },
    { path: 'imaging/tls', ...imaging.tls },
  ]
  return pairs.flatMap((pair) => findingsOf(pair, nowMs))
}

function findingsOf({ path, ...files }: Pair, nowMs: number): readonly Finding[] {
  const findings: Finding[] = []
  const read = (name: 'certificate' | 'key' | 'authority'): Buffer | undefined => {
    const file = files[name]
    if (file === undefined) return undefined
    try {
      return readFileSync(file)
    } catch (error) {
      findings.push(said(`${path}/${name}`, 'cannot be read', 'tidak dapat dibaca', error))
      return undefined
    }
  }
  const cert = read('certificate')
  const key = read('key')
  const ca = read('authority')
  if (findings.length > 0) return findings
  try {
    createSecureContext({
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(ca !== undefined && { ca }),
    })
    if (cert !== undefined) findings.push(...ageFindings(path, new X509Certificate(cert), nowMs))
  } catch (error) {
    findings.push(said(path, 'cannot be used together', 'tidak dapat dipakai bersama', error))
  }
  return findings
}

/** A device that compares dates refuses what is too old, on a day when nobody changed anything. */
function ageFindings(path: string, { validTo }: X509Certificate, nowMs: number): Finding[] {
  const leftDays = (Date.parse(validTo) - nowMs) / dayMs
  if (leftDays > soonDays) return []
  return [
    {
      path: `${path}/certificate`,
      en: `is valid until ${validTo}: replace it`,
      id: `berlaku sampai ${validTo}: harap diganti`,
    },
  ]
}

function said(path: string, en: string, id: string, error: unknown): Finding {
  const why = error instanceof Error ? error.message : String(error)
  return { path, en: `${en}: ${why}`, id: `${id}: ${why}` }
}
