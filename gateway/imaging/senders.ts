/** Who is calling: from an application entity title to a device of the van. */

export interface KnownSender {
  readonly aeTitle: string
  readonly device: string
  readonly simulated: boolean
}

export interface Sender {
  readonly device: string
  readonly simulated: boolean
  readonly known: boolean
  /** The title that it matches but for case, spaces and dashes; null when exact or unknown. */
  readonly nearly: string | null
}

const nameCharactersMax = 32
const nameless = 'dicom'
/** Streams under this name are the van's own. */
const reserved = 'van'

/**
 * The standard compares titles by case; people who type them on a console do not. What is taken
 * leniently is said, so that it can be set right.
 */
export function identifySender(callingAeTitle: string, known: readonly KnownSender[]): Sender {
  const exact = known.find((one) => one.aeTitle.trim() === callingAeTitle)
  const near = exact ?? known.find((one) => folded(one.aeTitle) === folded(callingAeTitle))
  if (near === undefined) {
    const device = deviceNameOf(callingAeTitle)
    return { device, simulated: false, known: false, nearly: null }
  }
  const nearly = exact === undefined ? near.aeTitle : null
  return { device: near.device, simulated: near.simulated, known: true, nearly }
}

/** A name of the form [a-z0-9-], 1 to 32 characters, for a sender that nobody has named. */
export function deviceNameOf(callingAeTitle: string): string {
  const name = callingAeTitle
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, nameCharactersMax)
  if (name === '') return nameless
  return name === reserved ? `${nameless}-${reserved}` : name
}

function folded(title: string): string {
  return title.toLowerCase().replace(/[\s_-]/g, '')
}
