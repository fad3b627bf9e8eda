/** The thread that writes whose an image is into a copy of its file, behind everything else. */
import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { coercedFile, planCoercion, type Splice } from '../../../protocols/dicom/coercion.ts'
import type { ReadBytes } from '../../../protocols/packed-image/packed-image.ts'
import { hashed, readerOf, writeAll } from '../file-pieces.ts'
import type { Coerced, CoercionJob } from './messages.ts'

/** Of this thread alone: acquisition, intake and the journal come first. */
const niceness = 10

flushCompileCache()
if (parentPort !== null) {
  const port = parentPort
  setPriority(0, niceness)
  port.on('message', (job: CoercionJob) => {
    port.postMessage(coerce(job))
  })
}

function coerce(job: CoercionJob): Coerced {
  try {
    const file = openSync(job.path, 'r')
    try {
      return coerceOpen(job, readerOf(file))
    } finally {
      closeSync(file)
    }
  } catch (error) {
    rmSync(job.target, { force: true })
    return { kind: 'refused', why: error instanceof Error ? error.message : String(error) }
  }
}

function coerceOpen(job: CoercionJob, read: ReadBytes): Coerced {
  const { sizeBytes, sha256 } = hashed(read)
  if (sha256 !== job.sha256) return { kind: 'refused', why: 'the file is damaged' }
  const plan = planCoercion(read, sizeBytes, job.changes, job.attribution)
  if (!plan.ok) return { kind: 'refused', why: plan.reason }
  const { splices } = plan.value
  if (splices.length === 0) return { kind: 'same' }
  return { kind: 'made', file: write(job.target, read, sizeBytes, splices) }
}

function write(path: string, read: ReadBytes, sizeBytes: number, splices: readonly Splice[]) {
  const target = openSync(path, 'wx+', 0o600)
  try {
    let end = 0
    for (const piece of coercedFile(read, sizeBytes, splices)) {
      writeAll(target, piece, end)
      end += piece.length
    }
    fsyncSync(target)
    return { path, ...hashed(readerOf(target)) }
  } finally {
    closeSync(target)
  }
}
