/**
 * The bodies of A-ASSOCIATE-RQ and -AC. Source: PS3.8 sections 9.3.2 and 9.3.3, annex D;
 * PS3.7 annex D for the sub-items of the user information. All numbers big-endian.
 *
 *   0        2        4              20              36          68
 *   | version| 0    0 | called (16)  | calling (16)  | 0 ... 0   | items
 *
 *   item:  | type | 0 | length (2) | value |
 *     10 application context
 *     20 proposed context   | id 0 0 0 | item 30 abstract syntax | items 40 transfer syntax ... |
 *     21 answered context   | id 0 result 0 | item 40 transfer syntax |
 *     50 user information, items within:
 *        51 maximum length   52 implementation class   53 asynchronous window   54 role
 *        55 version name     56 and 57 extended negotiation   58 and 59 user identity
 */
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'
import { bytesOf, concat, textOf, trimPadding, viewOf } from './text.ts'

const fixedBytes = 68
/** For a peer that announces no limit, which PS3.8 leaves open: what DCMTK announces. */
const unspokenMaxPduBytes = 16_384

export interface ProposedContext {
  /** 1 to 255; the standard wants it odd. */
  readonly id: number
  readonly abstractSyntax: string
  readonly transferSyntaxes: readonly string[]
}

/** PS3.8 table 9-18. */
export type ContextResult =
  | 'accepted'
  | 'user-rejection'
  | 'no-reason'
  | 'abstract-syntax-not-supported'
  | 'transfer-syntaxes-not-supported'

const contextResults: readonly ContextResult[] = [
  'accepted',
  'user-rejection',
  'no-reason',
  'abstract-syntax-not-supported',
  'transfer-syntaxes-not-supported',
]

export interface AnsweredContext {
  readonly id: number
  readonly result: ContextResult
  /** Sent with a rejection too, though it means nothing then: some peers read it blindly. */
  readonly transferSyntax: string
}

export interface Role {
  readonly sopClassUid: string
  readonly scu: boolean
  readonly scp: boolean
}

export interface UserInformation {
  /** The longest P-DATA value that the peer wants to receive, in bytes; 0 means no limit. */
  readonly maxPduBytes: number
  readonly implementationClassUid: string | null
  readonly implementationVersion: string | null
  /** 0 means no limit. null: not proposed, hence one at a time. */
  readonly asyncWindow: { readonly invoked: number; readonly performed: number } | null
  readonly roles: readonly Role[]
  /** That somebody named himself. Name and passcode are not kept, so that they cannot be logged. */
  readonly identity: { readonly type: number; readonly wantsAnswer: boolean } | null
  /** The answer to an identity (item 59); null when there is none. */
  readonly identityAnswer: Uint8Array | null
}

export interface AssociateRequest {
  /** Bit 0 is version 1. More bits may come. */
  readonly protocolVersion: number
  /** 16 characters exactly as on the wire, because the answer repeats them byte for byte. */
  readonly calledAe: string
  readonly callingAe: string
  readonly applicationContext: string
  readonly contexts: readonly ProposedContext[]
  readonly user: UserInformation
}

export interface AssociateAccept {
  readonly calledAe: string
  readonly callingAe: string
  readonly contexts: readonly AnsweredContext[]
  readonly user: UserInformation
}

/** Leading and trailing spaces of an AE title mean nothing (PS3.8 section 9.3.2). */
export function aeTitleOf(raw: string): string {
  return trimPadding(raw)
}

export function rawAeTitle(title: string): string {
  return title.slice(0, 16).padEnd(16, ' ')
}

export function decodeAssociateRequest(body: Uint8Array): Decoded<AssociateRequest> {
  const head = decodeFixed(body)
  if (!head.ok) return head
  const contexts: ProposedContext[] = []
  const ids = new Set<number>()
  for (const item of head.value.items) {
    if (item.type !== 0x20) continue
    const context = decodeProposed(item.value)
    if (!context.ok) return context
    if (ids.has(context.value.id))
      return undecoded(`presentation context ${context.value.id} twice`)
    ids.add(context.value.id)
    contexts.push(context.value)
  }
  const { protocolVersion, calledAe, callingAe, items } = head.value
  const user = decodeUser(items)
  if (!user.ok) return user
  const applicationContext = uidIn(items.find((item) => item.type === 0x10)?.value)
  const titles = { protocolVersion, calledAe, callingAe }
  return decoded({ ...titles, applicationContext, contexts, user: user.value })
}

