/**
 * Which sticks and discs are mounted, read from /proc/mounts (proc(5), fstab(5)):
 *
 *   device  where  type  options  0  0        a space in a name is written \040
 *
 * Only what lies where the rule for udev mounts it, or a desktop would, is a medium; and folders
 * that the configuration names.
 */
import { readdir, readFile, readlink, statfs } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { basename, join, resolve } from 'node:path'
import type { Clock } from '../../protocols/world/clock.ts'

export interface Medium {
  /** Names it until it is pulled out. */
  readonly id: string
  readonly folder: string
  /** As it calls itself; empty when it does not. */
  readonly label: string
}

/** Media at one time: a van has four sockets. */
const mediaMax = 16
const lookEveryMs = 2_000
const parents = ['/run/media/', '/media/']

export interface MountDoors {
  /** The text of /proc/mounts. */
  readonly mounts: () => Promise<string>
  /** By device, such as /dev/sda1: what is written on the medium. */
  readonly labels: () => Promise<ReadonlyMap<string, string>>
  readonly isFolder: (path: string) => Promise<boolean>
}

export const realMounts: MountDoors = {
  mounts: () => readFile('/proc/mounts', 'utf8'),
  async labels() {
    const folder = '/dev/disk/by-label'
    const names = await readdir(folder).catch(() => [])
    const pairs = names.slice(0, 256).map(async (name) => {
      const target = await readlink(join(folder, name)).catch(() => '')
      // udev writes what is no letter as \x and two digits.
      const label = name.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      )
      return [resolve(folder, target), label] as const
    })
    return new Map(await Promise.all(pairs))
  },
  isFolder: (path) =>
    statfs(path).then(
      () => true,
      () => false,
    ),
}

export async function mountedMedia(
  doors: MountDoors,
  folders: readonly string[],
): Promise<readonly Medium[]> {
  const text = await doors.mounts().catch(() => '')
  const labels = await doors.labels().catch(() => new Map<string, string>())
  const mounted = parseMounts(text)
    .filter(({ folder }) => parents.some((parent) => folder.startsWith(parent)))
    .filter(({ device }) => device.startsWith('/dev/'))
    .map(({ device, folder }) => ({
      id: idOf(`${device} ${folder}`),
      folder,
      label: labels.get(device) ?? basename(folder),
    }))
  const named: Medium[] = []
  for (const folder of folders) {
    const isThere = await doors.isFolder(folder)
    const isMounted = mounted.some((one) => one.folder === folder)
    if (isThere && !isMounted) named.push({ id: idOf(folder), folder, label: basename(folder) })
  }
  return [...mounted, ...named].slice(0, mediaMax)
}

export function parseMounts(
  text: string,
): readonly { readonly device: string; readonly folder: string }[] {
  return text.split('\n').flatMap((line) => {
    const [device = '', folder = ''] = line
      .split(' ')
      .map((part) =>
        part.replace(/\\([0-7]{3})/g, (_, octal: string) =>
          String.fromCharCode(Number.parseInt(octal, 8)),
        ),
      )
    return folder.startsWith('/') ? [{ device, folder }] : []
  })
}

/** Tells what is there, at once and whenever it is different. Call what is returned to end it. */
export function watchMedia(
  clock: Pick<Clock, 'after'>,
  folders: readonly string[],
  changed: (media: readonly Medium[]) => void,
  doors: MountDoors = realMounts,
): () => void {
  let before = ''
  let isStopped = false
  let cancel = (): void => {}
  const look = async (): Promise<void> => {
    const media = await mountedMedia(doors, folders)
    if (isStopped) return
    const now = JSON.stringify(media)
    if (now !== before) changed(media)
    before = now
    cancel = clock.after('look for media', lookEveryMs, () => void look())
  }
  void look()
  return () => {
    isStopped = true
    cancel()
  }
}

function idOf(words: string): string {
  return createHash('sha256').update(words).digest('hex').slice(0, 16)
}
