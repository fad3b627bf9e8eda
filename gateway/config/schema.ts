/**
 * The one description of the configuration: types, checks, defaults, the page's forms and the
 * reference page all come from it. `unit` rides along for people, and `keterangan` is the
 * description in Bahasa Indonesia of what a pattern wants.
 */
import { Type, type Static } from 'typebox'
import { DeviceLink, Port } from './device-links.ts'

const namePattern = '^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$'

const Name = (title: string) =>
  Type.String({
    title,
    pattern: namePattern,
    description: 'a-z, 0-9 and -, at most 32 characters',
    keterangan: 'a-z, 0-9, dan -, paling banyak 32 karakter',
  })

export const Device = Type.Object(
  {
    id: Name('Name in the van'),
    driver: Type.String({ title: 'Driver', description: '`simpul drivers` lists them' }),
    link: DeviceLink,
    serialNumber: Type.Optional(
      Type.String({ title: 'Serial number on its label', maxLength: 64 }),
    ),
    calibrationDue: Type.Optional(
      Type.String({
        title: 'Calibration due',
        pattern: '^\\d{4}-\\d{2}-\\d{2}$',
        description: 'date, YYYY-MM-DD',
        keterangan: 'tanggal, TTTT-BB-HH',
      }),
    ),
    simulated: Type.Boolean({
      title: 'Simulated',
      default: false,
      description: 'marks every record of it as simulated, all the way to the hospital',
    }),
  },
  { title: 'Device', additionalProperties: false },
)

const absolute = {
  pattern: '^/',
  description: 'absolute path',
  keterangan: 'path lengkap yang diawali /',
} as const

const File = (title: string) => Type.String({ title, ...absolute })

const Ports = (title: string, description: string, keterangan: string) =>
  Type.Array(Type.String({ title: 'Port', pattern: '^/', description, keterangan }), {
    title,
    default: [],
    maxItems: 64,
  })

const Identify = Type.Object(
  {
    accept: Type.Union([Type.Literal('ask'), Type.Literal('sure')], {
      title: 'Who decides which device it is',
      default: 'ask',
      description:
        '`ask`: a person on the page; `sure`: nobody where only one device fits and its check sums are right',
      keterangan:
        '`ask`: orang di halaman; `sure`: tanpa orang bila hanya satu alat yang cocok dan checksum-nya benar',
    }),
    ports: Ports(
      'Ports to listen to besides those on USB',
      'built-in ports and pseudo terminals, which may belong to somebody else',
      'port bawaan dan pseudo terminal, yang mungkin dipakai program lain',
    ),
    ignore: Ports(
      'Ports that are left alone',
      'for another program, such as a modem',
      'untuk program lain, misalnya modem',
    ),
  },
  { title: 'Recognising devices', additionalProperties: false, default: {} },
)

const ImagingTls = Type.Object(
  {
    port: Type.Integer({ title: 'Port', minimum: 1, maximum: 65_535, default: 2762 }),
    certificate: File('Certificate of the gateway, with those between it and its authority'),
    key: File('Private key of that certificate'),
    authority: Type.Optional(
      File('Authority of the devices: without a certificate of it no device is let in'),
    ),
  },
  { title: 'Encrypted DICOM port', additionalProperties: false },
)

const Imaging = Type.Object(
  {
    ports: Type.Array(Port('Port'), { title: 'DICOM ports', default: [11_112, 104], maxItems: 4 }),
    tls: Type.Optional(ImagingTls),
    host: Type.String({ title: 'Address to listen on', default: '0.0.0.0' }),
    aeTitle: Type.String({
      title: 'Our own AE title',
      default: 'SIMPUL',
      pattern: '^[!-~]([ -~]{0,14}[!-~])?$',
      description: 'at most 16 characters; counts only with `titles: strict`',
      keterangan: 'paling banyak 16 karakter; hanya berlaku dengan `titles: strict`',
    }),
    titles: Type.Union([Type.Literal('forgiving'), Type.Literal('strict')], {
      title: 'Whose images are taken',
      default: 'forgiving',
      description:
        '`forgiving`: of any device, under any titles; the page asks who it is. `strict`: of known senders that call our title, both written exactly so',
      keterangan:
        '`forgiving`: dari alat apa pun dengan AE title apa pun; halaman menanyakan alat apa itu. `strict`: hanya dari pengirim terdaftar yang memanggil AE title kita, keduanya persis sama',
    }),
    identity: Type.Union([Type.Literal('check'), Type.Literal('off')], {
      title: 'Whether images are compared with their orders',
      default: 'check',
      description:
        '`check`: an image that does not say the same as its order waits for a person, as soon as the van has had an order or has an open visit; `off`: every image goes on as it came',
      keterangan:
        '`check`: citra yang tidak cocok dengan permintaannya menunggu keputusan petugas, sejak ada permintaan atau kunjungan yang terbuka di mobil; `off`: semua citra diteruskan apa adanya',
    }),
    commitment: Type.Union([Type.Literal('hospital'), Type.Literal('van')], {
      title: 'When a device is told that it may delete an image',
      default: 'hospital',
      description:
        'storage commitment. `hospital`: when the hospital has said that it has all of it; `van`: when it is on the disk of the van, which is the only copy then',
      keterangan:
        'storage commitment. `hospital`: setelah rumah sakit menyatakan citra diterima utuh; `van`: setelah tersimpan di disk mobil, yang saat itu menjadi satu-satunya salinan',
    }),
    idleMinutes: Type.Integer({
      title: 'How long a device may hold a connection open without a word',
      unit: 'min',
      minimum: 1,
      maximum: 240,
      default: 30,
    }),
    senders: Type.Array(
      Type.Object(
        {
          aeTitle: Type.String({ title: 'AE title of the device', minLength: 1, maxLength: 16 }),
          device: Name('Name in the van'),
          simulated: Type.Boolean({ title: 'Simulated', default: false }),
          host: Type.Optional(
            Type.String({
              title: 'Address at which the device listens itself',
              minLength: 1,
              maxLength: 253,
              description:
                'where it is told which images it may delete (storage commitment); without it only on a connection that the device opens',
              keterangan:
                'tempat alat diberi tahu citra mana yang boleh dihapus (storage commitment); tanpa ini hanya lewat sambungan yang dibuka alat',
            }),
          ),
          port: Type.Integer({
            title: 'Port at which the device listens itself',
            minimum: 1,
            maximum: 65_535,
            default: 104,
          }),
          characterSet: Type.Union([Type.Literal('ISO_IR 100'), Type.Literal('ISO_IR 192')], {
            title: 'Character set of its worklist',
            default: 'ISO_IR 100',
            description:
              'Of names that Latin-1 does not hold. `ISO_IR 100`: in Latin letters near them, which every device shows. `ISO_IR 192`: as they are, in UTF-8, for a device that is known to understand it',
            keterangan:
              'Untuk nama di luar huruf Latin-1. `ISO_IR 100`: ditulis dengan huruf Latin terdekat, terbaca semua alat. `ISO_IR 192`: apa adanya dalam UTF-8, untuk alat yang pasti memahaminya',
          }),
        },
        { additionalProperties: false },
      ),
      { title: 'Known senders', default: [], maxItems: 64 },
    ),
  },
  { title: 'Imaging', additionalProperties: false, default: {} },
)