export function decodeAssociateAccept(body: Uint8Array): Decoded<AssociateAccept> {
  const head = decodeFixed(body)
  if (!head.ok) return head
  const contexts: AnsweredContext[] = []
  for (const item of head.value.items) {
    if (item.type !== 0x21) continue
    const parts = decodeItems(item.value.subarray(4))
    if (item.value.length < 4 || !parts.ok) return undecoded('a presentation context is cut')
    contexts.push({
      id: item.value[0] ?? 0,
      result: contextResults[item.value[2] ?? 2] ?? 'no-reason',
      transferSyntax: uidIn(parts.value.find((part) => part.type === 0x40)?.value),
    })
  }
  const user = decodeUser(head.value.items)
  if (!user.ok) return user
  const { calledAe, callingAe } = head.value
  return decoded({ calledAe, callingAe, contexts, user: user.value })
}

export function encodeAssociateRequest(request: AssociateRequest): Uint8Array {
  const contexts = request.contexts.map((context) =>
    encodeItem(0x20, [
      Uint8Array.of(context.id, 0, 0, 0),
      encodeItem(0x30, [bytesOf(context.abstractSyntax)]),
      ...context.transferSyntaxes.map((syntax) => encodeItem(0x40, [bytesOf(syntax)])),
    ]),
  )
  return concat([
    encodeFixed(request.protocolVersion, request.calledAe, request.callingAe),
    encodeItem(0x10, [bytesOf(request.applicationContext)]),
    ...contexts,
    encodeUser(request.user),
  ])
}

export function encodeAssociateAccept(
  accept: AssociateAccept,
  applicationContext: string,
): Uint8Array {
  const contexts = accept.contexts.map((context) =>
    encodeItem(0x21, [
      Uint8Array.of(context.id, 0, contextResults.indexOf(context.result), 0),
      encodeItem(0x40, [bytesOf(context.transferSyntax)]),
    ]),
  )
  return concat([
    encodeFixed(1, accept.calledAe, accept.callingAe),
    encodeItem(0x10, [bytesOf(applicationContext)]),
    ...contexts,
    encodeUser(accept.user),
  ])
}

interface Item {
  readonly type: number
  readonly value: Uint8Array
}

interface Fixed {
  readonly protocolVersion: number
  readonly calledAe: string
  readonly callingAe: string
  readonly items: readonly Item[]
}

function decodeFixed(body: Uint8Array): Decoded<Fixed> {
  if (body.length < fixedBytes)
    return undecoded(`${body.length} bytes where at least 68 must stand`)
  const items = decodeItems(body.subarray(fixedBytes))
  if (!items.ok) return items
  return decoded({
    protocolVersion: viewOf(body).getUint16(0),
    calledAe: textOf(body, 4, 20),
    callingAe: textOf(body, 20, 36),
    items: items.value,
  })
}

/** Unknown types are kept and looked at by nobody, as PS3.8 section 9.3.1 asks. */
function decodeItems(bytes: Uint8Array): Decoded<readonly Item[]> {
  const items: Item[] = []
  const view = viewOf(bytes)
  let at = 0
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return undecoded('an item header is cut')
    const end = at + 4 + view.getUint16(at + 2)
    if (end > bytes.length) return undecoded('an item is longer than what holds it')
    items.push({ type: bytes[at] ?? 0, value: bytes.subarray(at + 4, end) })
    at = end
  }
  return decoded(items)
}

function decodeProposed(value: Uint8Array): Decoded<ProposedContext> {
  if (value.length < 4) return undecoded('a presentation context is cut')
  const parts = decodeItems(value.subarray(4))
  if (!parts.ok) return parts
  const transferSyntaxes = parts.value
    .filter((part) => part.type === 0x40)
    .map((part) => uidIn(part.value))
  const abstractSyntax = uidIn(parts.value.find((part) => part.type === 0x30)?.value)
  return decoded({ id: value[0] ?? 0, abstractSyntax, transferSyntaxes })
}

