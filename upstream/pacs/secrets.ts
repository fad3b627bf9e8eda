/** Keys and passwords, read from their files whenever they are used: they are replaced in time. */
import { readFileSync } from 'node:fs'
import type { TlsFiles, WebDestination } from './destinations.ts'
import { PeerFailed, wordsOf } from './peer-failed.ts'

export interface TlsSecrets {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** PS3.15 annex B: what is older is broken. */
  readonly minVersion: 'TLSv1.2'
}

/** Throws `PeerFailed`. */
export function tlsSecrets({ authority, certificate, key }: TlsFiles): TlsSecrets {
  return {
    minVersion: 'TLSv1.2',
    ...(authority === null ? {} : { ca: secret(authority) }),
    ...(certificate === null ? {} : { cert: secret(certificate) }),
    ...(key === null ? {} : { key: secret(key) }),
  }
}

/** The value of the header `Authorization`; null when there is none. Throws `PeerFailed`. */
export function authorization(auth: WebDestination['auth']): string | null {
  if (auth === null) return null
  const text = secret(auth.file).trim()
  if (auth.kind === 'bearer') return `Bearer ${text}`
  return `Basic ${Buffer.from(text, 'utf8').toString('base64')}`
}

function secret(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (err) {
    throw new PeerFailed('secrets', `cannot read ${path}: ${wordsOf(err)}`, err)
  }
}
