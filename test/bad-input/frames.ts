/** What devices say, whole and broken. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseCapture } from '../../drivers/capture.ts'
import { pressureOf } from '../../drivers/simulate/distinct.ts'
import { encodeAnd } from '../../protocols/and-tm265x/frame.ts'
import { joinBytes, latin1Bytes } from '../../protocols/bytes/bytes.ts'
import { encodeDataSet, instance, ultrasoundImage } from '../dicom/data-set.ts'

/** A blood pressure; each number has its own. */
export function pressureFrame(number: number): Uint8Array {
  return encodeAnd({
    kind: 'result',
    address: '00',
    model: 'TM2657',
    deviceTime: { year: 2026, month: 11, day: 24, hour: 9, minute: number % 60, second: null },
    format: 'RA',
    errorCode: '00',
    ...pressureOf(number),
    tags: {},
  })
}

/** So many stable lines that the weight is believed, and then nobody on the scale. */
export function weighing(kilograms: string): Uint8Array {
  const line = (text: string) => latin1Bytes(`ST,GS,+${text.padStart(7)}kg\r\n`)
  const loaded = Array.from({ length: 6 }, () => line(kilograms))
  const empty = Array.from({ length: 2 }, () => line('0.00'))
  return joinBytes(...loaded, ...empty)
}

/** What a patient monitor really said, without what we say to it. */
export function monitorBytes(): Uint8Array {
  const path = join(import.meta.dirname, '../../drivers/captures/berrymed-pm6750/start.cap')
  const capture = parseCapture(readFileSync(path, 'utf8'))
  if (!capture.ok) throw new Error(capture.reason)
  const said = capture.value.flatMap((step) => (step.kind === 'device' ? [step.bytes] : []))
  return joinBytes(...said)
}

/**
 * What a port of one speed hears of a device of another (8N1): it looks at the line in the middle
 * of each of its own bits. A byte without a stop bit is read as 0, as Linux does it.
 */
export function heardAt(bytes: Uint8Array, saidBaud: number, heardBaud: number): Uint8Array {
  const line = [...bytes].flatMap((byte) => [
    0,
    ...Array.from({ length: 8 }, (_, bit) => (byte >> bit) & 1),
    1,
  ])
  const level = (atS: number): number => line[Math.floor(atS * saidBaud)] ?? 1
  const endS = line.length / saidBaud
  const heard: number[] = []
  for (let atS = 0; atS < endS;) {
    if (level(atS) === 1) {
      atS += 1 / (16 * heardBaud)
      continue
    }
    const bits = Array.from({ length: 9 }, (_, bit) => level(atS + (bit + 1.5) / heardBaud))
    const byte = bits.slice(0, 8).reduce((sum, bit, place) => sum | (bit << place), 0)
    heard.push(bits[8] === 1 ? byte : 0)
    atS += 9.5 / heardBaud
  }
  return Uint8Array.from(heard)
}

/** Neither a line of a scale nor the beginning of one. */
export function noise(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, index) => 0xb0 + ((index * 37 + 11) % 0x10))
}

/** An ultrasound image of its own for each name. */
export function imageDataSet(sopInstanceUid: string, pixelBytes: number): Uint8Array {
  const names = { sopClassUid: ultrasoundImage, sopInstanceUid, pixelBytes }
  return encodeDataSet(instance(names), { explicit: true, little: true })
}
