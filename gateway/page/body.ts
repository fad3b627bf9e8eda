/** Reads what a browser sent, with a limit, and says what is wrong with it in one word. */
import type { IncomingMessage } from 'node:http'
import {
  photoLimitBytes,
  photoTypeOf,
  type Filled,
  type Photo,
} from '../../drivers/keypad/photo.ts'
import { pageTrouble } from '../errors/page.ts'
import type { Act } from './once.ts'
import type { IdentifyRequest } from './identify-view.ts'
import type { Claim, SignIn } from './wire.ts'

export const bodyBytesMax = 16 * 1_024
/** Of base64 a third is lost. */
export const typedBytesMax = bodyBytesMax + Math.ceil(photoLimitBytes / 3) * 4
const textLengthMax = 64
const fieldsMax = 64
const longTextMax = 1_000

/** Rejects with a `Trouble`: `page-too-large`, `page-bad-request`. */
export async function readJson(
  request: IncomingMessage,
  limitBytes = bodyBytesMax,
): Promise<unknown> {
  const body = await readBody(request, /^application\/json\b/i, limitBytes)
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw bad('not JSON')
  }
}

/** Rejects with a `Trouble`: `page-too-large`, `page-bad-request`. */
export async function readBody(
  request: IncomingMessage,
  type: RegExp,
  limitBytes: number,
): Promise<Buffer> {
  if (!type.test(request.headers['content-type'] ?? '')) throw bad('content type')
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes)
  const chunks: Buffer[] = []
  let bytes = 0
  // Left before its end, the request still has a socket on which to answer.
  const pieces = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  for await (const chunk of pieces) {
    bytes += chunk.length
    if (bytes > limitBytes) throw tooLarge(limitBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

export function asClaim(raw: unknown): Claim {
  const { code, passphrase, language } = fieldsOf(raw)
  if (language !== 'id' && language !== 'en') throw bad('language')
  return { code: text(code, 'code'), passphrase: text(passphrase, 'passphrase'), language }
}

export function asSignIn(raw: unknown): SignIn {
  return { passphrase: text(fieldsOf(raw)['passphrase'], 'passphrase') }
}

/** What a browser sent, checked and decoded. */
export interface TypedEntry extends Filled, Act {}

export function asTyped(raw: unknown): TypedEntry {
  const { instance, entry, form, texts, confirmed, photo } = fieldsOf(raw)
  const pairs = Object.entries(fieldsOf(texts))
  if (pairs.length > fieldsMax) throw bad('texts')
  return {
    ...asAct({ instance, entry }),
    form: text(form, 'form', textLengthMax),
    // The names are checked against the form; an object without a prototype has no hidden ones.
    texts: Object.assign(
      Object.create(null) as { [field: string]: string },
      Object.fromEntries(pairs.map(([name, value]) => [name, text(value, 'texts', textLengthMax)])),
    ),
    confirmed: namesIn(confirmed),
    photo: photo === null ? null : asPhoto(photo),
  }
}

/** By what an act is told from another, and from its repetition. */
export function asAct({ instance, entry }: { readonly [name: string]: unknown }): Act {
  const name = text(entry, 'entry', textLengthMax)
  if (!/^[A-Za-z0-9_-]{16,64}$/.test(name)) throw bad('entry')
  return { instance: text(instance, 'instance', textLengthMax), entry: name }
}

/** A list of short texts. */
export function namesIn(raw: unknown, name = 'confirmed', countMax = fieldsMax): readonly string[] {
  if (!Array.isArray(raw) || raw.length > countMax) throw bad(name)
  return raw.map((one) => text(one, name, textLengthMax))
}

/** The bytes say what they are: a name or a type that somebody sends beside them is not asked. */
function asPhoto(raw: unknown): Photo {
  const { base64, isSource } = fieldsOf(raw)
  if (typeof base64 !== 'string' || typeof isSource !== 'boolean') throw bad('photo')
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
  const mediaType = photoTypeOf(bytes)
  if (mediaType === null) throw pageTrouble('page-no-photo')
  if (bytes.length > photoLimitBytes) throw tooLarge(photoLimitBytes)
  return { mediaType, bytes, isSource }
}

export function asIdentify(raw: unknown): IdentifyRequest {
  const { kind, path, driver, as, device } = fieldsOf(raw)
  switch (kind) {
    case 'use':
      return {
        kind,
        path: text(path, 'path'),
        driver: text(driver, 'driver', textLengthMax),
        as: as === null ? null : text(as, 'as', textLengthMax),
      }
    case 'again':
      return { kind, path: text(path, 'path') }
    case 'forget':
      return { kind, device: text(device, 'device', textLengthMax) }
    default:
      throw bad('kind')
  }
}

export function asSender(raw: unknown): { readonly aeTitle: string; readonly device: string } {
  const { aeTitle, device } = fieldsOf(raw)
  return {
    aeTitle: text(aeTitle, 'aeTitle', textLengthMax),
    device: text(device, 'device', textLengthMax),
  }
}

export function bad(why: string): Error {
  return pageTrouble('page-bad-request', { why })
}

export function tooLarge(limitBytes: number): Error {
  return pageTrouble('page-too-large', { limitBytes })
}

export function fieldsOf(raw: unknown): { readonly [name: string]: unknown } {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw bad('not an object')
  return raw as { [name: string]: unknown }
}

export function text(value: unknown, name: string, lengthMax = longTextMax): string {
  if (typeof value !== 'string' || value.length > lengthMax) throw bad(name)
  return value
}
