/**
 * Whose packets are believed: van names and their Ed25519 public keys, in JSON as
 * `{ "van-02": "base64 of 32 bytes" }`. A van whose key is being replaced may have a list of them.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isName } from '../../protocols/packet/topics.ts'
import { publicKeyBytes } from '../open-tools.ts'

/** The keys of one van, any of which may have signed. */
export type TrustedKeys = ReadonlyMap<string, readonly Uint8Array[]>

const keysOfOneVanMost = 8

/** Every mistake that was found, each with its place. Nothing is trusted until all are gone. */
export class TrustRefused extends Error {
  readonly findings: readonly string[]

  constructor(findings: readonly string[]) {
    super(findings.join('; '))
    this.name = 'TrustRefused'
    this.findings = findings
  }
}

/** Reads a JSON file, or all `*.json` in a folder. Throws `TrustRefused`. */
export function loadTrust(path: string): TrustedKeys {
  const keys = new Map<string, Uint8Array[]>()
  const findings: string[] = []
  for (const file of filesOf(path, findings)) readFile(file, keys, findings)
  if (findings.length > 0) throw new TrustRefused(findings)
  return keys
}

function filesOf(path: string, findings: string[]): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path]
    const names = readdirSync(path).filter((name) => name.endsWith('.json'))
    return names.toSorted().map((name) => join(path, name))
  } catch (err) {
    findings.push(`${path}: ${wordsOf(err)}`)
    return []
  }
}

function readFile(file: string, keys: Map<string, Uint8Array[]>, findings: string[]): void {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (err) {
    findings.push(`${file}: ${wordsOf(err)}`)
    return
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    findings.push(`${file}: expected an object of van names and keys`)
    return
  }
  for (const [van, value] of Object.entries(content)) {
    const place = `${file}: ${van}`
    if (!isName(van)) findings.push(`${place}: expected a name of a-z, 0-9 and -, at most 32 long`)
    const texts: readonly unknown[] = Array.isArray(value) ? value : [value]
    if (texts.length > keysOfOneVanMost)
      findings.push(`${place}: more than ${keysOfOneVanMost} keys`)
    for (const text of texts) {
      const key = typeof text === 'string' ? keyFromBase64(text) : null
      if (key === null) findings.push(`${place}: expected ${publicKeyBytes} bytes in base64`)
      else keys.set(van, [...(keys.get(van) ?? []), key])
    }
  }
}

function keyFromBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === publicKeyBytes ? new Uint8Array(bytes) : null
}

function wordsOf(err: unknown): string {
  return err instanceof Error ? err.message : String(err)
}
