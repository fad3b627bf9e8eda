/** Lets a test be the agent: it says APDUs, and reads in words what the manager did. */
import { toHex } from '../packet/hex.ts'
import type { Apdu } from './apdu.ts'
import {
  encodeParameters,
  protocol20601,
  readParameters,
  type AssociationParameters,
} from './association.ts'
import { encodeConfigurationReport, type ConfigurationObject } from './configuration.ts'
import { encodeData, type Message } from './data.ts'
import type { ManagerAction, ManagerEvent } from './manager-actions.ts'
import { Manager, type ManagerOptions } from './manager.ts'
import { events } from './nomenclature.ts'
import { standardConfigurations } from './standard-configurations.ts'

const agentParameters: AssociationParameters = {
  protocolVersions: 0x8000_0000,
  encodingRules: 0xa000,
  nomenclatureVersions: 0x8000_0000,
  functionalUnits: 0,
  systemType: 0x0080_0000,
  systemId: '0102030405060708',
  configurationId: 0x02bc,
  dataRequestMode: 1,
  agentRequests: 1,
  managerRequests: 0,
  options: [],
}

export class TestAgent {
  readonly manager: Manager
  nowMs = 0
  isDiskFull = false
  /** All that was done, since the beginning. */
  readonly actions: ManagerAction[] = []

  constructor(options: Partial<ManagerOptions> = {}) {
    this.manager = new Manager({
      systemId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
      standards: standardConfigurations,
      looksAtStore: false,
      releasesAfterStore: false,
      idleCloseMs: null,
      ...options,
    })
  }

  hear(event: ManagerEvent): readonly string[] {
    const done: string[] = []
    const actions = [...this.manager.handle(event, this.nowMs)]
    for (let next = actions.shift(); next !== undefined; next = actions.shift()) {
      this.actions.push(next)
      done.push(words(next))
      if (next.kind !== 'commit') continue
      const isStored = !this.isDiskFull
      actions.push(...this.manager.handle({ kind: 'committed', isStored }, this.nowMs))
    }
    return done
  }

  say(apdu: Apdu): readonly string[] {
    return this.hear({ kind: 'apdu', apdu })
  }

  data(invoke: number, message: Message): readonly string[] {
    return this.say({ kind: 'data', data: { invoke, message } })
  }

  pass(ms: number): readonly string[] {
    this.nowMs += ms
    return this.hear({ kind: 'time' })
  }

  associate(
    parameters: Partial<AssociationParameters> = {},
    more: { readonly versions?: number; readonly protocols?: readonly number[] } = {},
  ): readonly string[] {
    const all = { ...agentParameters, ...parameters }
    const systemId = Uint8Array.from(all.systemId.match(/../g) ?? [], (byte) => parseInt(byte, 16))
    const encoded = encodeParameters(all, systemId)
    return this.say({
      kind: 'association-request',
      associationVersions: more.versions ?? 0x8000_0000,
      protocols: (more.protocols ?? [protocol20601]).map((id) => ({ id, parameters: encoded })),
    })
  }

  report(
    invoke: number,
    eventType: number,
    info: Uint8Array,
    more: { readonly handle?: number; readonly isConfirmed?: boolean } = {},
  ): readonly string[] {
    return this.data(invoke, {
      kind: 'event-report',
      isConfirmed: more.isConfirmed ?? true,
      handle: more.handle ?? 0,
      eventTime: 0xffff_ffff,
      eventType,
      info,
    })
  }

  configure(
    invoke: number,
    configurationId: number,
    objects: readonly ConfigurationObject[],
  ): readonly string[] {
    const info = encodeConfigurationReport({ configurationId, objects })
    return this.report(invoke, events.configuration, info)
  }
}

/** `send association-response 3 80000000`, `send data 0 get 0`, `note no-answer system`. */
function words(action: ManagerAction): string {
  switch (action.kind) {
    case 'send':
      return `send ${apduWords(action.apdu)}`
    case 'note':
      return `note ${action.code} ${action.detail}`.trimEnd()
    case 'associated':
      return action.isTest ? 'associated for a test' : 'associated'
    case 'observed':
      return `observed ${action.observations.length}`
    case 'entries':
      return `entries ${action.entries.map(({ index }) => index).join(' ')}`
    default:
      return action.kind
  }
}

function apduWords(apdu: Extract<ManagerAction, { kind: 'send' }>['apdu']): string {
  switch (apdu.kind) {
    case 'association-response': {
      const versions = readParameters(apdu.parameters)?.protocolVersions ?? null
      return `${apdu.kind} ${apdu.result} ${versions === null ? 'empty' : versions.toString(16)}`
    }
    case 'data': {
      const { invoke, message } = apdu.data
      return `${invoke} ${messageWords(message)}`
    }
    default:
      return 'reason' in apdu ? `${apdu.kind} ${apdu.reason}` : apdu.kind
  }
}

function messageWords(message: Message): string {
  switch (message.kind) {
    case 'event-answer':
      return `${message.kind} ${message.eventType} ${toHex(message.info)}`.trimEnd()
    case 'get':
      return `get ${message.handle}`
    case 'error':
      return `error ${message.error}`
    case 'reject':
      return `reject ${message.problem}`
    default:
      return toHex(encodeData({ invoke: 0, message }).subarray(2))
  }
}
