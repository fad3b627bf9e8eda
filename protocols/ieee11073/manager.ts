/**
 * The manager of IEEE 11073-20601 as a machine: what was heard goes in, what is to be done comes
 * out. It has no clock and waits for nothing by itself; `dueMs` says when it wants to be told the
 * time.
 *
 *                    AARQ, configuration known                     RLRQ, ABRT
 *   unassociated ───────────────────────────────▶ operating ─────────────────────▶ unassociated
 *        │                                           ▲    │
 *        └── AARQ, not known ─▶ waiting ── accepted ─┘    └── we want to end ─▶ releasing ─▶
 *
 * The agent always begins. A confirmed report is answered only when it is stored: an agent keeps
 * or drops its copy on our answer. Answers come before everything else that we have to say.
 *
 * Source: the state table that Antidote follows, what published managers do to real devices, and
 * the analysis of the two sides that mCRL2 carries (late messages of an earlier association are
 * ignored, or both sides wait for each other).
 */
import type { Apdu } from './apdu.ts'
import {
  answerAssociation,
  negotiate,
  testAssociation,
  versionBits,
  type AssociationParameters,
  type AssociationRequest,
} from './association.ts'
import type { Configuration } from './configuration.ts'
import type { Data, Message } from './data.ts'
import type { Errand } from './errands.ts'
import { Outbox, type ManagerAction, type ManagerEvent } from './manager-actions.ts'
import { judgeConfiguration, ManagerMemory } from './manager-memory.ts'
import { joinBytes } from '../bytes/bytes.ts'
import { u16 } from './mder.ts'
import { abortReasons, configurationResults, errors, events, results } from './nomenclature.ts'
import { Operation, type Break } from './operation.ts'

export interface ManagerOptions {
  /** EUI-64. */
  readonly systemId: Uint8Array
  /** Configurations that agents need not tell. */
  readonly standards: ReadonlyMap<number, Configuration>
  /** Ask a store for its attributes before its segments. */
  readonly looksAtStore: boolean
  /** End the association when a store was read to its end. */
  readonly releasesAfterStore: boolean
  /** After so long without an association the link is given up; null: never. */
  readonly idleCloseMs: number | null
}

const configurationWithinMs = 10_000
const releaseWithinMs = 3_000
/** An agent that was turned away either goes or asks again. Some just stay, so that we go. */
const lingerMs = 10_000
/** An agent that offers a refused configuration again and again would do so for ever. */
const refusalsMax = 2

type State =
  | { readonly kind: 'unassociated' }
  | { readonly kind: 'waiting'; readonly agent: AssociationParameters; readonly refusals: number }
  | {
      readonly kind: 'operating'
      readonly agent: AssociationParameters
      readonly operation: Operation
    }
  | { readonly kind: 'releasing' }

export class Manager {
  readonly #options: ManagerOptions
  readonly #memory = new ManagerMemory()
  readonly #outbox = new Outbox()
  #state: State = { kind: 'unassociated' }
  /** Of the state. */
  #stateDueMs: number | null = null
  #nowMs = 0

  constructor(options: ManagerOptions) {
    this.#options = options
  }

