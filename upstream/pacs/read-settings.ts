/** Reads the file of destinations and finds everything that is wrong with it at once. */
import type {
  Destination,
  DicomDestination,
  ForwardSettings,
  ReadForward,
  TlsFiles,
  WebDestination,
} from './destinations.ts'
import { Form, type Fields } from './form.ts'

const destinationsMost = 32
const ourAeTitle = 'SIMPUL'
const silenceSeconds = 120
const quietSeconds = 300

const rules = {
  name: {
    fits: /^[a-z0-9-]{1,32}$/,
    en: 'a name of a-z, 0-9 and dash',
    id: 'nama dari a-z, 0-9, dan tanda hubung',
  },
  host: {
    fits: /^[A-Za-z0-9.:_-]{1,253}$/,
    en: 'a host name or an address',
    id: 'nama host atau alamat',
  },
  // PS3.5 section 6.2: 16 characters without backslash, not only spaces.
  aeTitle: {
    fits: /^(?=.*[^ ])[\x20-\x5b\x5d-\x7e]{1,16}$/,
    en: 'an AE title of 1 to 16 characters',
    id: 'AE title 1 sampai 16 karakter',
  },
  file: { fits: /^.{1,4096}$/, en: 'the path of a file', id: 'path berkas' },
} as const

/** `text` is JSON. Files that it names are not looked at. */
export function readForwardSettings(text: string): ReadForward {
  const form = new Form()
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    form.say('', `this is not JSON: ${why}`, `ini bukan JSON: ${why}`)
    return { ok: false, findings: form.findings }
  }
  const whole = form.fields('', raw)
  const ourTitle = whole.text('aeTitle', rules.aeTitle, ourAeTitle)
  const listen = listenOf(form, whole)
  const destinations = listOf(form, whole).map((one, index) =>
    destinationOf(form, form.fields(`destinations/${index}`, one), ourTitle),
  )
  whole.end()
  namesOnce(form, destinations)
  if (form.findings.length > 0) return { ok: false, findings: form.findings }
  return { ok: true, settings: { listen, destinations } }
}

function listOf(form: Form, whole: Fields): readonly unknown[] {
  const list = whole.get('destinations')
  if (Array.isArray(list) && list.length > 0 && list.length <= destinationsMost) return list
  const en = `a list of 1 to ${destinationsMost} destinations`
  form.expected('destinations', en, `daftar 1 sampai ${destinationsMost} tujuan`, list)
  return []
}

function listenOf(form: Form, whole: Fields): ForwardSettings['listen'] {
  const value = whole.get('listen')
  if (value === undefined || value === null) return null
  const fields = form.fields('listen', value)
  const host = fields.text('host', rules.host, '0.0.0.0')
  const port = fields.whole('port', 0, 65_535)
  fields.end()
  return { host, port }
}

function destinationOf(form: Form, fields: Fields, ourTitle: string): Destination {
  const kind = fields.choice('kind', ['dicom', 'dicomweb'], 'dicom', true)
  const common = {
    name: fields.text('name', rules.name),
    tls: tlsOf(form, fields),
    silenceSeconds: fields.whole('silenceSeconds', 5, 3_600, silenceSeconds),
    takesSimulated: fields.flag('takesSimulated', false),
  }
  const destination =
    kind === 'dicom' ? dicomOf(fields, ourTitle, common) : webOf(form, fields, common)
  fields.end()
  return destination
}

type Common = Pick<DicomDestination, 'name' | 'tls' | 'silenceSeconds' | 'takesSimulated'>

function dicomOf(fields: Fields, ourTitle: string, common: Common): DicomDestination {
  const profile = fields.choice('profile', ['archive', 'satusehat-router'], 'archive')
  const isRouter = profile === 'satusehat-router'
  return {
    kind: 'dicom',
    ...common,
    host: fields.text('host', rules.host),
    port: fields.whole('port', 1, 65_535, isRouter ? 11_112 : 104),
    // The router takes nothing that is not addressed to it.
    calledAeTitle: fields.text('calledAeTitle', rules.aeTitle, isRouter ? 'DCMROUTER' : undefined),
    callingAeTitle: fields.text('callingAeTitle', rules.aeTitle, ourTitle),
    proof: fields.choice('proof', ['auto', 'commitment', 'find', 'none'], proofOf(isRouter)),
    profile,
    quietSeconds: fields.whole('quietSeconds', 0, 86_400, quietSeconds),
  }
}

function proofOf(isRouter: boolean): DicomDestination['proof'] {
  return isRouter ? 'none' : 'auto'
}

function webOf(form: Form, fields: Fields, common: Common): WebDestination {
  const address = fields.get('url')
  const url = typeof address === 'string' && URL.canParse(address) ? new URL(address) : null
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:'
  const isBare = url?.search === '' && url.hash === '' && url.username === ''
  if (!isHttp || !isBare) {
    const en = 'an address such as https://pacs.example/dicom-web, without user and query'
    const id = 'alamat seperti https://pacs.example/dicom-web, tanpa pengguna dan query'
    form.expected(fields.at('url'), en, id, address)
  }
  if (common.tls !== null && url?.protocol === 'http:') {
    const en = 'is of no use with an address of http'
    form.say(fields.at('tls'), en, 'tidak berguna untuk alamat http')
  }
  const auth = authOf(form, fields)
  if (auth !== null && url?.protocol === 'http:' && !isLoopback(url.hostname)) {
    const en = 'would send the secret in clear text: use an address of https'
    const id = 'mengirim rahasia tanpa enkripsi: pakai alamat https'
    form.say(fields.at('auth'), en, id)
  }
  return {
    kind: 'dicomweb',
    ...common,
    url: (url?.href ?? '').replace(/\/+$/, ''),
    proof: fields.choice('proof', ['qido', 'none'], 'qido'),
    auth,
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '127.0.0.1' || host === '[::1]'
}

function authOf(form: Form, fields: Fields): WebDestination['auth'] {
  const value = fields.get('auth')
  if (value === undefined || value === null) return null
  const auth = form.fields(fields.at('auth'), value)
  const kind = auth.choice('kind', ['basic', 'bearer'], 'basic', true)
  const file = auth.text('file', rules.file)
  auth.end()
  return { kind, file }
}

function tlsOf(form: Form, fields: Fields): TlsFiles | null {
  const value = fields.get('tls')
  if (value === undefined || value === null || value === false) return null
  const tls = form.fields(fields.at('tls'), value === true ? {} : value)
  const authority = tls.text('authority', rules.file, '') || null
  const certificate = tls.text('certificate', rules.file, '') || null
  const key = tls.text('key', rules.file, '') || null
  tls.end()
  if ((certificate === null) !== (key === null)) {
    const en = 'certificate and key go together'
    form.say(fields.at('tls'), en, 'certificate dan key harus diisi bersama')
  }
  return { authority, certificate, key }
}

function namesOnce(form: Form, destinations: readonly Destination[]): void {
  const seen = new Set<string>()
  for (const [index, { name }] of destinations.entries()) {
    if (name !== '' && seen.has(name)) {
      const path = `destinations/${index}/name`
      form.say(path, `${name} is there already`, `${name} sudah dipakai`)
    }
    seen.add(name)
  }
}
