/**
 * Every codec, for `bench/fuzz.ts` and `bench/frames.ts`: an import and an entry, in alphabetical
 * order of the name. Good bytes come from the captures of a driver where there are some.
 */
import { andPacketLimitBytes, scanAnd } from '../protocols/and-tm265x/frame.ts'
import {
  pm6750PacketLimitBytes,
  scanPm6750,
  scanPm6750Command,
} from '../protocols/berrymed/frame.ts'
import { capnostreamLimitBytes, scanCapnostream } from '../protocols/capnostream/frame.ts'
import { fiveBytesLength, scanFiveBytes } from '../protocols/contec/five-bytes.ts'
import { contecPacketLimitBytes, scanContec } from '../protocols/contec/v7.ts'
import {
  commandFields,
  decodeCommandSet,
  encodeCommandSet,
} from '../protocols/dicom/command-set.ts'
import { associateLimitBytes, encodePdu, scanPdu } from '../protocols/dicom/pdu.ts'
import { decodeWave, encodeWave } from '../protocols/ecg-codec/wave.ts'
import { driPacketLimitBytes, scanDri } from '../protocols/ge-dri/frame.ts'
import {
  healthyPi4Length,
  healthyPi5LimitBytes,
  scanHealthyPi4,
  scanHealthyPi5,
} from '../protocols/healthypi/frame.ts'
import { apduLimitBytes, scanApdu } from '../protocols/ieee11073/apdu.ts'
import { ivyMessageLimitBytes, scanIvy } from '../protocols/ivy-450c/message.ts'
import { masimoLineLimitBytes, scanMasimo } from '../protocols/masimo/line.ts'
import { nellcorLineLimitBytes, scanNellcor } from '../protocols/nellcor/line.ts'
import { noninLineLimitBytes, scanNoninLine } from '../protocols/nonin/line.ts'
import { scanNonin1, scanNonin8 } from '../protocols/nonin/second.ts'
import { noninSpotCheckLimitBytes, scanNoninSpotCheck } from '../protocols/nonin/spot-check.ts'
import { noninFrameBytes, scanNonin2, scanNonin7 } from '../protocols/nonin/stream.ts'
import { decodeRecords, encodeRecords } from '../protocols/packet/body.ts'
import { decodePacket } from '../protocols/packet/packet.ts'
import { sealPacket } from '../protocols/packet/seal.ts'
import { scaleLineLimitBytes, scanScale } from '../protocols/st-gs-scale/line.ts'
import { decoder, fromCaptures, scanner, type Codec } from './codec.ts'
import { sealTools } from './wire/node-tools.ts'
import { recordsOrder } from './wire/orders.ts'
import { sampleMessages } from './wire/sample-messages.ts'
import { sampleRecords } from './wire/samples.ts'

const storeCommand = encodeCommandSet({
  field: commandFields.store,
  messageId: 7,
  sopClassUid: '1.2.840.10008.5.1.4.1.1.6.1',
  sopInstanceUid: '1.2.826.0.1.3680043.2.1.9',
  priority: 0,
  hasDataSet: true,
})

const dataPdu = encodePdu({
  kind: 'data',
  values: [{ contextId: 1, command: true, last: true, bytes: storeCommand }],
})

const wave = Int32Array.from({ length: 250 }, (_, at) => Math.round(400 * Math.sin(at / 9)))

export const codecs: readonly Codec[] = [
  scanner('and-tm265x', scanAnd, andPacketLimitBytes, fromCaptures('and-tm265x')),
  scanner('berrymed', scanPm6750, pm6750PacketLimitBytes, fromCaptures('berrymed-pm6750')),
  scanner(
    'berrymed/command',
    scanPm6750Command,
    pm6750PacketLimitBytes,
    fromCaptures('berrymed-pm6750', 'host'),
  ),
  scanner('capnostream', scanCapnostream, capnostreamLimitBytes, fromCaptures('capnostream20')),
  scanner('contec', scanContec, contecPacketLimitBytes, fromCaptures('contec-cms50-v7')),
  scanner(
    'contec/five-bytes',
    scanFiveBytes,
    fiveBytesLength,
    fromCaptures(['contec-cms50-legacy', 'berry-bci']),
  ),
  decoder('dicom/command-set', decodeCommandSet, () => [storeCommand]),
  scanner('dicom/pdu', scanPdu, associateLimitBytes, () => [dataPdu]),
  decoder('ecg-codec', decodeWave, () => [encodeWave([wave, wave], 'light')]),
  scanner('ge-dri', scanDri, driPacketLimitBytes, fromCaptures('ge-dri')),
  scanner('healthypi/4', scanHealthyPi4, healthyPi4Length, fromCaptures('healthypi-4')),
  scanner('healthypi/5', scanHealthyPi5, healthyPi5LimitBytes, fromCaptures('healthypi-5')),
  scanner('ieee11073', scanApdu, apduLimitBytes, fromCaptures('ieee11073')),
  scanner('ivy-450c', scanIvy, ivyMessageLimitBytes, fromCaptures('ivy-450c')),
  scanner('masimo', scanMasimo, masimoLineLimitBytes, fromCaptures('masimo-ascii1')),
  scanner('nellcor', scanNellcor, nellcorLineLimitBytes, fromCaptures('nellcor-ascii')),
  scanner('nonin/1', scanNonin1, 3, fromCaptures('nonin-df1')),
  scanner('nonin/13', scanNoninSpotCheck, noninSpotCheckLimitBytes, fromCaptures('nonin-df13')),
  scanner('nonin/2', scanNonin2, noninFrameBytes, fromCaptures('nonin-df2')),
  scanner('nonin/7', scanNonin7, noninFrameBytes, fromCaptures('nonin-df7')),
  scanner('nonin/8', scanNonin8, 4, fromCaptures('nonin-df8')),
  scanner('nonin/line', scanNoninLine, noninLineLimitBytes, fromCaptures('nonin-ascii')),
  decoder('packet', decodePacket, () => [
    sealPacket(recordsOrder('bp-1/measurement', [sampleRecords.measurement]), sealTools).bytes,
  ]),
  decoder('packet/body', decodeRecords, () => [encodeRecords(Object.values(sampleRecords))]),
  ...sampleMessages.map(({ name, decode, bytes }) =>
    decoder(`packet/${name}`, decode, () => [bytes]),
  ),
  scanner(
    'st-gs-scale',
    scanScale,
    2 * scaleLineLimitBytes,
    fromCaptures(['st-gs-scale', 'st-gs-infant-scale']),
  ),
]
