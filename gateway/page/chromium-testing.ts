/** The browser of all tests of one process: to start it costs more than most of them take. */
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
} from 'playwright-core'
import root, { type Test } from 'tap'

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-extensions',
  '--disable-component-update',
  '--disable-background-networking',
  '--disable-sync',
  '--no-first-run',
]

let started: Promise<Browser> | null = null

function theBrowser(): Promise<Browser> {
  if (started !== null) return started
  const browser = chromium.launch({ executablePath: '/usr/bin/chromium', args: quiet })
  started = browser
  root.teardown(async () => (await browser).close())
  return browser
}

/** A profile of its own, which knows nothing of another test; it ends with the test. */
export async function openContext(
  t: Test,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await (await theBrowser()).newContext(options)
  t.teardown(() => context.close())
  return context
}
