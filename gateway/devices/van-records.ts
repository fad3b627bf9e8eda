/** Records of the van itself, its clock and its devices. They wait for the journal like all. */
import type { Record } from '../../protocols/packet/record.ts'
import type { World } from '../world.ts'
import { Outbox, type DeviceSink, type OutboxStatus } from './outbox.ts'

/** The name of the van among its devices. */
export const vanDevice = 'van'

export interface VanRecords {
  add(record: Record): void
  status(): OutboxStatus
  /** Resolves when what could be stored is. */
  stop(): Promise<void>
}

export function vanRecords(world: Pick<World, 'clock' | 'log'>, sink: DeviceSink): VanRecords {
  const log = world.log.child({ device: vanDevice })
  const outbox = new Outbox(vanDevice, sink, world.clock, {
    trouble: (why) => {
      if (why === null) log.info('records are stored again')
      else log.error('records are not stored', { why: why.message })
    },
    // The van has no stream of events.
    lost: (lost) => {
      log.error('records lost', { count: lost.count, why: lost.why })
      return null
    },
  })
  return {
    add: (record) => outbox.add(record),
    status: () => outbox.status(),
    stop: async () => {
      await outbox.drained()
      outbox.stop()
      const { waiting } = outbox.status()
      if (waiting > 0) log.error('records lost at the end', { count: waiting })
    },
  }
}
