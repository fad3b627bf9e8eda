/**
 * The devices that were recognised and taken into use, beside the registry. Each is a device of the
 * configuration in the same form, with what tells it from its twins.
 */
import { listOf, object, oneOf, orNull, readOwn, text, whole } from '../../config/own-file.ts'
import type { DeviceConfig } from '../../config/schema.ts'
import type { Log } from '../../world.ts'
import type { RegistryFile } from '../registry-file.ts'

const textOrNull = orNull(text(256))

const device = object(
  {
    id: text(32, /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/),
    driver: text(64),
    link: object(
      { kind: oneOf('serial'), path: text(4_096, /^\//) },
      {
        line: object({
          baud: whole(300, 4_000_000),
          dataBits: oneOf(7, 8),
          parity: oneOf('none', 'even', 'odd'),
          stopBits: oneOf(1, 2),
        }),
      },
    ),
    simulated: oneOf(true, false),
  },
  { serialNumber: text(64), calibrationDue: text(10, /^\d{4}-\d{2}-\d{2}$/) },
)

const physical = object({
  usb: orNull(object({ vid: text(16), pid: text(16), serialNumber: textOrNull })),
  socketPath: textOrNull,
})

const adoptedFile = object({
  version: oneOf(1),
  devices: listOf(object({ device, physical }), 64),
})

/** What is known of the thing itself, wherever it is plugged in. */
export interface Physical {
  /** Of its adapter; null when it is not on USB. */
  readonly usb: {
    readonly vid: string
    readonly pid: string
    readonly serialNumber: string | null
  } | null
  /** The USB socket in which it was last; null when nobody could tell. */
  readonly socketPath: string | null
}

export interface AdoptedDevice {
  readonly device: DeviceConfig
  readonly physical: Physical
}

export class Adopted {
  readonly #file: RegistryFile
  readonly #log: Log
  #devices: readonly AdoptedDevice[]
  #saving: Promise<void> = Promise.resolve()

  /** What is configured counts: an adopted device of the same name or port is forgotten. */
  static async open(
    file: RegistryFile,
    log: Log,
    configured: readonly DeviceConfig[],
  ): Promise<Adopted> {
    const text = await file.read()
    const devices = text === null ? [] : parse(text)
    if (devices === null) {
      log.warn('the list of recognised devices was damaged; they are recognised anew')
      await file.setAside()
      return new Adopted(file, log, [])
    }
    const free = devices.filter(
      ({ device }) =>
        !configured.some((one) => one.id === device.id || pathOf(one) === pathOf(device)),
    )
    return new Adopted(file, log, free)
  }

  private constructor(file: RegistryFile, log: Log, devices: readonly AdoptedDevice[]) {
    this.#file = file
    this.#log = log
    this.#devices = devices
  }

  get devices(): readonly AdoptedDevice[] {
    return this.#devices
  }

  /** Resolves when it is on the disk. Rejects when it cannot be written. */
  async put(adopted: AdoptedDevice): Promise<void> {
    const others = this.#devices.filter(({ device }) => device.id !== adopted.device.id)
    this.#devices = [...others, adopted]
    await this.#save()
  }

  async remove(id: string): Promise<void> {
    this.#devices = this.#devices.filter(({ device }) => device.id !== id)
    await this.#save()
  }

  async #save(): Promise<void> {
    const saving = this.#saving.then(async () => {
      const text = JSON.stringify({ version: 1, devices: this.#devices }, null, 2)
      await this.#file.write(`${text}\n`)
    })
    this.#saving = saving.catch((err: unknown) => {
      this.#log.error('the list of recognised devices was not saved', { err })
    })
    await saving
  }
}

/** The port of a device on a serial line; null for others. */
export function pathOf({ link }: DeviceConfig): string | null {
  return link.kind === 'serial' ? link.path : null
}

/** null when the text is not what we wrote. */
function parse(json: string): readonly AdoptedDevice[] | null {
  const read = readOwn(json, adoptedFile) as { readonly devices: readonly AdoptedDevice[] } | null
  return read?.devices ?? null
}
