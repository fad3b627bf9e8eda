/**
 * systemd/simpul.rules: what udev must know so that the gateway may open USB devices that no driver
 * of the kernel makes a port of, so that other programs leave all of them alone, and so that sticks
 * can be read.
 */
import type { DriverLink } from '../../drivers/driver.ts'
import { drivers } from '../../drivers/index.ts'

const head = `# Made from the drivers in drivers/ by \`make docs\`: change it there.

# Who may open them: members of plugdev, of which the service is one.
# ModemManager would try whether a medical device is a modem, and udisks would mount a meter.`

/**
 * `systemd-mount` because what udev starts itself may mount nothing that others see. The group is
 * that of the service: images on a stick are of patients, and not for every account of the box.
 */
const mountRules = `# Sticks and discs are mounted for reading, and nothing on them can be executed. Meters are no sticks.
ENV{UDISKS_IGNORE}=="1", GOTO="simpul_media_end"
ACTION=="remove", GOTO="simpul_media_end"
SUBSYSTEM!="block", GOTO="simpul_media_end"
ENV{ID_BUS}!="usb", GOTO="simpul_media_end"
ENV{ID_FS_USAGE}!="filesystem", GOTO="simpul_media_end"
ENV{ID_FS_TYPE}=="vfat|exfat", RUN{program}+="${mountProgram('gid=simpul,umask=0227')}"
ENV{ID_FS_TYPE}=="ntfs", RUN{program}+="${mountProgram('gid=simpul,umask=0227', '--type=ntfs3 ')}"
ENV{ID_FS_TYPE}=="iso9660|udf", RUN{program}+="${mountProgram('gid=simpul,mode=0440,dmode=0550')}"
ENV{ID_FS_TYPE}=="ext4", RUN{program}+="${mountProgram('noload')}"
LABEL="simpul_media_end"`

function mountProgram(options: string, type = ''): string {
  const safe = `ro,nosuid,nodev,noexec,${options}`
  return `/usr/bin/systemd-mount --no-block --collect --fsck=no ${type}--options=${safe} $devnode /run/media/simpul/%k`
}

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
    mountRules,
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
