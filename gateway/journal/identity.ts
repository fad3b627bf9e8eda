import type { Rendition } from '../../protocols/packet/record.ts'
import type { ObjectRecord } from './kinds.ts'
import { sha256 } from './seal-tools.ts'

type RenditionName = Pick<Rendition, 'role' | 'of' | 'frame'>

/** By what a device's record is recognised when it comes again with the same object. */
export function identityOf(record: ObjectRecord): Uint8Array {
  switch (record.kind) {
    case 'image':
      return identityOfImage(record.sopInstanceUid)
    case 'document':
      return identityOfWords('document', record.title)
    case 'rendition':
      return identityOfRendition(record)
  }
}

/** Of an image, whoever sent it. */
export function identityOfImage(sopInstanceUid: string): Uint8Array {
  return identityOfWords('image', sopInstanceUid)
}

export function identityOfRendition({ role, of, frame }: RenditionName): Uint8Array {
  return identityOfWords('rendition', `${role} ${of} ${frame}`)
}

function identityOfWords(kind: ObjectRecord['kind'], words: string): Uint8Array {
  return sha256(new TextEncoder().encode(`${kind} ${words}`)).slice(0, 16)
}
