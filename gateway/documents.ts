/** The way of a document to the journal: its bytes to the disk first, then the record of them. */
import { chunkLimitBytes } from '../protocols/packet/limits.ts'
import type { Document } from '../protocols/packet/record.ts'
import type { NewDocument } from './devices/said-items.ts'
import type { IncomingFiles } from './journal/incoming.ts'
import type { Journal } from './journal/journal.ts'

/**
 * Resolves with the record when both are on the disk, and with null when the device has handed over
 * the same before. Rejects as `Journal.adopt` does, and then nothing is stored.
 */
export async function storeDocument(
  { journal, incoming }: { readonly journal: Pick<Journal, 'adopt'>; incoming: IncomingFiles },
  device: string,
  { bytes, mediaType, ...said }: NewDocument,
): Promise<Document | null> {
  const { path, sizeBytes, sha256 } = await incoming.write(bytes)
  const object = { sha256, sizeBytes, mediaType, chunkBytes: chunkLimitBytes }
  const document: Document = { ...said, object }
  try {
    const status = await journal.adopt(device, document, path)
    return status === 'stored' ? document : null
  } catch (error) {
    await incoming.remove(path)
    throw error
  }
}
