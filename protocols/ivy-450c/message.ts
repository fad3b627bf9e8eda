/**
 * Ivy Biomedical 450C, stream ANSAR-B: one message a second, all that 9,600 baud can carry.
 *
 *   FF "ANSAR-B " | 400 bytes of waves | lines of text, each ending with CR | FE
 *
 *   waves  ECG 200, then 50 each of respiration, pleth, pressure 1 and pressure 2; oldest first
 *   text   HR=1;80;ECG-II-DIAG;      NAME=state;value;..;label;alarm
 *          RR=1;35;APNEA: 20 SEC;    a value that is empty is none
 *          ETCO2=1;;;
 *          SPO2=1;100;PR=80 ;
 *          NIBP=4;121;75;92;80;;     systolic, diastolic, mean, pulse
 *          P1=3;111;73;88;;          the same without pulse
 *          P2=3;;;;NO TRANSDUCER;
 *          T1=1;;;
 *
 * There is no check sum. What the digit of the state means is not known.
 *
 * Source: a recording of a 450C (27 messages, test data of OpenICE), where the wave of pressure 1
 * has its least and greatest byte at the diastolic and systolic pressure of the text.
 */
import { joinBytes, latin1Bytes, latin1Text, nextByte } from '../bytes/bytes.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'

export interface IvyPressure {
  readonly systolicMmHg: number | null
  readonly diastolicMmHg: number | null
  readonly meanMmHg: number | null
}

export interface IvyMessage {
  /** 200 in a second, 100 is no voltage. */
  readonly ecg: Uint8Array
  /** 50 in a second; impedance or CO2. */
  readonly respiration: Uint8Array
  readonly pleth: Uint8Array
  /** Each 50 in a second, one step a mmHg. */
  readonly pressures: readonly [Uint8Array, Uint8Array]
  readonly heartPerMinute: number | null
  /** As it names it: `I`, `II`; null when the label does not say. */
  readonly ecgLead: string | null
  readonly breathsPerMinute: number | null
  readonly endTidalCo2: number | null
  readonly saturationPercent: number | null
  readonly pulsePerMinute: number | null
  readonly cuff: IvyPressure & { readonly pulsePerMinute: number | null }
  readonly catheters: readonly [IvyPressure, IvyPressure]
  /** Whether a transducer is plugged in for each. */
  readonly hasTransducer: readonly [boolean, boolean]
  readonly temperatures: readonly [number | null, number | null]
}

const head = latin1Bytes('\u00ffANSAR-B ')
const end = 0xfe
const ecgSamples = 200
const slowSamples = 50
const waveBytes = ecgSamples + 4 * slowSamples
const textLimit = 512
export const ivyMessageLimitBytes = head.length + waveBytes + textLimit + 1

export function scanIvy(bytes: Uint8Array): Scan<IvyMessage> {
  for (const [at, expected] of head.entries()) {
    if (at >= bytes.length) return incomplete
    if (bytes[at] !== expected)
      return noise(
        'no beginning',
        nextByte(bytes, (byte) => byte === head[0]),
      )
  }
  const textAt = head.length + waveBytes
  const text = bytes.subarray(textAt, textAt + textLimit + 1)
  const length = text.findIndex((byte) => byte >= 0x80)
  if (length === -1) {
    return text.length <= textLimit ? incomplete : noise('text without end', 1)
  }
  if (text[length] !== end) return noise('no text', 1)
  const lines = readLines(latin1Text(text.subarray(0, length)))
  if (lines === null) return noise('no lines', 1)
  const waves = bytes.subarray(head.length, textAt)
  return packet(messageOf(waves, lines), textAt + length + 1)
}

type Lines = ReadonlyMap<string, readonly string[]>

/** null when a line has not the form: then a byte of the waves is missing, or one too many. */
function readLines(text: string): Lines | null {
  const lines = new Map<string, readonly string[]>()
  for (const line of text.split('\r')) {
    if (line === '') continue
    const found = /^([A-Z][A-Z0-9]*)=(\d);([ -~]*)$/.exec(line)
    if (found === null) return null
    const [, name = '', , fields = ''] = found
    lines.set(
      name,
      fields.split(';').map((field) => field.trim()),
    )
  }
  return lines.has('HR') ? lines : null
}

function messageOf(waves: Uint8Array, lines: Lines): IvyMessage {
  const slow = (index: number): Uint8Array => {
    const from = ecgSamples + index * slowSamples
    return waves.slice(from, from + slowSamples)
  }
  const word = (name: string, index: number): string => lines.get(name)?.[index] ?? ''
  const value = (name: string, index = 0): number | null => numberOf(word(name, index))
  const pressure = (name: string): IvyPressure => ({
    systolicMmHg: value(name, 0),
    diastolicMmHg: value(name, 1),
    meanMmHg: value(name, 2),
  })
  const isPlugged = (name: string): boolean =>
    !(lines.get(name) ?? []).some((field) => field === noTransducer)
  return {
    ecg: waves.slice(0, ecgSamples),
    respiration: slow(0),
    pleth: slow(1),
    pressures: [slow(2), slow(3)],
    heartPerMinute: value('HR'),
    ecgLead: /^ECG-([A-Za-z0-9]+)/.exec(word('HR', 1))?.[1] ?? null,
    breathsPerMinute: value('RR'),
    endTidalCo2: value('ETCO2'),
    saturationPercent: value('SPO2'),
    pulsePerMinute: numberOf(/^PR= *(\S+)/.exec(word('SPO2', 1))?.[1] ?? ''),
    cuff: { ...pressure('NIBP'), pulsePerMinute: value('NIBP', 3) },
    catheters: [pressure('P1'), pressure('P2')],
    hasTransducer: [isPlugged('P1'), isPlugged('P2')],
    temperatures: [value('T1'), value('T2')],
  }
}

const noTransducer = 'NO TRANSDUCER'

function numberOf(text: string): number | null {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null
}

export function encodeIvy(message: IvyMessage): Uint8Array {
  const shown = (value: number | null): string => (value === null ? '' : String(value))
  const three = (pressure: IvyPressure): string =>
    [pressure.systolicMmHg, pressure.diastolicMmHg, pressure.meanMmHg].map(shown).join(';')
  const catheter = (index: 0 | 1): string => {
    const label = message.hasTransducer[index] ? '' : noTransducer
    return `P${index + 1}=3;${three(message.catheters[index])};${label};`
  }
  const pulse = message.pulsePerMinute === null ? '' : `PR=${message.pulsePerMinute} `
  const label = message.ecgLead === null ? '' : `ECG-${message.ecgLead}-DIAG`
  const lines = [
    `HR=1;${shown(message.heartPerMinute)};${label};`,
    `RR=1;${shown(message.breathsPerMinute)};APNEA: 20 SEC;`,
    `ETCO2=1;${shown(message.endTidalCo2)};;`,
    `SPO2=1;${shown(message.saturationPercent)};${pulse};`,
    `NIBP=4;${three(message.cuff)};${shown(message.cuff.pulsePerMinute)};;`,
    catheter(0),
    catheter(1),
    `T1=1;${shown(message.temperatures[0])};;`,
    `T2=1;${shown(message.temperatures[1])};;`,
  ]
  return joinBytes(
    head,
    message.ecg,
    message.respiration,
    message.pleth,
    ...message.pressures,
    latin1Bytes(lines.map((line) => `${line}\r`).join('')),
    [end],
  )
}
