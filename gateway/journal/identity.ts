import type { ObjectRecord } from './kinds.ts'
import { sha256 } from './seal-tools.ts'

/** By what a device's record is recognised when it comes again with the same object. */
export function identityOf(record: ObjectRecord): Uint8Array {
  switch (record.kind) {
    case 'image':
      return identityOfImage(record.sopInstanceUid)
    case 'document':
      return identityOfWords('document', record.title)
    case 'rendition':
      return identityOfWords('rendition', `${record.role} ${record.of} ${record.frame}`)
  }
}

/** Of an image, whoever sent it. */
export function identityOfImage(sopInstanceUid: string): Uint8Array {
  return identityOfWords('image', sopInstanceUid)
}

function identityOfWords(kind: ObjectRecord['kind'], words: string): Uint8Array {
  return sha256(new TextEncoder().encode(`${kind} ${words}`)).slice(0, 16)
}
