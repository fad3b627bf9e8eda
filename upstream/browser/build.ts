/** Bundles waves.ts for browsers into build/browser: `node upstream/browser/build.ts`. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

/** Those that have WebAssembly with SIMD; others decode with the reference, which is slower. */
const browsers = ['chrome100', 'edge100', 'firefox100', 'safari15.4']

export interface BuiltModule {
  readonly file: string
  readonly bytes: number
  readonly packedBytes: number
}

/** Fails when the module would need anything of Node. */
export async function buildWaves(folder: string): Promise<BuiltModule> {
  const file = join(folder, 'simpul-waves.js')
  await build({
    entryPoints: [join(import.meta.dirname, 'waves.ts')],
    outfile: file,
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: browsers,
    legalComments: 'none',
    logLevel: 'warning',
  })
  const text = await readFile(file)
  return { file, bytes: text.length, packedBytes: gzipSync(text, { level: 9 }).length }
}

if (import.meta.main) {
  const built = await buildWaves(join(import.meta.dirname, '../../build/browser'))
  process.stdout.write(`simpul-waves.js: ${built.bytes} bytes, ${built.packedBytes} packed\n`)
}
