/** A USB device of the class HID: whole reports, or the serial line behind a CP2110. */
import type { SerialLine } from '../../drivers/driver.ts'
import {
  findEndpoint,
  type UsbEndpoint,
  type UsbInterface,
} from '../../protocols/usb/descriptors.ts'
import {
  cp2110Enable,
  decodeCp2110,
  encodeCp2110,
  encodeCp2110Line,
} from '../../protocols/usb/cp2110.ts'
import { parseHidReports, type HidReports } from '../../protocols/usb/hid-reports.ts'
import { readTransfer, UsbFault, type UsbHandle, type UsbRequest } from './usb-bus.ts'
import type { UsbTalk } from './usb-talk.ts'

/** Of a description that lies. */
const reportLimitBytes = 65_536

const reportTypes = { output: 2, feature: 3 } as const

export class HidReportsOf {
  readonly #handle: UsbHandle
  readonly #interface: UsbInterface
  readonly #reports: HidReports
  readonly #input: UsbEndpoint
  readonly #output: UsbEndpoint | null

  /** Asks the device for the description of its reports. */
  static async open(handle: UsbHandle, hid: UsbInterface): Promise<HidReportsOf> {
    const input = findEndpoint(hid, 'interrupt', 'in')
    if (input === null) throw new UsbFault('other', 'it sends no reports')
    // Reports come when there is something new, not again and again. Many devices refuse it.
    await handle.controlOut(classRequest(hid, 0x0a, 0), new Uint8Array()).catch(ignoreRefusal)
    return new HidReportsOf(handle, hid, { input, reports: await describedBy(handle, hid) })
  }

  private constructor(
    handle: UsbHandle,
    hid: UsbInterface,
    { input, reports }: { readonly input: UsbEndpoint; readonly reports: HidReports },
  ) {
    this.#handle = handle
    this.#interface = hid
    this.#input = input
    this.#reports = reports
    this.#output = findEndpoint(hid, 'interrupt', 'out')
  }

  /** The next report, its number first when the device numbers them. */
  read(): Promise<Uint8Array> {
    return readTransfer(this.#handle, this.#input, reportLimitBytes, (soFar) => {
      const { isNumbered, inputBytes } = this.#reports
      const number = isNumbered ? (soFar[0] ?? 0) : 0
      return soFar.length >= (inputBytes.get(number) ?? 0)
    })
  }

  async write(report: Uint8Array): Promise<void> {
    if (this.#output === null) await this.#set('output', report)
    else await this.#handle.write(this.#output, report)
  }

  feature(report: Uint8Array): Promise<void> {
    return this.#set('feature', report)
  }

  async #set(type: keyof typeof reportTypes, report: Uint8Array): Promise<void> {
    const number = this.#reports.isNumbered ? (report[0] ?? 0) : 0
    const value = (reportTypes[type] << 8) | number
    await this.#handle.controlOut(classRequest(this.#interface, 0x09, value), report)
  }
}

async function describedBy(handle: UsbHandle, hid: UsbInterface): Promise<HidReports> {
  const bytes = hid.reportDescriptorBytes
  if (bytes === null) return parseHidReports(new Uint8Array())
  const request: UsbRequest = {
    type: 'standard',
    recipient: 'interface',
    request: 0x06,
    value: 0x2200,
    index: hid.number,
  }
  return parseHidReports(await handle.controlIn(request, bytes))
}

function classRequest(hid: UsbInterface, request: number, value: number): UsbRequest {
  return { type: 'class', recipient: 'interface', request, value, index: hid.number }
}

function ignoreRefusal(error: unknown): void {
  if (error instanceof UsbFault && error.kind === 'gone') throw error
}

/** A session hears and sends whole reports. */
export async function talkReports(
  handle: UsbHandle,
  hid: UsbInterface,
  hear: (report: Uint8Array) => void,
): Promise<UsbTalk> {
  const reports = await HidReportsOf.open(handle, hid)
  return {
    async listen() {
      for (;;) hear(await reports.read())
    },
    write: (report, as) => (as === 'feature' ? reports.feature(report) : reports.write(report)),
  }
}

/** A session hears and sends the bytes of the line. */
export async function talkCp2110(
  handle: UsbHandle,
  hid: UsbInterface,
  line: SerialLine,
  hears: {
    readonly bytes: (bytes: Uint8Array) => void
    readonly noise: (reason: string, bytes: Uint8Array) => void
  },
): Promise<UsbTalk> {
  const reports = await HidReportsOf.open(handle, hid)
  await reports.feature(encodeCp2110Line(line))
  await reports.feature(cp2110Enable)
  return {
    async listen() {
      for (;;) {
        const report = await reports.read()
        const piece = decodeCp2110(report)
        if (piece.ok) hears.bytes(piece.value)
        else hears.noise(piece.reason, report)
      }
    },
    async write(bytes) {
      for (const report of encodeCp2110(bytes)) await reports.write(report)
    },
  }
}
