/**
 * Five bytes of an oximeter, of which only the first has bit 7: the older Contec CMS50 sixty times
 * a second, and the BCI form of Berry modules a hundred times.
 *
 *        Contec V5.0A                             BCI V1.2, where it differs
 *   [0]  0-3 signal, 4 searching too long,        4 no signal, 5 sensor unplugged
 *        5 SpO2 falls, 6 beat, 7 always
 *   [1]  pulse wave
 *   [2]  0-3 bar, 4 probe error, 5 searching,     4 no finger
 *        6 bit 7 of the pulse rate
 *   [3]  pulse rate                               all ones: none
 *   [4]  SpO2                                     127: none
 *
 * There is no check sum. Bit 5 of [0] says nothing against a value: to a Contec it only means that
 * the value falls, and a Berry without its sensor has no value anyway.
 *
 * Source: Contec cms_protocol V5.0A, Berry BCI Protocol V1.2.
 */
import { nextByte } from '../bytes/bytes.ts'
import { incomplete, noise, packet, type Scan } from '../bytes/scan.ts'

export interface FiveBytes {
  /** 0 to 8; some models say 15 for no signal. */
  readonly signal: number
  /** Searching for too long; in the BCI form: no signal. */
  readonly isSignalMissing: boolean
  /** SpO2 falls; in the BCI form: the sensor is unplugged. */
  readonly isFallingOrUnplugged: boolean
  readonly isBeat: boolean
  /** 0 to 127, without a unit. */
  readonly pleth: number
  /** 0 to 15. */
  readonly bar: number
  /** No finger, or a broken sensor. */
  readonly isProbeError: boolean
  readonly isSearching: boolean
  readonly pulsePerMinute: number | null
  readonly saturationPercent: number | null
}

export const fiveBytesLength = 5

const noPulse = 0xff
const noSaturation = 0x7f

export function scanFiveBytes(bytes: Uint8Array): Scan<FiveBytes> {
  const [flags, pleth = 0, state = 0, low = 0, saturation = 0] = bytes
  if (flags === undefined) return incomplete
  const next = nextByte(bytes, (byte) => byte >= 0x80)
  if (flags < 0x80) return noise('no beginning', next)
  if (next < Math.min(fiveBytesLength, bytes.length)) return noise('cut short', next)
  if (bytes.length < fiveBytesLength) return incomplete
  const pulse = ((state & 0x40) << 1) | low
  return packet(
    {
      signal: flags & 0x0f,
      isSignalMissing: (flags & 0x10) !== 0,
      isFallingOrUnplugged: (flags & 0x20) !== 0,
      isBeat: (flags & 0x40) !== 0,
      pleth,
      bar: state & 0x0f,
      isProbeError: (state & 0x10) !== 0,
      isSearching: (state & 0x20) !== 0,
      pulsePerMinute: pulse === 0 || pulse === noPulse ? null : pulse,
      saturationPercent: saturation === 0 || saturation > 100 ? null : saturation,
    },
    fiveBytesLength,
  )
}

export function encodeFiveBytes(packet: FiveBytes): Uint8Array {
  const pulse = packet.pulsePerMinute ?? noPulse
  return Uint8Array.of(
    0x80 |
      packet.signal |
      (packet.isSignalMissing ? 0x10 : 0) |
      (packet.isFallingOrUnplugged ? 0x20 : 0) |
      (packet.isBeat ? 0x40 : 0),
    packet.pleth,
    packet.bar |
      (packet.isProbeError ? 0x10 : 0) |
      (packet.isSearching ? 0x20 : 0) |
      ((pulse & 0x80) >> 1),
    pulse & 0x7f,
    packet.saturationPercent ?? noSaturation,
  )
}
