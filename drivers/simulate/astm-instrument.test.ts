/** A simulated instrument and its driver talk, while the disk takes what it is given or does not. */
import t from 'tap'
import type { Random } from '../../protocols/world/random.ts'
import { astmAnalyser } from '../astm-analyser.ts'
import type { Driver, Heard, Said } from '../driver.ts'
import { genexpert } from '../genexpert.ts'
import { haematology, simulateAstmInstrument, tuberculosis } from './astm-instrument.ts'
import type { Simulated } from './simulated.ts'

const random: Random = {
  below: (limit) => limit - 1,
  bytes: (count) => new Uint8Array(count),
  fork: () => random,
}

function instrument(
  message: (number: number) => readonly string[],
  layout: 'one-frame' | 'record-a-frame' | { readonly textBytesMax: number },
): Simulated {
  return simulateAstmInstrument({
    random,
    everyMs: 1_000,
    jitterMs: 10,
    layout,
    firstNumber: 1,
    message,
  })
}

/**
 * Lets both talk for so many pieces of what the device says. `loses` says which of our answers do
 * not arrive, `isStored` which commits succeed, both counted from 1.
 */
function talk(
  driver: Driver,
  device: Simulated,
  pieces: number,
  { loses = () => false, isStored = () => true }: Chances = {},
): readonly Extract<Said, { kind: 'measurement' }>[] {
  const session = driver.session()
  const said: Said[] = []
  let nowMs = 0
  let answers = 0
  let commits = 0
  const run = (first: Heard | undefined): Uint8Array | undefined => {
    let answered: Uint8Array | undefined
    let heard = first
    for (;;) {
      const want = session.next(heard).value
      heard = undefined
      if (!want || want.kind === 'listen') return answered
      if (want.kind === 'send' && !loses(++answers)) answered = want.bytes
      if (want.kind === 'commit') {
        heard = { kind: 'committed', isStored: isStored(++commits), atMs: nowMs }
      }
      if (want.kind === 'measurement') said.push(want)
    }
  }
  run(undefined)
  let next = device.next()
  for (let count = 0; count < pieces && next.done !== true; count++) {
    nowMs += next.value.afterMs
    const { bytes } = next.value
    const answer = bytes.length === 0 ? undefined : run({ kind: 'bytes', bytes, atMs: nowMs })
    next = device.next(answer)
  }
  return said.filter((one) => one.kind === 'measurement')
}

interface Chances {
  readonly loses?: (answer: number) => boolean
  readonly isStored?: (commit: number) => boolean
}

function specimens(said: readonly { readonly identifiers?: object }[]): readonly unknown[] {
  return said.map(({ identifiers }) => Object.values(identifiers ?? {})[0])
}

t.test('astm instrument: every result once and in order, in every layout', async (t) => {
  for (const layout of ['one-frame', 'record-a-frame', { textBytesMax: 40 }] as const) {
    const said = talk(astmAnalyser, instrument(haematology, layout), 400)
    t.ok(said.length > 5)
    t.strictSame(
      specimens(said),
      said.map((_, index) => String(index + 1)),
    )
  }
  const [first] = talk(astmAnalyser, instrument(haematology, 'one-frame'), 60)
  t.match(first?.values, [{ code: 'LOINC_6690-2', value: 4.1 }, { value: 9.1 }, { value: 101 }])
})

t.test('astm instrument: what the disk refuses comes again, and nothing twice', async (t) => {
  const device = instrument(tuberculosis, 'record-a-frame')
  const said = talk(genexpert, device, 3_000, { isStored: (commit) => commit % 4 === 0 })
  t.ok(said.length > 5, `${said.length} results`)
  t.strictSame(
    specimens(said),
    said.map((_, index) => `SIM-${index + 1}`),
  )
  t.match(said[4]?.values, [{ text: 'DETECTED LOW' }, { text: 'NOT DETECTED' }])
  t.match(said[0]?.values, [{ text: 'NOT DETECTED' }, { value: null }])
})

t.test('astm instrument: a full disk for long, and answers that are lost on the way', async (t) => {
  const full = { isStored: (commit: number) => commit > 20 }
  const said = talk(genexpert, instrument(tuberculosis, 'one-frame'), 30_000, full)
  t.ok(said.length > 5)
  t.strictSame(
    specimens(said),
    said.map((_, index) => `SIM-${index + 1}`),
  )
  const deaf = { loses: (answer: number) => answer % 11 === 0 }
  const others = talk(astmAnalyser, instrument(haematology, 'record-a-frame'), 30_000, deaf)
  t.ok(others.length > 3)
  t.strictSame(
    specimens(others),
    others.map((_, index) => String(index + 1)),
  )
})
