/**
 * Compiles the model of the waveform codec to WebAssembly and writes it down as a TypeScript
 * module. A test fails while that is not what the sources give.
 *
 * The sources are TypeScript that is AssemblyScript too: `.ts` goes from the imports, types become
 * imports of classes, and a file with the ending `.as` replaces the one with `.ts`.
 */
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const coreFolder = join(import.meta.dirname, '../protocols/ecg-codec/core')
export const moduleFile = join(coreFolder, 'module.ts')
const lineLength = 96

const options = [
  'entry.ts',
  '--outFile',
  'core.wasm',
  '-O3',
  '--converge',
  '--noAssert',
  '--runtime',
  'stub',
  '--uncheckedBehavior',
  'always',
  '--enable',
  'simd',
  '--use',
  'abort=',
]

function source(name: string): string | null {
  const base = join(coreFolder, name.replace(/\.ts$/, ''))
  const file = [`${base}.as`, `${base}.ts`].find((path) => existsSync(path))
  if (file === undefined) return null
  return readFileSync(file, 'utf8')
    .replaceAll(/^import type .*numbers\.ts'$/gm, '')
    .replaceAll(/^import type /gm, 'import ')
    .replaceAll(/from '(.*)\.ts'/g, "from '$1'")
}

/** A hash of all that the text of the module depends on: the sources, the options, the compiler. */
export function inputsHash(): string {
  const hash = createHash('sha256').update(JSON.stringify(options))
  const packages = join(import.meta.dirname, '../node_modules')
  for (const name of ['assemblyscript', 'binaryen'])
    hash.update(readFileSync(join(packages, name, 'package.json')))
  for (const name of globSync('*.{as,ts}', { cwd: coreFolder }).toSorted())
    if (join(coreFolder, name) !== moduleFile)
      hash.update(`\n${name}\n`).update(readFileSync(join(coreFolder, name)))
  return hash.update(readFileSync(import.meta.filename)).digest('hex')
}

/** The text of the module; the same for the same sources and compiler. */
export async function moduleText(): Promise<string> {
  const { main: compile } = await import('assemblyscript/asc')
  let wasm: Uint8Array | null = null
  const { error } = await compile(options, {
    readFile: (name) => source(name),
    writeFile: (_, contents) => {
      if (typeof contents !== 'string') wasm = contents
    },
    listFiles: () => [],
  })
  if (error !== null) throw new Error(`assemblyscript: ${error.message}`, { cause: error })
  if (wasm === null) throw new Error('the compiler wrote nothing')
  const lines = Buffer.from(wasm)
    .toString('base64')
    .match(new RegExp(`.{1,${lineLength}}`, 'g'))
  return [
    '/** The WebAssembly module of the model, in Base64. Written by deploy/ecg-wasm.ts. */',
    'export const moduleBase64 = `',
    ...(lines ?? []),
    '`',
    '',
  ].join('\n')
}

if (import.meta.main) writeFileSync(moduleFile, await moduleText())
