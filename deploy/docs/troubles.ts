/** docs/troubles.md: everything that the gateway may complain about, from the tables themselves. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { TroubleEntry, TroubleTable } from '../../gateway/errors/trouble.ts'
import { code, pageHead, table } from './markdown.ts'

const folder = join(import.meta.dirname, '../../gateway/errors')

/** By area: the name of the file in gateway/errors. A table that is added is found. */
export async function troubleTables(): Promise<ReadonlyMap<string, TroubleTable>> {
  const tables = new Map<string, TroubleTable>()
  for (const name of readdirSync(folder).toSorted()) {
    const module = (await import(join(folder, name))) as { readonly [name: string]: unknown }
    const found = Object.entries(module).find(([exported]) => exported.endsWith('Troubles'))
    if (found !== undefined) tables.set(name.replace(/\.ts$/, ''), found[1] as TroubleTable)
  }
  return tables
}

const titles: Readonly<{ [area: string]: string }> = {
  devices: 'Devices',
  identities: 'Whose the images are',
  identify: 'Recognising devices',
  imaging: 'Images (DICOM)',
  journal: 'Storage',
  links: 'Cables and serial device servers',
  orders: 'Orders of the hospital',
  media: 'Sticks, discs and pictures',
  page: 'The local page',
  uplink: 'The way to the hospital',
  visits: 'Patients, visits and orders',
}

const intro = `What the page, the log and the console say when something is wrong, in the words in which they say it.
The log has the code in its field \`code\`. A word in braces, such as \`{label}\`, is filled in.

Apa yang dikatakan halaman, log, dan konsol bila ada gangguan, dengan kata-kata yang sama. Kata dalam
kurung kurawal, misalnya \`{label}\`, diisi saat itu.`

export async function troublesPage(): Promise<string> {
  const sections = [...(await troubleTables())].map(([area, entries]) => {
    const parts = Object.entries(entries).map(([name, entry]) => troublePart(name, entry))
    return `## ${titles[area] ?? area}\n\n${parts.join('\n\n')}`
  })
  const head = pageHead('Troubles', '`gateway/errors/`', intro)
  return `${head}\n${sections.join('\n\n')}\n`
}

/** Whether trying again without a person can help. */
export const againWords = {
  itself: 'The gateway tries again by itself. / Gateway mencoba lagi sendiri.',
  person: 'Somebody must do something first. / Orang harus berbuat sesuatu dulu.',
} as const

function troublePart(name: string, { en, id, retriable }: TroubleEntry): string {
  const again = retriable ? againWords.itself : againWords.person
  const rows = [
    ['en', en.what, en.todo],
    ['id', id.what, id.todo],
  ]
  return `### ${code(name)}\n\n${again}\n\n${table(['', 'what was seen', 'what to do'], rows)}`
}
