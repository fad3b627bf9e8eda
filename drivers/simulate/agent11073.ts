/**
 * A personal health device of IEEE 11073: it begins the association, tells its configuration when
 * it is asked to, and sends results, each of which it repeats until it is told that we have it.
 */
import { joinBytes, noBytes } from '../../protocols/bytes/bytes.ts'
import { Framer } from '../../protocols/bytes/framer.ts'
import { apduLimitBytes, encodeApdu, scanApdu, type Apdu } from '../../protocols/ieee11073/apdu.ts'
import {
  encodeParameters,
  mderRules,
  protocol20601,
  systemTypes,
  versionBits,
} from '../../protocols/ieee11073/association.ts'
import { objectsOf } from '../../protocols/ieee11073/configuration-objects.ts'
import { encodeConfigurationReport } from '../../protocols/ieee11073/configuration.ts'
import type { Message } from '../../protocols/ieee11073/data.ts'
import { list, MderReader } from '../../protocols/ieee11073/mder.ts'
import { encodeSystemInfo } from '../../protocols/ieee11073/mds.ts'
import { errors, events, results } from '../../protocols/ieee11073/nomenclature.ts'
import { encodeFloat, encodeShortFloat, numberOfValue } from '../../protocols/ieee11073/numbers.ts'
import { encodeScanReport } from '../../protocols/ieee11073/scan-report.ts'
import { standardConfigurations } from '../../protocols/ieee11073/standard-configurations.ts'
import { agentTimeOf, encodeAbsoluteTime } from '../../protocols/ieee11073/times.ts'
import type { Random } from '../../protocols/world/random.ts'
import { pressureOf, weightOf } from './distinct.ts'
import type { Simulated } from './simulated.ts'

export type AgentDevice = 'oximeter' | 'pressure' | 'scale'

export interface AgentOptions {
  readonly device: AgentDevice
  readonly random: Random
  /** From one result to the next: at least, and so much more at most. An oximeter streams. */
  readonly everyMs: number
  readonly jitterMs: number
  /** What its clock shows at the start, as its local time. */
  readonly deviceClockMs: number
  /** `pressureOf` or `weightOf` counts on from here. */
  readonly firstNumber: number
}

const configurationIds = { oximeter: 0x0190, pressure: 0x02bc, scale: 0x05dc } as const
const models = { oximeter: 'OX-1', pressure: 'BP-1', scale: 'SC-1' } as const

const tickMs = 50
const streamEveryMs = 1_000
const associateAgainMs = 10_000
const confirmedWithinMs = 3_000
/** After it was told to keep a result. */
const againAfterMs = 5_000
const firstScanReport = 3_357
const noEventTime = 0xffff_ffff
const agentInitiated = 0xf000

export function* simulateAgent(options: AgentOptions): Simulated {
  const agent = new Agent(options)
  let bytes: Uint8Array = noBytes
  for (;;) {
    const heard = yield { afterMs: tickMs, bytes }
    bytes = agent.tick(heard ?? noBytes)
  }
}

class Agent {
  readonly #options: AgentOptions
  readonly #systemId: Uint8Array
  readonly #framer = new Framer(scanApdu, apduLimitBytes)
  #state: 'unassociated' | 'associating' | 'configuring' | 'operating' = 'unassociated'
  #nowMs = 0
  #dueMs = 0
  #nextResultMs: number
  #number: number
  /** The result that was measured, and is not known to be stored. */
  #result: { readonly bytes: Uint8Array; readonly hasBeenSent: boolean } | null = null
  #invoke = 0
  #said: Uint8Array[] = []

  constructor(options: AgentOptions) {
    this.#options = options
    this.#systemId = options.random.fork('system').bytes(8)
    this.#number = options.firstNumber
    this.#nextResultMs = options.everyMs
  }

  tick(heard: Uint8Array): Uint8Array {
    this.#nowMs += tickMs
    this.#said = []
    for (const one of this.#framer.feed(heard, this.#nowMs)) {
      if (one.kind === 'packet') this.#hear(one.packet)
    }
    this.#measure()
    if (this.#nowMs >= this.#dueMs) this.#timeUp()
    return joinBytes(...this.#said)
  }

  #hear(apdu: Apdu): void {
    switch (apdu.kind) {
      case 'association-response':
        if (this.#state === 'associating') this.#associated(apdu.result)
        break
      case 'release-request':
        this.#say({ kind: 'release-response', reason: 0 })
        this.#end()
        break
      case 'abort':
        this.#end()
        break
      case 'data':
        this.#data(apdu.data.invoke, apdu.data.message)
        break
      default:
    }
  }

  #associated(result: number): void {
    if (result === results.accepted) this.#operate()
    else if (result === results.acceptedUnknownConfiguration) this.#configure()
    else this.#end()
  }

  #configure(): void {
    const configurationId = configurationIds[this.#options.device]
    const configuration = standardConfigurations.get(configurationId)
    const objects = configuration === undefined ? [] : objectsOf(configuration)
    this.#state = 'configuring'
    this.#dueMs = this.#nowMs + associateAgainMs
    this.#report(
      events.configuration,
      encodeConfigurationReport({ configurationId, objects }),
      true,
    )
  }

