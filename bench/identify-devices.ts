/**
 * Plays devices on the far ends of pseudo terminals, in a process of its own. A pseudo terminal
 * carries bytes whatever the speed, so the speed is played as well: while the gateway has set
 * another one, each side hears rubbish from the other, as on a wire.
 *
 *     node bench/identify-devices.ts     and tell it over the channel: Told
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { seededRandom } from '../gateway/clock/seeded-random.ts'
import { factoryLine, simulated } from '../gateway/cli/simulated-devices.ts'
import { hostLinks } from '../gateway/links/links.ts'
import type { Link } from '../gateway/world.ts'

export type Told =
  | {
      readonly kind: 'play'
      readonly driver: string
      readonly number: number
      readonly path: string
      readonly gatewayPath: string
    }
  | { readonly kind: 'stop'; readonly path: string }

/** From one result to the next of a device that has results. */
const everyMs = 5_000
const heardPiecesMax = 256
/** So long it takes until a new speed is noticed. */
const speedKnownMs = 40

/** Prints `index speed` for each change. The kernel alone knows what the gateway has set. */
const speedWatcher = `
import os, sys, termios, time
speeds = {getattr(termios, n): n[1:] for n in dir(termios) if n[0] == 'B' and n[1:].isdigit()}
opened = {}
last = {}
os.set_blocking(0, False)
buffer = b''
while True:
    try:
        more = os.read(0, 65536)
        if not more: break
        buffer += more
    except BlockingIOError: pass
    while b'\\n' in buffer:
        line, buffer = buffer.split(b'\\n', 1)
        path = line.decode()
        opened[path] = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    for path, fd in list(opened.items()):
        try: speed = speeds.get(termios.tcgetattr(fd)[5], '0')
        except termios.error:
            os.close(fd); del opened[path]; continue
        if last.get(path) != speed:
            last[path] = speed
            print(path, speed, flush=True)
    time.sleep(0.01)
`

const speeds = new Map<string, number>()
const watcher = spawn('python3', ['-c', speedWatcher], { stdio: ['pipe', 'pipe', 'inherit'] })
createInterface({ input: watcher.stdout }).on('line', (line) => {
  const [path = '', speed = ''] = line.split(' ')
  speeds.set(path, Number(speed))
})

const links = hostLinks()
const playing = new Map<string, AbortController>()

process.on('message', (told: Told) => {
  if (told.kind === 'stop') {
    playing.get(told.path)?.abort()
    playing.delete(told.path)
    return
  }
  const stop = new AbortController()
  playing.set(told.path, stop)
  void play(told, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) console.error(told.driver, error)
  })
})
process.on('disconnect', () => {
  watcher.kill()
  process.exit()
})

async function play(
  { driver, number, path, gatewayPath }: Extract<Told, { kind: 'play' }>,
  stop: AbortSignal,
): Promise<void> {
  const line = factoryLine(driver)
  const device = simulated(driver, {
    random: seededRandom(number + 1),
    firstNumber: 100 * number,
    everyMs,
    deviceClockMs: Date.now(),
  })
  if (line === null || device === null) throw new Error(`${driver} cannot be simulated`)
  watcher.stdin.write(`${gatewayPath}\n`)
  const isRightSpeed = () => speeds.get(gatewayPath) === line.baud
  let heard: { readonly bytes: Uint8Array; readonly atMs: number }[] = []
  const link: Link = await links.open({ kind: 'serial', path, line }, 'bytes', {
    bytes: (bytes) => {
      if (heard.length < heardPiecesMax) heard.push({ bytes, atMs: performance.now() })
    },
    closed: () => {},
  })
  let dueMs = performance.now()
  let isWriting = false
  let next = device.next()
  while (!stop.aborted && next.done !== true) {
    const { afterMs, bytes } = next.value
    dueMs += afterMs
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())))
    if (stop.aborted) break
    if (bytes.length > 0 && !isWriting) {
      isWriting = true
      void link.write(isRightSpeed() ? bytes : rubbish(bytes.length)).then(
        () => (isWriting = false),
        () => {},
      )
    }
    // Only then it is known whether they came at the right speed.
    const isKnown = heard.length > 0 && performance.now() - (heard[0]?.atMs ?? 0) > speedKnownMs
    const told = isKnown && isRightSpeed() ? heard.map((piece) => piece.bytes) : []
    if (isKnown) heard = []
    next = device.next(told.length === 0 ? undefined : new Uint8Array(Buffer.concat(told)))
  }
  await link.close()
}

function rubbish(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => Math.floor(Math.random() * 256))
}
