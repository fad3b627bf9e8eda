/** The van's key is the same in every world: making one is slow, and no two would be alike. */
import { createPrivateKey } from 'node:crypto'
import { nodeTools, type JournalTools } from '../journal/seal-tools.ts'

/** DER that stands before the 32 raw bytes of an Ed25519 private key (RFC 8410, section 7). */
const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const seed = Buffer.alloc(32, 'simpul simulation')

export const simTools: JournalTools = nodeTools(
  createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' }),
)
