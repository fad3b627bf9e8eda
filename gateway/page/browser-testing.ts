/** A phone that looks at the page of a scripted van, for the tests in a browser. */
import { join } from 'node:path'
import { chromium, type BrowserContext, type Page as Tab } from 'playwright-core'
import type { Test } from 'tap'
import { systemClock } from '../clock/system-clock.ts'
import { buildPage } from './build.ts'
import { startTestPage } from './page-testing.ts'
import { scriptedSource } from './scripted-source.ts'

const phone = { width: 390, height: 844 }
const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A van, its page, and a phone that looks at it. */
export async function openPhone(t: Test) {
  const folder = t.testdir({ data: {} })
  const assetsFolder = join(folder, 'page')
  await buildPage(assetsFolder)
  const clock = systemClock()
  const source = scriptedSource(clock, 120)
  const page = await startTestPage({ folder: join(folder, 'data'), assetsFolder }, clock, source)
  const stop = source.play()
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: chromiumArguments,
  })
  t.teardown(async () => {
    await browser.close()
    stop()
    await page.close()
  })
  const context = await browser.newContext({ viewport: phone, hasTouch: true })
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
