/** The page of a gateway that does not start: what is wrong and what to do, in both languages. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../protocols/world/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import type { Finding } from '../config/finding.ts'
import type { Config } from '../config/schema.ts'
import { Trouble } from '../errors/trouble.ts'
import { jsonLog } from '../health/log.ts'
import { connectSystemd, keepWatchdog } from '../health/systemd.ts'
import { changedSince } from './file-change.ts'

export interface Refusal {
  /** Of the configuration. When it changes, the refusal is over: we are started anew. */
  readonly path: string
  /** `fileState` from before it was read. */
  readonly state: string
  readonly page: Config['page']
  readonly why: Trouble | readonly Finding[]
  readonly stop: Promise<unknown>
}

/** What passes by itself is tried again so soon, by ending: systemd starts us anew. */
const againAfterMs = 15_000

/**
 * Shows the page until it is worth trying again, or the stop. Resolves at once when somebody else
 * has the port: then it is their page that people see.
 */
export async function refuse(refusal: Refusal): Promise<void> {
  const { path, state, page, why, stop } = refusal
  const html = htmlOf(refusal)
  const server = createServer((_request, response) => {
    response.writeHead(503, { 'content-type': 'text/html; charset=utf-8', 'retry-after': '10' })
    response.end(html)
  })
  server.listen(page.port, page.host)
  const listening = await Promise.race([
    once(server, 'listening').then(() => true),
    once(server, 'error').then(() => false),
  ])
  if (!listening) return
  process.stdout.write(`page http://localhost:${(server.address() as AddressInfo).port}/\n`)
  const clock = systemClock()
  const stopSigns = await signsOfLife(clock)
  const over = new AbortController()
  const { signal } = over
  const passes = why instanceof Trouble && why.retriable
  const again = passes ? [sleep(againAfterMs, undefined, { signal })] : []
  await Promise.race([stop, changedSince(state, { path, clock, signal }), ...again])
  over.abort()
  stopSigns()
  server.close()
  server.closeAllConnections()
}

/** A refusing gateway is no dead one: systemd would end it, and the page with it. */
async function signsOfLife(clock: Clock): Promise<() => void> {
  const { env: environment, pid: processId } = process
  const systemd = connectSystemd({ environment, processId, log: jsonLog() })
  await systemd.status('refuses to start; its page and its log say why')
  await systemd.ready()
  return keepWatchdog(systemd, clock, () => true)
}

type Language = 'en' | 'id'

const words = {
  en: {
    cannot: 'Simpul cannot start',
    correct: (path: string) => `The configuration ${path} must be corrected:`,
  },
  id: {
    cannot: 'Simpul belum dapat dijalankan',
    correct: (path: string) => `Konfigurasi ${path} perlu diperbaiki:`,
  },
}

function htmlOf({ path, why }: Refusal): string {
  const part = (language: Language) => {
    const { cannot, correct } = words[language]
    const about =
      why instanceof Trouble
        ? troubleHtml(why, language)
        : `<p>${correct(`<code>${escaped(path)}</code>`)}</p>${findingsHtml(why, language)}`
    return `<section lang="${language}"><h1>${cannot}</h1>${about}</section>`
  }
  return `<!doctype html><html lang="id"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Simpul</title>
<style>body{font:18px/1.5 system-ui;max-width:42rem;margin:2rem auto;padding:0 1rem}
code{background:#eee;padding:0 .3em}</style>
${part('id')}
${part('en')}</html>
`
}

function troubleHtml(trouble: Trouble, language: Language): string {
  const { what, todo } = trouble.words(language)
  return `<p>${escaped(what)}</p><p>${escaped(todo)}</p>`
}

function findingsHtml(findings: readonly Finding[], language: Language): string {
  const items = findings.map(
    (one) => `<li><code>${escaped(one.path || '(file)')}</code> ${escaped(one[language])}</li>`,
  )
  return `<ul>${items.join('')}</ul>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
