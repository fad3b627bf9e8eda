/** What opening a packet takes beside CBOR: hash, decompression with a limit, signature. */
import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { zstdDecompressSync } from 'node:zlib'
import type { OpenTools } from '../protocols/packet/seal.ts'

export const publicKeyBytes = 32
const signatureBytes = 64

export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest())
}

/** Throws when the bytes are not zstd, are damaged, or become more than `limitBytes`. */
export function unzstd(bytes: Uint8Array, limitBytes: number): Uint8Array {
  return zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, limitBytes) })
}

export const openTools: OpenTools = { sha256, decompress: unzstd }

/** Tells whether a signature over `message` was made with the key. */
export type Verifier = (message: Uint8Array, signature: Uint8Array) => boolean

/** DER that stands before the 32 raw bytes of an Ed25519 public key (RFC 8410, section 4). */
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex')

/** null when the bytes are not an Ed25519 public key. */
export function ed25519Verifier(rawPublicKey: Uint8Array): Verifier | null {
  const key = publicKey(rawPublicKey)
  if (key === null) return null
  return (message, signature) =>
    signature.length === signatureBytes && verify(null, message, key, signature)
}

function publicKey(raw: Uint8Array): KeyObject | null {
  if (raw.length !== publicKeyBytes) return null
  try {
    return createPublicKey({
      key: Buffer.concat([ed25519Prefix, raw]),
      format: 'der',
      type: 'spki',
    })
  } catch {
    return null
  }
}
