/**
 * Builds the page into `build/page`: `node gateway/page/build.ts`. Names hold the hash of what is
 * in them, so that a browser may keep them for ever and still never shows an old page.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { build } from 'esbuild'

const web = join(import.meta.dirname, 'web')
/** Half a minute on the worst link between a phone and a van would be too long. */
const packedBytesMax = 80 * 1_024
/** What the tablets in the field run: nothing here is older than four years. */
const browsers = ['chrome100', 'edge100', 'firefox100', 'safari15.4']

export interface Built {
  readonly files: readonly { readonly name: string; readonly packedBytes: number }[]
  readonly packedBytes: number
}

/**
 * Replaces the folder as a whole, so that a server that starts meanwhile never finds half a page.
 */
export async function buildPage(folder: string): Promise<Built> {
  const beside = `${folder}.new`
  await rm(beside, { recursive: true, force: true })
  await mkdir(beside, { recursive: true })
  const icon = await readFile(join(web, 'icon.svg'))
  await writeFile(join(beside, 'icon.svg'), icon)
  await writeFile(
    join(beside, 'simpul.webmanifest'),
    await readFile(join(web, 'simpul.webmanifest')),
  )
  const { outputFiles } = await build({
    entryPoints: { page: join(web, 'main.tsx'), style: join(web, 'css/page.css') },
    entryNames: '[name]-[hash]',
    outdir: beside,
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: browsers,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'warning',
  })
  const names = outputFiles.map((file) => basename(file.path))
  for (const file of outputFiles) await writeFile(file.path, file.contents)
  await writeFile(join(beside, 'index.html'), indexHtml(names))
  const files = await Promise.all(
    [...names, 'index.html', 'icon.svg'].map(async (name) => {
      const packed = await promisify(gzip)(await readFile(join(beside, name)), { level: 9 })
      return { name, packedBytes: packed.length }
    }),
  )
  const packedBytes = files.reduce((sum, file) => sum + file.packedBytes, 0)
  if (packedBytes > packedBytesMax) {
    throw new Error(`the page has ${packedBytes} bytes packed, more than ${packedBytesMax}`)
  }
  await rm(folder, { recursive: true, force: true })
  await rename(beside, folder)
  return { files, packedBytes }
}

function indexHtml(names: readonly string[]): string {
  const script = names.find((name) => name.endsWith('.js'))
  const style = names.find((name) => name.endsWith('.css'))
  if (script === undefined || style === undefined) throw new Error('esbuild made no page')
  return `<!doctype html>
<html lang="id">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="theme-color" content="#ffffff">
<title>Simpul</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="manifest" href="/simpul.webmanifest">
<link rel="stylesheet" href="/${style}">
<script type="module" src="/${script}"></script>
</head>
<body>
<div id="room"></div>
<noscript>Halaman ini memerlukan JavaScript. This page needs JavaScript.</noscript>
</body>
</html>
`
}

if (import.meta.main) {
  const { files, packedBytes } = await buildPage(join(import.meta.dirname, '../../build/page'))
  for (const { name, packedBytes } of files) {
    process.stdout.write(`${String(packedBytes).padStart(7)}  ${name}\n`)
  }
  process.stdout.write(`${String(packedBytes).padStart(7)}  packed in all\n`)
}
