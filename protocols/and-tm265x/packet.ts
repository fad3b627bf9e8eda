/**
 * A&D TM-2655, TM-2657 and their P variants: the serial frame of the waiting-room blood pressure
 * monitors, both directions.
 *
 *   data, command   16 16 01 h1 h2 02 text ... 03 bcc    bcc = exclusive or of the bytes of text
 *   answer          16 16 01 h1 h2 06|15                 06 accepted, 15 refused
 *
 *   result   model RS yymmddhhmm RS format RS "M" RS "E00" RS "S127" RS "M 97" RS "D 76" RS
 *            "P 78" RS "I00" RS "L139" RS [tag value RS ...]
 *   pulses   model RS yymmddhhmm RS "RP" RS "N nn" RS ["ppp,aaa" RS ...]
 *   command  two letters
 *
 * Every field ends by RS (1E), the last one too. A number is right-aligned in its field; blanks or
 * hyphens instead of it mean that there is none. Format is RA, RB or AB and is taken as data.
 *
 * Source: one complete frame of a TM-2657P, four more field lists of TM-2655 and TM-2657 printed by
 * independent users, and the commands that published drivers send. Small tags: inferred.
 */
import type { DeviceTime } from '../packet/record.ts'

export interface AndResult {
  readonly kind: 'result'
  /** The two characters after SOH, `00` in every capture. */
  readonly address: string
  readonly model: string
  /** null when the clock of the device was never set. */
  readonly deviceTime: DeviceTime | null
  readonly format: string
  /** `00` is a good measurement. With any other, the numbers mean nothing. */
  readonly errorCode: string
  readonly systolicMmHg: number | null
  readonly meanMmHg: number | null
  readonly diastolicMmHg: number | null
  readonly pulsePerMinute: number | null
  /** What follows the pressures, by its tag letter, without blanks. Case matters. */
  readonly tags: Readonly<{ [letter: string]: string }>
}

/** The oscillometric pulses of one deflation, falling pressure. */
export interface AndPulses {
  readonly kind: 'pulses'
  readonly address: string
  readonly model: string
  readonly deviceTime: DeviceTime | null
  readonly pulses: readonly { readonly pressureMmHg: number; readonly amplitude: number }[]
}

export interface AndCommand {
  readonly kind: 'command'
  readonly address: string
  readonly command: string
}

export interface AndAnswer {
  readonly kind: 'answer'
  readonly address: string
  readonly accepted: boolean
}

export type AndPacket = AndResult | AndPulses | AndCommand | AndAnswer
