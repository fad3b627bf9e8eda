// The inner loops in AssemblyScript, with SIMD. kernels.ts says what they do and is the reference:
// lane by lane in the same order, so that both give the same bits.

export function toInt(x: f64): i32 { return i32(x) }
export function dot(a: Float64Array, aAt: i32, b: Float64Array, bAt: i32, n: i32): f64 {
  let p = a.dataStart + (aAt << 3)
  let q = b.dataStart + (bAt << 3)
  let s0 = f64x2.splat(0)
  let s1 = f64x2.splat(0)
  const end = p + (n << 3)
  while (p < end) {
    s0 = f64x2.add(s0, f64x2.mul(v128.load(p), v128.load(q)))
    s1 = f64x2.add(s1, f64x2.mul(v128.load(p, 16), v128.load(q, 16)))
    p += 32
    q += 32
  }
  s0 = f64x2.add(s0, s1)
  return f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1)
}
export function addScaled(a: Float64Array, aAt: i32, b: Float64Array, bAt: i32, n: i32, f: f64): void {
  let p = a.dataStart + (aAt << 3)
  let q = b.dataStart + (bAt << 3)
  const ff = f64x2.splat(f)
  const end = p + (n << 3)
  while (p < end) {
    v128.store(p, f64x2.add(v128.load(p), f64x2.mul(ff, v128.load(q))))
    v128.store(p, f64x2.add(v128.load(p, 16), f64x2.mul(ff, v128.load(q, 16))), 16)
    p += 32
    q += 32
  }
}
export function symmetricStep(p: Float64Array, n: i32, k: Float64Array, oldAt: i32, freshAt: i32, g: f64, x: Float64Array): void {
  const old = k.dataStart + (oldAt << 3)
  const fresh = k.dataStart + (freshAt << 3)
  const xs = x.dataStart
  memory.fill(fresh, 0, n << 3)
  for (let i = 0; i < n; i += 2) {
    let row = p.dataStart + ((i * n) << 3)
    let row1 = row + (n << 3)
    const o0 = load<f64>(old + (i << 3))
    const o1 = load<f64>(old + (i << 3), 8)
    const f0 = g * o0
    const f1 = g * o1
    const x0 = load<f64>(xs + (i << 3))
    const x1 = load<f64>(xs + (i << 3), 8)
    const ff0 = f64x2.splat(f0)
    const ff1 = f64x2.splat(f1)
    const xx0 = f64x2.splat(x0)
    const xx1 = f64x2.splat(x1)
    let a0 = f64x2.splat(0)
    let a1 = f64x2.splat(0)
    const end: usize = i << 3
    for (let j: usize = 0; j < end; j += 16) {
      const o = v128.load(old + j)
      const y = v128.load(xs + j)
      const p0 = f64x2.sub(v128.load(row + j), f64x2.mul(ff0, o))
      const p1 = f64x2.sub(v128.load(row1 + j), f64x2.mul(ff1, o))
      v128.store(row + j, p0)
      v128.store(row1 + j, p1)
      a0 = f64x2.add(a0, f64x2.mul(p0, y))
      a1 = f64x2.add(a1, f64x2.mul(p1, y))
      v128.store(fresh + j, f64x2.add(v128.load(fresh + j), f64x2.add(f64x2.mul(p0, xx0), f64x2.mul(p1, xx1))))
    }
    row += end
    row1 += end
    const d = load<f64>(row) - f0 * o0
    const e = load<f64>(row1) - f1 * o0
    const h = load<f64>(row1, 8) - f1 * o1
    store<f64>(row, d)
    store<f64>(row1, e)
    store<f64>(row1, h, 8)
    const at = fresh + end
    store<f64>(at, load<f64>(at) + (f64x2.extract_lane(a0, 0) + f64x2.extract_lane(a0, 1) + (d * x0 + e * x1)))
    store<f64>(at, load<f64>(at, 8) + (f64x2.extract_lane(a1, 0) + f64x2.extract_lane(a1, 1) + (e * x0 + h * x1)), 8)
  }
}
