/**
 * systemd/simpul.rules: what udev must know so that the gateway may open USB devices that no driver
 * of the kernel makes a port of, and so that other programs leave all of them alone.
 */
import type { DriverLink } from '../../drivers/driver.ts'
import { drivers } from '../../drivers/index.ts'

const head = `# Made from the drivers in drivers/ by \`make docs\`: change it there.

# Who may open them: members of plugdev, of which the service is one.
# ModemManager would try whether a medical device is a modem, and udisks would mount a meter.`

const phdc = `# Any device of the Personal Healthcare Device Class.
SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ENV{ID_USB_INTERFACES}=="*:0f0000:*", GROUP="plugdev", MODE="0660"`

export function udevRules(): string {
  const links = drivers.flatMap((driver) => driver.links)
  const opened = idsOf(links, (link) => link.kind === 'hid' || link.kind === 'usb')
  const disks = idsOf(links, (link) => link.kind === 'usb' && link.carries === 'scsi')
  const serial = idsOf(links, (link) => link.kind === 'serial')
  const sections = [
    head,
    ['# Opened without a port.', ...opened.map(openRule)].join('\n'),
    phdc,
    ...(disks.length === 0 ? [] : [['# Not to be mounted.', ...disks.map(diskRule)].join('\n')]),
    ['# Not modems.', ...serial.map(modemRule)].join('\n'),
  ]
  return `${sections.join('\n\n')}\n`
}

function idsOf(
  links: readonly DriverLink[],
  fits: (link: DriverLink) => boolean,
): readonly string[] {
  const ids = links.filter(fits).flatMap((link) => ('usb' in link ? link.usb : []))
  return [...new Set(ids)].toSorted()
}

function openRule(id: string): string {
  return `SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ${attributes(id)}, GROUP="plugdev", MODE="0660"`
}

function diskRule(id: string): string {
  return `SUBSYSTEM=="block", ${parentAttributes(id)}, ENV{UDISKS_IGNORE}="1"`
}

function modemRule(id: string): string {
  return `SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", ${attributes(id)}, ENV{ID_MM_DEVICE_IGNORE}="1"`
}

function attributes(id: string): string {
  const [vendor = '', product = ''] = id.split(':')
  return `ATTR{idVendor}=="${vendor}", ATTR{idProduct}=="${product}"`
}

function parentAttributes(id: string): string {
  return attributes(id).replaceAll('ATTR{', 'ATTRS{')
}
