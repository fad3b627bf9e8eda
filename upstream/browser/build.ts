/** Bundles what browsers at the hospital load: `node upstream/browser/build.ts`. */
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

/** Those that have WebAssembly with SIMD; others decode with the reference, which is slower. */
const browsers = ['chrome100', 'edge100', 'firefox100', 'safari15.4']
const review = join(import.meta.dirname, '../review')

export interface BuiltModule {
  readonly file: string
  readonly bytes: number
  readonly packedBytes: number
}

/** Fails when a module would need anything of Node. */
async function bundle(entry: string, file: string): Promise<BuiltModule> {
  await build({
    entryPoints: [entry],
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

/** The module for pages of others. */
export function buildWaves(folder: string): Promise<BuiltModule> {
  return bundle(join(import.meta.dirname, 'waves.ts'), join(folder, 'simpul-waves.js'))
}

/** The page: any server of files can give it out. */
export async function buildReview(folder: string): Promise<BuiltModule> {
  const built = await bundle(join(review, 'main.ts'), join(folder, 'review/review.js'))
  for (const name of ['index.html', 'review.css']) {
    await copyFile(join(review, name), join(folder, 'review', name))
  }
  return built
}

if (import.meta.main) {
  const folder = join(import.meta.dirname, '../../build/browser')
  for (const { file, bytes, packedBytes } of [
    await buildWaves(folder),
    await buildReview(folder),
  ]) {
    process.stdout.write(
      `${file.slice(folder.length + 1)}: ${bytes} bytes, ${packedBytes} packed\n`,
    )
  }
}
