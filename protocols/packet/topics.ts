/**
 * Topics of the wire. They carry names of places and things, never of persons.
 *
 *   simpul/v1/{van}/up/{device}/{kind}      packets
 *   simpul/v1/{van}/state                   the van's presence, retained
 *   simpul/v1/{van}/down/{receipt|backfill|watch|time}
 *   simpul/v1/landing/state                 the landing's presence, retained
 *   simpul/v1/landing/time                  vans ask what time it is
 *   simpul/v1/landing/replay                requests for packets that the landing has
 *   simpul/v1/replay/{clientId}             its answers
 *   simpul/v1/landing/directory             questions which streams it has, or where an object is
 *   simpul/v1/directory/{clientId}          its answers
 */
import type { RecordKind } from './record.ts'

export const topicRoot = 'simpul/v1'

/** Streams of one device. `object` holds the chunks of its large objects. */
export const deviceStreamKinds = [
  'measurement',
  'numerics',
  'waveform',
  'event',
  'document',
  'image',
  'rendition',
  'object',
] as const

/** Streams of the van itself, whose device is `van`. */
export const vanStreamKinds = ['clock', 'losses', 'devices', 'visits'] as const

export type StreamKind = (typeof deviceStreamKinds)[number] | (typeof vanStreamKinds)[number]

/** The device name under which a van speaks about itself. */
export const vanDevice = 'van'

/** Names that stand where the van's name stands in a topic, and so cannot name a van. */
const reservedVans: readonly string[] = ['landing', 'replay', 'directory']

const streamKindOf: { readonly [K in RecordKind]: StreamKind } = {
  measurement: 'measurement',
  numerics: 'numerics',
  waveform: 'waveform',
  event: 'event',
  document: 'document',
  image: 'image',
  rendition: 'rendition',
  clock: 'clock',
  loss: 'losses',
  device: 'devices',
  patient: 'visits',
  visit: 'visits',
  order: 'visits',
  identity: 'visits',
  procedure: 'visits',
}

export interface StreamName {
  readonly device: string
  readonly kind: StreamKind
}

const downKinds = ['receipt', 'backfill', 'watch', 'time'] as const

export type DownKind = (typeof downKinds)[number]

/** Names of vans, devices and landings: 1 to 32 of a-z, 0-9 and dash. */
export function isName(text: string): boolean {
  return /^[a-z0-9-]{1,32}$/.test(text)
}

/** A name that a van may have. */
export function isVanName(text: string): boolean {
  return isName(text) && !reservedVans.includes(text)
}

/** MQTT client ids that may ask the landing: 1 to 64 of letters, digits, dash and underscore. */
export function isClientId(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text)
}

/** `ecg-1/waveform`: how a stream is called within its epoch. null when it is not one of ours. */
export function parseStream(text: string): StreamName | null {
  const [device = '', word = '', ...rest] = text.split('/')
  if (rest.length > 0 || !isName(device)) return null
  const kinds: readonly StreamKind[] = device === vanDevice ? vanStreamKinds : deviceStreamKinds
  const kind = kinds.find((known) => known === word)
  return kind === undefined ? null : { device, kind }
}

/** The stream for records of a kind. Throws a RangeError when the device cannot have it. */
export function streamFor(device: string, kind: RecordKind | 'object'): string {
  const stream = `${device}/${kind === 'object' ? 'object' : streamKindOf[kind]}`
  if (parseStream(stream) === null) throw new RangeError(`no such stream: ${stream}`)
  return stream
}

/** Whether records of a kind belong into a stream. */
export function carries(stream: StreamName, kind: RecordKind): boolean {
  return stream.kind === streamKindOf[kind]
}

function vanPart(van: string): string {
  if (!isVanName(van)) throw new RangeError(`not the name of a van: ${van}`)
  return `${topicRoot}/${van}`
}

/** Throws a RangeError for names that would not survive `parseUpTopic`. */
export function upTopic(van: string, stream: string): string {
  if (parseStream(stream) === null) throw new RangeError(`no such stream: ${stream}`)
  return `${vanPart(van)}/up/${stream}`
}

export function stateTopic(van: string): string {
  return `${vanPart(van)}/state`
}

export function downTopic(van: string, kind: DownKind): string {
  return `${vanPart(van)}/down/${kind}`
}

export const landingStateTopic = `${topicRoot}/landing/state`
export const timeRequestTopic = `${topicRoot}/landing/time`
export const replayRequestTopic = `${topicRoot}/landing/replay`
export const directoryRequestTopic = `${topicRoot}/landing/directory`

export function replayTopic(clientId: string): string {
  return `${topicRoot}/replay/${clientPart(clientId)}`
}

export function directoryTopic(clientId: string): string {
  return `${topicRoot}/directory/${clientPart(clientId)}`
}

function clientPart(clientId: string): string {
  if (!isClientId(clientId)) throw new RangeError(`not a client id for answers: ${clientId}`)
  return clientId
}

/** What a landing subscribes to: every packet of every van. */
export const upTopicFilter = `${topicRoot}/+/up/#`
/** The presence of every van, and of the landing, which `parseStateTopic` tells apart. */
export const stateTopicFilter = `${topicRoot}/+/state`

/** null when it is not the topic of a stream that this version knows. */
export function parseUpTopic(topic: string): { van: string; stream: string } | null {
  const [root, version, van = '', up, ...rest] = topic.split('/')
  const stream = rest.join('/')
  if (`${root}/${version}` !== topicRoot || up !== 'up') return null
  return isVanName(van) && parseStream(stream) !== null ? { van, stream } : null
}

/** null when it is not the presence of a van. */
export function parseStateTopic(topic: string): { van: string } | null {
  const [root, version, van = '', state, ...rest] = topic.split('/')
  if (`${root}/${version}` !== topicRoot || state !== 'state' || rest.length > 0) return null
  return isVanName(van) ? { van } : null
}

/** null when it is not addressed to a van. */
export function parseDownTopic(topic: string): { van: string; kind: DownKind } | null {
  const [root, version, van = '', down, word, ...rest] = topic.split('/')
  if (`${root}/${version}` !== topicRoot || down !== 'down' || rest.length > 0) return null
  const kind = downKinds.find((known) => known === word)
  return kind !== undefined && isVanName(van) ? { van, kind } : null
}
