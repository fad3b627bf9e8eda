import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { fakeClock } from '../clock/fake-clock.ts'
import { memoryLog, quietLog } from './log.ts'
import { connectSystemd, keepWatchdog, type Systemd } from './systemd.ts'

const limitMs = 60_000

async function until(condition: () => boolean): Promise<boolean> {
  const end = performance.now() + limitMs
  while (!condition()) {
    if (performance.now() > end) return false
    await sleep(10)
  }
  return true
}

/** What systemd-notify does with its argument, for machines without systemd. */
function notifyScript(folder: string): string {
  const path = `${folder}/systemd-notify`
  const script = '#!/bin/sh\nprintf "%s\\n" "$1" | socat -u - "UNIX-SENDTO:$NOTIFY_SOCKET"\n'
  writeFileSync(path, script, { mode: 0o755 })
  return path
}

t.test('systemd: without a socket nothing is said', async (t) => {
  const memory = memoryLog()
  const systemd = connectSystemd({
    environment: { WATCHDOG_USEC: '30000000' },
    processId: 1,
    log: memory.log,
    command: '/nowhere/systemd-notify',
  })
  await systemd.ready()
  await systemd.status('fine')
  t.equal(systemd.watchdogEveryMs, null)
  t.strictSame(memory.lines, [])
})

t.test('systemd: systemd-notify brings each message to the datagram socket', async (t) => {
  // The path of a unix socket holds at most 107 bytes.
  const folder = mkdtempSync(`${tmpdir()}/notify-`)
  t.teardown(() => rmSync(folder, { recursive: true }))
  const socket = `${folder}/notify`
  const file = `${folder}/heard`
  const receiver = spawn('socat', ['-u', `UNIX-RECV:${socket}`, `OPEN:${file},creat,append`])
  t.teardown(() => receiver.kill())
  t.ok(await until(() => existsSync(socket)))
  const heard = () => (existsSync(file) ? readFileSync(file, 'utf8') : '')

  const memory = memoryLog()
  const systemd = connectSystemd({
    environment: { NOTIFY_SOCKET: socket },
    processId: process.pid,
    log: memory.log,
    command: notifyScript(folder),
  })
  await systemd.ready()
  await systemd.status('3 devices\nnow')
  await systemd.alive()
  await systemd.stopping()
  t.ok(await until(() => heard().includes('STOPPING=1')), heard())
  t.equal(heard(), 'READY=1\nSTATUS=3 devices now\nWATCHDOG=1\nSTOPPING=1\n')
  t.strictSame(memory.lines, [])
})

t.test('systemd: an opened descriptor is written to directly', async (t) => {
  const folder = t.testdir({})
  const file = openSync(`${folder}/datagrams`, 'w')
  // The shell replaces itself, so that the id that it names is the one that runs.
  const program = `
    const { connectSystemd } = await import('${import.meta.dirname}/systemd.ts')
    const { quietLog } = await import('${import.meta.dirname}/log.ts')
    const systemd = connectSystemd({
      environment: process.env, processId: process.pid, log: quietLog, command: '/nowhere',
    })
    await systemd.ready()
    await systemd.alive()
  `
  const child = spawn(
    'sh',
    ['-c', 'LISTEN_PID=$$ exec "$0" --input-type=module -e "$1"', process.execPath, program],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ignore', file],
      env: {
        PATH: process.env['PATH'],
        NOTIFY_SOCKET: '/run/systemd/notify',
        LISTEN_FDS: '2',
        LISTEN_FDNAMES: 'other:notify',
      },
    },
  )
  const code = await new Promise((resolve) => child.on('exit', resolve))
  t.equal(code, 0)
  t.equal(readFileSync(`${folder}/datagrams`, 'utf8'), 'READY=1WATCHDOG=1')
})

t.test('systemd: descriptors that are meant for another process are left alone', async (t) => {
  const memory = memoryLog()
  const systemd = connectSystemd({
    environment: {
      NOTIFY_SOCKET: '/nowhere/notify',
      LISTEN_PID: '1',
      LISTEN_FDS: '1',
      LISTEN_FDNAMES: 'notify',
    },
    processId: 2,
    log: memory.log,
    command: '/nowhere/systemd-notify',
  })
  await systemd.ready()
  await systemd.alive()
  t.match(memory.lines, [{ level: 'warn', message: 'systemd was not reached' }], 'once')
  t.equal(memory.lines.length, 1)
})

function every(environment: { [name: string]: string }): number | null {
  return connectSystemd({
    environment: { NOTIFY_SOCKET: '/nowhere', ...environment },
    processId: 7,
    log: quietLog,
  }).watchdogEveryMs
}

t.test('systemd: gives a sign of life twice in the time that it is allowed', async (t) => {
  t.equal(every({ WATCHDOG_USEC: '30000000' }), 15_000)
  t.equal(every({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' }), 15_000)
  t.equal(every({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' }), null)
  t.equal(every({ WATCHDOG_USEC: 'soon' }), null)
  t.equal(every({}), null)
})

t.test('systemd: the watchdog beats only while all is well', async (t) => {
  const clock = fakeClock()
  let beats = 0
  let healthy = true
  const systemd: Systemd = {
    ready: async () => {},
    status: async () => {},
    stopping: async () => {},
    alive: async () => {
      beats++
    },
    watchdogEveryMs: 15_000,
  }
  const stop = keepWatchdog(systemd, clock, () => healthy)
  await clock.advance(60_000)
  t.equal(beats, 5)
  healthy = false
  await clock.advance(60_000)
  t.equal(beats, 5)
  healthy = true
  await clock.advance(15_000)
  t.equal(beats, 6)
  stop()
  await clock.advance(60_000)
  t.equal(beats, 6)
  keepWatchdog({ ...systemd, watchdogEveryMs: null }, clock, () => true)()
  t.strictSame(clock.running(), [])
})
