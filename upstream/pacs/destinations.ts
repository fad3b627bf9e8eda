/** Where images go: the file that `simpul landing --forward` reads. */

export interface TlsFiles {
  /** PEM with the certificates to trust; null: those of the system. */
  readonly authority: string | null
  readonly certificate: string | null
  readonly key: string | null
}

interface Common {
  /** Of a-z, 0-9 and dash. Names the destination in the queue, so it must not change. */
  readonly name: string
  /** null: without TLS. */
  readonly tls: TlsFiles | null
  /** Without a sign of life for so long, an exchange has failed. Never a limit for its whole. */
  readonly silenceSeconds: number
  readonly takesSimulated: boolean
}

export interface DicomDestination extends Common {
  readonly kind: 'dicom'
  readonly host: string
  readonly port: number
  readonly calledAeTitle: string
  readonly callingAeTitle: string
  /**
   * How it is made sure that an image is there. `commitment`: storage commitment. `find`: a query.
   * `auto`: the first of them that the peer offers. `none`: its word is all there is.
   */
  readonly proof: 'auto' | 'commitment' | 'find' | 'none'
  /**
   * `satusehat-router`: the national router works when an association is released, and makes one
   * study of one association.
   */
  readonly profile: 'archive' | 'satusehat-router'
  /** Nothing more has come of a study for so long: it is complete. Only for the router. */
  readonly quietSeconds: number
}

export interface WebDestination extends Common {
  readonly kind: 'dicomweb'
  /** The address of the service, without `/studies` and without a slash at its end. */
  readonly url: string
  readonly proof: 'qido' | 'none'
  /** The file is read at every request. `basic`: `user:password`. `bearer`: a token. */
  readonly auth: { readonly kind: 'basic' | 'bearer'; readonly file: string } | null
}

export type Destination = DicomDestination | WebDestination

export interface ForwardSettings {
  /** Where peers bring reports of commitment on associations of their own; null: nowhere. */
  readonly listen: { readonly host: string; readonly port: number } | null
  readonly destinations: readonly Destination[]
}

/** What is wrong with the file, where, in both languages. */
export interface ForwardFinding {
  /** A path of names and numbers: `destinations/0/port`. Empty for the whole. */
  readonly path: string
  readonly en: string
  readonly id: string
}

export type ReadForward =
  | { readonly ok: true; readonly settings: ForwardSettings }
  | { readonly ok: false; readonly findings: readonly ForwardFinding[] }
