/**
 * How agent and manager agree on how to talk. The agent asks, once it is reached:
 *
 *   association-version u32 | list of { protocol u16 | length u16 | parameters }
 *
 * and the manager answers `result u16 | protocol u16 | length u16 | parameters`. The parameters of
 * protocol 20601 (5079):
 *
 *   protocol-version u32 | encoding-rules u16 | nomenclature-version u32 | functional-units u32 |
 *   system-type u32 | system-id octets | configuration u16 | data-request-mode u16 | counts u8 u8 |
 *   options list
 *
 * Source: Antidote, the stacks of Freescale and Microchip, recorded sessions.
 */
import { joinBytes } from '../bytes/bytes.ts'
import { toHex } from '../packet/hex.ts'
import {
  encodeAttribute,
  list,
  MderReader,
  octets,
  readAttribute,
  u16,
  u32,
  u8,
  type Attribute,
} from './mder.ts'
import { results } from './nomenclature.ts'

export interface AssociationParameters {
  /** A set of bits: 80000000 version 1, 40000000 version 2, 20000000 version 3. */
  readonly protocolVersions: number
  /** 8000 MDER, 4000 XER, 2000 PER. */
  readonly encodingRules: number
  readonly nomenclatureVersions: number
  readonly functionalUnits: number
  readonly systemType: number
  /** EUI-64, in hex. Demonstration agents of different makers share one. */
  readonly systemId: string
  readonly configurationId: number
  readonly dataRequestMode: number
  readonly agentRequests: number
  readonly managerRequests: number
  readonly options: readonly Attribute[]
}

export interface AssociationRequest {
  readonly associationVersions: number
  readonly protocols: readonly { readonly id: number; readonly parameters: Uint8Array }[]
}

export interface AssociationResponse {
  readonly result: number
  /** 0 with no parameters when there is no common protocol. */
  readonly protocol: number
  readonly parameters: Uint8Array
}

export const protocol20601 = 20_601
export const versionBits = { one: 0x8000_0000, two: 0x4000_0000, three: 0x2000_0000 } as const
export const systemTypes = { manager: 0x8000_0000, agent: 0x0080_0000 } as const
export const mderRules = 0x8000
/** A functional unit: all that is said in this association is a test. */
export const testAssociation = 0x2000_0000
/** Configurations from here on are the device's own. */
export const firstExtended = 0x4000

export function readAssociationRequest(body: Uint8Array): AssociationRequest | null {
  const reader = new MderReader(body)
  const associationVersions = reader.u32()
  const protocols = reader.list((one) => ({ id: one.u16(), parameters: one.octets() }))
  return reader.isWhole ? { associationVersions, protocols } : null
}

export function encodeAssociationRequest(request: AssociationRequest): Uint8Array {
  const protocols = request.protocols.map((one) => joinBytes(u16(one.id), octets(one.parameters)))
  return joinBytes(u32(request.associationVersions), list(protocols))
}

export function readAssociationResponse(body: Uint8Array): AssociationResponse | null {
  const reader = new MderReader(body)
  const response = { result: reader.u16(), protocol: reader.u16(), parameters: reader.octets() }
  return reader.isWhole ? response : null
}

export function encodeAssociationResponse(response: AssociationResponse): Uint8Array {
  const { result, protocol, parameters } = response
  return joinBytes(u16(result), u16(protocol), octets(parameters))
}

/** null when they are cut short. */
export function readParameters(bytes: Uint8Array): AssociationParameters | null {
  const reader = new MderReader(bytes)
  const parameters = {
    protocolVersions: reader.u32(),
    encodingRules: reader.u16(),
    nomenclatureVersions: reader.u32(),
    functionalUnits: reader.u32(),
    systemType: reader.u32(),
    systemId: toHex(reader.octets()),
    configurationId: reader.u16(),
    dataRequestMode: reader.u16(),
    agentRequests: reader.u8(),
    managerRequests: reader.u8(),
    options: reader.list(readAttribute),
  }
  return reader.isWhole ? parameters : null
}

export function encodeParameters(
  parameters: Omit<AssociationParameters, 'systemId'>,
  systemId: Uint8Array,
): Uint8Array {
  return joinBytes(
    u32(parameters.protocolVersions),
    u16(parameters.encodingRules),
    u32(parameters.nomenclatureVersions),
    u32(parameters.functionalUnits),
    u32(parameters.systemType),
    octets(systemId),
    u16(parameters.configurationId),
    u16(parameters.dataRequestMode),
    u8(parameters.agentRequests),
    u8(parameters.managerRequests),
    list(parameters.options.map(encodeAttribute)),
  )
}

export type Negotiated =
  | {
      readonly ok: true
      readonly agent: AssociationParameters
      /** The one bit of the version that both speak. */
      readonly version: number
    }
  | { readonly ok: false; readonly result: number }

/** What a manager makes of a request, before it looks at the configuration. */
export function negotiate(request: AssociationRequest): Negotiated {
  if ((request.associationVersions & versionBits.one) === 0) {
    return { ok: false, result: results.unsupportedVersion }
  }
  const offered = request.protocols.find((one) => one.id === protocol20601)
  if (offered === undefined) return { ok: false, result: results.noCommonProtocol }
  const agent = readParameters(offered.parameters)
  if (agent === null) return { ok: false, result: results.rejectedPermanent }
  // A set of bits: an agent that speaks more than version 1 speaks version 1 too.
  const version = [versionBits.one, versionBits.two, versionBits.three].find(
    (bit) => (agent.protocolVersions & bit) !== 0,
  )
  const speaksMder = (agent.encodingRules & mderRules) !== 0
  const knowsNumbers = (agent.nomenclatureVersions & versionBits.one) !== 0
  if (version === undefined || !speaksMder || !knowsNumbers) {
    return { ok: false, result: results.noCommonParameter }
  }
  return { ok: true, agent, version }
}

/** The answer of a manager, with the parameters of the textbook. */
export function answerAssociation(
  result: number,
  version: number,
  systemId: Uint8Array,
): AssociationResponse {
  if (result === results.noCommonProtocol) {
    return { result, protocol: 0, parameters: new Uint8Array(0) }
  }
  const parameters = encodeParameters(
    {
      protocolVersions: version,
      encodingRules: mderRules,
      nomenclatureVersions: versionBits.one,
      functionalUnits: 0,
      systemType: systemTypes.manager,
      configurationId: 0,
      dataRequestMode: 0,
      agentRequests: 0,
      managerRequests: 0,
      options: [],
    },
    systemId,
  )
  return { result, protocol: protocol20601, parameters }
}
