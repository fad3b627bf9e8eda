/** The tools of sealing and opening as Node has them, with a key that is known to everybody. */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { OpenTools, SealTools } from '../../protocols/packet/seal.ts'

export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}

/** A key of 32 bytes counting up: for tests and examples, never for a van. */
export const testSeed = Uint8Array.from({ length: 32 }, (_, index) => index)

/** RFC 8410, section 7: the seed inside PKCS #8. */
const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), testSeed])
const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })

/** RFC 8410, section 4: the raw key is the end of the SPKI. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

export const testPublicKey = new Uint8Array(
  createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length),
)

export const sealTools: SealTools = {
  sha256,
  compress: (bytes) => zstdCompressSync(bytes),
  sign: (bytes) => sign(null, bytes, privateKey),
}

export const openTools: OpenTools = {
  sha256,
  decompress: (bytes, limitBytes) => zstdDecompressSync(bytes, { maxOutputLength: limitBytes }),
}

export function verifyEd25519(
  publicKey: Uint8Array,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  const key = Buffer.concat([spkiPrefix, publicKey])
  return verify(null, bytes, createPublicKey({ key, format: 'der', type: 'spki' }), signature)
}
