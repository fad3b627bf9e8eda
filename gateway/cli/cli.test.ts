import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { parseCapture } from '../../drivers/capture.ts'
import { drivers } from '../../drivers/index.ts'
import { beats, ecgOf } from '../../protocols/ecg/testing.ts'
import { encodeScp } from '../../protocols/scp-ecg/write.ts'
import { startCommandThread, type Ran } from './command-testing.ts'

const simpul = join(import.meta.dirname, 'simpul')
const captures = join(import.meta.dirname, '../../drivers/captures')
const folder = mkdtempSync(join(tmpdir(), 'simpul-cli-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

const thread = startCommandThread()
t.teardown(() => thread.end())

/** Words separated by blanks, as in a shell; nothing here has blanks inside. */
function run(words: string): Promise<Ran> {
  return thread.run(words.split(' '))
}

/** The same as a process. */
function runProcess(words: string): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(simpul, words.split(' '), { timeout: 120_000 }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err })
    })
  })
}

/** A pair of pseudo-terminals; both paths exist when it resolves. */
async function ttyPair(name: string): Promise<{ a: string; b: string; socat: ChildProcess }> {
  const [a, b] = [join(folder, `${name}-a`), join(folder, `${name}-b`)]
  const socat = spawn('socat', [ptyAt(a), ptyAt(b)], { stdio: 'ignore' })
  while (!existsSync(a) || !existsSync(b)) await sleep(10)
  return { a, b, socat }
}

function ptyAt(link: string): string {
  return `pty,raw,echo=0,link=${link}`
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  child.kill(signal)
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode
}

function valuesIn(text: string): readonly string[] {
  return [...text.matchAll(/"value":([\d.]+)/g)].map((one) => one[1] ?? '')
}

t.test('simpul: help lists every verb, and each verb explains itself', async (t) => {
  const help = await runProcess('help')
  t.equal(help.code, 0)
  const verbs = [...help.out.matchAll(/^ {2}simpul (\w+)/gm)].map((match) => match[1] ?? '')
  for (const verb of [
    'run',
    'demo',
    'drivers',
    'decode',
    'record',
    'replay',
    'simulate',
    'check',
  ]) {
    t.ok(verbs.includes(verb), verb)
  }
  t.match(await run('help decode'), { code: 0, out: /^simpul decode --driver ID FILE/ })
  t.match(await run('decode --help'), { code: 0, out: /^simpul decode/ })
})

t.test('simpul: what is not understood exits with 2 and says what is', async (t) => {
  t.match(await runProcess('fly'), { code: 2, err: /there is no verb fly/ })
  t.match(await run('decode x.bin'), { code: 2, err: /--driver ID is needed/ })
  t.match(await run('decode --driver nobody x'), { code: 2, err: /known are .*and-tm265x/ })
  t.match(await run('drivers --wings'), { code: 2, err: /--wings/ })
  t.match(await run('simulate keypad --port /dev/null'), { code: 2, err: /can$/m })
  t.match(await run('broker --port 70000'), { code: 2, err: /from 0 to 65535, found 70000/ })
})

t.test('drivers: a table for people and JSON for programs say the same', async (t) => {
  const table = await run('drivers')
  const json = JSON.parse((await run('drivers --json')).out) as readonly { id: string }[]
  t.strictSame(
    json.map((row) => row.id),
    drivers.map((driver) => driver.id),
  )
  for (const { id } of json) t.match(table.out, new RegExp(`^${id} `, 'm'))
})

