/** A node on a real socket and a real disk, and what tests of it ask of each device. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { systemClock } from '../../gateway/clock/system-clock.ts'
import { realFiles, type Files } from '../../gateway/imaging/files.ts'
import { listen } from '../../gateway/imaging/listen.ts'
import { ImagingNode } from '../../gateway/imaging/node.ts'
import { imagingDefaults, type NodeOptions } from '../../gateway/imaging/options.ts'
import { callWithReport } from '../../gateway/imaging/report-call.ts'
import { storing } from '../../gateway/imaging/storing.ts'
import { encodeDataSet, instance, ultrasoundImage } from './data-set.ts'
import { FolderKeeper } from './keeper.ts'
import { Sender } from './sender.ts'

/** A node on a free port of the loopback, with short times and a real disk. */
export async function serve(t: Test, options: Partial<NodeOptions> = {}, files: Files = realFiles) {
  const folder = t.testdir({ incoming: {}, objects: {} })
  const incomingFolder = join(folder, 'incoming')
  const keeper = new FolderKeeper(join(folder, 'objects'))
  const codes: string[] = []
  const clock = systemClock()
  let names = 0
  const node = new ImagingNode(
    {
      ...imagingDefaults,
      incomingFolder,
      reserveBytes: 0,
      timersMs: { artim: 20_000, idle: 20_000, linger: 200 },
      ...options,
    },
    {
      clock,
      files,
      soon: setImmediate,
      newName: () => String(++names),
      newUid: () => `2.25.${++names}`,
      call: callWithReport,
    },
    {
      ...storing(keeper, {
        conflict: () => void codes.push('conflict'),
        failed: (error) => void codes.push(String(error)),
      }),
      ask: () => Promise.reject(new Error('nobody answers')),
      trouble: (notice) => void codes.push(notice.code),
      association: () => {},
    },
  )
  const ports = { host: '127.0.0.1', ports: [{ port: 0, tls: null }], connectionsMax: 1_000 }
  const listening = await listen(node, ports, clock)
  const port = listening.addresses()[0]?.port ?? 0
  t.teardown(async () => {
    const closed = listening.close()
    await node.stop()
    await closed
  })
  return { port, keeper, codes, halves: () => readdirSync(incomingFolder) }
}

export function image(sopInstanceUid: string, pixelBytes = 200_000): Uint8Array {
  const names = { sopClassUid: ultrasoundImage, sopInstanceUid, pixelBytes }
  return encodeDataSet(instance(names), { explicit: true, little: true })
}

/** That another device is served, whatever was done to the node before. */
export async function servesOthers(t: Test, port: number, why: string): Promise<void> {
  const other = new Sender(port)
  t.match(await other.associate(), { kind: 'accepted' }, why)
  t.equal(await other.echo(), 0, why)
  t.equal(await other.release(), 'released', why)
}
