import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { sayIn, words, type Key } from './words.ts'

const all = Object.entries(words)
const namesIn = (text: string) => new Set(text.match(/\{\w+\}/g))

t.test('words: every text is there in both languages and names the same details', async (t) => {
  const isTrim = (text: string) => text !== '' && text === text.trim()
  const wrong = all.filter(
    ([, { id, en }]) => !isTrim(id) || !isTrim(en) || !isDeepStrictEqual(namesIn(id), namesIn(en)),
  )
  t.strictSame(wrong, [])
})

t.test('words: no key is written twice in two files', async (t) => {
  const folder = import.meta.dirname
  const files = readdirSync(folder).filter((name) => /^words.*(?<!\.test)\.ts$/.test(name))
  const keys = files.flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8')
    return [...text.matchAll(/^ {2}'?([a-z-]+)'?: \{/gm)].map((match) => match[1])
  })
  t.equal(keys.length, all.length)
  t.strictSame(new Set(keys), new Set(Object.keys(words)))
})

t.test('words: every key is used somewhere', async (t) => {
  const folder = import.meta.dirname
  const text = readdirSync(folder)
    .filter((name) => !name.startsWith('words') && !name.includes('.test.') && /\.tsx?$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n')
  // These are put together from a code or a state that a record says, or from the name of a filter.
  const composed =
    /^(event|wave|filter|authority|finding|says-(visit|order|identity|procedure))-|^says-(preview|packed|coerced)$|^visit-(state|finish|cancel)|^(compare|accept|refuse|decided)-/
  for (const [key] of all) {
    if (!composed.test(key)) t.ok(text.includes(`'${key}'`), key)
  }
})

t.test('words: tuberculosis is never called TB, which is the height', async (t) => {
  for (const [key, both] of all) t.notMatch(both.id, /\bTB\b/, key)
})

t.test('words: details are put in, and what is missing stays visible', async (t) => {
  t.equal(sayIn('id')('ago', { duration: '3 mnt' }), '3 mnt lalu')
  t.equal(sayIn('en')('ago', { duration: '3 min' }), '3 min ago')
  t.equal(sayIn('id')('nav-devices'), 'Alat')
  const careless = sayIn('en') as (key: Key, details: object) => string
  t.equal(careless('ago', {}), '{duration} ago')
})