  /** When `time` is wanted; null: there is nothing to wait for. */
  get dueMs(): number | null {
    if (this.#state.kind === 'operating') return this.#state.operation.dueMs
    return this.#stateDueMs
  }

  handle(event: ManagerEvent, atMs: number): readonly ManagerAction[] {
    this.#nowMs = atMs
    switch (event.kind) {
      case 'apdu':
        this.#hear(event.apdu)
        break
      case 'garbled':
        // Which APDU was lost nobody knows; the agent begins anew, and repeats what we missed.
        if (this.#state.kind !== 'unassociated') this.#abort('bytes were lost')
        break
      case 'committed':
        if (this.#state.kind !== 'operating') break
        this.#state.operation.committed(event.isStored, atMs)
        this.#releaseWhenDone()
        break
      case 'time':
        this.#timeUp()
    }
    return this.#outbox.take()
  }

  #hear(apdu: Apdu): void {
    const { kind } = this.#state
    switch (apdu.kind) {
      case 'association-request':
        if (kind === 'unassociated') this.#associate(apdu)
        else this.#abort('already associated')
        break
      case 'association-response':
        this.#abort('only a manager says that')
        break
      case 'release-request':
        if (kind === 'unassociated') this.#abort('not associated')
        else this.#released()
        break
      case 'release-response':
        if (kind === 'releasing') this.#end(this.#options.idleCloseMs)
        else if (kind !== 'unassociated') this.#abort('not asked for')
        break
      case 'abort':
        if (kind !== 'unassociated') this.#end(this.#options.idleCloseMs)
        break
      case 'data':
        this.#data(apdu.data)
        break
      case 'malformed':
        this.#outbox.note('not-understood', apdu.reason)
        if (kind === 'unassociated') this.#abort('not understood')
        else if (apdu.invoke !== null) this.#outbox.reject(apdu.invoke)
    }
  }

  #associate(request: AssociationRequest): void {
    const { standards, systemId } = this.#options
    this.#outbox.forgetNotes()
    const negotiated = negotiate(request)
    if (!negotiated.ok) {
      this.#turnAway(negotiated.result)
      return
    }
    const { agent, version } = negotiated
    const { configurationId } = agent
    if (this.#memory.isHopeless(agent.systemId, configurationId)) {
      this.#turnAway(results.rejectedPermanent)
      return
    }
    const standard = standards.get(configurationId) ?? null
    const remembered = this.#memory.configuration(agent.systemId, configurationId)
    const configuration = standard ?? remembered
    const isKnown = configuration !== null
    const result = isKnown ? results.accepted : results.acceptedUnknownConfiguration
    const response = answerAssociation(result, version, systemId)
    const why = isKnown ? 'welcome' : 'welcome, what do you measure?'
    this.#outbox.send({ kind: 'association-response', ...response }, why)
    const isTest = (agent.functionalUnits & testAssociation) !== 0
    this.#outbox.do({ kind: 'associated', systemId: agent.systemId, isTest })
    if (isKnown) this.#operate(agent, configuration, standard === null)
    else this.#wait(agent, 0)
  }

  #turnAway(result: number): void {
    const response = answerAssociation(result, versionBits.one, this.#options.systemId)
    this.#outbox.note('association-refused', String(result))
    this.#outbox.send({ kind: 'association-response', ...response }, 'turned away')
    this.#end(lingerMs)
  }

  #wait(agent: AssociationParameters, refusals: number): void {
    this.#state = { kind: 'waiting', agent, refusals }
    this.#stateDueMs = this.#nowMs + configurationWithinMs
  }

