/** A landing with images and a forwarder, for one test. */
import type { Test } from 'tap'
import type { LandingStore } from '../../upstream/landing/store.ts'
import type { Destination } from '../../upstream/pacs/destinations.ts'
import type { Forwarder } from '../../upstream/pacs/forwarder.ts'
import { imagePackets, land, type TestImage } from '../../upstream/testing/images.ts'
import { openStore } from '../../upstream/testing/landing.ts'
import { TestVan } from '../../upstream/testing/van.ts'
import { phases, startForwarding, until, type ForwardingOptions } from './forwarding.ts'

export class ForwardingStage {
  readonly folder: string
  readonly van = new TestVan('van-02')
  readonly store: LandingStore
  forwarder: Forwarder | null = null

  constructor(t: Test) {
    this.folder = t.testdir()
    this.store = openStore(this.folder, this.van)
    t.teardown(async () => {
      await this.forwarder?.stop()
      this.store.close()
    })
  }

  land(images: readonly TestImage[], more: Parameters<typeof imagePackets>[2] = {}): void {
    for (const image of images) {
      land(this.store, imagePackets(this.van, image, more), (sha256) =>
        this.forwarder?.objectWhole(sha256),
      )
    }
  }

  async forward(
    destinations: readonly Destination[],
    options: ForwardingOptions = {},
  ): Promise<void> {
    this.forwarder = await startForwarding(this.store, destinations, options)
  }

  /** Waits for rows of phase, reason and count. Answers what there is in the end. */
  async reaches(destination: string, rows: unknown[][]): Promise<unknown[][]> {
    const wanted = JSON.stringify(rows)
    await until(() => JSON.stringify(phases(this.folder, destination)) === wanted)
    return phases(this.folder, destination)
  }
}
