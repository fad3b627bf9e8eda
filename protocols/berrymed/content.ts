/** Content of the packets in packet.ts: A1 is the type, the rest its data. */
import { latin1Bytes, latin1Text } from '../bytes/bytes.ts'
import { filters, gains } from './command.ts'
import {
  arrhythmias,
  nibpPatients,
  nibpStates,
  oximeterStates,
  type EcgNumbers,
  type NibpNumbers,
  type OximeterNumbers,
  type Pm6750Packet,
  type TemperatureNumbers,
} from './packet.ts'

const noSaturation = 127
const noPulse = 255
const sampleMax = 250
const rateMax = 250
const firmware = 0xfc
const hardware = 0xfd

/** null when the data is not what its type allows. */
export function readContent(content: Uint8Array): Pm6750Packet | null {
  const type = content[0] ?? 0
  const data = content.subarray(1)
  switch (type) {
    case 0x01:
      return readEcg(data)
    case 0x02:
      return readEcgNumbers(data)
    case 0x03:
      return readNibp(data)
    case 0x04:
      return readOximeter(data)
    case 0x05:
      return readTemperature(data)
    case 0x30:
      return data.length === 0 ? { kind: 'heart-beat' } : null
    case 0x31:
      return data.length === 0 ? { kind: 'pulse-beat' } : null
    case 0xfe:
      return readSample('pleth', data)
    case 0xff:
      return readSample('respiration', data)
    case firmware:
    case hardware:
      return {
        kind: 'version',
        of: type === firmware ? 'firmware' : 'hardware',
        text: latin1Text(data),
      }
    default:
      return { kind: 'other', type, content: data.slice() }
  }
}

function readEcg(data: Uint8Array): Pm6750Packet | null {
  if (data.length !== 7 && data.length !== 1) return null
  return data.every((sample) => sample <= sampleMax) ? { kind: 'ecg', leads: [...data] } : null
}

function readSample(kind: 'pleth' | 'respiration', data: Uint8Array): Pm6750Packet | null {
  const [sample] = data
  return sample === undefined || data.length !== 1 ? null : { kind, sample }
}

function readEcgNumbers(data: Uint8Array): EcgNumbers | null {
  const [status = 0, heart = 0, breaths = 0, st, arrhythmia = null] = data
  const gain = gains[(status >> 2) & 3]
  const filter = filters[(status >> 4) & 3]
  if (data.length < 3 || data.length > 5 || gain === undefined || filter === undefined) return null
  if (heart > rateMax || breaths > rateMax) return null
  if (arrhythmia !== null && arrhythmia >= arrhythmias.length) return null
  return {
    kind: 'ecg-numbers',
    weakSignal: (status & 1) !== 0,
    leadOff: (status & 2) !== 0,
    gain,
    filter,
    heartPerMinute: heart === 0 ? null : heart,
    breathsPerMinute: breaths === 0 ? null : breaths,
    stMillivolt: st === undefined ? null : (st > 127 ? st - 256 : st) / 100,
    arrhythmia,
  }
}

function readNibp(data: Uint8Array): NibpNumbers | null {
  const [status = 0, cuff = 0, systolic = 0, mean = 0, diastolic = 0] = data
  const state = nibpStates[(status >> 2) & 15]
  const patient = nibpPatients[status & 3]
  if (data.length !== 5 || state === undefined || patient === undefined) return null
  return {
    kind: 'nibp',
    patient,
    state,
    cuffMmHg: cuff * 2,
    systolicMmHg: systolic === 0 ? null : systolic,
    meanMmHg: mean === 0 ? null : mean,
    diastolicMmHg: diastolic === 0 ? null : diastolic,
  }
}

function readOximeter(data: Uint8Array): OximeterNumbers | null {
  const [status = 0, saturation = 0, pulse = 0] = data
  const state = oximeterStates[status]
  if (data.length !== 3 || state === undefined) return null
  if (saturation > 100 && saturation !== noSaturation) return null
  if (pulse > rateMax && pulse !== noPulse) return null
  return {
    kind: 'oximeter',
    state,
    saturationPercent: saturation === noSaturation ? null : saturation,
    pulsePerMinute: pulse === noPulse ? null : pulse,
  }
}

function readTemperature(data: Uint8Array): TemperatureNumbers | null {
  const [status = 0, ...numbers] = data
  if ((numbers.length !== 2 && numbers.length !== 4) || status > 3) return null
  const probesCelsius: (number | null)[] = []
  for (let at = 0; at < numbers.length; at += 2) {
    const [whole = 0, tenths = 0] = numbers.slice(at, at + 2)
    const isOff = (status & (1 << (at / 2))) !== 0
    if (!isOff && tenths > 9) return null
    probesCelsius.push(isOff ? null : (whole * 10 + tenths) / 10)
  }
  return { kind: 'temperature', probesCelsius }
}

export function packetContent(packet: Pm6750Packet): readonly number[] {
  switch (packet.kind) {
    case 'ecg':
      return [0x01, ...packet.leads]
    case 'ecg-numbers':
      return [0x02, ...ecgNumbers(packet)]
    case 'nibp':
      return [
        0x03,
        (nibpStates.indexOf(packet.state) << 2) | nibpPatients.indexOf(packet.patient),
        packet.cuffMmHg / 2,
        packet.systolicMmHg ?? 0,
        packet.meanMmHg ?? 0,
        packet.diastolicMmHg ?? 0,
      ]
    case 'oximeter':
      return [
        0x04,
        oximeterStates.indexOf(packet.state),
        packet.saturationPercent ?? noSaturation,
        packet.pulsePerMinute ?? noPulse,
      ]
    case 'temperature':
      return [0x05, ...temperatures(packet.probesCelsius)]
    case 'heart-beat':
      return [0x30]
    case 'pulse-beat':
      return [0x31]
    case 'pleth':
      return [0xfe, packet.sample]
    case 'respiration':
      return [0xff, packet.sample]
    case 'version':
      return [packet.of === 'firmware' ? firmware : hardware, ...latin1Bytes(packet.text)]
    default:
      return [packet.type, ...packet.content]
  }
}

function ecgNumbers(packet: EcgNumbers): readonly number[] {
  const status =
    (packet.weakSignal ? 1 : 0) |
    (packet.leadOff ? 2 : 0) |
    (gains.indexOf(packet.gain) << 2) |
    (filters.indexOf(packet.filter) << 4)
  const numbers = [status, packet.heartPerMinute ?? 0, packet.breathsPerMinute ?? 0]
  if (packet.stMillivolt === null) return numbers
  const st = Math.round(packet.stMillivolt * 100) & 0xff
  return packet.arrhythmia === null ? [...numbers, st] : [...numbers, st, packet.arrhythmia]
}

function temperatures(probesCelsius: readonly (number | null)[]): readonly number[] {
  const status = probesCelsius.reduce<number>(
    (bits, probe, index) => (probe === null ? bits | (1 << index) : bits),
    0,
  )
  const numbers = probesCelsius.flatMap((probe) => {
    const tenths = Math.round((probe ?? 0) * 10)
    return [Math.trunc(tenths / 10), tenths % 10]
  })
  return [status, ...numbers]
}