  #operate(
    agent: AssociationParameters,
    configuration: Configuration,
    isRemembered: boolean,
  ): void {
    const stores = configuration.stores.flatMap((handle): readonly Errand[] => [
      ...(this.#options.looksAtStore ? [{ kind: 'store', handle } as const] : []),
      { kind: 'segments', handle },
    ])
    const scanners = [...configuration.scanners.keys()].map((handle): Errand => ({
      kind: 'scanner',
      handle,
    }))
    const operation = new Operation({
      configuration,
      isRemembered,
      errands: this.#memory.withoutUnanswered([{ kind: 'system' }, ...scanners, ...stores]),
      outbox: this.#outbox,
    })
    this.#state = { kind: 'operating', agent, operation }
    operation.begin(this.#nowMs)
  }

  #data(data: Data): void {
    const state = this.#state
    const isRequest = ['event-report', 'get', 'set', 'action'].includes(data.message.kind)
    switch (state.kind) {
      case 'unassociated':
        this.#abort('not associated')
        break
      case 'releasing':
        if (!isRequest) this.#abort('being released')
        break
      // In both an answer may be a late one of an earlier association.
      case 'waiting':
        if (isRequest) this.#request(data)
        break
      case 'operating':
        if (isRequest) this.#request(data)
        else state.operation.answered(data, this.#nowMs)
        this.#releaseWhenDone()
    }
  }

  #request({ invoke, message }: Data): void {
    const state = this.#state
    if (message.kind === 'event-report') {
      if (message.eventType === events.configuration && message.isConfirmed) {
        this.#configuration(invoke, message)
        return
      }
      if (state.kind === 'operating') {
        this.#break(state.operation.report(invoke, message, this.#nowMs))
        return
      }
    }
    const needsAnswer = message.kind === 'get' || ('isConfirmed' in message && message.isConfirmed)
    if (!needsAnswer) return
    const error = state.kind === 'operating' ? errors.noSuchAction : errors.noSuchObject
    this.#outbox.refuse(invoke, error)
  }

  #configuration(invoke: number, message: Extract<Message, { kind: 'event-report' }>): void {
    const state = this.#state
    if (state.kind !== 'waiting' && state.kind !== 'operating') return
    const judged = judgeConfiguration(message.info, this.#options.standards)
    if (judged === null) {
      this.#outbox.note('not-understood', 'a configuration report cut short')
      this.#outbox.reject(invoke)
      return
    }
    const { configurationId, result, configuration } = judged
    const { handle, eventTime, eventType } = message
    const info = joinBytes(u16(configurationId), u16(result))
    const isAccepted = result === configurationResults.accepted
    this.#outbox.say(
      invoke,
      { kind: 'event-answer', handle, eventTime, eventType, info },
      isAccepted ? 'accepted' : 'not accepted',
    )
    const { agent } = state
    const refusals = state.kind === 'waiting' ? state.refusals : 0
    if (configuration === null) {
      this.#outbox.note('configuration-refused', judged.reason)
      this.#wait(agent, refusals + 1)
      if (refusals + 1 < refusalsMax) return
      this.#memory.giveUp(agent.systemId, agent.configurationId)
      this.#release('no more of that')
      return
    }
    this.#memory.remember(agent.systemId, configurationId, configuration)
    // Some agents associate under one number and report another. After a refusal the second number
    // is that of another configuration.
    if (refusals === 0) {
      this.#memory.remember(agent.systemId, agent.configurationId, configuration)
    }
    // An agent in its operation that says it again has heard us late: it has what it needs.
    if (state.kind === 'waiting') this.#operate(agent, configuration, false)
  }

  #break(found: Break | null): void {
    if (found === null || this.#state.kind !== 'operating') return
    const { reason, why, isChanged, unanswered } = found
    if (isChanged) this.#memory.forget(this.#state.agent.systemId)
    if (unanswered !== null) this.#memory.unanswered(unanswered)
    this.#abort(why, reason)
  }

  #timeUp(): void {
    if (this.#state.kind === 'operating') {
      this.#break(this.#state.operation.timeUp(this.#nowMs))
      return
    }
    if (this.#stateDueMs === null || this.#nowMs < this.#stateDueMs) return
    switch (this.#state.kind) {
      case 'waiting':
        this.#outbox.note('no-configuration', '')
        this.#abort('no configuration', abortReasons.configurationTimeout)
        break
      case 'releasing':
        this.#abort('not released')
        break
      case 'unassociated':
        this.#stateDueMs = null
        this.#outbox.do({ kind: 'close' })
    }
  }

  #releaseWhenDone(): void {
    if (this.#state.kind !== 'operating' || !this.#options.releasesAfterStore) return
    if (this.#state.operation.isDone) this.#release('all is read')
  }

  #release(why: string): void {
    this.#outbox.send({ kind: 'release-request', reason: 0 }, why)
    this.#state = { kind: 'releasing' }
    this.#stateDueMs = this.#nowMs + releaseWithinMs
  }

  /** The agent wants to end. While we release too, we answer and wait for its answer. */
  #released(): void {
    this.#outbox.send({ kind: 'release-response', reason: 0 }, 'goodbye')
    if (this.#state.kind !== 'releasing') this.#end(this.#options.idleCloseMs)
  }

  #abort(why: string, reason: number = abortReasons.undefined): void {
    this.#outbox.send({ kind: 'abort', reason }, why)
    this.#end(lingerMs)
  }

  #end(closeAfterMs: number | null): void {
    this.#state = { kind: 'unassociated' }
    this.#stateDueMs = closeAfterMs === null ? null : this.#nowMs + closeAfterMs
  }
}
