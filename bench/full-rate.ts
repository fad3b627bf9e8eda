/**
 * A device that speaks as fast as 115,200 baud carry: ECG frames of a PM6750 without a pause, each
 * with its number in three of its leads, so that not one of them can be missing unseen.
 *
 * Run by itself, in a process of its own, it keeps the pace of a wire: it waits for nobody, and
 * what the line has no room for is lost, as in a chip whose buffer is full.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodePm6750 } from '../protocols/berrymed/frame.ts'
import { streamFor } from '../protocols/packet/topics.ts'
import { landedRecords } from '../upstream/landed.ts'

/** What was said, whether or not the line took it. */
export interface Spoken {
  readonly frames: number
  readonly bytes: number
  /** For which the line had no room. */
  readonly overrunBytes: number
}

/** Speaks for so long on the end of a line that the device holds. */
export async function speakAtFullRate(path: string, seconds: number): Promise<Spoken> {
  const child = spawn(process.execPath, [import.meta.filename, path, String(seconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return JSON.parse(said) as Spoken
}

export interface HeardFrames {
  readonly frames: number
  /** Frames whose number does not follow the one before. */
  readonly breaks: number
}

/** What of it the hospital has. */
export function framesWithHospital(landingFolder: string, device: string): HeardFrames {
  let frames = 0
  let breaks = 0
  let expected = 0
  for (const { stream, records } of landedRecords(landingFolder)) {
    if (stream !== streamFor(device, 'waveform')) continue
    for (const record of records) {
      if (record.kind !== 'waveform') continue
      const leads = record.samples.slice(0, places)
      for (let at = 0; at < (leads[0]?.length ?? 0); at++) {
        const number = numberOf(leads.map((lead) => lead[at] ?? 0))
        if (number !== expected) breaks++
        expected = number + 1
        frames++
      }
    }
  }
  return { frames, breaks }
}

/** 10 bits on the line for each byte. */
const bytesPerMs = 11.52
const tickMs = 10
/** When the process itself slept, the device was silent meanwhile: a wire cannot catch up. */
const catchUpMs = 50

/** A lead may say 0 to 250. Three of base 200 repeat after eight million frames: two hours. */
const base = 200
const lowest = 20
const places = 3
const idleLeads = [128, 128, 128, 128]

function frameOf(number: number): Uint8Array {
  const digit = (place: number) => lowest + (Math.floor(number / base ** place) % base)
  return encodePm6750({ kind: 'ecg', leads: [digit(0), digit(1), digit(2), ...idleLeads] })
}

function numberOf(digits: readonly number[]): number {
  return digits.reduceRight((number, digit) => number * base + digit - lowest, 0)
}

async function speak(path: string, seconds: number): Promise<Spoken> {
  const line = openSync(path, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK)
  const frameMs = frameOf(0).length / bytesPerMs
  const endMs = performance.now() + seconds * 1_000
  let frames = 0
  let bytes = 0
  let overrunBytes = 0
  let spokenUntilMs = performance.now()
  while (performance.now() < endMs) {
    const nowMs = performance.now()
    spokenUntilMs = Math.max(spokenUntilMs, nowMs - catchUpMs)
    const due: Uint8Array[] = []
    for (; spokenUntilMs + frameMs <= nowMs; spokenUntilMs += frameMs) due.push(frameOf(frames++))
    const piece = Buffer.concat(due)
    bytes += piece.length
    overrunBytes += piece.length - written(line, piece)
    await sleep(tickMs)
  }
  closeSync(line)
  return { frames, bytes, overrunBytes }
}

/** How much the line took without waiting. */
function written(line: number, piece: Uint8Array): number {
  try {
    return piece.length === 0 ? 0 : writeSync(line, piece)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0
    throw error
  }
}

if (import.meta.main) {
  const [path = '', seconds] = process.argv.slice(2)
  process.stdout.write(JSON.stringify(await speak(path, Number(seconds))))
}
