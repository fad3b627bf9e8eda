/**
 * B.Braun Space and compactplus pumps behind their station, which answers for all of them. It is
 * asked what the pumps do; what would change it cannot be made.
 */
import {
  bccAcknowledge,
  bccLimitBytes,
  bccValues,
  bccVersion,
  encodeBccQuestion,
  scanBcc,
  type BccBlock,
  type BccQuestion,
  type BccValue,
} from '../protocols/bbraun/bcc.ts'
import { leaveAlone, polling, type Ask, type Talk } from './asking.ts'
import { PumpStation } from './bbraun-pumps.ts'

const line = { baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 } as const
const port = 4_001

/** A station that has not been told our name for it answers to this one. */
const anyBed = '1'
/** The station wants so long before it hears the acknowledgement. */
const acknowledgeAfterMs = 100
/** A block for each of 24 pumps, and some. */
const blocksMax = 32

interface Memory {
  readonly pumps: PumpStation
  /** What the station is called; null: not known yet. */
  bed: string | null
}

const why: { readonly [question in BccQuestion]: string } = {
  alive: 'who it is',
  version: 'version',
  memory: 'what the pumps do',
}

export const bbraunBcc = polling({
  id: 'bbraun-bcc',
  label: 'B.Braun Space, compactplus pumps (SpaceCom, BCC)',
  source: 'B.Braun BCC technical interface specification 3.25/3.26, version 4',
  evidence: 'documented',
  confidence: 'high',
  links: [
    { kind: 'serial', lines: [line], usb: [], splits: 'bytes' },
    { kind: 'tcp', weAre: 'client', port, splits: 'bytes' },
  ],
  // It ends a talk that another program may have with the station.
  asks: 'only-when-chosen',
  waves: [],
  streams: ['numerics', 'event'],
  silentAfterMs: 60_000,

  scan: scanBcc,
  packetLimitBytes: bccLimitBytes,
  answerWithinMs: 2_000,
  tries: 3,
  lateWithinMs: 500,
  againAfterMs: 10_000,
  remember: (): Memory => ({ pumps: new PumpStation(), bed: null }),
  *talk(ask, memory) {
    if (memory.bed === null) {
      const greeted = yield* allOf(ask, 'alive', anyBed)
      const bed = greeted?.[0]?.bed
      if (greeted === null || bed === undefined || !isGreeting(greeted)) return
      memory.bed = bed
      const [answer] = (yield* allOf(ask, 'version', bed)) ?? []
      const firmware = answer === undefined ? null : bccVersion(answer.information)
      yield { kind: 'identity', model: 'SpaceCom', serialNumber: null, firmware }
    }
    const blocks = yield* allOf(ask, 'memory', memory.bed)
    if (blocks === null) {
      memory.bed = null
      return
    }
    for (const said of memory.pumps.say(valuesOf(blocks))) yield said
  },
})

function isGreeting(blocks: readonly BccBlock[]): boolean {
  return valuesOf(blocks).some(({ parameter, value }) => parameter === 'GNACK' && value === '0')
}

function valuesOf(blocks: readonly BccBlock[]): readonly BccValue[] {
  return blocks.flatMap(({ information }) => bccValues(information))
}

/** All blocks of an answer, each acknowledged; null when not all of them came. */
function* allOf(
  ask: Ask<BccBlock>,
  question: BccQuestion,
  bed: string,
): Talk<readonly BccBlock[] | null> {
  const bytes = encodeBccQuestion(question, bed)
  const blocks: BccBlock[] = []
  let block = yield* ask({ bytes, why: why[question] })
  while (block !== null && blocks.length < blocksMax) {
    blocks.push(block)
    yield* leaveAlone(acknowledgeAfterMs)
    yield { kind: 'send', bytes: bccAcknowledge, why: 'the block was good' }
    if (block.isLast) return blocks
    block = yield* ask(null)
  }
  return null
}
