/**
 * The thread that looks at pixels: one image after the other, behind everything else that the box
 * has to do. It may take memory that it does not give back, and it may die of a file.
 */
import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, ftruncateSync, openSync, unlinkSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { parentPort, type MessagePort } from 'node:worker_threads'
import { pixelHeadLimitBytes, readPixelHead } from '../../../protocols/packed-image/pixel-head.ts'
import { hashed, readerOf, writeAll } from '../file-pieces.ts'
import { openCoders, type Coders } from './coders.ts'
import {
  transcodedPrefix,
  type FromTranscoder,
  type Job,
  type MadeFile,
  type Transcoded,
} from './messages.ts'
import { pack, type SourceFile, type TargetFile } from './pack.ts'
import { previewsOf } from './preview.ts'

/** Of this thread alone: acquisition, intake and the journal come first. */
const niceness = 10

flushCompileCache()
if (parentPort !== null) await serve(parentPort)

async function serve(port: MessagePort): Promise<void> {
  setPriority(0, niceness)
  const say = (message: FromTranscoder): void => port.postMessage(message)
  const coders = await openCoders()
  port.on('message', (job: Job) => {
    const outcome = transcode(job, coders, say)
    say({ kind: 'done', outcome })
  })
  say({ kind: 'ready' })
}

function transcode(job: Job, coders: Coders, say: (message: FromTranscoder) => void): Transcoded {
  const { id, path, sizeBytes, sha256, folder } = job
  const nameOf = (part: string) => join(folder, `${transcodedPrefix}${id}-${part}`)
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    return { kind: 'as-is', why: `the file cannot be opened: ${wordsOf(error)}` }
  }
  try {
    const source: SourceFile = { read: readerOf(file), sizeBytes, sha256 }
    const head = readPixelHead(source.read(0, pixelHeadLimitBytes))
    for (const { frame, jpeg } of head.ok ? previewsOf(source, head.value, coders) : []) {
      const made = writeWhole(nameOf(`frame-${frame}`), jpeg)
      say({ kind: 'preview', frame, file: made })
    }
    return packInto(nameOf('packed'), (target) => pack(source, head, target, coders))
  } catch (error) {
    return { kind: 'as-is', why: wordsOf(error) }
  } finally {
    closeSync(file)
  }
}

function packInto(path: string, work: (target: TargetFile) => ReturnType<typeof pack>): Transcoded {
  const file = openSync(path, 'wx+', 0o600)
  try {
    let end = 0
    const target: TargetFile = {
      write: (bytes) => {
        writeAll(file, bytes, end)
        end += bytes.length
      },
      read: readerOf(file),
      clear: () => {
        ftruncateSync(file, 0)
        end = 0
      },
    }
    const packed = work(target)
    if (packed.ok) {
      fsyncSync(file)
      return { kind: 'packed', coding: packed.value, file: { path, ...hashed(target.read) } }
    }
    unlinkSync(path)
    return { kind: 'as-is', why: packed.reason }
  } catch (error) {
    unlinkSync(path)
    throw error
  } finally {
    closeSync(file)
  }
}

function writeWhole(path: string, bytes: Uint8Array): MadeFile {
  const file = openSync(path, 'wx', 0o600)
  try {
    writeAll(file, bytes, 0)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { path, sizeBytes: bytes.length, sha256 }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
