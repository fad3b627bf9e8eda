/** What can be configured about the DICOM node, and what it is when nobody says otherwise. */
import type { Preference } from '../../protocols/dicom/negotiate.ts'
import type { Timer } from '../../protocols/dicom/service.ts'
import type { KnownSender } from './senders.ts'

/** Paths of PEM files, which are read when the port is opened. */
export interface TlsOptions {
  readonly key: string
  readonly certificate: string
  /** Whose certificates a device must show; null: it need not show one. */
  readonly authority: string | null
}

export interface PortOptions {
  /** 11112 by registration, 104 by tradition, 2762 for TLS; 0 for any that is free. */
  readonly port: number
  /** null: plain. */
  readonly tls: TlsOptions | null
}

export interface NodeOptions {
  /** `journal.incomingFolder`. */
  readonly incomingFolder: string
  /** Devices that have a name. Others are taken too, under a name made of their title. */
  readonly senders: readonly KnownSender[]
  /**
   * Only known senders are let in, and only when they call this title; both are compared exactly.
   * null: whoever comes, whatever is called.
   */
  readonly strictTitle: string | null
  /** What must stay free on the disk of the incoming folder. */
  readonly reserveBytes: number
  /** Associations at one time, together and of one address. */
  readonly associationsMax: number
  readonly associationsPerPeerMax: number
  /** Connections at one time, those included that have not asked for an association. */
  readonly connectionsMax: number
  readonly timersMs: { readonly [T in Timer]: number }
  /** The largest object that is taken, file meta information included. */
  readonly objectBytesMax: number
  readonly acceptPrivate: boolean
  readonly preference: Preference
  /** Size of the pieces in which an object travels, in bytes. */
  readonly chunkBytes: number
}

export interface ImagingOptions extends NodeOptions {
  readonly host: string
  readonly ports: readonly PortOptions[]
}

export const imagingDefaults = {
  host: '0.0.0.0',
  ports: [{ port: 11_112, tls: null }],
  senders: [],
  strictTitle: null,
  reserveBytes: 1_073_741_824,
  associationsMax: 64,
  associationsPerPeerMax: 16,
  connectionsMax: 128,
  // An ultrasound cart holds one association open for a whole exam.
  timersMs: { artim: 30_000, idle: 1_800_000, linger: 3_000 },
  objectBytesMax: 4_294_967_296,
  acceptPrivate: true,
  preference: 'native',
  chunkBytes: 65_536,
} as const satisfies Omit<ImagingOptions, 'incomingFolder'>

/** How our temporary files are told from those of others when a dead thread left some. */
export const temporaryPrefix = 'dicom-'
