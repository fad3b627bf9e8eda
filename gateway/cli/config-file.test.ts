import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { readConfigFile } from './check.ts'
import { readConfigApart } from './config-file.ts'

t.test('configuration: read apart it is the same, good or wrong', async (t) => {
  const folder = t.testdir({
    'good.json': JSON.stringify({
      van: 'van-02',
      folder: '/var/lib/simpul',
      devices: [{ id: 'bp-1', driver: 'and-tm265x', link: { kind: 'serial', path: '/dev/ttyS1' } }],
      uplink: { url: 'mqtt://127.0.0.1:1883' },
    }),
    'wrong.json': '{"van": 7}',
  })
  for (const name of ['good.json', 'wrong.json', 'missing.json']) {
    const path = join(folder, name)
    t.strictSame(await readConfigApart(path), readConfigFile(path), name)
  }
  t.match(await readConfigApart(join(folder, 'good.json')), { ok: true })
})

t.test('run: the daemon keeps neither the schema library nor undici in its memory', async (t) => {
  const folder = t.testdir({})
  const script = join(folder, 'loaded.ts')
  const here = JSON.stringify(import.meta.dirname)
  writeFileSync(
    script,
    `import { registerHooks } from 'node:module'
    const seen: string[] = []
    registerHooks({
      load(url, context, next) {
        seen.push(url)
        return next(url, context)
      },
    })
    await import(${here} + '/run.ts')
    await import(${here} + '/../main.ts')
    console.log(JSON.stringify([...seen, ...process.moduleLoadList]))`,
  )
  const { stdout } = await promisify(execFile)(process.execPath, [script])
  const loaded = JSON.parse(stdout) as string[]
  t.ok(loaded.some((name) => name.endsWith('/gateway/journal/remote-journal.ts')))
  t.strictSame(
    loaded.filter((name) => /node_modules\/typebox|deps\/undici\/undici/.test(name)),
    [],
  )
})
