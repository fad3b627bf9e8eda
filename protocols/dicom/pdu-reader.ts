/**
 * Reads the upper layer as it arrives (PS3.8 section 9.3.1). A P-DATA is never held whole: the
 * bytes of its values are handed on as they come, as views into what came, so that an image of any
 * size costs no memory here. Only control PDUs are gathered, up to `associateLimitBytes`.
 *
 * The owner pulls: what it does not ask for stays where it is, which is how a pipelining peer
 * waits.
 */
import { decodeControl, headerFault, pduHeaderBytes, pduTypes, type ControlPdu } from './pdu.ts'
import { viewOf } from './text.ts'

const pdvHeaderBytes = 6
const firstBodyBytes = 4_096

export type Read =
  | { readonly kind: 'control'; readonly pdu: ControlPdu }
  | {
      readonly kind: 'piece'
      readonly contextId: number
      readonly command: boolean
      readonly bytes: Uint8Array
      /** True with the last byte of a last fragment: the command set or data set is complete. */
      readonly complete: boolean
    }
  | { readonly kind: 'fault'; readonly fault: ReadFault }

export type ReadFault =
  /** `first` is the type byte: enough to recognise another protocol. */
  | { readonly kind: 'unknown-type'; readonly first: number }
  | { readonly kind: 'pdu-too-long'; readonly bytes: number; readonly limitBytes: number }
  | { readonly kind: 'malformed'; readonly reason: string }

type Place =
  | { readonly at: 'header' }
  | { readonly at: 'control'; readonly type: number; readonly bytes: number }
  | { readonly at: 'pdv-header' }
  | {
      readonly at: 'pdv'
      readonly contextId: number
      readonly command: boolean
      readonly last: boolean
    }
  | { readonly at: 'nowhere' }

export class PduReader {
  readonly #dataLimitBytes: number
  /** What came and was not read yet; `#from` is the place in the first. */
  #chunks: Uint8Array[] = []
  #from = 0
  #place: Place = { at: 'header' }
  /** Gathers a header or a control PDU across the cuts of the network. */
  #gathered = new Uint8Array(firstBodyBytes)
  #have = 0
  #leftInPdu = 0
  #leftInPdv = 0

  /** `dataLimitBytes` is the longest P-DATA value that is tolerated. */
  constructor(dataLimitBytes: number) {
    this.#dataLimitBytes = dataLimitBytes
  }

  push(bytes: Uint8Array): void {
    if (bytes.length > 0 && this.#place.at !== 'nowhere') this.#chunks.push(bytes)
  }

  /** True when bytes have come that nobody has asked for. */
  get waiting(): boolean {
    return this.#chunks.length > 0
  }

  /**
   * The next thing, or null when more bytes are needed. After a fault there is never anything more.
   */
  next(): Read | null {
    for (;;) {
      const read = this.#step()
      if (read === 'more') return null
      if (read === 'on') continue
      if (read.kind === 'fault') this.#forget()
      return read
    }
  }

  #step(): Read | 'more' | 'on' {
    const place = this.#place
    switch (place.at) {
      case 'header':
        return this.#gather(pduHeaderBytes) ? this.#header() : 'more'
      case 'control':
        return this.#gather(place.bytes) ? this.#control(place.type) : 'more'
      case 'pdv-header':
        return this.#pdvHeader()
      case 'pdv':
        return this.#piece(place)
      default:
        return 'more'
    }
  }

  #header(): Read | 'on' {
    const type = this.#gathered[0] ?? 0
    const bytes = viewOf(this.#gathered).getUint32(2)
    this.#have = 0
    if (type < pduTypes.associateRequest || type > pduTypes.abort) {
      return fault({ kind: 'unknown-type', first: type })
    }
    if (type === pduTypes.data) {
      if (bytes > this.#dataLimitBytes) {
        return fault({ kind: 'pdu-too-long', bytes, limitBytes: this.#dataLimitBytes })
      }
      this.#leftInPdu = bytes
      this.#place = { at: 'pdv-header' }
      return 'on'
    }
    const reason = headerFault(type, bytes)
    if (reason !== null) return fault({ kind: 'malformed', reason })
    this.#place = { at: 'control', type, bytes }
    return 'on'
  }

  #control(type: number): Read {
    const body = this.#gathered.slice(0, this.#have)
    this.#have = 0
    this.#gathered = new Uint8Array(firstBodyBytes)
    this.#place = { at: 'header' }
    const pdu = decodeControl(type, body)
    if (typeof pdu === 'string') return fault({ kind: 'malformed', reason: pdu })
    return { kind: 'control', pdu }
  }

  #pdvHeader(): Read | 'more' | 'on' {
    if (this.#leftInPdu === 0) {
      this.#place = { at: 'header' }
      return 'on'
    }
    if (this.#leftInPdu < pdvHeaderBytes) {
      return fault({ kind: 'malformed', reason: 'a presentation data value is cut' })
    }
    if (!this.#gather(pdvHeaderBytes)) return 'more'
    this.#have = 0
    this.#leftInPdu -= pdvHeaderBytes
    const bytes = viewOf(this.#gathered).getUint32(0) - 2
    if (bytes < 0 || bytes > this.#leftInPdu) {
      const reason = 'a presentation data value does not fit its PDU'
      return fault({ kind: 'malformed', reason })
    }
    const control = this.#gathered[5] ?? 0
    this.#leftInPdv = bytes
    this.#place = {
      at: 'pdv',
      contextId: this.#gathered[4] ?? 0,
      command: (control & 1) !== 0,
      last: (control & 2) !== 0,
    }
    return 'on'
  }

  #piece(place: Extract<Place, { at: 'pdv' }>): Read | 'more' {
    const bytes = this.#leftInPdv === 0 ? nothing : this.#take(this.#leftInPdv)
    if (bytes === null) return 'more'
    this.#leftInPdv -= bytes.length
    this.#leftInPdu -= bytes.length
    const done = this.#leftInPdv === 0
    if (done) this.#place = { at: 'pdv-header' }
    return {
      kind: 'piece',
      contextId: place.contextId,
      command: place.command,
      bytes,
      complete: done && place.last,
    }
  }

  /** Copies until `bytes` are gathered. Grows with what came, never with what was announced. */
  #gather(bytes: number): boolean {
    while (this.#have < bytes) {
      const piece = this.#take(bytes - this.#have)
      if (piece === null) return false
      if (this.#have + piece.length > this.#gathered.length) {
        const larger = new Uint8Array((this.#have + piece.length) * 2)
        larger.set(this.#gathered)
        this.#gathered = larger
      }
      this.#gathered.set(piece, this.#have)
      this.#have += piece.length
    }
    return true
  }

  /** A view of at most `most` bytes that came together. */
  #take(most: number): Uint8Array | null {
    const chunk = this.#chunks[0]
    if (chunk === undefined) return null
    const end = Math.min(chunk.length, this.#from + most)
    const piece = chunk.subarray(this.#from, end)
    if (end === chunk.length) {
      this.#chunks.shift()
      this.#from = 0
    } else {
      this.#from = end
    }
    return piece
  }

  #forget(): void {
    this.#place = { at: 'nowhere' }
    this.#chunks = []
    this.#gathered = nothing
  }
}

const nothing = new Uint8Array()

function fault(what: ReadFault): Read {
  return { kind: 'fault', fault: what }
}
