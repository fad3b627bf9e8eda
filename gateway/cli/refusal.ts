/** The page of a gateway that does not start: what is wrong with its configuration, in both languages. */
import { once } from 'node:events'
import { existsSync, watch } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, basename } from 'node:path'
import type { Finding } from '../config/read.ts'
import { stopSignal } from './signals.ts'

/** The configuration may not say a port, or a wrong one. */
const port = 8080

/** Shows the findings until a signal comes or the file changes; then systemd starts us anew. */
export async function refuse(path: string, findings: readonly Finding[]): Promise<void> {
  const html = htmlOf(path, findings)
  const server = createServer((_request, response) => {
    response.writeHead(503, { 'content-type': 'text/html; charset=utf-8', 'retry-after': '10' })
    response.end(html)
  })
  server.listen(port)
  const listening = await Promise.race([
    once(server, 'listening').then(() => true),
    once(server, 'error').then(() => false),
  ])
  if (!listening) return
  process.stdout.write(`page http://localhost:${port}/\n`)
  await stoppedOrChanged(path)
  server.close()
  server.closeAllConnections()
}

/** An editor replaces the file, so its folder is watched. */
async function stoppedOrChanged(path: string): Promise<void> {
  const name = basename(path)
  const watcher = existsSync(dirname(path)) ? watch(dirname(path)) : null
  const changed = new Promise<void>((resolve) => {
    watcher?.on('change', (_event, file) => {
      if (file === name) resolve()
    })
  })
  await Promise.race([stopSignal(), changed])
  watcher?.close()
}

function htmlOf(path: string, findings: readonly Finding[]): string {
  const list = (language: 'en' | 'id') =>
    findings
      .map(
        (one) => `<li><code>${escaped(one.path || '(file)')}</code> ${escaped(one[language])}</li>`,
      )
      .join('')
  return `<!doctype html><html lang="id"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Simpul</title>
<style>body{font:18px/1.5 system-ui;max-width:42rem;margin:2rem auto;padding:0 1rem}
code{background:#eee;padding:0 .3em}</style>
<h1>Simpul belum dapat dijalankan</h1><p>Konfigurasi <code>${escaped(path)}</code> perlu diperbaiki:</p>
<ul>${list('id')}</ul>
<h1 lang="en">Simpul cannot start</h1>
<p lang="en">The configuration <code>${escaped(path)}</code> must be corrected:</p>
<ul lang="en">${list('en')}</ul></html>
`
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
