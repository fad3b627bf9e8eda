/** USB devices that speak over bulk endpoints: personal healthcare devices, and mass storage. */
import { bulkOnly, type BulkDone, type BulkStep } from '../../protocols/usb/bulk-only.ts'
import {
  findEndpoint,
  type UsbEndpoint,
  type UsbInterface,
} from '../../protocols/usb/descriptors.ts'
import { decodeScsiRequest, encodeScsiAnswer } from '../../protocols/usb/scsi.ts'
import { readTransfer, UsbFault, type UsbHandle } from './usb-bus.ts'
import type { UsbTalk } from './usb-talk.ts'

/** The longest message of IEEE 11073-20601, with its head. */
const transferLimitBytes = 65_536

interface Pipes {
  readonly input: UsbEndpoint
  readonly output: UsbEndpoint
}

/** null when it has not both. */
export function pipesOf(one: UsbInterface): Pipes | null {
  const input = findEndpoint(one, 'bulk', 'in')
  const output = findEndpoint(one, 'bulk', 'out')
  return input === null || output === null ? null : { input, output }
}

function pipesNeeded(one: UsbInterface): Pipes {
  const pipes = pipesOf(one)
  if (pipes === null) throw new UsbFault('other', 'it has no two bulk endpoints')
  return pipes
}

/** Personal Healthcare Device Class 1.0, without the preamble, which is off unless asked for. */
export async function talkPhdc(
  handle: UsbHandle,
  one: UsbInterface,
  hear: (transfer: Uint8Array) => void,
): Promise<UsbTalk> {
  const { input, output } = pipesNeeded(one)
  // Meters begin to speak after they were asked for their status. Some refuse, and speak as well.
  const status = { type: 'standard', recipient: 'device', request: 0, value: 0, index: 0 } as const
  await handle.controlIn(status, 2).catch((error: unknown) => {
    if (error instanceof UsbFault && error.kind === 'gone') throw error
  })
  return {
    async listen() {
      for (;;) hear(await readTransfer(handle, input, transferLimitBytes, isWholeMessage))
    },
    async write(transfer) {
      await handle.write(output, transfer)
      // What fills its last packet ends with an empty one.
      if (transfer.length % output.packetBytes === 0) await handle.write(output, new Uint8Array())
    },
  }
}

/** Not all devices send the empty packet, and each message says how long it is. */
function isWholeMessage(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false
  return bytes.length >= 4 + (((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0))
}

/** Each request is answered, in order. */
export async function talkScsi(
  handle: UsbHandle,
  one: UsbInterface,
  hear: (answer: Uint8Array) => void,
): Promise<UsbTalk> {
  const pipes = pipesNeeded(one)
  let tag = 0
  return {
    // A device that is asked nothing says nothing.
    listen: () => new Promise<void>(() => {}),
    async write(bytes) {
      const request = decodeScsiRequest(bytes)
      if (!request.ok) throw new UsbFault('other', `no request: ${request.reason}`)
      tag = (tag + 1) >>> 0
      const command = bulkOnly(tag, request.value)
      let next = command.next()
      while (next.done !== true) next = command.next(await doStep(handle, one, pipes, next.value))
      const outcome = next.value
      if (outcome.answer === null) throw new UsbFault('other', outcome.why)
      hear(encodeScsiAnswer(outcome.answer))
    },
  }
}

async function doStep(
  handle: UsbHandle,
  one: UsbInterface,
  { input, output }: Pipes,
  step: BulkStep,
): Promise<BulkDone> {
  try {
    switch (step.kind) {
      case 'write':
        await handle.write(output, step.bytes)
        break
      case 'read':
        return { kind: 'heard', bytes: await readTransfer(handle, input, step.bytes) }
      case 'clear-halt':
        await handle.clearHalt(step.direction === 'in' ? input : output)
        break
      case 'reset': {
        const reset = { type: 'class', recipient: 'interface', request: 0xff, value: 0 } as const
        await handle.controlOut({ ...reset, index: one.number }, new Uint8Array())
        await handle.clearHalt(input)
        await handle.clearHalt(output)
        break
      }
    }
  } catch (error) {
    if (error instanceof UsbFault && error.kind === 'halted') return { kind: 'halted' }
    throw error
  }
  return { kind: 'done' }
}
