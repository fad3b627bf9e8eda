/**
 * Medlab NIBP2010, NIBScan, UN300C: a blood pressure module that tells by itself how far it is, and
 * its result when it is asked.
 *
 *   while it measures   nnn CR              pressure in the cuff; 999: the measurement is over
 *   question            STX 18;;DF ETX
 *   answer              STX S1;A0;C00;M00;Psssdddmmm;R087;T6890;;cc ETX CR
 *
 *   S state   A patient, 0 adult   C cycle   M error, 00 good   R pulse   T a time
 *   P  systolic, diastolic, mean, three digits each
 *   cc low byte of the sum of the characters between STX and cc, two hexadecimal digits
 *
 * 01 starts the cuff and 03 changes its mode: neither can be made here. The one printed answer is
 * made up (its check is wrong and its pressures cannot be), so the order in P is not certain: only
 * systolic > mean > diastolic is believed, which no other order can satisfy.
 *
 * Source: a published description of the module and two programs. Three printed commands agree with
 * the rule of the check.
 */
import { latin1Bytes } from '../bytes/bytes.ts'
import { sumOf } from '../bytes/checksum.ts'
import { beginsWith, notAFrame, textScanner } from '../bytes/text-frame.ts'
import type { Decoded } from '../packet/decoded.ts'

export interface NibscanStatus {
  readonly kind: 'status'
  /** `00` is good. With any other, the numbers are null. */
  readonly errorCode: string
  readonly patient: 'adult' | 'other'
  readonly systolicMmHg: number | null
  readonly diastolicMmHg: number | null
  readonly meanMmHg: number | null
  readonly pulsePerMinute: number | null
}

export type NibscanPacket =
  | NibscanStatus
  | { readonly kind: 'cuff'; readonly cuffMmHg: number }
  | { readonly kind: 'over' }

export const nibscanLimitBytes = 80

const stx = '\u0002'
const etx = '\u0003'
const over = '999'
const status =
  /^S\d;A(\d);C\d\d;M([\dA-F]{2});P([ \d]{3})([ \d]{3})([ \d]{3});R([ \d]{3});T\d{1,6};;$/

const statusBegins = beginsWith(`${stx}S`)

export const scanNibscan = textScanner<NibscanPacket>({
  mayBegin: (text) => statusBegins(text) || /^\d{1,3}$|^\d{3}\r/.test(text),
  lengthOf: (text) => {
    const end = text.indexOf(text.startsWith(stx) ? `${etx}\r` : '\r')
    return end === -1 ? null : end + (text.startsWith(stx) ? 2 : 1)
  },
  limitBytes: nibscanLimitBytes,
  read: (text) => (text.startsWith(stx) ? readStatus(text) : readCuff(text)),
})

function readCuff(text: string): Decoded<NibscanPacket> {
  const digits = text.slice(0, -1)
  if (!/^\d{3}$/.test(digits)) return notAFrame('no pressure in the cuff')
  if (digits === over) return { ok: true, value: { kind: 'over' } }
  return { ok: true, value: { kind: 'cuff', cuffMmHg: Number(digits) } }
}

function readStatus(text: string): Decoded<NibscanPacket> {
  const body = text.slice(1, -4)
  if (checkOf(body) !== text.slice(-4, -2)) return notAFrame('wrong check')
  const found = status.exec(body)
  if (found === null) return notAFrame('no status')
  const [, patient = '', errorCode = ''] = found
  const isGood = errorCode === '00'
  const [systolicMmHg, diastolicMmHg, meanMmHg, pulsePerMinute] = found
    .slice(3)
    .map((digits) => (isGood ? Number(digits.trim()) || null : null))
  return {
    ok: true,
    value: {
      kind: 'status',
      errorCode,
      patient: patient === '0' ? 'adult' : 'other',
      systolicMmHg: systolicMmHg ?? null,
      diastolicMmHg: diastolicMmHg ?? null,
      meanMmHg: meanMmHg ?? null,
      pulsePerMinute: pulsePerMinute ?? null,
    },
  }
}

function checkOf(body: string): string {
  return sumOf(latin1Bytes(body)).toString(16).toUpperCase().padStart(2, '0')
}

export function encodeNibscan(packet: NibscanPacket): Uint8Array {
  if (packet.kind === 'over') return latin1Bytes(`${over}\r`)
  if (packet.kind === 'cuff') return latin1Bytes(`${threeOf(packet.cuffMmHg)}\r`)
  const { patient, errorCode, systolicMmHg, diastolicMmHg, meanMmHg, pulsePerMinute } = packet
  const pressures = [systolicMmHg, diastolicMmHg, meanMmHg].map(threeOf).join('')
  const rest = `P${pressures};R${threeOf(pulsePerMinute)};T0000;;`
  const body = `S1;A${patient === 'adult' ? 0 : 1};C00;M${errorCode};${rest}`
  return latin1Bytes(`${stx}${body}${checkOf(body)}${etx}\r`)
}

function threeOf(value: number | null): string {
  return String(value ?? 0).padStart(3, '0')
}

/** Asks for the last result. */
export const nibscanQuestion = latin1Bytes(`${stx}18;;${checkOf('18;;')}${etx}`)