function decodeUser(items: readonly Item[]): Decoded<UserInformation> {
  const user = items.find((item) => item.type === 0x50)
  const parts = decodeItems(user?.value ?? new Uint8Array())
  if (!parts.ok) return parts
  const first = (type: number, bytes: number): DataView | null => {
    const found = parts.value.find((part) => part.type === type && part.value.length >= bytes)
    return found === undefined ? null : viewOf(found.value)
  }
  const text = (type: number): string | null => {
    const found = parts.value.find((part) => part.type === type)
    return found === undefined ? null : uidIn(found.value)
  }
  const window = first(0x53, 4)
  const identity = first(0x58, 2)
  const answer = first(0x59, 2)
  return decoded({
    maxPduBytes: first(0x51, 4)?.getUint32(0) ?? unspokenMaxPduBytes,
    implementationClassUid: text(0x52),
    implementationVersion: text(0x55),
    asyncWindow:
      window === null ? null : { invoked: window.getUint16(0), performed: window.getUint16(2) },
    roles: parts.value.filter((part) => part.type === 0x54).flatMap((part) => roleIn(part.value)),
    identity:
      identity === null
        ? null
        : { type: identity.getUint8(0), wantsAnswer: identity.getUint8(1) === 1 },
    identityAnswer:
      answer === null
        ? null
        : new Uint8Array(answer.buffer, answer.byteOffset + 2, answer.byteLength - 2).slice(),
  })
}

/** `uidlen (2) uid scu (1) scp (1)`; a cut one says nothing and is left out. */
function roleIn(value: Uint8Array): readonly Role[] {
  if (value.length < 4) return []
  const end = 2 + viewOf(value).getUint16(0)
  if (end + 2 > value.length) return []
  return [
    {
      sopClassUid: uidIn(value.subarray(2, end)),
      scu: value[end] === 1,
      scp: value[end + 1] === 1,
    },
  ]
}

function uidIn(value: Uint8Array | undefined): string {
  return value === undefined ? '' : trimPadding(textOf(value))
}

function encodeFixed(version: number, calledAe: string, callingAe: string): Uint8Array {
  const bytes = new Uint8Array(fixedBytes)
  viewOf(bytes).setUint16(0, version)
  bytes.set(bytesOf(rawAeTitle(calledAe)), 4)
  bytes.set(bytesOf(rawAeTitle(callingAe)), 20)
  return bytes
}

function encodeItem(type: number, parts: readonly Uint8Array[]): Uint8Array {
  const value = concat(parts)
  const head = new Uint8Array(4)
  head[0] = type
  viewOf(head).setUint16(2, value.length)
  return concat([head, value])
}

function encodeUser(user: UserInformation): Uint8Array {
  const parts = [encodeItem(0x51, [big(user.maxPduBytes, 4)])]
  if (user.implementationClassUid !== null) {
    parts.push(encodeItem(0x52, [bytesOf(user.implementationClassUid)]))
  }
  if (user.asyncWindow !== null) {
    const { invoked, performed } = user.asyncWindow
    parts.push(encodeItem(0x53, [big(invoked, 2), big(performed, 2)]))
  }
  for (const role of user.roles) {
    const uid = bytesOf(role.sopClassUid)
    const flags = Uint8Array.of(role.scu ? 1 : 0, role.scp ? 1 : 0)
    parts.push(encodeItem(0x54, [big(uid.length, 2), uid, flags]))
  }
  if (user.implementationVersion !== null) {
    parts.push(encodeItem(0x55, [bytesOf(user.implementationVersion)]))
  }
  if (user.identity !== null) {
    const flags = Uint8Array.of(user.identity.type, user.identity.wantsAnswer ? 1 : 0)
    parts.push(encodeItem(0x58, [flags, big(0, 2), big(0, 2)]))
  }
  if (user.identityAnswer !== null) {
    parts.push(encodeItem(0x59, [big(user.identityAnswer.length, 2), user.identityAnswer]))
  }
  return encodeItem(0x50, parts)
}

function big(value: number, bytes: 2 | 4): Uint8Array {
  const out = new Uint8Array(bytes)
  if (bytes === 2) viewOf(out).setUint16(0, value)
  else viewOf(out).setUint32(0, value)
  return out
}
