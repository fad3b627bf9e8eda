/**
 * USB sockets into which devices can be plugged: pseudo terminals by socat, with a /dev and a /sys
 * of their own in which they look as serial adapters look.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Adapter {
  readonly vid: string
  readonly pid: string
  readonly product: string
  /** null: the adapter has none, as most. */
  readonly serialNumber: string | null
}

export interface Socket {
  /** By which the gateway knows it: the adapters say nothing that is their own. */
  readonly path: string
  /** The end that the device holds. */
  readonly devicePath: string
  /** The end that the gateway holds, as the kernel names it. */
  readonly gatewayPath: string
  unplug(): void
}

export interface Sockets {
  readonly devFolder: string
  readonly sysFolder: string
  plugIn(socket: number, adapter: Adapter): Promise<Socket>
  close(): void
}

const appearWithinMs = 5_000

export function usbSockets(folder: string): Sockets {
  const [devFolder, sysFolder] = [join(folder, 'dev'), join(folder, 'sys')]
  const byPath = join(devFolder, 'serial/by-path')
  const byId = join(devFolder, 'serial/by-id')
  for (const one of [byPath, byId, join(sysFolder, 'class/tty'), join(folder, 'lines')]) {
    mkdirSync(one, { recursive: true })
  }
  const processes = new Set<ChildProcess>()
  let plugged = 0

  return {
    devFolder,
    sysFolder,
    async plugIn(socket, adapter) {
      const name = `ttyUSB${plugged++}`
      const [gatewayEnd, deviceEnd] = ['gateway', 'device'].map((end) =>
        join(folder, 'lines', `${name}-${end}`),
      ) as [string, string]
      const socat = spawn('socat', [end(gatewayEnd), end(deviceEnd)], { stdio: 'ignore' })
      processes.add(socat)
      for (let waitedMs = 0; !(existsSync(gatewayEnd) && existsSync(deviceEnd)); waitedMs += 10) {
        if (waitedMs > appearWithinMs) throw new Error(`socat made no line for ${name}`)
        await sleep(10)
      }
      const gatewayPath = realpathSync(gatewayEnd)
      const usb = join(sysFolder, 'devices/usb1', `1-${socket}`)
      const tty = join(sysFolder, 'class/tty', name)
      mkdirSync(join(usb, 'port'), { recursive: true })
      mkdirSync(tty)
      write(usb, 'idVendor', adapter.vid)
      write(usb, 'idProduct', adapter.pid)
      write(usb, 'product', adapter.product)
      if (adapter.serialNumber !== null) write(usb, 'serial', adapter.serialNumber)
      symlinkSync(join(usb, 'port'), join(tty, 'device'))
      const path = join(byPath, `pci-0000:00:14.0-usb-0:${socket}:1.0-port0`)
      symlinkSync(gatewayPath, path)
      const own = join(byId, `usb-${adapter.product}_${adapter.serialNumber}-if00-port0`)
      if (adapter.serialNumber !== null) {
        // As udev does it: of two that call themselves the same, the last has the name.
        rmSync(own, { force: true })
        symlinkSync(gatewayPath, own)
      }
      symlinkSync(gatewayPath, join(devFolder, name))
      return {
        path,
        devicePath: deviceEnd,
        gatewayPath,
        unplug() {
          for (const one of [path, own, join(devFolder, name), tty, usb]) {
            rmSync(one, { recursive: true, force: true })
          }
          processes.delete(socat)
          socat.kill()
        },
      }
    },
    close() {
      for (const one of processes) one.kill()
    },
  }
}

function write(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, name), `${text}\n`)
}

function end(link: string): string {
  return `pty,raw,echo=0,b115200,link=${link}`
}
