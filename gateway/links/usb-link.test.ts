import t from 'tap'
import { fromHex, toHex } from '../../protocols/packet/hex.ts'
import { decodeCommandWrapper, encodeStatusWrapper } from '../../protocols/usb/bulk-only.ts'
import { usbClasses } from '../../protocols/usb/descriptors.ts'
import {
  decodeInquiry,
  decodeScsiAnswer,
  encodeScsiRequest,
  scsiInquiry,
  scsiRead,
  scsiWrite,
} from '../../protocols/usb/scsi.ts'
import type { LinkAddress, LinkHears, UsbAddress } from '../world.ts'
import { hostLinks } from './links.ts'
import { UsbFault } from './usb-bus.ts'
import { FakeUsb, fakeUsbBus, interfaceOf } from './usb-testing.ts'

const hex = (text: string): Uint8Array => fromHex(text.replaceAll(' ', '')) ?? new Uint8Array()
const anywhere = { serialNumber: null, socket: null }
const bridge = { usb: ['10c4:ea80'], ...anywhere }
const line = { baud: 19_200, dataBits: 8, parity: 'none', stopBits: 1 } as const

const reportsAt = (place: Partial<UsbAddress> = {}): LinkAddress => ({
  kind: 'hid',
  carries: 'reports',
  ...bridge,
  ...place,
})
const cp2110: LinkAddress = { kind: 'hid', carries: 'cp2110', line, ...bridge }

function ears() {
  const heard: string[] = []
  const noise: string[] = []
  const closed = Promise.withResolvers<Error | null>()
  const hears: LinkHears = {
    bytes: (bytes) => void heard.push(toHex(bytes)),
    noise: (reason) => void noise.push(reason),
    closed: (trouble) => closed.resolve(trouble),
  }
  return { hears, heard, noise, closed: closed.promise }
}

