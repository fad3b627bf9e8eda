/** The built files of the page, held in memory: they are small, and the card is slow. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { pageTrouble } from '../errors/page.ts'

interface Asset {
  readonly type: string
  readonly plain: Buffer
  readonly packed: Buffer
  readonly tag: string
  /** Its name holds its hash, so a browser need never ask again. */
  readonly forever: boolean
}

export interface Assets {
  /** Changes whenever any file does. */
  readonly build: string
  readonly files: ReadonlyMap<string, Asset>
}

const types: Readonly<{ [extension: string]: string }> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
}
const filesMax = 64

/** Rejects with a `Trouble` when the page was not built. */
export async function loadAssets(folder: string): Promise<Assets> {
  const files = new Map<string, Asset>()
  const all = createHash('sha256')
  const names = await readdir(folder).catch(() => [])
  for (const name of names.toSorted((a, b) => (a < b ? -1 : 1)).slice(0, filesMax)) {
    const type = types[extname(name)]
    if (type === undefined) continue
    const plain = await readFile(join(folder, name))
    const tag = createHash('sha256').update(plain).digest('base64url').slice(0, 16)
    all.update(`${name} ${tag}\n`)
    const packed = await promisify(gzip)(plain, { level: 9 })
    const forever = /-[A-Z0-9]{8}\.\w+$/.test(name)
    files.set(`/${name}`, { type, plain, packed, tag: `"${tag}"`, forever })
  }
  const index = files.get('/index.html')
  if (index === undefined) throw pageTrouble('page-not-built', { folder })
  files.set('/', index)
  return { build: all.digest('base64url').slice(0, 16), files }
}

/** False when there is no such file. */
export function sendAsset(
  assets: Assets,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const asset = assets.files.get(path)
  if (asset === undefined) return false
  response.setHeader('ETag', asset.tag)
  response.setHeader('Vary', 'Accept-Encoding')
  response.setHeader(
    'Cache-Control',
    asset.forever ? 'public, max-age=31536000, immutable' : 'no-cache',
  )
  if (request.headers['if-none-match'] === asset.tag) {
    response.writeHead(304).end()
    return true
  }
  const takesGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
  const body = takesGzip ? asset.packed : asset.plain
  if (takesGzip) response.setHeader('Content-Encoding', 'gzip')
  response.writeHead(200, { 'Content-Type': asset.type, 'Content-Length': body.length })
  response.end(request.method === 'HEAD' ? undefined : body)
  return true
}
