/**
 * Every capture is played to its driver: as it stands, cut at every size, between rubbish, and with
 * each bit flipped. A driver gets all of this by having a capture.
 */
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import t from 'tap'
import { latin1Bytes, latin1Text, noBytes } from '../protocols/bytes/bytes.ts'
import { sameBytes } from '../protocols/packet/hex.ts'
import { formatSaid } from './capture-said.ts'
import { formatCapture, parseCapture, type CaptureStep } from './capture.ts'
import type { Driver, DriverLink, Said, Session } from './driver.ts'
import { driverOf } from './index.ts'
import { linkOf } from './link.ts'
import { Player, replay, settleMs } from './replay.ts'

interface Captured {
  readonly name: string
  readonly driver: Driver
  /** The first link of the driver, unless the name ends by another one: `memory.serial.cap`. */
  readonly over: DriverLink['kind']
  readonly steps: readonly CaptureStep[]
}

const captures: readonly Captured[] = globSync(join(import.meta.dirname, 'captures/*/*.cap'))
  .toSorted()
  .map((path) => {
    const id = basename(dirname(path))
    const driver = driverOf(id)
    const parsed = parseCapture(readFileSync(path, 'utf8'))
    if (driver === null) throw new Error(`${path}: there is no driver ${id}`)
    if (!parsed.ok) throw new Error(`${path}: ${parsed.reason}`)
    const named = /\.(\w+)\.cap$/.exec(path)?.[1]
    const over = driver.links.find(({ kind }) => kind === named)?.kind ?? driver.links[0].kind
    return { name: `${id}/${basename(path)}`, driver, over, steps: parsed.value }
  })

/** Reports, files and forms come whole: they cannot be cut, and no noise gets between them. */
const streams = captures.filter(({ over }) => over === 'serial' || over === 'tcp')

function expected(steps: readonly CaptureStep[]): { said: Said[]; noiseBytes: number } {
  const said = steps.flatMap((step) => (step.kind === 'said' ? [step.said] : []))
  const noise = steps.map((step) => (step.kind === 'noise' ? step.bytes : 0))
  return { said, noiseBytes: noise.reduce((sum, bytes) => sum + bytes, 0) }
}

/** What the driver says when every line is heard as one piece, right or not. */
function saidTo(
  driver: Driver,
  steps: readonly CaptureStep[],
  over: DriverLink['kind'],
): readonly Said[] {
  const player = new Player(driver.session(over))
  for (const step of steps) {
    if (step.kind === 'device') player.hear(step.bytes)
    else if (step.kind === 'host') player.mustSend(step.bytes)
    else if (step.kind === 'wait') player.pass(step.ms)
  }
  player.pass(settleMs)
  return player.said
}

t.test('captures: come out as they say, heard as they stand', async (t) => {
  t.ok(captures.length > 30)
  const wrong = captures.flatMap(({ name, driver, over, steps }) =>
    replay(driver, steps, null, over).problems.map((problem) => `${name}: ${problem}`),
  )
  t.strictSame(wrong, [])
})

t.test('captures: come out the same, cut at every size', async (t) => {
  const sizes = [...Array.from({ length: 16 }, (_, index) => index + 1), 1e6]
  const wrong = streams.flatMap(({ name, driver, over, steps }) =>
    sizes.flatMap((size) =>
      replay(driver, steps, size, over).problems.map(
        (problem) => `${name} in pieces of ${size}: ${problem}`,
      ),
    ),
  )
  t.strictSame(wrong, [])
})

/** A step of a device that speaks in lines, as its link hands it over: one line a piece, no ends. */
function asLines(step: CaptureStep): readonly CaptureStep[] {
  if (step.kind !== 'device') return [step]
  return latin1Text(step.bytes)
    .split(/[\r\n\u008d\u008a]+/)
    .filter((line) => line !== '')
    .map((line) => ({ kind: 'device', bytes: latin1Bytes(line) }))
}

t.test('captures: come out the same when the link splits lines', async (t) => {
  const lined = streams.filter(({ driver }) => linkOf(driver, 'serial')?.splits === 'lines')
  t.ok(lined.length > 0)
  // Half a line is for the link to throw away, so there is less noise, never another value.
  for (const { name, driver, steps } of lined) {
    const replayed = replay(driver, steps.flatMap(asLines), null)
    t.strictSame(replayed.said, expected(steps).said, name)
  }
})

