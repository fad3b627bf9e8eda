/**
 * The inner loops over vectors. This file is the reference; kernels.as does the same with SIMD,
 * lane by lane in the same order, so that both give the same bits. Lengths are multiples of four.
 */
import type { f64, i32 } from './numbers.ts'

/** Cuts off what is behind the point, of a number within 32 bits. */
export function toInt(x: f64): i32 {
  return x | 0
}

/** Four sums run, one for each place modulo 4; in the end (0 + 2) + (1 + 3). */
export function dot(a: Float64Array, aAt: i32, b: Float64Array, bAt: i32, n: i32): f64 {
  let s0: f64 = 0
  let s1: f64 = 0
  let s2: f64 = 0
  let s3: f64 = 0
  for (let i: i32 = 0; i < n; i += 4) {
    s0 += (a[aAt + i] as f64) * (b[bAt + i] as f64)
    s1 += (a[aAt + i + 1] as f64) * (b[bAt + i + 1] as f64)
    s2 += (a[aAt + i + 2] as f64) * (b[bAt + i + 2] as f64)
    s3 += (a[aAt + i + 3] as f64) * (b[bAt + i + 3] as f64)
  }
  return s0 + s2 + (s1 + s3)
}

/** a += f * b. */
export function addScaled(
  a: Float64Array,
  aAt: i32,
  b: Float64Array,
  bAt: i32,
  n: i32,
  f: f64,
): void {
  for (let i: i32 = 0; i < n; i++) a[aAt + i] = (a[aAt + i] as f64) + f * (b[bAt + i] as f64)
}

/**
 * One pass over the lower triangle of a symmetric n * n matrix p, row by row:
 *
 *   p = p - g * old * old', then fresh = p * x
 *
 * where old and fresh are the n numbers of k from `oldAt` and `freshAt` on. Rows are taken in
 * pairs; an element off the diagonal counts for its row and, mirrored, for its column.
 */
export function symmetricStep(
  p: Float64Array,
  n: i32,
  k: Float64Array,
  oldAt: i32,
  freshAt: i32,
  g: f64,
  x: Float64Array,
): void {
  for (let i: i32 = 0; i < n; i++) k[freshAt + i] = 0
  for (let i: i32 = 0; i < n; i += 2) {
    const row = i * n
    const row1 = row + n
    const o0 = k[oldAt + i] as f64
    const o1 = k[oldAt + i + 1] as f64
    const f0 = g * o0
    const f1 = g * o1
    const x0 = x[i] as f64
    const x1 = x[i + 1] as f64
    let a0: f64 = 0
    let b0: f64 = 0
    let a1: f64 = 0
    let b1: f64 = 0
    for (let j: i32 = 0; j < i; j += 2) {
      const o = k[oldAt + j] as f64
      const oo = k[oldAt + j + 1] as f64
      const p0 = (p[row + j] as f64) - f0 * o
      const q0 = (p[row + j + 1] as f64) - f0 * oo
      const p1 = (p[row1 + j] as f64) - f1 * o
      const q1 = (p[row1 + j + 1] as f64) - f1 * oo
      p[row + j] = p0
      p[row + j + 1] = q0
      p[row1 + j] = p1
      p[row1 + j + 1] = q1
      const y = x[j] as f64
      const yy = x[j + 1] as f64
      a0 += p0 * y
      b0 += q0 * yy
      a1 += p1 * y
      b1 += q1 * yy
      k[freshAt + j] = (k[freshAt + j] as f64) + (p0 * x0 + p1 * x1)
      k[freshAt + j + 1] = (k[freshAt + j + 1] as f64) + (q0 * x0 + q1 * x1)
    }
    const d = (p[row + i] as f64) - f0 * o0
    const e = (p[row1 + i] as f64) - f1 * o0
    const h = (p[row1 + i + 1] as f64) - f1 * o1
    p[row + i] = d
    p[row1 + i] = e
    p[row1 + i + 1] = h
    k[freshAt + i] = (k[freshAt + i] as f64) + (a0 + b0 + (d * x0 + e * x1))
    k[freshAt + i + 1] = (k[freshAt + i + 1] as f64) + (a1 + b1 + (e * x0 + h * x1))
  }
}
