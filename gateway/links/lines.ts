/**
 * Cuts text into lines for devices that speak in lines. A line ends by CR, LF or both; empty lines
 * are dropped. A line that never ends, or is cut off by a closing port, is no line: it is told as
 * noise, because half a number would be taken for a number.
 */
import { ReadlineParser } from '@serialport/parser-readline'

export interface LineHears {
  /** `ageMs`: how long ago the first byte of the line arrived. */
  line(bytes: Uint8Array, ageMs: number): void
  noise(reason: string, bytes: Uint8Array): void
}

export interface LineCutter {
  write(bytes: Uint8Array): void
  /** Nothing more will come. */
  end(): void
}

/** The longest line of a known device, an HL7 segment with a picture, stays below. */
export const lineLimitBytes = 65_536

const carriageReturn = 0x0d
const lineFeed = 0x0a

/** `nowMs` reads a monotonic clock. */
export function cutLines(nowMs: () => number, hears: LineHears): LineCutter {
  const parser = new ReadlineParser({ delimiter: '\n', encoding: 'latin1' })
  /** When each line that the parser has not handed out yet began. */
  const begunMs: number[] = []
  let lineBytes = 0
  let lineBegunMs = 0
  let tooLong = false

  parser.on('data', (text: string) => {
    // Latin-1 maps each byte to one character and back.
    const line = new Uint8Array(Buffer.from(text, 'latin1'))
    hears.line(line, nowMs() - (begunMs.shift() ?? nowMs()))
  })
  // After its first read a stream hands on what is pushed within the same call, so that no line
  // waits in it when the port closes.
  parser.read(0)

  const giveUpLine = (rest: Uint8Array): void => {
    hears.noise(
      `a line without an end after ${lineLimitBytes} bytes`,
      Buffer.concat([parser.buffer, rest]),
    )
    parser.buffer = Buffer.alloc(0)
    tooLong = true
  }

  return {
    write(bytes) {
      const atMs = nowMs()
      // A copy: CR becomes LF in what the parser sees, not in what others may still read.
      const text = Buffer.from(bytes)
      let from = 0
      for (let index = 0; index < text.length; index++) {
        const byte = text[index]
        if (byte === carriageReturn || byte === lineFeed) {
          text[index] = lineFeed
          if (tooLong) {
            hears.noise('the rest of a line without an end', text.subarray(from, index))
            from = index + 1
            tooLong = false
          } else if (lineBytes > 0) {
            begunMs.push(lineBegunMs)
          }
          lineBytes = 0
          continue
        }
        if (lineBytes === 0) lineBegunMs = atMs
        lineBytes++
        if (lineBytes >= lineLimitBytes && !tooLong) {
          // The parser must have seen the lines before this one, so that it holds only this one.
          parser.write(text.subarray(from, index))
          from = index
          giveUpLine(new Uint8Array())
        }
      }
      if (tooLong) hears.noise('the rest of a line without an end', text.subarray(from))
      else if (from < text.length) parser.write(text.subarray(from))
    },
    end() {
      if (parser.buffer.length > 0)
        hears.noise('a line that was cut off', new Uint8Array(parser.buffer))
      parser.destroy()
    },
  }
}
