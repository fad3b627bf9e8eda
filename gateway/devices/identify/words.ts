/** What was found on a port and why, or what was seen there, in words for the page. */
import { identifyTrouble } from '../../errors/identify.ts'
import type { Trouble } from '../../errors/trouble.ts'
import { lineWords } from '../../links/line-words.ts'
import type { Both } from '../device-status.ts'
import type { SearchedPort } from './identification.ts'
import type { Found } from './verdict.ts'
import type { SerialLine } from '../../../drivers/driver.ts'

/** Why it is thought to be what it is. */
export function foundWords(found: Found, line: SerialLine, path: string): Both {
  const { driver, isAsked, isChecked, noiseBytes, packets } = found.best
  const at = lineWords(line)
  const port = portName(path)
  const one = packets === 1
  const [packetsEn, packetsId] = isChecked
    ? [
        `${packets} ${one ? 'packet' : 'packets'} with a right check sum ${one ? 'was' : 'were'}`,
        `${packets} paket dengan checksum yang benar`,
      ]
    : [`${packets} of its packets ${one ? 'was' : 'were'}`, `${packets} paketnya`]
  const [askedEn, askedId] = isAsked
    ? ['heard when it was asked', 'terdengar saat ditanya']
    : ['heard', 'terdengar']
  const noiseEn = noiseBytes > 0 ? `, and ${noiseBytes} bytes that do not fit` : ''
  const noiseId = noiseBytes > 0 ? `, dan ${noiseBytes} byte yang tidak cocok` : ''
  return {
    en: `Found: ${driver.label} on port ${port}, because ${packetsEn} ${askedEn} at ${at}${noiseEn}.`,
    id: `Ditemukan: ${driver.label} di port ${port}, karena ${packetsId} ${askedId} pada ${at}${noiseId}.`,
  }
}

/** What is being done on a port. */
export function searchWords({ path, state }: Pick<SearchedPort, 'path' | 'state'>): Both {
  const port = portName(path)
  switch (state.kind) {
    case 'found':
      return foundWords(state.found, state.line, path)
    case 'asking':
      return {
        en: `Asking on port ${port} whether it is ${state.driver.label}, at ${lineWords(state.line)}.`,
        id: `Menanyai port ${port}, apakah ${state.driver.label}, pada ${lineWords(state.line)}.`,
      }
    case 'listening':
      return {
        en: `Listening on port ${port} at ${lineWords(state.line)}.`,
        id: `Mendengarkan port ${port} pada ${lineWords(state.line)}.`,
      }
    case 'closed':
    case 'off':
      return { en: `Port ${port} is not open.`, id: `Port ${port} tidak terbuka.` }
  }
}

/** What was seen where nothing was recognised; null before all settings were listened to once. */
export function sightTrouble(port: SearchedPort): Trouble | null {
  const { rounds, settings, searchedMs, sight, state } = port
  const path = portName(port.path)
  if (rounds === 0 || state.kind === 'found' || state.kind === 'closed') return null
  const seconds = Math.round(searchedMs / 1_000)
  switch (sight.kind) {
    case 'nothing':
      return identifyTrouble('identify-nothing', { path, settings, seconds })
    case 'noise': {
      const { bytes, line } = sight
      return identifyTrouble('identify-noise', { path, line: lineWords(line), bytes })
    }
    case 'text': {
      const { lines, line } = sight
      return identifyTrouble('identify-text', { path, line: lineWords(line), lines })
    }
    case 'pattern': {
      const { everyBytes, line } = sight
      return identifyTrouble('identify-pattern', { path, line: lineWords(line), everyBytes })
    }
  }
}

/** The part of a path that a person compares. */
function portName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