  #operate(): void {
    this.#state = 'operating'
    this.#dueMs = this.#nowMs
  }

  #data(invoke: number, message: Message): void {
    switch (message.kind) {
      case 'event-answer':
        this.#answered(message)
        break
      case 'get':
        this.#sayData(invoke, {
          kind: 'get-answer',
          handle: message.handle,
          attributes: this.#systemInfo(),
        })
        break
      // It is to keep what it has, and does.
      case 'error':
      case 'reject':
        if (this.#result !== null) this.#result = { ...this.#result, hasBeenSent: false }
        this.#dueMs = this.#nowMs + againAfterMs
        break
      case 'set':
      case 'action': {
        const parameter = new Uint8Array(0)
        this.#sayData(invoke, { kind: 'error', error: errors.noSuchAction, parameter })
        break
      }
      default:
    }
  }

  #answered({ eventType, info }: Extract<Message, { kind: 'event-answer' }>): void {
    if (eventType === events.configuration) {
      const reader = new MderReader(info)
      reader.u16()
      if (reader.u16() === results.accepted) this.#operate()
      else this.#abort()
    } else if (this.#result?.hasBeenSent === true) {
      this.#result = null
      this.#dueMs = this.#nowMs
    }
  }

  /** Also while it is not associated: results wait, one of them at least. */
  #measure(): void {
    const { device, everyMs, jitterMs, random } = this.#options
    if (device === 'oximeter' || this.#result !== null || this.#nowMs < this.#nextResultMs) return
    this.#nextResultMs = this.#nowMs + everyMs + random.below(jitterMs + 1)
    this.#result = { bytes: this.#scan(this.#number), hasBeenSent: false }
    this.#number++
  }

  #timeUp(): void {
    switch (this.#state) {
      case 'unassociated':
        this.#associate()
        break
      case 'associating':
      case 'configuring':
        this.#abort()
        break
      case 'operating':
        this.#send()
    }
  }

  #send(): void {
    if (this.#options.device === 'oximeter') {
      this.#report(firstScanReport, this.#scan(0), false)
      this.#dueMs = this.#nowMs + streamEveryMs
    } else if (this.#result === null) {
      this.#dueMs = this.#nowMs + tickMs
    } else if (this.#result.hasBeenSent) {
      this.#abort()
    } else {
      this.#report(firstScanReport, this.#result.bytes, true)
      this.#result = { ...this.#result, hasBeenSent: true }
      this.#dueMs = this.#nowMs + confirmedWithinMs
    }
  }

  #associate(): void {
    const parameters = encodeParameters(
      {
        protocolVersions: versionBits.one,
        encodingRules: mderRules,
        nomenclatureVersions: versionBits.one,
        functionalUnits: 0,
        systemType: systemTypes.agent,
        configurationId: configurationIds[this.#options.device],
        dataRequestMode: 1,
        agentRequests: 1,
        managerRequests: 0,
        options: [],
      },
      this.#systemId,
    )
    const protocols = [{ id: protocol20601, parameters }]
    this.#say({ kind: 'association-request', associationVersions: versionBits.one, protocols })
    this.#state = 'associating'
    this.#dueMs = this.#nowMs + associateAgainMs
  }

  #abort(): void {
    this.#say({ kind: 'abort', reason: 0 })
    this.#end()
  }

  #end(): void {
    this.#state = 'unassociated'
    this.#dueMs = this.#nowMs + againAfterMs
    // What nobody confirmed is sent again.
    if (this.#result !== null) this.#result = { ...this.#result, hasBeenSent: false }
  }

  #report(eventType: number, info: Uint8Array, isConfirmed: boolean): void {
    const message = { handle: 0, eventTime: noEventTime, eventType, info } as const
    this.#invoke = (this.#invoke + 1) & 0xffff
    this.#sayData(this.#invoke, { kind: 'event-report', isConfirmed, ...message })
  }

  #systemInfo() {
    const { device, deviceClockMs } = this.#options
    return encodeSystemInfo({
      manufacturer: 'Simpul',
      model: models[device],
      serialNumber: null,
      firmware: '1.0',
      clock: agentTimeOf(deviceClockMs + this.#nowMs),
      relativeTicks: null,
      relativeResolutionTicks: null,
    })
  }

  #scan(number: number): Uint8Array {
    const { device, random, deviceClockMs } = this.#options
    const stamp = encodeAbsoluteTime(agentTimeOf(deviceClockMs + this.#nowMs))
    const short = (value: number): Uint8Array => encodeShortFloat(numberOfValue(value, 0))
    const values: readonly (readonly [number, Uint8Array])[] =
      device === 'oximeter'
        ? [
            [1, short(95 + random.below(5))],
            [10, short(60 + random.below(30))],
          ]
        : device === 'scale'
          ? [[1, joinBytes(encodeFloat(numberOfValue(weightOf(number), 2)), stamp)]]
          : pressureValues(number, stamp)
    const items = values.map(([handle, bytes]) => ({ form: 'fixed', handle, bytes }) as const)
    return encodeScanReport(firstScanReport, {
      requestId: agentInitiated,
      reportNumber: number & 0xffff,
      people: [{ person: null, items }],
      leftBytes: 0,
    })
  }

  #sayData(invoke: number, message: Message): void {
    this.#say({ kind: 'data', data: { invoke, message } })
  }

  #say(apdu: Exclude<Apdu, { kind: 'malformed' }>): void {
    this.#said.push(encodeApdu(apdu))
  }
}

function pressureValues(
  number: number,
  stamp: Uint8Array,
): readonly (readonly [number, Uint8Array])[] {
  const { systolicMmHg, diastolicMmHg, meanMmHg, pulsePerMinute } = pressureOf(number)
  const short = (value: number): Uint8Array => encodeShortFloat(numberOfValue(value, 0))
  const pressures = list([systolicMmHg, diastolicMmHg, meanMmHg].map(short))
  return [
    [1, joinBytes(pressures, stamp)],
    [2, joinBytes(short(pulsePerMinute), stamp)],
  ]
}
