/** What the fuzz run and the benchmark ask of a codec: where bytes go in, and bytes that are good. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseCapture } from '../drivers/capture.ts'
import { joinBytes } from '../protocols/bytes/bytes.ts'
import { Framer } from '../protocols/bytes/framer.ts'
import type { Scanner } from '../protocols/bytes/scan.ts'

/**
 * Takes bytes as they come and answers how many packets it understood in them; null says that the
 * device paused. Never throws.
 */
export type Reading = (bytes: Uint8Array | null) => number

export interface Codec {
  /** `folder` or `folder/what`, as in `protocols`. */
  readonly name: string
  /** `whole`: a file, a message, an object. `stream`: bytes in pieces of any size. */
  readonly takes: 'stream' | 'whole'
  /** Good input; a run changes it, and a benchmark repeats it. */
  readonly samples: () => readonly Uint8Array[]
  /** A fresh reader for one input. */
  readonly begin: () => Reading
}

/** A scanner, run in a framer as the drivers do. Its promises about lengths are checked as well. */
export function scanner<Packet>(
  name: string,
  scan: Scanner<Packet>,
  packetLimitBytes: number,
  samples: Codec['samples'],
): Codec {
  const checked: Scanner<Packet> = (bytes) => {
    const found = scan(bytes)
    if (found.kind === 'incomplete') return found
    if (found.length >= 1 && found.length <= bytes.length) return found
    throw new Error(`${found.kind} of ${found.length} bytes in ${bytes.length}`)
  }
  return {
    name,
    takes: 'stream',
    samples,
    begin: () => {
      const framer = new Framer(checked, packetLimitBytes)
      return (bytes) => {
        let packets = 0
        const framed = bytes === null ? framer.pause() : framer.feed(bytes, 0)
        for (const one of framed) if (one.kind === 'packet') packets++
        return packets
      }
    },
  }
}

/** A function that takes something whole: a file, a message, an object. */
export function decoder(
  name: string,
  decode: (bytes: Uint8Array) => { readonly ok: boolean },
  samples: Codec['samples'],
): Codec {
  return {
    name,
    takes: 'whole',
    samples,
    begin: () => (bytes) => (bytes !== null && decode(bytes).ok ? 1 : 0),
  }
}

/** Something with a memory, made anew for each input. */
export function reader(name: string, begin: Codec['begin'], samples: Codec['samples']): Codec {
  return { name, takes: 'stream', samples, begin }
}

const capturesFolder = join(import.meta.dirname, '../drivers/captures')

/**
 * What the devices said in the captures of some drivers, one input a capture; with `host`, what we
 * said to them.
 */
export function fromCaptures(
  drivers: string | readonly string[],
  side: 'device' | 'host' = 'device',
): Codec['samples'] {
  return () =>
    [drivers].flat().flatMap((driver) => {
      const folder = join(capturesFolder, driver)
      const names = readdirSync(folder).filter((name) => name.endsWith('.cap'))
      return names.flatMap((name) => {
        const capture = parseCapture(readFileSync(join(folder, name), 'utf8'))
        if (!capture.ok) throw new Error(`${driver}/${name}: ${capture.reason}`)
        const said = capture.value.flatMap((step) => (step.kind === side ? [step.bytes] : []))
        return said.length === 0 ? [] : [joinBytes(...said)]
      })
    })
}

/** Whole files beside the captures of a driver, by the end of their names. */
export function fromFiles(driver: string, ending: string): Codec['samples'] {
  return () => {
    const folder = join(capturesFolder, driver)
    const names = readdirSync(folder).filter((name) => name.endsWith(ending))
    return names.map((name) => new Uint8Array(readFileSync(join(folder, name))))
  }
}