t.test('decode: an ECG file whole, and as a file of another format', async (t) => {
  const ecg = encodeScp(ecgOf(beats(12, 1_000)))
  if (!ecg.ok) throw new Error(ecg.reason)
  const path = join(folder, 'ecg.scp')
  writeFileSync(path, ecg.value)
  const strip = /^\{"kind":"strip".*$/m
  const scp = await run(`decode --driver ecg-file ${path}`)
  t.match(scp, { code: 0, out: /"mediaType":"application\/x-scp-ecg","bytes":\{"bytes":\d+\}/ })
  const samples = strip.exec(scp.out)?.[0] ?? ''
  t.match(samples, /"samples":\[\[/)
  for (const format of ['dicom', 'aecg', 'edf', 'scp']) {
    const out = join(folder, `ecg.${format}`)
    t.equal((await run(`decode --as ${format} --out ${out}.new ${path}`)).code, 0)
    const other = await run(`decode --driver ecg-file ${out}.new`)
    t.equal(strip.exec(other.out)?.[0], samples, format)
  }
  t.match(await run(`decode --as pdf --out ${path}.pdf ${path}`), { code: 2, err: /one of scp/ })
  t.match(await run(`decode --as edf ${path}`), { code: 2, err: /--out NEW/ })
  const [out, nothing] = [join(folder, 'no.edf'), join(folder, 'no.txt')]
  writeFileSync(nothing, 'no ECG')
  t.match(await run(`decode --as edf --out ${out} ${nothing}`), { code: 1, err: /neither SCP-ECG/ })
  t.notOk(existsSync(out))
  t.equal((await run(`decode --as edf --out ${path} ${path}`)).code, 1, 'never over another file')
  t.match(await run(`decode --driver ecg-file ${nothing}`), { code: 4, err: /not understood: nei/ })
})

t.test('decode: reads evidence as it says, and raw bytes', async (t) => {
  const path = join(captures, 'and-tm265x', 'tm2657-good.cap')
  const good = await run(`decode --driver and-tm265x ${path}`)
  t.equal(good.code, 0, good.err)
  t.match(good.out, /"MDC_PRESS_BLD_NONINV_SYS","value":127/)
  const lie = join(folder, 'lie.cap')
  writeFileSync(lie, readFileSync(path, 'utf8').replace('SYS 127', 'SYS 128'))
  t.match(await runProcess(`decode --driver and-tm265x ${lie}`), {
    code: 4,
    err: /expected .* 128/,
  })
  const raw = join(folder, 'raw.bin')
  writeFileSync(raw, 'ST,GS,+  72.45kg\r\nrubbish\r\n')
  const scale = await run(`decode --driver st-gs-scale ${raw}`)
  t.match(scale.err, /1 things said, 7 bytes of noise/)
  const nothing = join(folder, 'nothing.bin')
  writeFileSync(nothing, 'hello world')
  t.equal((await run(`decode --driver berrymed-pm6750 ${nothing}`)).code, 4)
})

t.test(
  'check: a good configuration exits with 0, a wrong one with 3 and every finding',
  async (t) => {
    const good = join(folder, 'good.json')
    writeFileSync(good, '{"van":"van-02","uplink":{"url":"mqtt://broker.example"}}')
    t.match(await run(`check ${good}`), { code: 0, out: /is good: van-02/ })
    const wrong = join(folder, 'wrong.json')
    writeFileSync(wrong, '{"van":"Van 2","uplink":{},"wings":true}')
    const found = await runProcess(`check ${wrong} --language id`)
    t.equal(found.code, 3)
    for (const part of [/wings: bukan pengaturan/, /van: harus/, /uplink\/url: belum diisi/]) {
      t.match(found.out, part)
    }
    t.match(await run(`check ${join(folder, 'absent.json')}`), { code: 3, out: /cannot be read/ })
  },
)

interface Recording {
  readonly process: ChildProcess
  printed(): string
}

/** Records until it is asked to end. Resolves when it has the port. */
async function recordAt(port: string, driver: string, tape: string): Promise<Recording> {
  const words = ['record', tape, '--driver', driver, '--port', port]
  const recorder = spawn(simpul, words, { stdio: ['ignore', 'pipe', 'ignore'] })
  let out = ''
  recorder.stdout.on('data', (text: Buffer) => {
    out += String(text)
  })
  const files = `/proc/${recorder.pid}/fd`
  const tty = realpathSync(port)
  while (!readdirSync(files).some((name) => targetOf(join(files, name)) === tty)) await sleep(20)
  return { process: recorder, printed: () => out }
}

/** null when the file was closed meanwhile. */
function targetOf(link: string): string | null {
  try {
    return readlinkSync(link)
  } catch {
    return null
  }
}

async function hears(recording: Recording, what: string): Promise<void> {
  while (!recording.printed().includes(what)) await sleep(20)
}

t.test('simulate, record, replay, decode: a device goes round', async (t) => {
  const line = await ttyPair('round')
  const ledger = join(folder, 'ledger.jsonl')
  const tape = join(folder, 'scale.cap')
  const recorded = await recordAt(line.a, 'st-gs-scale', tape)
  const device = spawn(
    simpul,
    ['simulate', 'st-gs-scale', '--port', line.b, '--every', '300', '--ledger', ledger],
    { stdio: 'ignore' },
  )
  await hears(recorded, 'MDC_MASS_BODY_ACTUAL')
  t.equal(await ended(device, 'SIGTERM'), 0, 'a simulator that is asked to end does')
  t.equal(await ended(recorded.process, 'SIGTERM'), 0)
  t.match(readFileSync(ledger, 'utf8'), /MDC_MASS_BODY_ACTUAL/)
  const decoded = await run(`decode --driver st-gs-scale ${tape}`)
  t.equal(decoded.code, 0, decoded.err)
  const heard = valuesIn(recorded.printed())
  // What came last may stand on the tape and not have been said yet.
  t.strictSame(valuesIn(decoded.out).slice(0, heard.length), heard, 'the tape says what was heard')
  await ended(line.socat, 'SIGTERM')

  const again = await ttyPair('again')
  const recording = await recordAt(again.a, 'and-tm265x', join(folder, 'second.cap'))
  const good = join(captures, 'and-tm265x', 'tm2657-good.cap')
  t.equal((await run(`replay ${good} --port ${again.b}`)).code, 0)
  await hears(recording, '"value":127')
  t.equal(await ended(recording.process, 'SIGTERM'), 0)
  await ended(again.socat, 'SIGTERM')
})

t.test('record: a device that calls', async (t) => {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  server.close()
  const tape = join(folder, 'called.cap')
  const recording = spawn(
    simpul,
    ['record', tape, '--driver', 'hl7-law', '--listen', String(port)],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  let out = ''
  recording.stdout.on('data', (text: Buffer) => {
    out += String(text)
  })
  const capture = parseCapture(readFileSync(join(captures, 'hl7-law', 'result.cap'), 'utf8'))
  const message = capture.ok ? capture.value.find((step) => step.kind === 'device') : undefined
  const socket = await dialled(port)
  socket.write(message?.kind === 'device' ? message.bytes : '')
  await once(socket, 'data')
  socket.destroy()
  t.equal(await ended(recording, 'SIGTERM'), 0)
  t.match(out, /"value":18/)
  t.match(await run(`decode --driver hl7-law ${tape}`), { code: 0, out: /"value":18/ })
})

/** As soon as somebody listens there. */
async function dialled(port: number): Promise<Socket> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    if (isOpen) return socket
    await sleep(20)
  }
}

t.test('record: what is not understood is said', async (t) => {
  const file = join(folder, 'never.cap')
  for (const [words, why] of [
    ['--driver st-gs-scale --port /dev/null --usb any', /exactly one of/],
    ['--driver omron-hem790it --listen 4001', /omron-hem790it is reached by hid/],
    ['--driver st-gs-scale --call nowhere', /--call wants HOST:PORT/],
  ] as const) {
    t.match(await run(`record ${file} ${words}`), { code: 2, err: why }, words)
  }
  t.match(await runProcess(`record ${file} --driver omron-hem790it --usb any --seconds 1`), {
    code: 4,
  })
})

t.test('record: a silent line is said, and exits with 4', async (t) => {
  const line = await ttyPair('silent')
  const silent = await run(
    `record ${join(folder, 'silent.cap')} --driver and-tm265x --port ${line.a} --seconds 1`,
  )
  t.match(silent, { code: 4, err: /Nothing went over the line/ })
  t.notOk(readdirSync(folder).includes('silent.cap'))
  await ended(line.socat, 'SIGTERM')
})

t.test('broker: prints its address and ends when it is asked', async (t) => {
  const broker = spawn(simpul, ['broker', '--port', '0'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [first] = (await once(broker.stdout, 'data')) as [Buffer]
  t.match(first.toString(), /^mqtt:\/\/127\.0\.0\.1:\d+\n$/)
  t.equal(await ended(broker, 'SIGTERM'), 0)
})

t.test('landing, subscribe: refuse what cannot work, in words', async (t) => {
  t.match(await run(`landing --folder ${folder}`), { code: 2, err: /--broker URL is needed/ })
  t.match(await run('landing --broker mqtt://127.0.0.1:1'), { code: 2, err: /--folder/ })
  const trust = join(folder, 'trust.json')
  writeFileSync(trust, '{"van-02": 7}')
  const refused = await run(
    `landing --broker mqtt://127.0.0.1:1 --folder ${join(folder, 'landing')} --trust ${trust}`,
  )
  t.equal(refused.code, 1)
  t.match(refused.err, /^simpul landing: /)
  const pattern = await run('subscribe only-one-part --broker mqtt://127.0.0.1:1')
  t.equal(pattern.code, 2, pattern.err)
})
