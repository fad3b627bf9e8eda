/**
 * SCSI commands as a session of a driver sends them to its link and hears their answers, one
 * answer to each. The link carries them over mass storage, bulk only; these two forms are between
 * driver and link alone:
 *
 *     request:  block length (1)  bytes wanted (4, little endian)  block  data to the device
 *     answer:   status (1: 0 good, 1 failed)  data from the device
 *
 * Command blocks, big endian: 12 INQUIRY, 28 READ(10), 2a WRITE(10).
 *
 * Source: SCSI Block Commands 3, READ(10) and WRITE(10); SCSI Primary Commands 3, INQUIRY.
 */
import { joinBytes, latin1Text, noBytes } from '../bytes/bytes.ts'
import { decoded, undecoded, type Decoded } from '../packet/decoded.ts'

export interface ScsiRequest {
  readonly block: Uint8Array
  /** How many bytes the device is to send; 0 when it is sent `data`, or nothing. */
  readonly wantedBytes: number
  readonly data: Uint8Array
}

export interface ScsiAnswer {
  readonly isGood: boolean
  /** May be shorter than what was wanted. */
  readonly data: Uint8Array
}

/** Longer transfers are no questions to a meter. */
export const scsiDataLimitBytes = 65_536

const sectorBytes = 512

/** Asks who the device is. Changes nothing. */
export function scsiInquiry(): ScsiRequest {
  const wantedBytes = 36
  return { block: Uint8Array.of(0x12, 0, 0, 0, wantedBytes, 0), wantedBytes, data: noBytes }
}

export interface ScsiIdentity {
  readonly vendor: string
  readonly product: string
  readonly revision: string
}

export function decodeInquiry(data: Uint8Array): Decoded<ScsiIdentity> {
  if (data.length < 36) return undecoded(`expected 36 bytes, found ${data.length}`)
  const text = (from: number, to: number) => latin1Text(data.subarray(from, to)).trim()
  return decoded({ vendor: text(8, 16), product: text(16, 32), revision: text(32, 36) })
}

export function scsiRead(sector: number, sectors: number): ScsiRequest {
  return {
    block: block10(0x28, sector, sectors),
    wantedBytes: sectors * sectorBytes,
    data: noBytes,
  }
}

/** `data` fills whole sectors of 512 bytes. */
export function scsiWrite(sector: number, data: Uint8Array): ScsiRequest {
  return {
    block: block10(0x2a, sector, Math.ceil(data.length / sectorBytes)),
    wantedBytes: 0,
    data,
  }
}

function block10(operation: number, sector: number, sectors: number): Uint8Array {
  const block = new Uint8Array(10)
  const view = new DataView(block.buffer)
  view.setUint8(0, operation)
  view.setUint32(2, sector)
  view.setUint16(7, sectors)
  return block
}

export function encodeScsiRequest({ block, wantedBytes, data }: ScsiRequest): Uint8Array {
  const head = new Uint8Array(5)
  head[0] = block.length
  new DataView(head.buffer).setUint32(1, wantedBytes, true)
  return joinBytes(head, block, data)
}

export function decodeScsiRequest(bytes: Uint8Array): Decoded<ScsiRequest> {
  const [length = 0] = bytes
  if (length < 1 || length > 16) return undecoded(`a block of ${length} bytes`)
  if (bytes.length < 5 + length) return undecoded('cut off')
  const wantedBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1, true)
  const data = bytes.slice(5 + length)
  if (wantedBytes > scsiDataLimitBytes || data.length > scsiDataLimitBytes) {
    return undecoded('too long')
  }
  if (wantedBytes > 0 && data.length > 0) return undecoded('data both ways')
  return decoded({ block: bytes.slice(5, 5 + length), wantedBytes, data })
}

export function encodeScsiAnswer({ isGood, data }: ScsiAnswer): Uint8Array {
  return joinBytes([isGood ? 0 : 1], data)
}

export function decodeScsiAnswer(bytes: Uint8Array): Decoded<ScsiAnswer> {
  const [status] = bytes
  if (status !== 0 && status !== 1) return undecoded(`status ${status}`)
  return decoded({ isGood: status === 0, data: bytes.slice(1) })
}
