/** Names the boot, within which monotonic times can be compared. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'

const bootIdPath = '/proc/sys/kernel/random/boot_id'
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * The kernel's boot id, lower case with dashes. Where there is none, a random one: then every start
 * of the process counts as a boot of its own, which is true but less useful.
 */
export function readBootId(path: string = bootIdPath): string {
  try {
    const text = readFileSync(path, 'utf8').trim().toLowerCase()
    if (uuid.test(text)) return text
  } catch {
    // Not Linux, or hidden by a sandbox.
  }
  return randomUUID()
}
