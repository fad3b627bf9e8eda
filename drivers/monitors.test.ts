/**
 * Recordings of real monitors and oximeters, played through their drivers from the first byte to the
 * last. Where the recordings are not at hand, what can be said of the captures is still checked.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { noBytes } from '../protocols/bytes/bytes.ts'
import { fromHex } from '../protocols/packet/hex.ts'
import { formatSaid } from './capture-said.ts'
import { parseCapture } from './capture.ts'
import type { Driver, Said } from './driver.ts'
import { driverOf } from './index.ts'
import { Player, replay } from './replay.ts'

const samples = join(import.meta.dirname, '../../shared/samples')

function driver(id: string): Driver {
  const found = driverOf(id)
  if (found === null) throw new Error(`no driver ${id}`)
  return found
}

/** null where the recording is not at hand. */
function recording(path: string): Uint8Array | null {
  const whole = join(samples, path)
  return existsSync(whole) ? new Uint8Array(readFileSync(whole)) : null
}

function textOf(path: string): string {
  return Buffer.from(recording(path) ?? noBytes).toString('utf8')
}

interface Heard {
  readonly said: readonly Said[]
  readonly noiseBytes: number
}

/** Bytes arrive as a line brings them, a twentieth of a second at a time. */
function listen(id: string, bytes: Uint8Array, bytesPerSecond: number): Heard {
  const player = new Player(driver(id).session())
  const piece = Math.ceil(bytesPerSecond / 20)
  for (let at = 0; at < bytes.length; at += piece) {
    player.hear(bytes.subarray(at, at + piece))
    player.pass(50)
  }
  return { said: player.said, noiseBytes: player.noiseBytes }
}

/** `numerics MDC_TEMP`: how often each is said, whatever its value. */
function counts(said: readonly Said[]): { readonly [what: string]: number } {
  const counted: { [what: string]: number } = {}
  for (const one of said) {
    const what = formatSaid(one).split(' ').slice(0, 2).join(' ')
    counted[what] = (counted[what] ?? 0) + 1
  }
  return counted
}

function captured(id: string, name: string): readonly string[] {
  const path = join(import.meta.dirname, 'captures', id, name)
  const capture = parseCapture(readFileSync(path, 'utf8'))
  if (!capture.ok) throw new Error(capture.reason)
  const { said, problems } = replay(driver(id), capture.value, null)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return said.map(formatSaid)
}

t.test('contec-cms50-v7: 102 frames of a CMS50E', async (t) => {
  const lines = textOf('local/serial/contec_cms50e_v7_live.hex').split('\n')
  const hex = lines.filter((line) => /^[0-9a-f]/.test(line)).join('')
  const bytes = fromHex(hex.replaceAll(' ', '')) ?? noBytes
  const { said, noiseBytes } = listen('contec-cms50-v7', bytes, 540)
  t.equal(noiseBytes, 0)
  if (bytes.length === 0) return
  t.strictSame(counts(said), {
    'samples pleth': 102,
    'numerics MDC_PULS_OXIM_SAT_O2': 2,
  })
  const numerics = said.filter(({ kind }) => kind === 'numerics').map(formatSaid)
  t.match(numerics[0], /^numerics MDC_PULS_OXIM_SAT_O2 99 % MDC_PULS_OXIM_PULS_RATE 60 \/min/)
})

t.test('healthypi: the 80 over 120 of every frame is never said', async (t) => {
  t.notMatch(captured('healthypi-4', 'start.cap').join('\n'), /MDC_PRESS|\b80 mm|\b120 mm/)
})

t.test(
  'ge-dri: what the cuff shows while it measures is old, and a result counts once',
  async (t) => {
    const pressures = captured('ge-dri', 'pressure.cap').filter((one) => one.includes('NONINV_SYS'))
    t.strictSame(
      pressures.map((one) => one.split(' ').slice(0, 3).join(' ')),
      ['measurement MDC_PRESS_BLD_NONINV_SYS 118'],
    )
  },
)

t.test('ge-dri: a minute and more of two CARESCAPE monitors', async (t) => {
  for (const [name, numbers, pleth] of [
    ['ge_dri_db02.bin', 107, 106],
    ['ge_dri_db00_60s.bin', 60, 60],
  ] as const) {
    const bytes = recording(`open/serial/${name}`)
    if (bytes === null) continue
    const { said } = listen('ge-dri', bytes, 1_600)
    const counted = counts(said)
    t.equal(counted['numerics MDC_ECG_HEART_RATE'], numbers, name)
    const samples = counted['samples pleth'] ?? 0
    t.ok(Math.abs(samples - 100 * pleth) <= pleth / 10, `${name}: ${samples} samples`)
    const cuff = said.filter((one) => formatSaid(one).includes('NONINV_SYS'))
    t.ok(cuff.length <= 2, `${name}: ${cuff.length} pressures`)
  }
  t.match(captured('ge-dri', 'numbers.cap')[0], /^numerics MDC_ECG_HEART_RATE 80 /)
})