const rubbish = [
  '\u0000',
  '\u00ff\u00fe',
  'garbage',
  '\u0055\u00aa\u00ff',
  '\u0016\u0016\u00010',
  'ST,+0',
]

interface Line {
  readonly kind: 'device'
  readonly bytes: Uint8Array
}

/**
 * What the device says, with its place. Of a line that is said again and again, only the first two
 * and the last: what harms one in the middle harms the second in the same way.
 */
function linesThatDiffer(steps: readonly CaptureStep[]): readonly (readonly [number, Line])[] {
  const lines = steps.flatMap((step, index) =>
    step.kind === 'device' ? [[index, step] as const] : [],
  )
  const isLike = (one: Line, at: number) => sameBytes(lines[at]?.[1].bytes ?? noBytes, one.bytes)
  return lines.filter(
    ([, line], at) => !(isLike(line, at - 2) && isLike(line, at - 1) && isLike(line, at + 1)),
  )
}

t.test('captures: rubbish before, between and after costs nothing but itself', async (t) => {
  for (const { name, driver, over, steps } of streams) {
    const places = linesThatDiffer(steps).map(([index]) => index)
    const { said } = expected(steps)
    for (const text of rubbish) {
      const noise: CaptureStep = { kind: 'device', bytes: latin1Bytes(text) }
      for (const place of [...places, (places.at(-1) ?? 0) + 1]) {
        const found = saidTo(driver, steps.toSpliced(place, 0, noise), over)
        if (isDeepStrictEqual(found, said)) continue
        t.strictSame(found, said, `${name} with ${JSON.stringify(text)} at line ${place + 1}`)
      }
    }
  }
})

/** What is said once, without a check sum, has no second to compare it with. */
const unprotected = [
  'and-ua767pc/',
  'beurer-bm58/',
  'comen-hl7/',
  'detecto-solo/',
  'healthometer/',
  'height-weight-kiosk/',
  'hl7-law/',
  'hl7-pcd01/',
  'ieee11073/',
  'ivy-450c/',
  'masimo-ascii1/',
  'mindray-pds/',
  'modem-signal/',
  'nellcor-ascii/',
  'nonin-ascii/',
  'nonin-df1/',
  'nonin-df8/',
  'omron-hbp/',
  'pb840/',
  'respironics-v200/',
  'spotchem/',
  'st-gs-scale/cable.cap',
  'st-gs-scale/printed.cap',
  'tanita/baby.cap',
]

t.test('captures: a flipped bit never becomes another value', async (t) => {
  // A second flip can hide the first, so that only what was whole before is flipped.
  const whole = streams.filter(
    ({ name, steps }) =>
      !unprotected.some((one) => name.startsWith(one)) && expected(steps).noiseBytes === 0,
  )
  let flips = 0
  for (const { name, driver, over, steps } of whole) {
    const { said } = expected(steps)
    const allowed = new Set(valuesSaid(said))
    for (const [index, step] of linesThatDiffer(steps)) {
      // Of long frames every third or seventh bit, others in each line: all columns, all fields.
      const stride = step.bytes.length > 20 ? 7 : step.bytes.length > 8 ? 3 : 1
      for (let bit = index % stride; bit < step.bytes.length * 8; bit += stride) {
        const bytes = step.bytes.slice()
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const found = saidTo(driver, steps.with(index, { kind: 'device', bytes }), over)
        flips++
        const others = valuesSaid(found).filter((one) => !allowed.has(one))
        if (others.length > 0) t.strictSame(others, [], `${name} line ${index + 1} bit ${bit}`)
      }
    }
  }
  t.ok(flips > 5_000, `${flips} flips`)
})

function valuesSaid(said: readonly Said[]): readonly string[] {
  return said.filter(({ kind }) => kind === 'measurement' || kind === 'numerics').map(formatSaid)
}

t.test('captures: are written as they are read', async (t) => {
  const otherwise = captures.filter(({ name, steps }) => {
    const path = join(import.meta.dirname, 'captures', name)
    return readFileSync(path, 'utf8') !== formatCapture(steps)
  })
  t.strictSame(otherwise, [], 'each is in the one form')
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 30 })
  const text = fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme-ascii' }).map(latin1Bytes)
  fc.assert(
    fc.property(fc.oneof(bytes, text), (bytes) => {
      const steps: readonly CaptureStep[] = [
        { kind: 'host', bytes },
        { kind: 'device', bytes },
      ]
      t.strictSame(parseCapture(formatCapture(steps)), { ok: true, value: steps })
    }),
  )
})

