/** Where a device may be plugged in: the part of the schema that each kind of link has. */
import { Type, type Static } from 'typebox'

export const Port = (title: string, extra: { default?: number } = {}) =>
  Type.Integer({ title, minimum: 1, maximum: 65_535, ...extra })

const SerialLine = Type.Object(
  {
    baud: Type.Integer({ title: 'Speed', unit: 'baud', minimum: 300, maximum: 4_000_000 }),
    dataBits: Type.Union([Type.Literal(7), Type.Literal(8)], { title: 'Data bits', default: 8 }),
    parity: Type.Union([Type.Literal('none'), Type.Literal('even'), Type.Literal('odd')], {
      title: 'Parity',
      default: 'none',
    }),
    stopBits: Type.Union([Type.Literal(1), Type.Literal(2)], { title: 'Stop bits', default: 1 }),
  },
  {
    title: 'Line settings',
    description: 'instead of those with which the device leaves the factory',
    additionalProperties: false,
  },
)

/** All of them may be left out: then the first device counts that its driver knows. */
const usbPlace = {
  usb: Type.Optional(
    Type.String({
      title: 'USB ids, where the driver knows several',
      pattern: '^[0-9a-f]{4}:[0-9a-f]{4}$',
      description: 'vendor and product as `lsusb` prints them, such as 10c4:ea80',
      keterangan: 'vendor dan produk seperti di `lsusb`, misalnya 10c4:ea80',
    }),
  ),
  serialNumber: Type.Optional(
    Type.String({
      title: 'Serial number that the device tells over USB, where there are several',
      minLength: 1,
      maxLength: 126,
    }),
  ),
  socket: Type.Optional(
    Type.String({
      title: 'USB socket, where there are several without a number',
      pattern: '^\\d+-\\d+(\\.\\d+)*$',
      description: 'as in /sys/bus/usb/devices, such as 1-1.2',
      keterangan: 'seperti di /sys/bus/usb/devices, misalnya 1-1.2',
    }),
  ),
} as const

/** The forms that a device's `link` may have, told apart by `kind`. */
export const deviceLinks = [
  Type.Object(
    {
      kind: Type.Literal('serial'),
      path: Type.String({
        title: 'Port',
        pattern: '^/',
        description: 'a path such as /dev/serial/by-id/…',
        keterangan: 'path seperti /dev/serial/by-id/…',
      }),
      line: Type.Optional(SerialLine),
    },
    { title: 'Serial port', additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('tcp-client'),
      host: Type.String({ title: 'Its address', minLength: 1 }),
      port: Port('TCP port'),
    },
    { title: 'Device or serial device server that we call', additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('tcp-server'), port: Port('TCP port') },
    { title: 'Device or serial device server that calls us', additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('udp'),
      host: Type.String({ title: 'Its address', minLength: 1 }),
      port: Port('UDP port'),
    },
    { title: 'Device that answers to datagrams', additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('hid'), ...usbPlace, line: Type.Optional(SerialLine) },
    { title: 'USB device that speaks HID', additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('usb'), ...usbPlace },
    { title: 'USB device of another class', additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('folder'),
      path: Type.String({
        title: 'Folder into which the device writes its files',
        pattern: '^/',
        description: 'absolute path',
        keterangan: 'path lengkap yang diawali /',
      }),
      after: Type.Union([Type.Literal('leave'), Type.Literal('move')], {
        title: 'What becomes of a file that is stored',
        description: '`move`: it goes to the folder simpul-done in it, or simpul-unread',
        keterangan: '`move`: dipindahkan ke folder simpul-done di dalamnya, atau simpul-unread',
        default: 'leave',
      }),
    },
    { title: 'Folder', additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('keypad') },
    { title: 'A person types', additionalProperties: false },
  ),
] as const

export const DeviceLink = Type.Union([...deviceLinks], { title: 'Where it is plugged in' })

export type DeviceLink = Static<typeof DeviceLink>
