/** docs/configuration.md: every setting, from the one schema that also checks them. */
import { deviceLinks } from '../../gateway/config/device-links.ts'
import { Config } from '../../gateway/config/schema.ts'
import { code, pageHead, table } from './markdown.ts'

/** A schema as JSON Schema, of which our own uses this much. */
interface Schema {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly unit?: string
  readonly default?: unknown
  readonly const?: string | number
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly maxItems?: number
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: { readonly [name: string]: Schema }
  readonly required?: readonly string[]
}

/** A van as it may stand in a village, with everything that has no default. */
export const exampleConfig = {
  van: 'van-02',
  devices: [
    {
      id: 'bp-1',
      driver: 'and-tm265x',
      link: {
        kind: 'serial',
        path: '/dev/serial/by-id/usb-Prolific_Technology_Inc._USB-Serial_Controller-if00-port0',
      },
      serialNumber: '5130400123',
      calibrationDue: '2027-03-31',
    },
    {
      id: 'scale-1',
      driver: 'st-gs-scale',
      link: { kind: 'tcp-client', host: '192.168.10.20', port: 4001 },
    },
    {
      id: 'monitor-1',
      driver: 'berrymed-pm6750',
      link: { kind: 'serial', path: '/dev/ttyUSB0', line: { baud: 115_200 } },
    },
  ],
  imaging: { senders: [{ aeTitle: 'CART_1', device: 'us-1' }] },
  uplink: {
    url: 'mqtts://broker.hospital.example:8883',
    authority: '/etc/simpul/hospital.pem',
    certificate: '/etc/simpul/van-02.pem',
    key: '/etc/simpul/van-02.key',
  },
}

const intro = `One JSON file, \`/etc/simpul/simpul.json\`, read once at the start. \`simpul check\` finds all mistakes in it
at once; with a mistake nothing is started but a page that says what is wrong. Settings that are not
listed here are mistakes too. There are no environment variables.

A small van:

\`\`\`json
${JSON.stringify(exampleConfig, null, 2)}
\`\`\``

export function configurationPage(): string {
  // Through JSON, so that what the library keeps for itself stays out.
  const whole = JSON.parse(JSON.stringify(Config)) as Schema
  const links = JSON.parse(JSON.stringify(deviceLinks)) as readonly Schema[]
  const device = whole.properties?.['devices']?.items ?? {}
  const sections = [
    section('The whole', '', whole),
    section('A device', 'devices[]', device),
    ...links.map((link) => section(`\`link\`: ${lowered(link.title)}`, 'devices[].link', link)),
    section('Line settings', 'devices[].link.line', links[0]?.properties?.['line'] ?? {}),
    ...Object.entries(whole.properties ?? {}).flatMap(([name, schema]) =>
      schema.type === 'object' ? [section(schema.title ?? name, name, schema)] : [],
    ),
    section('Encrypted DICOM port', 'imaging.tls', imagingOf(whole, 'tls')),
    section('A sender', 'imaging.senders[]', imagingOf(whole, 'senders').items ?? {}),
  ]
  const head = pageHead('Configuration', '`gateway/config/schema.ts`', intro)
  return `${head}\n${sections.join('\n\n')}\n`
}

function imagingOf(whole: Schema, name: string): Schema {
  return whole.properties?.['imaging']?.properties?.[name] ?? {}
}

function section(title: string, place: string, schema: Schema): string {
  const rows = Object.entries(schema.properties ?? {}).map(([name, setting]) => [
    code(name),
    meaningOf(setting),
    valuesOf(setting),
    defaultOf(setting, schema.required?.includes(name) === true),
  ])
  const where = place === '' ? '' : ` (${code(place)})`
  return `## ${title}${where}\n\n${table(['setting', 'what it is', 'values', 'default'], rows)}`
}

function meaningOf({ title, description, const: only }: Schema): string {
  if (title === undefined) return only === undefined ? '' : 'Which of the links it is'
  return description === undefined ? title : `${title}: ${description}`
}

function valuesOf(schema: Schema): string {
  const { type, unit, const: only, anyOf, items } = schema
  if (only !== undefined) return code(String(only))
  if (anyOf !== undefined) {
    const values = anyOf.map((one) => one.const)
    return values.every((one) => one !== undefined)
      ? values.map((one) => code(String(one))).join(', ')
      : 'one of those below'
  }
  switch (type) {
    case 'integer':
      return ['whole number', rangeOf(schema), unit ?? ''].filter((part) => part !== '').join(' ')
    case 'string':
      return ['text', lengthOf(schema)].filter((part) => part !== '').join(', ')
    case 'boolean':
      return '`true`, `false`'
    case 'array': {
      const of = items?.type === 'integer' ? valuesOf(items) : 'those below'
      return `list of at most ${schema.maxItems ?? 0}: ${of}`
    }
    default:
      return 'those below'
  }
}

function rangeOf({ minimum, maximum }: Schema): string {
  if (minimum === undefined || maximum === undefined) {
    return minimum === undefined ? '' : `from ${minimum}`
  }
  return `from ${minimum} to ${maximum}`
}

function lengthOf({ minLength, maxLength }: Schema): string {
  const least = minLength === undefined ? '' : 'not empty'
  const most = maxLength === undefined ? '' : `at most ${maxLength} characters`
  return [least, most].filter((part) => part !== '').join(', ')
}

function defaultOf(schema: Schema, isRequired: boolean): string {
  const usual = schema.default
  if (usual === undefined) return isRequired ? '**must be given**' : 'none'
  const isOurs = typeof usual === 'object' && usual !== null && !Array.isArray(usual)
  if (isOurs) return 'all of its defaults'
  const bytes = schema.unit === 'By' && typeof usual === 'number' ? inBinary(usual) : ''
  return `${code(JSON.stringify(usual))}${bytes}`
}

/** ` (32 GiB)` */
function inBinary(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1)
  return ` (${bytes / 1024 ** power} ${units[power] ?? ''})`
}

function lowered(title: string | undefined): string {
  return (title ?? '').replace(/^./, (first) => first.toLowerCase())
}
