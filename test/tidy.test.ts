/**
 * What the compiler and the linter cannot hold: who may touch the world, who may know whom inside the
 * gateway, and that nothing is left lying about.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, matchesGlob, normalize } from 'node:path'
import t from 'tap'
import { drivers } from '../drivers/index.ts'
import { linkOf } from '../drivers/link.ts'
import { groups, type Group } from './together/groups.ts'

const root = join(import.meta.dirname, '..')

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '')

const sources = tracked.filter((path) => /\.tsx?$/.test(path))
const code = sources.filter((path) => !path.endsWith('.test.ts') && !path.startsWith('test/'))
const text = new Map(sources.map((path) => [path, readFileSync(join(root, path), 'utf8')]))

function inFolder(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(folder))
}

function importsOf(path: string): readonly string[] {
  const found = text.get(path)?.matchAll(/(?:from|import|new URL\()\s*\(?'(\.[^']+)'/g) ?? []
  return [...found].map((match) => normalize(join(dirname(path), match[1] ?? '')))
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}

/** Folders through which time, chance, files and processes come in. */
const doors = [
  'gateway/main.ts',
  'gateway/clock/',
  'gateway/health/',
  'gateway/links/',
  'gateway/journal/',
  'gateway/imaging/',
  'gateway/media/',
  'gateway/uplink/mqtt',
  'gateway/page/',
  'gateway/cli/',
  'gateway/sim/',
  'gateway/devices/registry-file.ts',
  'upstream/',
  'bench/',
  'deploy/',
]

t.test('tidy: time, chance, timers and files appear only at the doors', async (t) => {
  const outside =
    /\b(Date\.now|new Date\(\)|setTimeout|setInterval|Math\.random|node:fs|node:child_process)\b/
  const inside = code.filter((one) => !inFolder(one, doors))
  t.strictSame(
    inside.filter((path) => outside.test(withoutComments(text.get(path) ?? ''))),
    [],
  )
})

t.test('tidy: the rooms of the gateway do not know each other', async (t) => {
  const rooms = ['links', 'journal', 'imaging', 'uplink', 'page']
  const known = code.flatMap((path) => {
    const room = rooms.find((one) => path.startsWith(`gateway/${one}/`))
    if (room === undefined) return []
    return importsOf(path)
      .filter((one) => rooms.some((other) => other !== room && one.startsWith(`gateway/${other}/`)))
      .filter((one) => one !== 'gateway/journal/journal.ts')
      .map((one) => `${path} imports ${one}`)
  })
  t.strictSame(known, [])
})

t.test('tidy: every source file is reached from somewhere', async (t) => {
  const entries = [
    'gateway/cli/main.ts',
    'gateway/page/web/main.tsx',
    'gateway/page/build.ts',
    'gateway/sim/main.ts',
    'gateway/sim/mutate.ts',
    'upstream/browser/build.ts',
    'upstream/browser/waves.ts',
    'upstream/index.ts',
    'upstream/review/main.ts',
  ]
  const reached = new Set(sources.flatMap((path) => importsOf(path)))
  const forgotten = code.filter((path) => {
    // The compiler finds declarations of packages by itself.
    if (path.endsWith('.d.ts')) return false
    if (/^(bench|docs|deploy)\//.test(path) || entries.includes(path)) return false
    return !reached.has(path)
  })
  t.strictSame(forgotten, [])
})

t.test('tidy: every test is run once', async (t) => {
  const [, excluded = ''] = readFileSync(join(root, '.taprc'), 'utf8').split(/^exclude:$/m)
  const leftOut = [...excluded.matchAll(/^ {2}- "(.+)"$/gm)].map(([, pattern = '']) => pattern)
  const runsOf = (path: string): readonly string[] => {
    const together = Object.entries<Group>(groups).flatMap(([name, { patterns, isWanted }]) =>
      patterns.some((pattern) => matchesGlob(path, pattern)) && isWanted?.(path) !== false
        ? [name]
        : [],
    )
    return leftOut.some((pattern) => matchesGlob(path, pattern)) ? together : ['alone', ...together]
  }
  const tests = sources.filter((path) => path.endsWith('.test.ts'))
  const otherwise = tests.filter((path) => runsOf(path).length !== 1)
  t.strictSame(
    otherwise.map((path) => `${path}: ${runsOf(path).join(', ')}`),
    [],
  )
  t.strictSame(
    tests.filter((path) => path.startsWith('test/together/')).toSorted(),
    Object.keys(groups)
      .map((name) => `test/together/${name}.test.ts`)
      .toSorted(),
  )
})

t.test('tidy: every driver is listed once and has a capture', async (t) => {
  const ids = drivers.map((driver) => driver.id)
  t.strictSame([...new Set(ids)], ids)
  for (const driver of drivers.filter((one) => linkOf(one, 'serial') !== null)) {
    const captures = tracked.filter((path) => path.startsWith(`drivers/captures/${driver.id}/`))
    t.ok(captures.length > 0, `${driver.id} has a capture`)
  }
})

t.test('tidy: no leftovers and no words that hide what is unfinished', async (t) => {
  const banned: readonly (readonly [RegExp, string])[] = [
    [/\bTO-?DO\b/, 'do it, or write it into the changelog as missing'],
    [/\bFIXME\b|\bXXX\b|\bHACK\b/, 'mend it'],
    [/\bfor now\b/i, 'build it as it should be'],
    [/\bplaceholder text\b|\bnot implemented\b/i, 'implement it'],
    [/\.only\(|\bskip: true\b|t\.skip\(/, 'a test that does not run proves nothing'],
  ]
  const left = sources
    .filter((one) => one !== 'test/tidy.test.ts')
    .flatMap((path) =>
      banned
        .filter(([pattern]) => pattern.test(text.get(path) ?? ''))
        .map(([, instead]) => `${path}: ${instead}`),
    )
  t.strictSame(left, [])
})

const comment = /^\s*(\/\*\*|\*|\/\/) /

t.test('tidy: comments stay within 100 columns and files about one thing', async (t) => {
  const found = code.flatMap((path) => {
    const lines = (text.get(path) ?? '').split('\n')
    // The formatter keeps the code; what it cannot break are texts, addresses and byte diagrams.
    const long = lines.flatMap((line, at) =>
      line.length > 100 && comment.test(line) && !/https?:|[·─]/.test(line)
        ? [`${path}:${at + 1} is longer than 100 columns`]
        : [],
    )
    return lines.length > 480 ? [`${path} has ${lines.length} lines`, ...long] : long
  })
  t.strictSame(found, [])
})

t.test('tidy: identity numbers in tests carry the district that does not exist', async (t) => {
  const texts = tracked.filter((path) => /\.(ts|tsx|json|cap|md|py)$/.test(path))
  for (const path of texts) {
    const content = readFileSync(join(root, path), 'utf8')
    for (const match of content.matchAll(/(?<![\d.])(\d{16})(?![\d.])/g)) {
      const number = match[1] ?? ''
      const looksLikeIdentity =
        /^(1[1-9]|[2-9]\d)\d{2}\d{2}([0-6]\d|7[01])(0[1-9]|1[0-2])\d{6}$/.test(number)
      if (looksLikeIdentity) t.equal(number.slice(4, 6), '99', `${path}: ${number.slice(0, 6)}…`)
    }
  }
})
