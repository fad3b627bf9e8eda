/** What an agent says about itself when it is asked for the attributes of its system (handle 0). */
import { joinBytes } from '../bytes/bytes.ts'
import {
  attributeOf,
  list,
  MderReader,
  readAttributeOf,
  text,
  u16,
  u32,
  type Attribute,
} from './mder.ts'
import { attributes } from './nomenclature.ts'
import {
  encodeAbsoluteTime,
  readAbsoluteTime,
  readBaseOffsetTime,
  type AgentTime,
} from './times.ts'

/** All null where the agent says nothing, which demonstration agents say with zeros. */
export interface SystemInfo {
  readonly manufacturer: string | null
  readonly model: string | null
  readonly serialNumber: string | null
  readonly firmware: string | null
  /** Its clock, as it stood when it answered. */
  readonly clock: AgentTime | null
  /** Its counter, in ticks of 125 us as it says. */
  readonly relativeTicks: number | null
  /** In which steps the counter counts, in ticks; a pen that counts seconds says 8,000. */
  readonly relativeResolutionTicks: number | null
}

/** Kinds of entries of the production specification. */
const specs = { serialNumber: 1, software: 4, firmware: 5 } as const

export function systemInfoOf(all: readonly Attribute[]): SystemInfo {
  const model = readAttributeOf(all, attributes.systemModel, (reader) => ({
    manufacturer: reader.text(),
    model: reader.text(),
  }))
  const production = readAttributeOf(all, attributes.productionSpec, readSpecs) ?? []
  const spec = (kind: number): string | null =>
    textOf(production.find((one) => one.kind === kind && one.text !== '')?.text)
  const ticks = readAttributeOf(all, attributes.relativeTime, (reader) => reader.u32())
  const resolution = attributeOf(all, attributes.timeInfo)
  return {
    manufacturer: textOf(model?.manufacturer),
    model: textOf(model?.model),
    serialNumber: spec(specs.serialNumber),
    firmware: spec(specs.firmware) ?? spec(specs.software),
    clock:
      readAttributeOf(all, attributes.absoluteTime, readAbsoluteTime) ??
      readAttributeOf(all, attributes.baseOffsetTime, readBaseOffsetTime),
    relativeTicks: ticks === 0 ? null : ticks,
    relativeResolutionTicks: resolution === null ? null : relativeResolution(resolution),
  }
}

function readSpecs(reader: MderReader) {
  return reader.list((one) => {
    const kind = one.u16()
    one.u16()
    return { kind, text: one.text() }
  })
}

/** capabilities u16 | protocol u16 | accuracy u32 | resolution u16 | relative u16 | high u32 */
function relativeResolution(timeInfo: Uint8Array): number | null {
  const reader = new MderReader(timeInfo)
  reader.take(10)
  const ticks = reader.u16()
  return ticks === 0 ? null : ticks
}

function textOf(found: string | undefined): string | null {
  return found === undefined || found === '' ? null : found
}

/** For agents. */
export function encodeSystemInfo(info: SystemInfo): readonly Attribute[] {
  const { manufacturer, model, serialNumber, firmware, clock, relativeTicks } = info
  const spec = (kind: number, what: string | null): readonly Uint8Array[] =>
    what === null ? [] : [joinBytes(u16(kind), u16(0), text(what))]
  const production = [...spec(specs.serialNumber, serialNumber), ...spec(specs.firmware, firmware)]
  const resolution = info.relativeResolutionTicks ?? 0
  return [
    { id: attributes.systemModel, value: joinBytes(text(manufacturer ?? ''), text(model ?? '')) },
    { id: attributes.productionSpec, value: list(production) },
    {
      id: attributes.absoluteTime,
      value: clock === null ? new Uint8Array(8) : encodeAbsoluteTime(clock),
    },
    { id: attributes.relativeTime, value: u32(relativeTicks ?? 0) },
    {
      id: attributes.timeInfo,
      value: joinBytes(new Uint8Array(10), u16(resolution), u32(0)),
    },
  ]
}