/** Lets all that waits for nothing run. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function hid(more: Parameters<typeof interfaceOf>[2] = {}): FakeUsb {
  return new FakeUsb({ interfaces: [interfaceOf(usbClasses.hid, 'interrupt', more)] })
}

t.test('usb: reports go whole, both ways', async (t) => {
  const usb = hid({ packetBytes: 8 })
  const { hears, heard, closed } = ears()
  const links = hostLinks({ usbBus: fakeUsbBus([usb]) })
  const link = await links.open(reportsAt(), 'whole', hears)
  usb.say(hex('07 01 02 03 04 05 06 07'))
  usb.say(hex('02 4f 4b'))
  await settled()
  t.strictSame(heard, ['0701020304050607', '024f4b'])
  await link.write(hex('07 00'))
  await link.write(hex('01 01'), 'feature')
  t.strictSame(usb.log, ['claim 0', 'set a 0', 'out 2 0700', 'set 9 300 0101'])
  await link.close()
  t.equal(await closed, null)
  t.equal(usb.log.at(-1), 'close')
  await t.rejects(link.write(hex('00')), { code: 'link-closed' })
})

t.test('usb: a report longer than a packet, and one that is numbered', async (t) => {
  // Reports 1 of 8 bytes and 2 of 16, each with its number, in packets of 8.
  const description = hex('75 08 85 01 95 07 81 02 85 02 95 0f 81 02 b1 02')
  const usb = hid({ packetBytes: 8, reportDescriptorBytes: description.length })
  usb.onControlIn = ({ request, value }) =>
    request === 0x06 && value === 0x2200 ? description : null
  const { hears, heard } = ears()
  const links = hostLinks({ usbBus: fakeUsbBus([usb]) })
  const link = await links.open(reportsAt(), 'whole', hears)
  usb.say(hex('01 01 02 03 04 05 06 07'))
  usb.say(hex('02 01 02 03 04 05 06 07'))
  usb.say(hex('08 09 0a 0b 0c 0d 0e 0f'))
  await settled()
  t.strictSame(heard, ['0101020304050607', '020102030405060708090a0b0c0d0e0f'])
  await link.write(hex('02 aa'), 'feature')
  t.equal(usb.log.at(-1), 'set 9 302 02aa')
  await link.close()
})

t.test('usb: a device without an endpoint for reports is told by a request', async (t) => {
  const [input] = interfaceOf(usbClasses.hid, 'interrupt').endpoints
  const usb = hid({ endpoints: input === undefined ? [] : [input] })
  const links = hostLinks({ usbBus: fakeUsbBus([usb]) })
  const link = await links.open(reportsAt(), 'whole', ears().hears)
  await link.write(hex('aa f4'))
  t.equal(usb.log.at(-1), 'set 9 200 aaf4')
  await link.close()
})

t.test('usb: the line behind a CP2110', async (t) => {
  const description = hex('75 08 85 01 95 01 81 02 91 02 85 3f 95 3f 81 02 91 02 85 41 95 01 b1 02')
  const usb = hid({ reportDescriptorBytes: description.length })
  usb.onControlIn = () => description
  const { hears, heard, noise } = ears()
  const links = hostLinks({ usbBus: fakeUsbBus([usb]) })
  const link = await links.open(cp2110, 'bytes', hears)
  t.strictSame(usb.log.slice(2), ['set 9 350 5000004b0000000300', 'set 9 341 4101'])
  usb.say(hex('02 51 26 00'))
  usb.say(hex('42 00'))
  await settled()
  t.strictSame(heard, ['5126'])
  t.strictSame(noise, ['report 66 carries no data'])
  await link.write(new Uint8Array(64).fill(0xaa))
  t.strictSame(usb.log.slice(4), [`out 2 3f${'aa'.repeat(63)}`, 'out 2 01aa'])
  await link.close()
})

function meter(more: Parameters<typeof interfaceOf>[2] = {}, ofClass = 0x0f): FakeUsb {
  const interfaces = [interfaceOf(ofClass, 'bulk', more)]
  return new FakeUsb({ id: '173a:21d5', interfaces })
}

const phdc = (usb: readonly string[] = []): LinkAddress => ({
  kind: 'usb',
  carries: 'phdc',
  usb,
  ...anywhere,
})

t.test('usb: a healthcare device sends whole messages', async (t) => {
  const usb = meter({ packetBytes: 8 })
  const { hears, heard } = ears()
  const links = hostLinks({ usbBus: fakeUsbBus([usb]) })
  const link = await links.open(phdc(), 'whole', hears)
  usb.say(hex('e2 00 00 06 01 02 03 04'))
  usb.say(hex('05 06'))
  // It fills its packet, and the empty one behind it does not come, or does.
  usb.say(hex('e7 00 00 04 01 02 03 04'))
  usb.say(hex('e7 00 00 04 05 06 07 08'))
  usb.say(new Uint8Array())
  usb.say(hex('e4 00 00 02 00 00'))
  await settled()
  t.strictSame(heard, [
    'e2000006010203040506',
    'e700000401020304',
    'e700000405060708',
    'e40000020000',
  ])
  await link.write(hex('e3 00'))
  await link.write(hex('e3 00 00 04 01 02 03 04'))
  t.strictSame(usb.log.slice(1), ['out 2 e300', 'out 2 e300000401020304', 'out 2'])
  await link.close()
})

t.test('usb: a meter of an own class is found by its ids only', async (t) => {
  const usb = meter({}, 0xff)
  const links = hostLinks({ usbBus: fakeUsbBus([usb]) })
  await t.rejects(links.open(phdc(), 'whole', ears().hears), { code: 'link-usb-unfit' })
  const link = await links.open(phdc(['173a:21d7', '173a:21d5']), 'whole', ears().hears)
  await link.close()
})

/** A disk of 512 bytes a sector that answers as a meter does. */
function disk(): FakeUsb {
  const interfaces = [interfaceOf(usbClasses.massStorage, 'bulk')]
  const usb = new FakeUsb({ id: '2766:0000', interfaces })
  const sectors = new Map<number, Uint8Array>()
  let writes: { readonly tag: number; readonly sector: number } | null = null
  const status = (tag: number, isGood = true): void =>
    usb.say(encodeStatusWrapper({ tag, unusedBytes: 0, status: isGood ? 'passed' : 'failed' }))
  const sayInPackets = (data: Uint8Array): void => {
    for (let at = 0; at < data.length; at += 64) usb.say(data.subarray(at, at + 64))
  }
  usb.onWrite = (bytes) => {
    if (writes !== null) {
      sectors.set(writes.sector, bytes)
      status(writes.tag)
      writes = null
      return
    }
    const command = decodeCommandWrapper(bytes)
    if (!command.ok) return
    const { tag, request } = command.value
    const sector = request.block[5] ?? 0
    if (request.block[0] === 0x12) {
      const answer = new Uint8Array(36)
      answer.set(Buffer.from('LifeScanOneTouch        0100'), 8)
      sayInPackets(answer)
      status(tag)
    } else if (request.block[0] === 0x2a) writes = { tag, sector }
    else if (sectors.has(sector)) {
      sayInPackets(sectors.get(sector) ?? new Uint8Array())
      status(tag)
    } else {
      usb.say(new UsbFault('halted', 'stall'))
      status(tag, false)
    }
  }
  return usb
}

const scsi: LinkAddress = { kind: 'usb', carries: 'scsi', usb: ['2766:0000'], ...anywhere }

