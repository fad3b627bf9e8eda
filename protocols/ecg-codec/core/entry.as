// What the WebAssembly module offers: one model, and memory to pass numbers and bytes in and out.
import { Model } from './model'

let model: Model | null = null
let values: Int32Array = new Int32Array(0)
let bytes: Uint8Array = new Uint8Array(0)

export function open(level: i32, leads: i32): void {
  model = new Model(level, leads)
}

/** Memory is never given back, so that it grows only when more is needed than ever before. */
export function valuesFor(count: i32): usize {
  if (count > values.length) values = new Int32Array(count)
  return values.dataStart
}

export function bytesFor(count: i32): usize {
  if (count > bytes.length) bytes = new Uint8Array(count)
  return bytes.dataStart
}

export function encode(count: i32, bytesMax: i32): i32 {
  return model!.encode(values, count, Uint8Array.wrap(bytes.buffer, 0, bytesMax))
}

export function decode(count: i32, length: i32): void {
  model!.decode(values, count, bytes, length)
}
