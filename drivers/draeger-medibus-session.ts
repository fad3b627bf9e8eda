/**
 * The talk with a Draeger ventilator. We ask one thing at a time and never pause for long, since
 * after three seconds of silence both sides take the line for lost. The ventilator may ask us as
 * well, and is answered whatever we are waiting for.
 */
import { Framer } from '../protocols/bytes/framer.ts'
import {
  readMedibusAlarms,
  readMedibusIdentity,
  readMedibusNumbers,
  readMedibusTexts,
} from '../protocols/medibus/content.ts'
import {
  encodeMedibusEcho,
  encodeMedibusQuestion,
  medibusCodes,
  medibusCurvesChanged,
  medibusLimitBytes,
  medibusNotUnderstood,
  scanMedibus,
  type MedibusFrame,
  type MedibusQuestion,
} from '../protocols/medibus/frame.ts'
import {
  configureQuestion,
  encodeMedibusConfigure,
  encodeMedibusEnable,
  readMedibusCurves,
} from '../protocols/medibus/realtime.ts'
import type { Words } from '../protocols/packet/record.ts'
import { Alarms, type DeviceAlarm } from './alarms.ts'
import type { Talk } from './asking.ts'
import { MedibusCurves } from './draeger-medibus-curves.ts'
import {
  measuredMeanings,
  medibusAlarm,
  medibusValues,
  modeWords,
  moreMeanings,
  settingWords,
} from './draeger-medibus-said.ts'
import type { Heard, Said, Session } from './driver.ts'
import { Vanishing } from './vanishing.ts'

/** Between two questions, and for an answer. */
const restMs = 500
const answerWithinMs = 2_500
/** So many questions without an answer, and the talk begins anew. */
const failuresMax = 3
const beginAgainMs = 3_000

const cycle: readonly MedibusQuestion[] = [
  'alarms',
  'alarmsMore',
  'texts',
  'settings',
  'measured',
  'measuredMore',
]

const why: { readonly [question in MedibusQuestion]: string } = {
  initialise: 'begin to talk',
  identity: 'who it is',
  noOperation: 'the line is alive',
  stop: 'end to talk',
  measured: 'measured data',
  measuredMore: 'more measured data',
  alarms: 'alarms',
  alarmsMore: 'more alarms',
  settings: 'settings',
  texts: 'mode',
  curves: 'which curves it has',
}

export class MedibusSession {
  readonly #framer = new Framer(scanMedibus, medibusLimitBytes)
  readonly #alarms = new Alarms()
  readonly #curves = new MedibusCurves()
  readonly #numbers = { measured: new Vanishing(), measuredMore: new Vanishing() }
  #alarmsOn: { readonly [page: number]: readonly DeviceAlarm[] } = {}
  /** null: not known yet. */
  #mode: Words | null = null
  #settings: Words | null = null
  /** Rounds of questions since the beginning. */
  #cycles = 0
  #frames: { readonly frame: MedibusFrame; readonly atMs: number }[] = []
  #nowMs = 0
  #hasToBegin = false;

