/**
 * The file that a Berlinger temperature logger writes onto its own disk when it is plugged in. One
 * space in front of a line is one level deeper; rows of a table begin with a tab:
 *
 *   Conf:
 *    Serial: 130400191544
 *    Alarm:
 *     0:
 *      T AL: -0.5, t AL: 60
 *   Data:
 *   	2022-05-02 10:36	27.5	x
 *
 * A line is a list of `key: value`, split at the first colon of each, since times contain colons. A
 * key may be without a value. Lines end by CR LF.
 *
 * Source: files of four loggers; two open readers.
 */
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import type { Decoded } from '../packet/decoded.ts'

export interface TreeLine {
  readonly pairs: readonly (readonly [key: string, value: string])[]
  readonly below: readonly TreeLine[]
  /** The cells of the table behind the line, its head included. */
  readonly rows: readonly (readonly string[])[]
}

/** Ten times a logger that keeps sixty days in steps of five minutes. */
export const treeLimitBytes = 4_194_304
const depthMax = 16

interface Growing {
  readonly pairs: TreeLine['pairs']
  readonly below: Growing[]
  readonly rows: string[][]
}

export function parseTree(bytes: Uint8Array): Decoded<readonly TreeLine[]> {
  if (bytes.length > treeLimitBytes) return { ok: false, reason: 'larger than its limit' }
  const root: Growing[] = []
  /** The last line of each level. */
  let open: Growing[] = []
  for (const line of latin1Text(bytes).split(/\r?\n/)) {
    if (line === '') continue
    if (line.startsWith('\t')) {
      const last = open.at(-1)
      if (last === undefined) return { ok: false, reason: 'a row without a table' }
      last.rows.push(line.slice(1).split('\t'))
      continue
    }
    const text = line.trimStart()
    const depth = Math.min(line.length - text.length, open.length)
    if (depth > depthMax) return { ok: false, reason: 'too deep' }
    const pairs = pairsOf(text)
    if (pairs === null) return { ok: false, reason: 'a line without a key' }
    const grown: Growing = { pairs, below: [], rows: [] }
    const siblings = depth === 0 ? root : open[depth - 1]?.below
    siblings?.push(grown)
    open = [...open.slice(0, depth), grown]
  }
  return { ok: true, value: root }
}

/** null when a part of the line has no key. */
function pairsOf(text: string): TreeLine['pairs'] | null {
  const pairs: [string, string][] = []
  for (const part of text.split(', ')) {
    const at = part.indexOf(':')
    if (at < 1) return null
    pairs.push([part.slice(0, at), part.slice(at + 1).trim()])
  }
  return pairs
}

export function formatTree(lines: readonly TreeLine[]): Uint8Array {
  return latin1Bytes(lines.map((line) => lineText(line, 0)).join(''))
}

function lineText({ pairs, below, rows }: TreeLine, depth: number): string {
  const text = pairs.map(([key, value]) => (value === '' ? `${key}:` : `${key}: ${value}`))
  return [
    `${' '.repeat(depth)}${text.join(', ')}\r\n`,
    ...rows.map((cells) => `\t${cells.join('\t')}\r\n`),
    ...below.map((line) => lineText(line, depth + 1)),
  ].join('')
}

/** The lines below a key that opens a group; empty when there is none. */
export function groupOf(lines: readonly TreeLine[], key: string): readonly TreeLine[] {
  return lines.find(({ pairs }) => pairs[0]?.[0] === key)?.below ?? []
}

/** The value of a key on this level; null when there is none or it is empty. */
export function fieldOf(lines: readonly TreeLine[], key: string): string | null {
  for (const { pairs } of lines) {
    for (const [name, value] of pairs) if (name === key && value !== '') return value
  }
  return null
}
