/** Reads a configuration and finds everything that is wrong with it at once. */
import { Compile } from 'typebox/compile'
import { Settings } from 'typebox/system'
import { Clone, Default } from 'typebox/value'
import { Config, deviceLinks } from './schema.ts'

export interface Finding {
  /** Where, as a path of names and numbers: `devices/0/link/path`. Empty for the whole. */
  readonly path: string
  readonly en: string
  readonly id: string
}

export type ReadConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/** More findings than this help nobody; a file of noise must not fill the memory. */
const findingsMax = 200

Settings.Set({ maxErrors: findingsMax })

const checker = Compile(Config)
const linkKinds = deviceLinks.map((schema) => ({
  kind: schema.properties.kind.const as string,
  schema,
  checker: Compile(schema),
}))

/**
 * `text` is JSON. Defaults are filled in; nothing else is changed. `knownDrivers` are the ids that a
 * device may name.
 */
export function readConfig(text: string, knownDrivers: readonly string[]): ReadConfig {
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {
      ok: false,
      findings: [finding('', `this is not JSON: ${why}`, `ini bukan JSON: ${why}`)],
    }
  }
  const filled = Default(Config, Clone(raw))
  fillLinkDefaults(filled)
  const wrongForm = formFindings(filled)
  const findings = [...wrongForm, ...meaningFindings(filled, knownDrivers)]
  return findings.length > 0 ? { ok: false, findings } : { ok: true, config: filled as Config }
}

/** One line a finding, for the command line. */
export function findingText(finding: Finding, language: 'en' | 'id'): string {
  return `${finding.path === '' ? '(file)' : finding.path}: ${finding[language]}`
}

function finding(path: string, en: string, id: string): Finding {
  return { path, en, id }
}

function formFindings(value: unknown): readonly Finding[] {
  const findings: Finding[] = []
  for (const error of checker.Errors(value)) {
    const link = /^\/devices\/\d+\/link$/.exec(error.instancePath)
    if (error.keyword === 'anyOf' && link !== null) findings.push(...linkFindings(value, link[0]))
    else if (!error.schemaPath.includes('/link/anyOf/')) {
      findings.push(...describe(error, Config, error.instancePath, value))
    }
  }
  return findings
}

/** Defaults do not reach into a union, so each link gets those of its own kind. */
function fillLinkDefaults(whole: unknown): void {
  const devices = at(whole, 'devices')
  if (!Array.isArray(devices)) return
  for (const device of devices as readonly unknown[]) {
    const link = at(device, 'link')
    const branch = linkKinds.find((one) => one.kind === at(link, 'kind'))
    if (branch !== undefined) Default(branch.schema, link)
  }
}

/** A union reports every branch; a person means the one that `kind` names. */
function linkFindings(whole: unknown, pointer: string): readonly Finding[] {
  const path = pointer.slice(1)
  const link = at(whole, path)
  const kind = at(link, 'kind')
  const branch = linkKinds.find((one) => one.kind === kind)
  if (branch === undefined) {
    const kinds = linkKinds.map((one) => one.kind).join(', ')
    const seen = shown(kind)
    const en = `expected one of ${kinds}, found ${seen}`
    return [finding(`${path}/kind`, en, `harus salah satu dari ${kinds}, tertulis ${seen}`)]
  }
  return branch.checker
    .Errors(link)
    .flatMap((error) => describe(error, branch.schema, `${pointer}${error.instancePath}`, whole))
}

interface FormError {
  readonly keyword: string
  readonly schemaPath: string
  readonly params: object
}

function describe(
  error: FormError,
  schema: object,
  pointer: string,
  whole: unknown,
): readonly Finding[] {
  const path = pointer.slice(1)
  const params = error.params as { [name: string]: unknown }
  const seen = shown(at(whole, path))
  const say = (en: string, id: string) => [
    finding(path, `expected ${en}, found ${seen}`, `harus ${id}, tertulis ${seen}`),
  ]
  switch (error.keyword) {
    case 'required':
      return (params['requiredProperties'] as readonly string[]).map((name) =>
        finding(path === '' ? name : `${path}/${name}`, 'is missing', 'belum diisi'),
      )
    case 'additionalProperties':
    case 'const':
      // The place of the unknown setting, or of the union, is reported by its own error.
      return []
    case 'boolean':
      return [finding(path, 'is not a known setting', 'bukan pengaturan yang dikenal')]
    case 'type':
      return say(`a value of type ${String(params['type'])}`, `bertipe ${String(params['type'])}`)
    case 'minimum':
      return say(`at least ${String(params['limit'])}`, `paling sedikit ${String(params['limit'])}`)
    case 'maximum':
      return say(`at most ${String(params['limit'])}`, `paling banyak ${String(params['limit'])}`)
    case 'pattern': {
      const words = patternWords(schema, error.schemaPath)
      return say(words, words)
    }
    case 'anyOf':
      return say('one of the allowed values', 'salah satu nilai yang diizinkan')
    default:
      return [finding(path, `does not fit (${error.keyword})`, `tidak sesuai (${error.keyword})`)]
  }
}

/** The description that the schema gives to people, else the pattern itself. */
function patternWords(schema: object, schemaPath: string): string {
  const place = at(schema, schemaPath.replace(/^#\//, '').replace(/\/pattern$/, ''))
  const words = at(place, 'description') ?? at(place, 'pattern')
  return typeof words === 'string' ? words : 'another form'
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60)
}

function at(value: unknown, path: string): unknown {
  if (path === '') return value
  let here: unknown = value
  for (const step of path.split('/')) {
    here =
      typeof here === 'object' && here !== null
        ? (here as { [name: string]: unknown })[step]
        : undefined
  }
  return here
}

interface Loose {
  readonly id?: unknown
  readonly driver?: unknown
  readonly link?: { readonly kind?: unknown; readonly path?: unknown; readonly port?: unknown }
}

/** What a schema cannot say: names that clash, drivers that do not exist, a port used twice. */
function meaningFindings(value: unknown, knownDrivers: readonly string[]): readonly Finding[] {
  const devices = at(value, 'devices')
  if (!Array.isArray(devices)) return []
  const found: Finding[] = []
  const ids = new Map<string, number>()
  const ports = new Map<string, number>()
  devices.forEach((entry: Loose, index) => {
    if (typeof entry !== 'object' || entry === null) return
    const { id, driver, link } = entry
    if (typeof id === 'string') {
      const first = ids.get(id)
      if (id === 'van') {
        found.push(
          finding(`devices/${index}/id`, 'van is the gateway itself', 'van adalah gateway sendiri'),
        )
      } else if (first !== undefined) {
        const words = `${id} is the name of devices/${first} already`
        found.push(
          finding(`devices/${index}/id`, words, `${id} sudah dipakai oleh devices/${first}`),
        )
      } else ids.set(id, index)
    }
    if (typeof driver === 'string' && !knownDrivers.includes(driver)) {
      const known = knownDrivers.join(', ')
      const path = `devices/${index}/driver`
      const en = `there is no driver ${driver}; known are ${known}`
      found.push(finding(path, en, `driver ${driver} tidak ada; yang ada: ${known}`))
    }
    const place =
      link?.path ?? (link?.kind === 'tcp-server' ? `TCP port ${String(link.port)}` : undefined)
    if (typeof place === 'string') {
      const first = ports.get(place)
      if (first === undefined) ports.set(place, index)
      else {
        const path = `devices/${index}/link`
        const en = `${place} is used by devices/${first} already`
        found.push(finding(path, en, `${place} sudah dipakai oleh devices/${first}`))
      }
    }
  })
  return found
}
