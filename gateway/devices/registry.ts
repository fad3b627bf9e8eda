/**
 * The devices of the van, and what is known of each: from the configuration, and from what it said
 * of itself. Remembered over restarts, and told to the hospital whenever something of it changes.
 */
import type { DeviceInfo, Unstamped } from '../../protocols/packet/record.ts'
import type { Log } from '../world.ts'
import type { RegistryFile } from './registry-file.ts'

export interface KnownDevice {
  readonly id: string
  readonly driver: string
  readonly label: string
  readonly serialNumber: string | null
  readonly firmware: string | null
  /** ISO date, or null when nobody said. */
  readonly calibrationDue: string | null
  readonly pluggedAt: string
  /** The day on which it was last told that calibration is overdue; null when it was not. */
  readonly calibrationToldOn: string | null
}

/** What the configuration says. */
export interface ConfiguredDevice {
  readonly id: string
  readonly driver: string
  readonly label: string
  readonly pluggedAt: string
  /** From its label; null when nobody wrote it down. */
  readonly serialNumber: string | null
  readonly calibrationDue: string | null
}

export interface RegistryParts {
  readonly file: RegistryFile
  readonly log: Log
  /** Takes each change, as the hospital will see it. */
  readonly says: (info: Unstamped<DeviceInfo>) => void
}

/** A van holds a dozen; beyond, the file is not ours. */
const devicesMax = 256
const textMax = 200

export class Registry {
  readonly #parts: RegistryParts
  readonly #devices: Map<string, KnownDevice>
  #saving: Promise<void> = Promise.resolve()
  #saveAgain = false

  private constructor(parts: RegistryParts, devices: Map<string, KnownDevice>) {
    this.#parts = parts
    this.#devices = devices
  }

  /** A file that cannot be understood is set aside: it only remembers, and is learned anew. */
  static async open(parts: RegistryParts): Promise<Registry> {
    const text = await parts.file.read()
    const devices = text === null ? new Map<string, KnownDevice>() : parseDevices(text)
    if (devices === null) {
      parts.log.warn('the device registry was damaged and is learned anew')
      await parts.file.setAside()
      return new Registry(parts, new Map())
    }
    return new Registry(parts, devices)
  }

  /** null when there is no such device. */
  known(id: string): KnownDevice | null {
    return this.#devices.get(id) ?? null
  }

  /** What is configured counts; what the device said of itself is kept while its driver stays. */
  plugged(device: ConfiguredDevice): void {
    const before = this.known(device.id)
    const same = before !== null && before.driver === device.driver ? before : null
    this.#change({
      id: device.id,
      driver: device.driver,
      label: same?.label.startsWith(device.label) === true ? same.label : device.label,
      serialNumber: same?.serialNumber ?? device.serialNumber,
      firmware: same?.firmware ?? null,
      calibrationDue: device.calibrationDue,
      pluggedAt: device.pluggedAt,
      calibrationToldOn: same?.calibrationToldOn ?? null,
    })
  }

  /** What the device says of itself. null means that it did not say. */
  identified(
    id: string,
    said: {
      readonly model: string | null
      readonly serialNumber: string | null
      readonly firmware: string | null
    },
  ): void {
    const before = this.known(id)
    if (before === null) return
    const model = clip(said.model)
    const [name = ''] = before.label.split(' · ')
    this.#change({
      ...before,
      label: model === null ? before.label : `${name} · ${model}`,
      serialNumber: clip(said.serialNumber) ?? before.serialNumber,
      firmware: clip(said.firmware) ?? before.firmware,
    })
  }

  calibrationTold(id: string, day: string): void {
    const before = this.known(id)
    if (before === null || before.calibrationToldOn === day) return
    this.#devices.set(id, { ...before, calibrationToldOn: day })
    this.#save()
  }

  /** Resolves when the newest change is on the disk, or could not be written. */
  async saved(): Promise<void> {
    await this.#saving
  }

  #change(device: KnownDevice): void {
    const before = this.known(device.id)
    if (before !== null && sameInfo(before, device)) return
    this.#devices.set(device.id, device)
    const { calibrationToldOn: _, id, ...info } = device
    this.#parts.says({ kind: 'device', device: id, ...info })
    this.#save()
  }

  /** One write at a time, and one more for all changes meanwhile. */
  #save(): void {
    if (this.#saveAgain) return
    this.#saveAgain = true
    this.#saving = this.#saving.then(async () => {
      this.#saveAgain = false
      try {
        await this.#parts.file.write(formatDevices(this.#devices.values()))
      } catch (err) {
        // Everything in it can be learned again, so that readings go on.
        this.#parts.log.error('the device registry was not saved', { err })
      }
    })
  }
}

function sameInfo(one: KnownDevice, other: KnownDevice): boolean {
  return (
    one.driver === other.driver &&
    one.label === other.label &&
    one.serialNumber === other.serialNumber &&
    one.firmware === other.firmware &&
    one.calibrationDue === other.calibrationDue &&
    one.pluggedAt === other.pluggedAt
  )
}

/** A device may say anything, but not at any length. */
function clip(text: string | null): string | null {
  const clipped = text?.trim().slice(0, textMax) ?? ''
  return clipped === '' ? null : clipped
}

function formatDevices(devices: Iterable<KnownDevice>): string {
  return `${JSON.stringify({ version: 1, devices: [...devices] }, null, 2)}\n`
}

/** null when the text is not what we wrote. */
function parseDevices(text: string): Map<string, KnownDevice> | null {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return null
  }
  if (!isRecord(parsed) || parsed['version'] !== 1 || !Array.isArray(parsed['devices'])) return null
  const devices: readonly unknown[] = parsed['devices']
  if (devices.length > devicesMax || !devices.every(isKnownDevice)) return null
  return new Map(devices.map((device) => [device.id, device]))
}

function isKnownDevice(value: unknown): value is KnownDevice {
  if (!isRecord(value)) return false
  const isText = (name: string): boolean => typeof value[name] === 'string'
  const isTextOrNull = (name: string): boolean => value[name] === null || isText(name)
  return (
    ['id', 'driver', 'label', 'pluggedAt'].every(isText) &&
    ['serialNumber', 'firmware', 'calibrationDue', 'calibrationToldOn'].every(isTextOrNull)
  )
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null
}