t.test('ivy-450c: 27 seconds, and the pressure that it goes on showing is said once', async (t) => {
  const bytes = recording('open/serial/ivy450c_ansarb.bin')
  if (bytes !== null) {
    const { said, noiseBytes } = listen('ivy-450c', bytes, 562)
    t.equal(noiseBytes, 252, 'it begins inside of a message')
    t.strictSame(counts(said), {
      'samples ecg-ii': 27 * 200,
      'samples respiration': 27 * 50,
      'samples pleth': 27 * 50,
      'samples pressure-1': 27 * 50,
      'samples pressure-2': 27 * 50,
      'numerics MDC_ECG_HEART_RATE': 27,
      'numerics MDC_RESP_RATE': 27,
      'numerics MDC_PULS_OXIM_SAT_O2': 27,
      'numerics MDC_PRESS_BLD_SYS': 27,
      'numerics MDC_PRESS_BLD_NONINV_SYS': 1,
    })
  }
  const cuff = captured('ivy-450c', 'cuff.cap').filter((one) => one.includes('NONINV_SYS'))
  t.strictSame(
    cuff.map((one) => one.split(' ').slice(0, 3).join(' ')),
    ['measurement MDC_PRESS_BLD_NONINV_SYS 118'],
  )
})

t.test('masimo-ascii1, nellcor-ascii: every captured line says something', async (t) => {
  for (const [id, path] of [
    ['masimo-ascii1', 'local/serial/masimo_rad8_ascii1.txt'],
    ['nellcor-ascii', 'local/serial/nellcor_n560_ascii.txt'],
  ] as const) {
    const lines = textOf(path)
      .split(/\r?\n/)
      .filter((line) => /^\d\d[/-]/.test(line))
    const bytes = new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join(''))
    const { said, noiseBytes } = listen(id, bytes, 130)
    t.equal(noiseBytes, 0, id)
    t.equal(counts(said)['numerics MDC_PULS_OXIM_SAT_O2'] ?? 0, lines.length, id)
  }
})

const dialogue = 'local/serial/philips_intellivue_mp20_dataexport.hex'

t.test('philips-intellivue: a whole dialogue with an MP20, all of it in demo mode', async (t) => {
  const player = new Player(driver('philips-intellivue').session('udp'))
  for (const line of textOf(dialogue).split('\n')) {
    const [name = '', , hex = ''] = line.split(' ')
    const bytes = fromHex(hex)
    if (bytes === null || /^(#|$)|request|create_event_result/.test(name)) continue
    player.hear(bytes)
    player.pass(20)
  }
  const demo = captured('philips-intellivue', 'demo.cap').filter(
    (one) => !one.startsWith('identity'),
  )
  t.ok(demo.every((one) => one.startsWith('simulated ')))
  if (recording(dialogue) === null) return
  t.equal(player.noiseBytes, 0)
  const said = player.said.map(formatSaid)
  t.strictSame(said[0], 'identity "Philips M8000" null null')
  const values = said.slice(1)
  t.ok(values.every((one) => one.startsWith('simulated ')))
  const distinct = new Set(values.filter((one) => one.includes('numerics')))
  t.ok(distinct.has('simulated numerics MDC_ECG_HEART_RATE 60 /min'))
  t.ok(distinct.has('simulated numerics MDC_PULS_OXIM_SAT_O2 95 %'))
  t.ok(distinct.has('simulated numerics MDC_RESP_RATE 15 /min'))
  // R peaks stand 500 samples apart, as the heart rate of 60 says. The recording has one group of
  // messages twice, as a network may bring it.
  const ecg = player.said.flatMap((one) =>
    one.kind === 'samples' && one.wave === 'ecg-ii' && one.samples !== null ? one.samples : [],
  )
  const peaks = ecg.flatMap((value, at) =>
    value > 8_192 + 300 && value >= (ecg[at - 1] ?? 0) && value > (ecg[at + 1] ?? 0) ? [at] : [],
  )
  t.ok(peaks.length > 3, `${peaks.length} beats`)
  for (const [index, at] of peaks.entries()) {
    const before = peaks[index - 1]
    if (before !== undefined) t.ok(Math.abs(at - before - 500) <= 5, `${at - before} samples`)
  }
})
