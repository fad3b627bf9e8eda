/**
 * Who owns this gateway: one file, written once and whole. Until it exists, whoever reads the claim
 * code from the label may choose the passphrase. A power cut during the claim leaves either no
 * owner, and the same claim code, or the owner.
 */
import { createHash, randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pageTrouble } from '../errors/page.ts'
import type { Language } from './both.ts'

export interface Owner {
  readonly language: Language
  readonly salt: Buffer
  readonly hash: Buffer
  readonly cost: Cost
}

/** Parameters of scrypt. They are stored beside the hash, so that they can be raised later. */
interface Cost {
  readonly n: number
  readonly r: number
  readonly p: number
}

// 32 MiB and about 0.2 s on a Raspberry Pi 4: dear for a guesser, bearable for a person.
const cost: Cost = { n: 32_768, r: 8, p: 1 }
const hashBytes = 32
const saltBytes = 16
export const passphraseLengthMin = 10
export const passphraseLengthMax = 200

// No 0, O, 1, I, L, U: the code is read off a label and spoken on the phone.
const codeAlphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ'
const codeLength = 8

const ownerPath = (folder: string) => join(folder, 'page-owner.json')
const codePath = (folder: string) => join(folder, 'page-claim-code')

/** null when nobody has claimed the gateway. Rejects with a `Trouble` when the file is damaged. */
export async function readOwner(folder: string): Promise<Owner | null> {
  const path = ownerPath(folder)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw pageTrouble('page-owner-unreadable', { path, why: reason(error) }, error)
  }
  // A damaged file must not make the gateway free for all again, so it is never taken for none.
  const owner = parseOwner(text)
  if (owner === null) throw pageTrouble('page-owner-unreadable', { path, why: 'damaged' })
  return owner
}

/** The code that claims the gateway. Made at the first start, and the same after a power cut. */
export async function readClaimCode(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const path = codePath(folder)
  const kept = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return ''
    throw error
  })
  if (plainCode(kept).length === codeLength) return shownCode(plainCode(kept))
  const code = Array.from(
    { length: codeLength },
    () => codeAlphabet[randomInt(codeAlphabet.length)],
  ).join('')
  await rm(path, { force: true })
  await writeOnce(path, `${shownCode(code)}\n`)
  return shownCode(code)
}

/** False when somebody else was faster. The owner stands on the disk when it resolves. */
export async function writeOwner(folder: string, owner: Owner): Promise<boolean> {
  const { language, salt, hash, cost } = owner
  const text = JSON.stringify({
    version: 1,
    language,
    scrypt: { ...cost, salt: salt.toString('base64'), hash: hash.toString('base64') },
  })
  return writeOnce(ownerPath(folder), `${text}\n`)
}

export async function makeOwner(passphrase: string, language: Language): Promise<Owner> {
  const salt = randomBytes(saltBytes)
  return { language, salt, cost, hash: await derive(passphrase, salt, cost) }
}

export async function isPassphrase(owner: Owner, passphrase: string): Promise<boolean> {
  return timingSafeEqual(await derive(passphrase, owner.salt, owner.cost), owner.hash)
}

/** Compares in constant time, and forgives case, spaces and dashes. */
export function isClaimCode(expected: string, typed: string): boolean {
  return timingSafeEqual(digest(plainCode(expected)), digest(plainCode(typed)))
}

export function isFitPassphrase(passphrase: string, claimCode: string): boolean {
  const { length } = passphrase
  if (length < passphraseLengthMin || length > passphraseLengthMax) return false
  return plainCode(passphrase) !== plainCode(claimCode)
}

function derive(passphrase: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  // Two keyboards may compose the same letter differently.
  const secret = passphrase.normalize('NFKC')
  const maxmem = 256 * cost.n * cost.r
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, hashBytes, { N: cost.n, r: cost.r, p: cost.p, maxmem }, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}

function plainCode(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9]/g, '')
}

function shownCode(code: string): string {
  return `${code.slice(0, codeLength / 2)}-${code.slice(codeLength / 2)}`
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function parseOwner(text: string): Owner | null {
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    return null
  }
  const { version, language, scrypt: stored } = (raw ?? {}) as { [name: string]: unknown }
  if (version !== 1 || (language !== 'id' && language !== 'en')) return null
  const { n, r, p, salt, hash } = (stored ?? {}) as { [name: string]: unknown }
  if (!isCount(n, 1_048_576) || !isCount(r, 32) || !isCount(p, 16)) return null
  if (typeof salt !== 'string' || typeof hash !== 'string') return null
  const owner = {
    language,
    cost: { n, r, p },
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  } as const
  return owner.salt.length === saltBytes && owner.hash.length === hashBytes ? owner : null
}

function isCount(value: unknown, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= max
}

/**
 * Writes beside, syncs, and links into place: the name never shows half a file, nor a second one.
 */
async function writeOnce(path: string, text: string): Promise<boolean> {
  const beside = `${path}.${randomBytes(6).toString('hex')}`
  try {
    const file = await open(beside, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    try {
      await link(beside, path)
    } catch (error) {
      if ((error as { code?: unknown }).code === 'EEXIST') return false
      throw error
    }
    await syncFolder(dirname(path))
    return true
  } finally {
    await rm(beside, { force: true })
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isMissing(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ENOENT'
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