const Media = Type.Object(
  {
    folders: Type.Array(Type.String({ title: 'Folder', ...absolute }), {
      title: 'Folders that are looked at like sticks',
      default: [],
      maxItems: 8,
      description:
        'besides sticks and discs: such as a share into which a device exports its images',
      keterangan:
        'selain flash disk dan cakram: misalnya folder bersama tempat alat mengekspor citra',
    }),
  },
  { title: 'Sticks and discs', additionalProperties: false, default: {} },
)

const Orders = Type.Object(
  {
    hl7Port: Type.Integer({
      title: 'Port for orders of the hospital',
      minimum: 1,
      maximum: 65_535,
      default: 2575,
      description:
        'HL7 over MLLP: ORM, OML, OMG and OMI make and cancel orders, ADT corrects patients. Whoever reaches the port can make orders: let only the network of the hospital reach it',
      keterangan:
        'HL7 lewat MLLP: ORM, OML, OMG, dan OMI membuat dan membatalkan permintaan, ADT memperbaiki data pasien. Siapa pun yang mencapai port ini dapat membuat permintaan: batasi hanya untuk jaringan rumah sakit',
    }),
  },
  { title: 'Orders of the hospital; without this none come in', additionalProperties: false },
)

const Journal = Type.Object(
  {
    limitBytes: Type.Integer({
      title: 'Room for records and images together',
      unit: 'By',
      minimum: 16_777_216,
      default: 34_359_738_368,
    }),
    reserveBytes: Type.Integer({
      title: 'Room to leave free on the disk',
      unit: 'By',
      minimum: 0,
      default: 1_073_741_824,
    }),
    packetSeconds: Type.Integer({
      title: 'Length of an unwatched waveform packet',
      unit: 's',
      minimum: 1,
      maximum: 60,
      default: 10,
    }),
    waves: Type.Union([Type.Literal('live'), Type.Literal('light')], {
      title: 'How waveforms are packed',
      default: 'live',
      description: '`live` is smaller, `light` takes a third of the computing time',
      keterangan: '`live` lebih kecil, `light` memakai sepertiga waktu komputasi',
    }),
  },
  { title: 'Journal', additionalProperties: false, default: {} },
)

const Uplink = Type.Object(
  {
    url: Type.String({
      title: 'Broker address',
      pattern: '^mqtts?://[^ ]+$',
      description: 'mqtt://host:port or mqtts://host:port',
      keterangan: 'mqtt://host:port atau mqtts://host:port',
    }),
    keepaliveSeconds: Type.Integer({
      title: 'Keepalive',
      unit: 's',
      minimum: 5,
      maximum: 600,
      default: 60,
    }),
    windowMax: Type.Integer({
      title: 'Packets on the way at once',
      minimum: 1,
      maximum: 10_000,
      default: 512,
    }),
    authority: Type.Optional(
      File('Certificate of the authority that vouches for the broker, else those of the system'),
    ),
    certificate: Type.Optional(File('Certificate of the van')),
    key: Type.Optional(File('Private key of that certificate')),
    serverName: Type.Optional(
      Type.String({ title: 'Name in the certificate of the broker, else the host of the address' }),
    ),
  },
  { title: 'Uplink', additionalProperties: false },
)

export const Page = Type.Object(
  {
    host: Type.String({ title: 'Address to listen on', default: '0.0.0.0' }),
    port: Type.Integer({ title: 'Port', minimum: 0, maximum: 65_535, default: 8080 }),
  },
  { title: 'Local page', additionalProperties: false, default: {} },
)

export const Config = Type.Object(
  {
    van: Name('Name of the van'),
    folder: Type.String({ title: 'Data folder', ...absolute, default: '/var/lib/simpul' }),
    devices: Type.Array(Device, { title: 'Devices', default: [], maxItems: 64 }),
    identify: Identify,
    imaging: Imaging,
    orders: Type.Optional(Orders),
    media: Media,
    journal: Journal,
    uplink: Uplink,
    page: Page,
  },
  { title: 'Simpul', additionalProperties: false },
)

export type Page = Static<typeof Page>
export type Config = Static<typeof Config>
export type DeviceConfig = Static<typeof Device>
