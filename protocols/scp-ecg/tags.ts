/**
 * Section 1 of SCP-ECG: whose ECG, when, from which device. Source: EN 1064:2005 section 5.4.
 *
 *   | tag u8 | length u16 | value … | … | ff 00 00 |
 *
 * Names and whatever else is said of the patient are not read; the number under which the device
 * knows the patient is.
 */
import { joinBytes, latin1Text, viewOf } from '../bytes/bytes.ts'
import { unknownDevice, wordsOf, type EcgDevice } from '../ecg/recording.ts'
import { deviceTimeOf } from '../packet/device-time.ts'
import type { DeviceTime } from '../packet/record.ts'

const tags = { patientId: 2, device: 14, date: 25, time: 26, end: 255 } as const
const fieldsMax = 512

export interface ScpHeader {
  readonly patientId: string | null
  readonly recordedAt: DeviceTime | null
  readonly device: EcgDevice
}

/** What cannot be read is not there; it never makes the rest unreadable. */
export function decodeHeader(content: Uint8Array): ScpHeader {
  const fields = fieldsOf(content)
  const date = fields.get(tags.date) ?? new Uint8Array(0)
  const time = fields.get(tags.time) ?? new Uint8Array(0)
  const [hour = Number.NaN, minute = Number.NaN, second = null] = time
  const device = fields.get(tags.device)
  return {
    patientId: textOf(fields.get(tags.patientId)),
    recordedAt:
      date.length < 4
        ? null
        : deviceTimeOf(
            viewOf(date).getUint16(0, true),
            date[2] ?? 0,
            date[3] ?? 0,
            hour,
            minute,
            second,
          ),
    device: device === undefined ? unknownDevice : deviceOf(device),
  }
}

/** The first of each tag. */
function fieldsOf(content: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const fields = new Map<number, Uint8Array>()
  const view = viewOf(content)
  let at = 0
  for (let count = 0; count < fieldsMax && at + 3 <= content.length; count++) {
    const tag = view.getUint8(at)
    const length = view.getUint16(at + 1, true)
    if (tag === tags.end || at + 3 + length > content.length) break
    if (!fields.has(tag)) fields.set(tag, content.subarray(at + 3, at + 3 + length))
    at += 3 + length
  }
  return fields
}

/** Up to the first NUL. */
function textOf(bytes: Uint8Array | undefined): string | null {
  if (bytes === undefined) return null
  const end = bytes.indexOf(0)
  return wordsOf(latin1Text(end === -1 ? bytes : bytes.subarray(0, end)))
}

/** Where the model stands in the field of the device, and where its first text. */
const modelAt = 8
const modelBytes = 6
const programAt = 35

function deviceOf(field: Uint8Array): EcgDevice {
  const model = textOf(field.subarray(modelAt, modelAt + modelBytes))
  const programBytes = field[programAt] ?? 0
  const texts: (string | null)[] = []
  let at = programAt + 1 + programBytes
  for (let count = 0; count < 4 && at < field.length; count++) {
    const rest = field.subarray(at)
    const end = rest.indexOf(0)
    texts.push(textOf(rest))
    at += (end === -1 ? rest.length : end) + 1
  }
  const [serialNumber = null, software = null, , maker = null] = texts
  return { maker, model, serialNumber, software }
}

/** `patientId` null: the number that the standard wants is empty. */
export function encodeHeader({
  patientId,
  device,
  recordedAt,
}: {
  readonly patientId: string | null
  readonly device: EcgDevice
  readonly recordedAt: DeviceTime
}): Uint8Array {
  const date = new Uint8Array(4)
  viewOf(date).setUint16(0, recordedAt.year, true)
  date[2] = recordedAt.month
  date[3] = recordedAt.day
  const time = Uint8Array.of(recordedAt.hour, recordedAt.minute, recordedAt.second ?? 0)
  return joinBytes(
    field(tags.patientId, zeroEnded(patientId)),
    field(tags.device, deviceField(device)),
    field(tags.date, date),
    field(tags.time, time),
    field(tags.end, new Uint8Array(0)),
  )
}

function field(tag: number, value: Uint8Array): Uint8Array {
  return joinBytes(Uint8Array.of(tag, value.length & 0xff, value.length >> 8), value)
}

/** The longest text that is written: the standard names no limit, and readers have one. */
const textMax = 64

/** Latin-1; what has no place there becomes `?`. */
function zeroEnded(text: string | null): Uint8Array {
  const codes = Array.from((text ?? '').slice(0, textMax), (character) => {
    const code = character.codePointAt(0) ?? 0
    return code === 0 || code > 0xff ? 0x3f : code
  })
  return Uint8Array.of(...codes, 0)
}

const makerIsNamed = 255
/** Simultaneous, uncompressed or compressed without loss: category II of the standard. */
const compatibility = 0xa0
const latin1Language = 1
const program = 'Simpul'

function deviceField({ model, serialNumber, software, maker }: EcgDevice): Uint8Array {
  const fixed = new Uint8Array(programAt)
  fixed[7] = makerIsNamed
  fixed.set(zeroEnded(model).subarray(0, -1).subarray(0, modelBytes), modelAt)
  fixed[14] = 20
  fixed[15] = compatibility
  fixed[16] = latin1Language
  const name = zeroEnded(program)
  return joinBytes(
    fixed,
    Uint8Array.of(name.length),
    name,
    zeroEnded(serialNumber),
    zeroEnded(software),
    zeroEnded(program),
    zeroEnded(maker),
  )
}
