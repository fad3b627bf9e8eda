/** Hashing, compressing and signing with what Node brings along. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  sign,
  type KeyObject,
} from 'node:crypto'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { OpenTools, SealTools } from '../../protocols/packet/seal.ts'
import { journalTrouble } from '../errors/journal.ts'
import { messageOf } from './failures.ts'
import type { Files } from './files.ts'

export interface JournalTools extends SealTools, OpenTools {
  /** One zstd frame that `decompress` refuses when it was damaged: for what no digest guards. */
  readonly compressChecked: (bytes: Uint8Array) => Uint8Array
  /** Raw Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
}

/**
 * Levels above it take a Pi several times as long and save a per cent: differences of samples are
 * mostly noise, and records are short.
 */
const level = { [constants.ZSTD_c_compressionLevel]: 3 }
const checkedLevel = { ...level, [constants.ZSTD_c_checksumFlag]: 1 }

/**
 * Memory for what comes out: no more than it can become, because five hundred packets are opened,
 * and hundreds of records packed, before the usual 16 KiB for each are collected. Node takes no
 * less than 64 bytes.
 */
const outputBytesMin = 64
const outputBytesMax = 16_384
/** What zstd adds at most to a short input that does not become smaller. */
const frameBytesMax = 64

export function nodeTools(privateKey: KeyObject): JournalTools {
  return {
    sha256,
    compress: (bytes) => compressed(bytes, level),
    compressChecked: (bytes) => compressed(bytes, checkedLevel),
    decompress: (bytes, limitBytes) =>
      plain(
        zstdDecompressSync(bytes, {
          maxOutputLength: Math.max(1, limitBytes),
          chunkSize: Math.min(Math.max(outputBytesMin, limitBytes + 1), outputBytesMax),
        }),
      ),
    sign: (bytes) => plain(sign(null, bytes, privateKey)),
    publicKey: rawPublicKey(createPublicKey(privateKey)),
  }
}

function compressed(bytes: Uint8Array, params: { readonly [param: number]: number }): Uint8Array {
  const chunkSize = Math.min(bytes.length + frameBytesMax, outputBytesMax)
  return plain(zstdCompressSync(bytes, { params, chunkSize }))
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return plain(hash('sha256', bytes, 'buffer'))
}

/** For what does not fit into memory at once. */
export function sha256Of(pieces: Iterable<Uint8Array>): Uint8Array {
  const running = createHash('sha256')
  for (const piece of pieces) running.update(piece)
  return plain(running.digest())
}

/** A `Buffer` slices differently from what it extends, and may share memory with strangers. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer)
}

/**
 * The van's key from a PEM file (PKCS #8, RFC 5958), which is made at the first start. Throws a
 * `Trouble` when the file holds something else: a second key must not be made behind the back of a
 * hospital that trusts the first.
 */
export function vanKey(path: string, files: Files): { key: KeyObject; made: boolean } {
  if (files.sizeOf(path) === null) {
    const { privateKey } = generateKeyPairSync('ed25519')
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' })
    const temporaryPath = `${path}.new`
    files.remove(temporaryPath)
    files.writeNew(temporaryPath, new TextEncoder().encode(String(pem)))
    files.rename(temporaryPath, path)
    files.sync(path.replace(/\/[^/]*$/, ''))
    return { key: privateKey, made: true }
  }
  try {
    const pem = new TextDecoder().decode(files.read(path, 0, pemLimitBytes))
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType !== 'ed25519') {
      throw new TypeError(`expected an Ed25519 key, found ${key.asymmetricKeyType ?? 'none'}`)
    }
    return { key, made: false }
  } catch (error) {
    throw journalTrouble('journal-key-unreadable', { path, why: messageOf(error) }, error)
  }
}

const pemLimitBytes = 4_096
const rawKeyBytes = 32

/** The last 32 bytes of a SubjectPublicKeyInfo are the key itself (RFC 8410, section 4). */
export function rawPublicKey(publicKey: KeyObject): Uint8Array {
  const der = publicKey.export({ format: 'der', type: 'spki' })
  return new Uint8Array(der.subarray(-rawKeyBytes))
}