t.test('usb: a meter that is a disk answers each command', async (t) => {
  const usb = disk()
  const { hears, heard } = ears()
  const links = hostLinks({ usbBus: fakeUsbBus([usb]) })
  const link = await links.open(scsi, 'whole', hears)
  const ask = async (request: Parameters<typeof encodeScsiRequest>[0]) => {
    await link.write(encodeScsiRequest(request))
    const answer = decodeScsiAnswer(hex(heard.at(-1) ?? ''))
    if (!answer.ok) throw new Error(answer.reason)
    return answer.value
  }
  const identity = await ask(scsiInquiry())
  t.match(decodeInquiry(identity.data), { value: { vendor: 'LifeScan' } })
  t.match(await ask(scsiRead(3, 1)), { isGood: false }, 'nothing is there yet')
  t.ok(usb.log.includes('clear in 1'))
  const data = new Uint8Array(512).fill(0x5a)
  t.match(await ask(scsiWrite(3, data)), { isGood: true })
  t.strictSame(await ask(scsiRead(3, 1)), { isGood: true, data })
  await t.rejects(link.write(hex('00')), { code: 'link-usb-failed' })
})

t.test('usb: a command that comes to nothing resets the device and ends the link', async (t) => {
  const usb = new FakeUsb({
    id: '2766:0000',
    interfaces: [interfaceOf(usbClasses.massStorage, 'bulk')],
  })
  const { hears, closed } = ears()
  const links = hostLinks({ usbBus: fakeUsbBus([usb]) })
  const link = await links.open(scsi, 'whole', hears)
  usb.say(new Uint8Array(36))
  usb.say(encodeStatusWrapper({ tag: 9, unusedBytes: 0, status: 'passed' }))
  await t.rejects(link.write(encodeScsiRequest(scsiInquiry())), { code: 'link-usb-failed' })
  t.match(await closed, { code: 'link-usb-failed' })
  t.strictSame(usb.log.slice(2), ['set ff 0', 'clear in 1', 'clear out 2', 'close'])
})

t.test('usb: found by its ids, its number and its socket', async (t) => {
  const fit = { interfaces: [interfaceOf(usbClasses.hid, 'interrupt')] }
  const one = new FakeUsb({ ...fit, socket: '1-1', serialNumber: 'A', product: 'Meter' })
  const other = new FakeUsb({ ...fit, socket: '1-2', serialNumber: 'B' })
  const keyboard = new FakeUsb({ ...fit, socket: '1-3', id: '046d:c31c' })
  const links = hostLinks({ usbBus: fakeUsbBus([keyboard, one, other]) })
  const open = (place: Partial<UsbAddress>) => links.open(reportsAt(place), 'whole', ears().hears)
  await (await open({ serialNumber: 'B' })).close()
  t.strictSame([one.log.length, other.log.length > 0], [0, true])
  await (await open({ socket: '1-1' })).close()
  t.equal(one.log[0], 'claim 0')

  const first = await open({})
  const second = await open({})
  await t.rejects(open({}), { code: 'link-busy' })
  t.equal(other.log.filter((text) => text === 'claim 0').length, 2)
  await first.close()
  await second.close()

  await t.rejects(open({ usb: ['1a79:7410'] }), {
    code: 'link-no-usb-device',
    message: /USB 1a79:7410/,
  })
  await t.rejects(open({ usb: [] }), { code: 'link-no-usb-device' }, 'never just any keyboard')
  t.strictSame(keyboard.log, [])
})

t.test('usb: what goes wrong is told in words', async (t) => {
  const usb = hid()
  const { hears, closed } = ears()
  const links = hostLinks({ usbBus: fakeUsbBus([usb]) })
  const open = (ear = ears().hears) => links.open(reportsAt(), 'whole', ear)
  usb.refuseOpen = new UsbFault('denied', 'EACCES')
  await t.rejects(open(), { code: 'link-usb-denied', message: /USB socket 1-1 \(10c4:ea80\)/ })
  usb.refuseOpen = new UsbFault('gone', 'ENODEV')
  await t.rejects(open(), { code: 'link-unplugged' })
  usb.refuseOpen = null
  await open(hears)
  usb.unplug()
  t.match(await closed, { code: 'link-unplugged' })

  const late = ears()
  const link = await open(late.hears)
  usb.refuseWrite = new UsbFault('late', '0 of 1 bytes left')
  await t.rejects(link.write(hex('00')), { code: 'link-usb-failed' })
  t.match(await late.closed, { code: 'link-usb-failed' })
  await link.close()
  usb.refuseWrite = null
  await (await open()).close()
})