t.test('captures: say everything that a driver can say', async (t) => {
  const word = fc.string({ minLength: 1, unit: 'grapheme-ascii' })
  const words = fc.dictionary(fc.stringMatching(/^[a-zA-Z]{1,9}$/), word, {
    minKeys: 1,
    noNullPrototype: true,
  })
  fc.assert(
    fc.property(words, word, fc.option(fc.double({ noNaN: true })), (words, text, number) => {
      const value = number === null || Number.isFinite(number) ? number : 0
      const deviceTime = { year: 2026, month: 1, day: 2, hour: 3, minute: 4, second: 5 }
      const said: readonly Said[] = [
        {
          kind: 'measurement',
          values: [{ code: 'MDC_TEMP', value: Object.is(value, -0) ? 0 : value, unit: 'Cel' }],
          deviceTime,
          qualifiers: words,
          identifiers: words,
        },
        { kind: 'measurement', values: [{ code: 'X', value: null, unit: '1', text }] },
        {
          kind: 'numerics',
          values: [{ code: 'MDC_TEMP', value: null, unit: 'Cel' }],
          qualifiers: words,
        },
        { kind: 'event', code: 'x', level: 'alarm', active: false, detail: words },
        { kind: 'samples', wave: 'ecg', samples: null },
        { kind: 'identity', model: text, serialNumber: null, firmware: 'null' },
      ]
      const steps = said.map((one): CaptureStep => ({ kind: 'said', said: one }))
      t.strictSame(parseCapture(formatCapture(steps)), { ok: true, value: steps })
    }),
  )
})

const noLines = `hello
<
< 5
< xx
< "open
< "\u00e4"
@ soon
=
= noise
= nothing
= measurement
= measurement A 1
= measurement A one B
= measurement A 1 B at noon
= measurement A 1 B with
= measurement A 1 B with x
= measurement A "" B
= measurement A 1 B of
= measurement A 1 B of x
= numerics
= numerics A 1
= numerics A one B
= numerics A 1 B at 2024-11-12T10:14
= numerics A 1 B with
= event
= event a b begin
= event a info toString
= event a info begin more
= event "a info begin
= samples
= samples ecg
= samples ecg 1.5
= samples ecg 1 with a=b
= identity a b
= identity a b c with d=e`

t.test('captures: a line that is none is named', async (t) => {
  for (const line of noLines.split('\n')) {
    const parsed = parseCapture(`# first\n\n${line}\n`)
    t.strictSame(parsed, { ok: false, reason: 'line 3 is no line of a capture' }, line)
  }
})

t.test('captures: a replay tells what was not as it must be', async (t) => {
  const driver = driverOf('berrymed-pm6750')
  const parsed = parseCapture('> 00\n< 55 aa 04 fe 28 d5 00\n= samples pleth 41\n= samples ecg 1\n')
  if (driver === null || !parsed.ok) throw new Error('unreachable')
  t.strictSame(replay(driver, parsed.value, null).problems, [
    'expected to send 00, sent 55aa040703f1',
    'expected samples pleth 41, found samples pleth 40',
    'expected samples ecg 1, found nothing',
    'expected 0 bytes of noise, found 1',
  ])
  const silent = driverOf('and-tm265x')
  const more = parseCapture('> 05\n< 16 16 01 30 30 06\n')
  if (silent === null || !more.ok) throw new Error('unreachable')
  t.strictSame(replay(silent, more.value, null).problems, ['expected to send 05, sent nothing'])
  const said = parseCapture('< 55 aa 04 fe 28 d5\n@ 3000\n')
  if (!said.ok) throw new Error('unreachable')
  const { problems, packets } = replay(driver, said.value, null)
  t.match(problems, [/^sent \d+ times too often$/, /^also said /])
  t.equal(packets, 1)
})

function* endless(): Session {
  for (;;) yield { kind: 'packet', atMs: 0 }
}

function* short(): Session {
  yield { kind: 'listen', ms: 0 }
}

t.test('captures: a session that never listens is stopped', async (t) => {
  const driver = driverOf('keypad')
  if (driver === null) throw new Error('unreachable')
  t.throws(() => replay({ ...driver, session: endless }, [], null), /never listens/)
  const steps: readonly CaptureStep[] = [{ kind: 'device', bytes: Uint8Array.of(1) }]
  t.strictSame(
    replay({ ...driver, session: short }, steps, null).problems,
    [],
    'and one that ended',
  )
})
