/**
 * What is written for people is true: pages made from the sources are fresh, and others point at
 * what is there.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { exampleConfig } from '../deploy/docs/configuration.ts'
import { againWords, troubleTables } from '../deploy/docs/troubles.ts'
import { docsFolder, generatedFiles } from '../deploy/docs.ts'
import { drivers } from '../drivers/index.ts'
import { readConfig } from '../gateway/config/read.ts'
import { Config } from '../gateway/config/schema.ts'
import { allTerms } from '../protocols/vocabulary/lookup.ts'

const root = join(import.meta.dirname, '..')

const written = (name: string) => readFileSync(join(docsFolder, name), 'utf8')

/** Rows of all tables in a Markdown text, as cells without their escapes. */
function rowsIn(markdown: string): readonly (readonly string[])[] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .map((line) =>
      line
        .slice(2, -2)
        .split(/ \| /)
        .map((cell) => cell.replaceAll('\\|', '|').trim()),
    )
}

t.test('docs: what is made from the sources is fresh', async (t) => {
  for (const [path, text] of await generatedFiles()) {
    const is = readFileSync(join(root, path), 'utf8')
    t.ok(is === text, `${path} is as the sources are: run \`make docs\``)
  }
})

t.test('docs: every trouble is described as it is said, and no other is', async (t) => {
  const described = new Map<string, object>()
  for (const part of written('troubles.md')
    .split(/\n### /)
    .slice(1)) {
    const [heading = '', , again] = part.split('\n')
    const code = heading.replaceAll('`', '')
    const texts = rowsIn(part).filter(([language]) => language === 'en' || language === 'id')
    const words = texts.map(([language = '', what, todo]) => [language, { what, todo }] as const)
    t.notOk(described.has(code), `${code} is described once`)
    described.set(code, { retriable: again === againWords.itself, ...Object.fromEntries(words) })
  }
  const known = [...(await troubleTables()).values()].flatMap((table) => Object.entries(table))
  t.strictSame([...described.keys()].toSorted(), known.map(([code]) => code).toSorted())
  for (const [code, { en, id, retriable }] of known) {
    t.strictSame(described.get(code), { retriable, en, id }, code)
  }
})

t.test('docs: every trouble that is described can happen', async (t) => {
  const sources = ['gateway', 'protocols/dicom']
    .flatMap((folder) => sourcesIn(folder))
    .filter((path) => !path.includes('gateway/errors/') && !path.endsWith('.test.ts'))
    .map((path) => readFileSync(path, 'utf8'))
  for (const [area, table] of await troubleTables()) {
    for (const code of Object.keys(table)) {
      // What the association notes has no prefix yet.
      const names = area.startsWith('imaging') ? [code, code.replace(/^imaging-/, '')] : [code]
      const isUsed = sources.some((text) => names.some((name) => text.includes(`'${name}'`)))
      t.ok(isUsed, `${code} is used`)
    }
  }
})

t.test('docs: every setting is described, and no other is', async (t) => {
  const described = [...written('configuration.md').matchAll(/^\| `(\w+)` \|/gm)]
  const names = new Set(described.map(([, name = '']) => name))
  t.strictSame([...names].toSorted(), [...settingsOf(Config)].toSorted())
})

t.test('docs: the example of a configuration is a good one', async (t) => {
  const text = /```json\n([^`]+)```/.exec(written('configuration.md'))?.[1] ?? ''
  t.strictSame(JSON.parse(text), exampleConfig)
  t.match(readConfig(text, drivers), { ok: true })
})

t.test('docs: every driver is described, and no other is', async (t) => {
  const rows = rowsIn(written('drivers.md')).flatMap(([id = '']) => /^`(.+)`$/.exec(id)?.[1] ?? [])
  t.strictSame(
    rows,
    drivers.map(({ id }) => id),
  )
})

t.test('docs: every code of the vocabulary is described once, and no other is', async (t) => {
  const rows = rowsIn(written('vocabulary.md'))
  const described = rows.flatMap((cells) => /^`(\w+_[\w-]+)`$/.exec(cells[2] ?? '')?.[1] ?? [])
  t.strictSame(
    described,
    allTerms.map(({ code }) => code),
  )
})

const pages = [
  'README.md',
  ...readdirSync(docsFolder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

t.test('docs: every link inside leads somewhere', async (t) => {
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8')
    for (const [, target = ''] of text.matchAll(
      /\]\((?!https?:|mailto:|#)([^)#]+)(?:#[^)]*)?\)/g,
    )) {
      t.ok(existsSync(join(root, dirname(page), target)), `${page}: ${target}`)
    }
  }
})

t.test('docs: every command that is named exists', async (t) => {
  const main = readFileSync(join(root, 'gateway/cli/command.ts'), 'utf8')
  const verbs = [...main.matchAll(/^ {2}(\w+): async \(\) =>/gm)].map(([, verb]) => verb)
  const makefile = readFileSync(join(root, 'Makefile'), 'utf8')
  const targets = [...makefile.matchAll(/^([a-z-]+)(?:-%)?:/gm)].map(([, target = '']) => target)
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8')
    const code = [...text.matchAll(/`([^`\n]+)`|^(?: {4}|\$ )(.+)$/gm)].map(
      ([, inline = '', block = '']) => inline + block,
    )
    for (const line of code) {
      for (const [, verb] of line.matchAll(/(?:^|sudo |\/)simpul ([a-z]+)/g)) {
        t.ok(verb === 'help' || verbs.includes(verb), `${page}: simpul ${verb}`)
      }
      for (const [, target = ''] of line.matchAll(/^make ([a-z-]+)/g)) {
        const isThere = targets.some((one) => target === one || target.startsWith(`${one}-`))
        t.ok(isThere, `${page}: make ${target}`)
      }
    }
  }
})

function sourcesIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(root, folder, name))
}

/** The names of all settings, however deep. */
function settingsOf(schema: unknown): ReadonlySet<string> {
  const names = new Set<string>()
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) walk(one)
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        if (key === 'properties') for (const name of Object.keys(inner as object)) names.add(name)
        if (key !== 'default') walk(inner)
      }
    }
  }
  walk(schema)
  return names
}
