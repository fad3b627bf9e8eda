/**
 * The command in a thread: its output and its exit code without a process for each call. The thread
 * has a standard output of its own, so nothing of a test is mixed into it.
 */
import { once } from 'node:events'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { command } from './command.ts'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface CommandThread {
  /** One call after the other. */
  run(words: readonly string[]): Promise<Ran>
  end(): Promise<void>
}

export function startCommandThread(): CommandThread {
  const worker = new Worker(new URL(import.meta.url))
  let before: Promise<unknown> = Promise.resolve()
  const call = async (words: readonly string[]): Promise<Ran> => {
    worker.postMessage(words)
    const [ran] = (await once(worker, 'message')) as [Ran]
    return ran
  }
  return {
    run(words) {
      const ran = before.then(() => call(words))
      before = ran.catch(() => {})
      return ran
    },
    async end() {
      await worker.terminate()
    },
  }
}

/** Puts aside what is printed until it is asked for. */
function held(stream: NodeJS.WriteStream): () => string {
  let text = ''
  stream.write = (piece: string | Uint8Array) => {
    text += String(piece)
    return true
  }
  return () => {
    const said = text
    text = ''
    return said
  }
}

if (!isMainThread) {
  const [out, err] = [held(process.stdout), held(process.stderr)]
  parentPort?.on('message', (words: readonly string[]) => {
    void command(words).then((code) => {
      parentPort?.postMessage({ code, out: out(), err: err() } satisfies Ran)
    })
  })
}
