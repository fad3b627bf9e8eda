/** Reads a configuration and finds everything that is wrong with it at once. */
import { Compile } from 'typebox/compile'
import { Settings } from 'typebox/system'
import { Check, Clone, Default } from 'typebox/value'
import { deviceLinks } from './device-links.ts'
import type { Finding, ReadConfig } from './finding.ts'
import { meaningFindings, type KnownDriver } from './meaning.ts'
import { Config, Page } from './schema.ts'

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
 * `text` is JSON. Defaults are filled in; nothing else is changed. `knownDrivers` are those that a
 * device may name.
 */
export function readConfig(text: string, knownDrivers: readonly KnownDriver[]): ReadConfig {
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const notJson = finding('', `this is not JSON: ${why}`, `ini bukan JSON: ${why}`)
    return { ok: false, findings: [notJson], page: pageOf(null) }
  }
  const filled = Default(Config, Clone(raw))
  fillLinkDefaults(filled)
  const wrongForm = formFindings(filled)
  const findings = [...wrongForm, ...meaningFindings(filled, knownDrivers)]
  if (findings.length > 0) return { ok: false, findings, page: pageOf(raw) }
  return { ok: true, config: filled as Config }
}

/** As the configuration says it, or the default where that cannot be used. */
export function pageOf(raw: unknown): Page {
  const page = Default(Page, Clone(at(raw, 'page') ?? {}))
  return Check(Page, page) ? page : (Default(Page, {}) as Page)
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
  const limit = String(params['limit'])
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
      return say(`at least ${limit}`, `paling sedikit ${limit}`)
    case 'maximum':
      return say(`at most ${limit}`, `paling banyak ${limit}`)
    case 'minLength':
      return say(`at least ${limit} characters`, `paling sedikit ${limit} karakter`)
    case 'maxLength':
      return say(`at most ${limit} characters`, `paling banyak ${limit} karakter`)
    case 'maxItems':
      return say(`at most ${limit} entries`, `paling banyak ${limit} isian`)
    case 'pattern':
      return say(
        patternWords(schema, error.schemaPath, 'description'),
        patternWords(schema, error.schemaPath, 'keterangan'),
      )
    case 'anyOf':
      return say('one of the allowed values', 'salah satu nilai yang diizinkan')
    default:
      return [finding(path, `does not fit (${error.keyword})`, `tidak sesuai (${error.keyword})`)]
  }
}

/** The description that the schema gives to people, else the pattern itself. */
function patternWords(
  schema: object,
  schemaPath: string,
  key: 'description' | 'keterangan',
): string {
  const place = at(schema, schemaPath.replace(/^#\//, '').replace(/\/pattern$/, ''))
  const words = at(place, key) ?? at(place, 'pattern')
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
