/**
 * The description of a HID device's reports, as far as it says how long they are and whether they
 * are numbered. A number goes in front of the report, and only where there are any.
 *
 *     prefix (1): size (bits 0-1: 0, 1, 2 or 4 bytes follow)  type (2-3: main, global, local)
 *                 tag (4-7)
 *     fe: a long item: size (1)  tag (1)  data
 *
 * Source: Device Class Definition for HID 1.11, sections 6.2.2 and 8.
 */
export interface HidReports {
  /** True when each report begins with its number. */
  readonly isNumbered: boolean
  /**
   * Length of each report to the host by its number, that number included; 0 where there are none.
   */
  readonly inputBytes: ReadonlyMap<number, number>
}

interface Globals {
  readonly reportId: number
  readonly sizeBits: number
  readonly count: number
}

const nothing: Globals = { reportId: 0, sizeBits: 0, count: 0 }

const longItem = 0xfe
const input = 0x80
const reportSize = 0x74
const reportId = 0x84
const reportCount = 0x94
const push = 0xa4
const pop = 0xb4

const stackMax = 16

/** As HID's control requests may carry: more is a description of something else. */
const reportBytesMax = 65_535

/** Never fails: what does not fit is passed over. */
export function parseHidReports(bytes: Uint8Array): HidReports {
  const bits = new Map<number, number>()
  const stack: Globals[] = []
  let globals = nothing
  let isNumbered = false
  for (let at = 0; at < bytes.length;) {
    const prefix = bytes[at] ?? 0
    if (prefix === longItem) {
      at += 3 + (bytes[at + 1] ?? 0)
      continue
    }
    const size = [0, 1, 2, 4][prefix & 3] ?? 0
    const value = unsigned(bytes.subarray(at + 1, at + 1 + size))
    at += 1 + size
    switch (prefix & 0xfc) {
      case input:
        bits.set(
          globals.reportId,
          (bits.get(globals.reportId) ?? 0) + globals.sizeBits * globals.count,
        )
        break
      case reportSize:
        globals = { ...globals, sizeBits: value }
        break
      case reportCount:
        globals = { ...globals, count: value }
        break
      case reportId:
        isNumbered = true
        globals = { ...globals, reportId: value }
        break
      case push:
        if (stack.length < stackMax) stack.push(globals)
        break
      case pop:
        globals = stack.pop() ?? nothing
        break
    }
  }
  const bytesOf = (count: number): number =>
    Math.min(Math.ceil(count / 8) + (isNumbered ? 1 : 0), reportBytesMax)
  const inputBytes = new Map([...bits].map(([number, count]) => [number, bytesOf(count)]))
  return { isNumbered, inputBytes }
}

function unsigned(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0)
}
