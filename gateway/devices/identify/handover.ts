/**
 * Hands an open port from the listening to the device: the same descriptor at the same setting, so
 * that no byte falls between two openings.
 */
import type { SerialLine } from '../../../drivers/driver.ts'
import type { Clock } from '../../../protocols/world/clock.ts'
import { earOf, type Ear } from '../../links/ear.ts'
import type {
  Link,
  LinkAddress,
  LinkHears,
  ListenHears,
  Listening,
  Links,
  Splits,
} from '../../world.ts'
import { sameLine } from './prior.ts'

export interface HeldLink {
  readonly link: Link
  /** Gives what is heard from now on to another ear; false when the port has closed meanwhile. */
  handTo(ear: Ear): boolean
}

interface Offer {
  readonly path: string
  readonly line: SerialLine
  readonly held: HeldLink
  /** A line that has begun, for a device that is heard line by line. */
  readonly begun: Uint8Array
}

export class HandoverLinks implements Links {
  readonly #links: Links
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #offers = new Map<string, Offer>()

  constructor(links: Links, clock: Pick<Clock, 'monotonicMs'>) {
    this.#links = links
    this.#clock = clock
  }

  /** The next opening of this port gets the open one, if it wants the same setting. */
  offer(offer: Offer): void {
    this.#offers.set(offer.path, offer)
  }

  async open(address: LinkAddress, splits: Splits, hears: LinkHears): Promise<Link> {
    const offer = address.kind === 'serial' ? this.#offers.get(address.path) : undefined
    if (offer !== undefined && address.kind === 'serial') {
      this.#offers.delete(address.path)
      if (splits !== 'whole' && sameLine(offer.line, address.line)) {
        const ear = earOf(splits, hears, () => this.#clock.monotonicMs())
        if (offer.held.handTo(ear)) {
          ear.bytes(offer.begun)
          return offer.held.link
        }
      }
      await offer.held.link.close()
    }
    return await this.#links.open(address, splits, hears)
  }

  listen(port: number, splits: Splits, hears: ListenHears): Promise<Listening> {
    return this.#links.listen(port, splits, hears)
  }
}
