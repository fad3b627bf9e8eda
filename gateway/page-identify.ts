/** Ports on which something is searched for, as the page shows them. */
import type { Driver } from '../drivers/driver.ts'
import { linkOf } from '../drivers/link.ts'
import type { Identification, SearchedPort } from './devices/identify/identification.ts'
import { recordingText } from './devices/identify/recording.ts'
import { searchWords, sightTrouble } from './devices/identify/words.ts'
import { linkTrouble } from './errors/links.ts'
import { Trouble } from './errors/trouble.ts'
import type { DriverChoice, IdentifyDesk, PortView } from './page/identify-view.ts'
import { troubleWords } from './page/trouble-words.ts'

export function portViews(identification: Identification): readonly PortView[] {
  return identification.searched().map((port) => {
    const trouble = troubleOf(port)
    return {
      path: port.path,
      product: port.product,
      state: port.state.kind === 'off' ? 'listening' : port.state.kind,
      words: searchWords(port),
      proposals: proposalsOf(port),
      knownDevices: knownOf(port),
      trouble: trouble === null ? null : troubleWords(trouble),
      hasRecording: (identification.recorded(port.path) ?? []).length > 0,
    }
  })
}

export function identifyDesk(
  identification: Identification,
  drivers: readonly Driver[],
): IdentifyDesk {
  const choices = drivers
    .filter((driver) => linkOf(driver, 'serial') !== null)
    .map((driver) => choiceOf(driver))
    .sort((one, other) => one.label.localeCompare(other.label, 'en'))
  return {
    async ask(request) {
      switch (request.kind) {
        case 'use':
          await identification.use(request.path, request.driver, request.as)
          break
        case 'again':
          identification.reject(request.path)
          break
        case 'forget':
          await identification.forget(request.device)
          break
      }
    },
    drivers: () => choices,
    capture: (path) => recordingText(path, identification.recorded(path) ?? []),
  }
}

function troubleOf(port: SearchedPort): Trouble | null {
  if (port.state.kind !== 'closed') return sightTrouble(port)
  const { trouble } = port.state
  if (trouble instanceof Trouble) return trouble
  return linkTrouble('link-not-opened', { path: port.path, why: trouble.message }, trouble)
}

function proposalsOf({ state }: SearchedPort): readonly DriverChoice[] {
  if (state.kind !== 'found') return []
  const { best, alternatives } = state.found
  return [best, ...alternatives].map(({ driver }) => choiceOf(driver))
}

function knownOf({ recognised }: SearchedPort): readonly string[] {
  if (recognised.kind === 'new') return []
  return recognised.kind === 'known' ? [recognised.device] : recognised.devices
}

function choiceOf({ id, label }: Driver): DriverChoice {
  return { driver: id, label }
}
