/** A phone that looks at the page of a scripted van, for the tests in a browser. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page as Tab } from 'playwright-core'
import root, { type Test } from 'tap'
import { systemClock } from '../clock/system-clock.ts'
import { buildPage } from './build.ts'
import { openContext } from './chromium-testing.ts'
import { startTestPage } from './page-testing.ts'
import { scriptedSource } from './scripted-source.ts'

const phone = { width: 390, height: 844 }

let built: Promise<string> | null = null

/** The page is built once for all tests of a process. */
function builtAssets(): Promise<string> {
  built ??= (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simpul-page-'))
    root.teardown(() => rm(folder, { recursive: true, force: true }))
    await buildPage(join(folder, 'page'))
    return join(folder, 'page')
  })()
  return built
}

/** A van, its page, and a phone that looks at it. */
export async function openPhone(t: Test) {
  const folder = t.testdir({ data: {} })
  const assetsFolder = await builtAssets()
  const clock = systemClock()
  const source = scriptedSource(clock, 120)
  const page = await startTestPage({ folder: join(folder, 'data'), assetsFolder }, clock, source)
  const stop = source.play()
  // The last that was opened is closed first.
  t.teardown(async () => {
    stop()
    await page.close()
  })
  const context = await openContext(t, { viewport: phone, hasTouch: true })
  context.setDefaultTimeout(60_000)
  const tab = await context.newPage()
  return { source, page, context, tab, address: `http://127.0.0.1:${page.port}/` }
}

/** What a browser complains of, and every address that it asked for. */
export function watch(context: BrowserContext, tab: Tab) {
  const complaints: string[] = []
  const addresses: string[] = []
  tab.on('pageerror', (error) => complaints.push(error.message))
  tab.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  context.on('request', (request) => addresses.push(request.url()))
  return { complaints, addresses }
}

export async function assertNothingIsCut(t: Test, tab: Tab, where: string): Promise<void> {
  const beyond = await tab.evaluate('document.documentElement.scrollWidth - innerWidth')
  t.equal(beyond, 0, `${where}: nothing is wider than the screen`)
}
