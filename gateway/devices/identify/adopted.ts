/**
 * The devices that were recognised and taken into use, beside the registry. Each is a device of the
 * configuration in the same form, with what tells it from its twins.
 */
import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { Device, type DeviceConfig } from '../../config/schema.ts'
import type { Log } from '../../world.ts'
import type { RegistryFile } from '../registry-file.ts'

const TextOrNull = Type.Union([Type.String({ maxLength: 256 }), Type.Null()])

/** What is known of the thing itself, wherever it is plugged in. */
const Physical = Type.Object(
  {
    /** Of its adapter; null when it is not on USB. */
    usb: Type.Union([
      Type.Object(
        { vid: Type.String(), pid: Type.String(), serialNumber: TextOrNull },
        { additionalProperties: false },
      ),
      Type.Null(),
    ]),
    /** The USB socket in which it was last; null when nobody could tell. */
    socketPath: TextOrNull,
  },
  { additionalProperties: false },
)

const AdoptedFile = Type.Object(
  {
    version: Type.Literal(1),
    devices: Type.Array(
      Type.Object({ device: Device, physical: Physical }, { additionalProperties: false }),
      { maxItems: 64 },
    ),
  },
  { additionalProperties: false },
)

export type Physical = Static<typeof Physical>

export interface AdoptedDevice {
  readonly device: DeviceConfig
  readonly physical: Physical
}

const checker = Compile(AdoptedFile)

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
function parse(text: string): readonly AdoptedDevice[] | null {
  try {
    const parsed: unknown = JSON.parse(text)
    return checker.Check(parsed) ? parsed.devices : null
  } catch {
    return null
  }
}