  *run(): Session {
    for (;;) {
      if (yield* this.#begin()) yield* this.#poll()
      yield* this.#pass(beginAgainMs)
    }
  }

  *#begin(): Talk<boolean> {
    if ((yield* this.#ask('initialise')) === null) return false
    const answer = yield* this.#ask('identity')
    const identity = answer === null ? null : readMedibusIdentity(answer.data)
    if (identity !== null) {
      const { name, revision } = identity
      yield { kind: 'identity', model: name, serialNumber: null, firmware: revision }
    }
    yield* this.#beginCurves()
    // It may have begun itself meanwhile: then it has been answered.
    this.#hasToBegin = false
    return true
  }

  /** The talk goes on without curves when it has none, or none that we know. */
  *#beginCurves(): Session {
    const answer = yield* this.#ask('curves')
    const all = answer === null ? null : readMedibusCurves(answer.data)
    const codes = this.#curves.choose(all ?? []).map(({ code }) => code)
    if (codes.length === 0) return
    const configured = { code: configureQuestion, bytes: encodeMedibusConfigure(codes) }
    if ((yield* this.#askFor({ ...configured, why: 'which curves it sends us' })) === null) {
      this.#curves.choose([])
      return
    }
    yield { kind: 'send', bytes: encodeMedibusEnable(codes.length), why: 'send the curves' }
  }

  *#poll(): Session {
    let failures = 0
    for (;;) {
      for (const question of cycle) {
        yield* this.#pass(restMs)
        if (this.#hasToBegin) return
        const answer = yield* this.#ask(question)
        failures = answer === null ? failures + 1 : 0
        if (failures >= failuresMax) return
        for (const said of this.#tell(question, answer?.data ?? null)) yield said
      }
      this.#cycles++
    }
  }

  /** `data` null: it did not answer, which it may do to what it does not know. */
  *#tell(question: MedibusQuestion, data: string | null): Generator<Said, void, undefined> {
    if (data === null) {
      if (question === 'settings') this.#settings ??= this.#cycles > 0 ? {} : null
      if (question === 'texts') this.#mode ??= this.#cycles > 0 ? {} : null
      return
    }
    switch (question) {
      case 'measured':
      case 'measuredMore': {
        const numbers = readMedibusNumbers(data, 'measured')
        // Numbers without the mode that they belong to would be others.
        if (numbers === null || this.#mode === null || this.#settings === null) return
        const meanings = question === 'measured' ? measuredMeanings : moreMeanings
        const words = { ...this.#mode, ...this.#settings }
        yield* this.#numbers[question].say(medibusValues(numbers, meanings), words)
        return
      }
      case 'settings':
        this.#settings = settingWords(readMedibusNumbers(data, 'settings') ?? [])
        return
      case 'texts':
        this.#mode = modeWords(readMedibusTexts(data) ?? [])
        return
      case 'alarms':
      case 'alarmsMore': {
        const alarms = readMedibusAlarms(data)
        if (alarms === null) return
        const page = question === 'alarms' ? 1 : 2
        const on = alarms.map((alarm) => medibusAlarm(alarm, page))
        this.#alarmsOn = { ...this.#alarmsOn, [page]: on }
        yield* this.#alarms.become(Object.values(this.#alarmsOn).flat())
        return
      }
      default:
    }
  }

  *#ask(question: MedibusQuestion): Talk<MedibusFrame | null> {
    const bytes = encodeMedibusQuestion(question)
    return yield* this.#askFor({ code: medibusCodes[question], bytes, why: why[question] })
  }

  /** null without an answer in time, or when the ventilator does not know the question. */
  *#askFor(question: {
    readonly code: number
    readonly bytes: Uint8Array
    readonly why: string
  }): Talk<MedibusFrame | null> {
    const { code, bytes } = question
    yield { kind: 'send', bytes, why: question.why }
    const untilMs = this.#nowMs + answerWithinMs
    for (;;) {
      for (let next = this.#frames.shift(); next !== undefined; next = this.#frames.shift()) {
        const { frame, atMs } = next
        yield { kind: 'packet', atMs }
        if (frame.kind === 'question') yield* this.#answer(frame)
        else if (frame.code === code) return frame
        else if (frame.code === medibusNotUnderstood) return null
      }
      if (this.#nowMs >= untilMs) return null
      yield* this.#hear(untilMs - this.#nowMs)
    }
  }

  *#pass(ms: number): Session {
    const untilMs = this.#nowMs + ms
    while (this.#nowMs < untilMs) {
      yield* this.#hear(untilMs - this.#nowMs)
      for (const { frame, atMs } of this.#frames.splice(0)) {
        yield { kind: 'packet', atMs }
        if (frame.kind === 'question') yield* this.#answer(frame)
      }
    }
  }

  /** That it was heard. Of ourselves we say nothing, which an identity may. */
  *#answer({ code }: MedibusFrame): Session {
    yield { kind: 'send', bytes: encodeMedibusEcho(code), why: 'it was heard' }
    const isAnew = code === medibusCodes.stop || code === medibusCodes.initialise
    if (isAnew || code === medibusCurvesChanged) this.#hasToBegin = true
  }

  *#hear(ms: number): Session {
    const heard: Heard | undefined = yield { kind: 'listen', ms }
    if (heard === undefined) return
    this.#nowMs = heard.atMs
    if (heard.kind === 'silence') {
      yield* this.#take(this.#framer.pause())
      for (const want of this.#curves.pause()) yield want
      return
    }
    if (heard.kind !== 'bytes') return
    // What has its highest bit set belongs to the curves, wherever it stands.
    const fast = heard.bytes.filter((byte) => byte >= 0x80)
    if (fast.length > 0) for (const want of this.#curves.feed(fast, heard.atMs)) yield want
    yield* this.#take(
      this.#framer.feed(
        heard.bytes.filter((byte) => byte < 0x80),
        heard.atMs,
      ),
    )
  }

  *#take(framed: ReturnType<Framer<MedibusFrame>['feed']>): Session {
    for (const one of framed) {
      if (one.kind === 'noise') yield one
      else this.#frames.push({ frame: one.packet, atMs: one.atMs })
    }
  }
}
