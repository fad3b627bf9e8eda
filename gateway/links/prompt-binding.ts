/**
 * serialport's binding, but for reading. As it comes, each read goes through libuv's pool of four
 * threads, together with all files that are written: four fsyncs on a slow card, and a tty with
 * room for 4 KB overflows although the main thread is idle. Here the main thread reads itself, as
 * soon as the kernel says that there is something: the descriptor never blocks, and it costs half
 * as much.
 *
 * A terminal that was hung up answers 0 bytes for ever, which serialport asks for again and again;
 * here it is the end.
 */
import { readSync } from 'node:fs'
import { SerialPort } from 'serialport'

type Opened = Awaited<ReturnType<(typeof SerialPort.binding)['open']>>
type Polled = Extract<Opened, { readonly poller: object }>

/** What serialport hands on from its own options. */
export interface PortOptions {
  readonly path: string
  readonly baudRate: number
  readonly dataBits: 7 | 8
  readonly parity: 'none' | 'even' | 'odd'
  readonly stopBits: 1 | 2
  /** Keeps out other processes that ask for the lock as well. */
  readonly lock: boolean
}

export const promptBinding = {
  ...SerialPort.binding,
  async open(options: PortOptions): Promise<Opened> {
    const port = await SerialPort.binding.open(options)
    // Not on Windows, where no van runs.
    if ('poller' in port) port.read = (buffer, offset, length) => read(port, buffer, offset, length)
    return port
  },
}

async function read(
  port: Polled,
  buffer: Buffer,
  offset: number,
  length: number,
): Promise<{ buffer: Buffer; bytesRead: number }> {
  for (;;) {
    // Before the first try, too: nearly always the read before took all there was.
    await readable(port)
    if (port.fd === null) throw Object.assign(new Error('the port is closed'), { canceled: true })
    const bytesRead = readNow(port.fd, buffer, offset, length)
    if (bytesRead === 0) throw new Error('the port was hung up')
    if (bytesRead !== null) return { buffer, bytesRead }
  }
}

/** Rejects with serialport's own `canceled` when the port is closed meanwhile. */
function readable(port: Polled): Promise<void> {
  return new Promise((resolve, reject) => {
    port.poller.once('readable', (error) => {
      if (error === null) resolve()
      else reject(error)
    })
  })
}

/** null when there is nothing yet. */
function readNow(
  descriptor: number,
  buffer: Buffer,
  offset: number,
  length: number,
): number | null {
  try {
    return readSync(descriptor, buffer, offset, length, null)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code === 'EAGAIN' || code === 'EWOULDBLOCK' || code === 'EINTR') return null
    throw error
  }
}
