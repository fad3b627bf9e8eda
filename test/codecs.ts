/**
 * Every codec, for `bench/fuzz.ts` and `bench/frames.ts`: an import and an entry, in alphabetical
 * order of the name. Good bytes come from the captures of a driver where there are some.
 */
import { decodeAecg } from '../protocols/aecg/decode.ts'
import { encodeAecg } from '../protocols/aecg/encode.ts'
import { andPacketLimitBytes, scanAnd } from '../protocols/and-tm265x/frame.ts'
import { astmFrameLimitBytes, scanAstm } from '../protocols/astm/frame.ts'
import { parseAstm } from '../protocols/astm/records.ts'
import { readTransmission } from '../protocols/astm/transmission.ts'
import { scanUa767, ua767LimitBytes } from '../protocols/and-ua767/frame.ts'
import {
  pm6750PacketLimitBytes,
  scanPm6750,
  scanPm6750Command,
} from '../protocols/berrymed/frame.ts'
import { readLoggerReport } from '../protocols/berlinger/report.ts'
import { beurerAnswerBytes, scanBeurerAnswer } from '../protocols/beurer-bm58/record.ts'
import { capnostreamLimitBytes, scanCapnostream } from '../protocols/capnostream/frame.ts'
import { casLimitBytes, scanCas } from '../protocols/cas-scale/frame.ts'
import { fiveBytesLength, scanFiveBytes } from '../protocols/contec/five-bytes.ts'
import { contecPacketLimitBytes, scanContec } from '../protocols/contec/v7.ts'
import { contourReportBytes, scanContourReport } from '../protocols/contour/report.ts'
import { contecBpReportBytes, scanContecBp } from '../protocols/contec08a/report.ts'
import { detectoLimitBytes, scanDetecto } from '../protocols/detecto/line.ts'
import {
  commandFields,
  decodeCommandSet,
  encodeCommandSet,
} from '../protocols/dicom/command-set.ts'
import { associateLimitBytes, encodePdu, scanPdu } from '../protocols/dicom/pdu.ts'
import { decodeDicomEcg } from '../protocols/dicom-waveform/waveform.ts'
import { encodeDicomEcg } from '../protocols/dicom-waveform/write.ts'
import { dinamapLimitBytes, scanDinamap } from '../protocols/dinamap/host.ts'
import { dinamapBlockBytes, scanDinamapBlock } from '../protocols/dinamap/native.ts'
import { decodeEcgFile } from '../protocols/ecg/file.ts'
import type { EcgRecording } from '../protocols/ecg/recording.ts'
import { beats, ecgOf } from '../protocols/ecg/testing.ts'
import { decodeWave, encodeWave } from '../protocols/ecg-codec/wave.ts'
import { decodeEdfEcg, encodeEdfEcg } from '../protocols/edf/ecg.ts'
import { freestyleLimitBytes, scanFreestyle } from '../protocols/freestyle/dump.ts'
import { freestyleReportBytes, scanFreestyleReport } from '../protocols/freestyle/report.ts'
import { driPacketLimitBytes, scanDri } from '../protocols/ge-dri/frame.ts'
import { healthometerLimitBytes, scanHealthometer } from '../protocols/healthometer/packet.ts'
import {
  healthyPi4Length,
  healthyPi5LimitBytes,
  scanHealthyPi4,
  scanHealthyPi5,
} from '../protocols/healthypi/frame.ts'
import { kioskLimitBytes, scanKiosk } from '../protocols/height-weight-kiosk/text.ts'
import { apduLimitBytes, scanApdu } from '../protocols/ieee11073/apdu.ts'
import { isensLimitBytes, scanIsens } from '../protocols/isens/packet.ts'
import { ivyMessageLimitBytes, scanIvy } from '../protocols/ivy-450c/message.ts'
import { lifescanLimitBytes, scanLifescan } from '../protocols/lifescan/frame.ts'
import { masimoLineLimitBytes, scanMasimo } from '../protocols/masimo/line.ts'
import { microlifeLimitBytes, scanMicrolife } from '../protocols/microlife/reply.ts'
import { nellcorLineLimitBytes, scanNellcor } from '../protocols/nellcor/line.ts'
import { nibscanLimitBytes, scanNibscan } from '../protocols/nibscan/frame.ts'
import { noninLineLimitBytes, scanNoninLine } from '../protocols/nonin/line.ts'
import { scanNonin1, scanNonin8 } from '../protocols/nonin/second.ts'
import { noninSpotCheckLimitBytes, scanNoninSpotCheck } from '../protocols/nonin/spot-check.ts'
import { noninFrameBytes, scanNonin2, scanNonin7 } from '../protocols/nonin/stream.ts'
import { hbpLimitBytes, scanHbp } from '../protocols/omron-hbp/line.ts'
import { hemReportBytes, scanHemReport } from '../protocols/omron-hem/report.ts'
import { scanUltra2, ultra2LimitBytes } from '../protocols/onetouch-ultra2/line.ts'
import { latin1Bytes, latin1Text } from '../protocols/bytes/bytes.ts'
import { textOfMessage } from '../protocols/hl7/charset.ts'
import { parseEr7 } from '../protocols/hl7/er7.ts'
import { mllpLimitBytes, scanMllp } from '../protocols/hl7/mllp.ts'
import { observationOf } from '../protocols/hl7/observation.ts'
import { readAdmission, readOrders } from '../protocols/hl7/orders.ts'
import { decodeZmw, encodeZmw } from '../protocols/mindray-pds/wave.ts'
import { scanVidas, vidasFrameLimitBytes } from '../protocols/mini-vidas/frame.ts'
import { scanSpotchem, spotchemFrameLimitBytes } from '../protocols/spotchem/frame.ts'
import { decodeRecords, encodeRecords } from '../protocols/packet/body.ts'
import { decodePacket } from '../protocols/packet/packet.ts'
import { sealPacket } from '../protocols/packet/seal.ts'
import { codefreeLimitBytes, scanCodefree } from '../protocols/sd-codefree/frame.ts'
import { scanSeca, secaLimitBytes } from '../protocols/seca/block.ts'
import { readApdu } from '../protocols/philips-intellivue/apdu.ts'
import {
  intellivueFrameLimitBytes,
  scanIntellivueFrame,
} from '../protocols/philips-intellivue/frame.ts'
import type { Decoded } from '../protocols/packet/decoded.ts'
import { decodeScp } from '../protocols/scp-ecg/scp-ecg.ts'
import { encodeScp } from '../protocols/scp-ecg/write.ts'
import { encodeSierra } from '../protocols/sierra-xml/encode.ts'
import { decodeSierra } from '../protocols/sierra-xml/sierra.ts'
import { decodeXli, encodeXli } from '../protocols/sierra-xml/xli.ts'
import { scaleLineLimitBytes, scanScale } from '../protocols/st-gs-scale/line.ts'
import { scanSuntech, suntechLimitBytes } from '../protocols/suntech/frame.ts'
import { scanTaidoc, taidocLimitBytes } from '../protocols/taidoc/frame.ts'
import { scanTanita, tanitaLimitBytes } from '../protocols/tanita/line.ts'
import { decodeStatusWrapper, encodeStatusWrapper } from '../protocols/usb/bulk-only.ts'
import { decodeCp2110 } from '../protocols/usb/cp2110.ts'
import { parseDescriptors } from '../protocols/usb/descriptors.ts'
import { parseHidReports } from '../protocols/usb/hid-reports.ts'
import { decodeScsiRequest, encodeScsiRequest, scsiInquiry } from '../protocols/usb/scsi.ts'
import { nmeaLimitBytes, scanNmea } from '../protocols/nmea/sentence.ts'
import { modemAnswerLimitBytes, scanModem } from '../protocols/modem/answer.ts'
import { modbusLimitBytes, scanModbus, scanModbusQuestion } from '../protocols/modbus/rtu.ts'
import { medibusLimitBytes, scanMedibus } from '../protocols/medibus/frame.ts'
import {
  puritanBennettLimitBytes,
  scanPuritanBennett,
} from '../protocols/puritan-bennett/report.ts'
import { gasboardLimitBytes, scanGasboard } from '../protocols/gasboard/frame.ts'
import { bccLimitBytes, scanBcc } from '../protocols/bbraun/bcc.ts'
import { alarisLimitBytes, scanAlaris } from '../protocols/alaris/line.ts'
import { as50LimitBytes, scanAs50 } from '../protocols/baxter-as50/frame.ts'
import { medibusRecordLimitBytes, scanMedibusRecord } from '../protocols/medibus/realtime.ts'
import { dicomCodecs } from './dicom/codecs.ts'
import { decoder, fromCaptures, fromFiles, scanner, type Codec } from './codec.ts'
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

/** Reads a message as far as any driver does. */
function readAstm(bytes: Uint8Array): { readonly ok: boolean } {
  const message = parseAstm(latin1Text(bytes))
  if (message.ok) readTransmission(message.value)
  return message
}

function readHl7(bytes: Uint8Array): { readonly ok: boolean } {
  const message = parseEr7(textOfMessage(bytes).text)
  if (!message.ok) return message
  for (const segment of message.value.segments) observationOf(message.value, segment)
  readAdmission(message.value)
  readOrders(message.value)
  return message
}

const astmMessage = [
  'H|@^\\|M-0001||van lab^GeneXpert^6.4|||||SIMPUL||P|1394-97|20260214101500',
  'P|1|||P-0092',
  'O|1|TB26-0417||^^^MTB-RIF|R',
  'R|1|^MTB-RIF^^Xpert^Xpert MTB-RIF Ultra^4^MTB^|NOT DETECTED^|||||F||op|1|20260214092103',
  'C|1|I|Error^^5006',
  'L|1|N\r',
].join('\r')

const hl7Message = [
  'MSH|^~\\&|MON^1^EUI-64||||20260212125541||ORU^R01^ORU_R01|13|P|2.6|||AL|NE||UNICODE UTF-8',
  'PID|||MRN-7^^^Hospital^PI||NAMA^X||19891023|M',
  'OBR|1|13|13|182777000^monitoring^SCT|||20260212125541',
  'OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.1.150456|97|262688^MDC_DIM_PERCENT^MDC|||||R\r',
].join('\r')

const zmw = { wave: 1, samplesPerSecond: 60, samples: wave.slice(0, 60).map((one) => one + 400) }

/** A HID interface with an endpoint for reports, and a report of eight bytes. */
const usbInterface = Uint8Array.from(
  '9 4 0 0 1 3 0 0 0 9 33 17 1 0 1 34 8 0 7 5 129 3 8 0 1'.split(' '),
  Number,
)
const hidReports = Uint8Array.of(0x75, 8, 0x85, 1, 0x95, 7, 0x81, 2)

function readDescriptors(bytes: Uint8Array): { readonly ok: boolean } {
  return { ok: parseDescriptors(bytes).length > 0 }
}

function readReports(bytes: Uint8Array): { readonly ok: boolean } {
  return { ok: parseHidReports(bytes).inputBytes.size > 0 }
}

const twoNames = { document: '61d1a24f-b47e-41aa-ae95-f8ac302f4eeb', series: 'dd7b629e' }
const uids = { sopInstanceUid: '2.25.1', seriesInstanceUid: '2.25.2', studyInstanceUid: '2.25.3' }

/** Short, so that a change hits the structure as often as a sample. */
function ecgFiles(...encoders: readonly ((ecg: EcgRecording) => Decoded<Uint8Array>)[]) {
  return () =>
    encoders.map((encode) => {
      // The XML of Philips is compressed only when it has twelve leads.
      const bytes = encode(ecgOf(encode === encodeSierra ? beats(12, 60) : beats(2, 40)))
      if (!bytes.ok) throw new Error(bytes.reason)
      return bytes.value
    })
}

const writeAecg = (ecg: EcgRecording) => encodeAecg(ecg, twoNames)

/** Without check sums, so that a change is not all that a reader sees of it. */
function writeUncheckedScp(ecg: EcgRecording): Decoded<Uint8Array> {
  const record = encodeScp(ecg)
  if (!record.ok) return record
  const bytes = record.value.slice()
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < bytes.length; at += at === 0 ? 6 : view.getUint32(at + 4, true)) {
    view.setUint16(at, 0xffff, true)
  }
  return { ok: true, value: bytes }
}

const writeDicom = (ecg: EcgRecording) => encodeDicomEcg(ecg, uids)

export const codecs: readonly Codec[] = [
  decoder('aecg', decodeAecg, ecgFiles(writeAecg)),
  scanner('and-tm265x', scanAnd, andPacketLimitBytes, fromCaptures('and-tm265x')),
  scanner('astm', scanAstm, astmFrameLimitBytes, fromCaptures(['astm-analyser', 'genexpert'])),
  decoder('astm/records', readAstm, () => [latin1Bytes(astmMessage)]),
  scanner('and-ua767', scanUa767, ua767LimitBytes, fromCaptures('and-ua767pc')),
  scanner('berrymed', scanPm6750, pm6750PacketLimitBytes, fromCaptures('berrymed-pm6750')),
  scanner(
    'berrymed/command',
    scanPm6750Command,
    pm6750PacketLimitBytes,
    fromCaptures('berrymed-pm6750', 'host'),
  ),
  decoder('berlinger', readLoggerReport, fromFiles('fridge-tag', '.txt')),
  scanner('beurer-bm58', scanBeurerAnswer, beurerAnswerBytes, fromCaptures('beurer-bm58')),
  scanner('capnostream', scanCapnostream, capnostreamLimitBytes, fromCaptures('capnostream20')),
  scanner('cas-scale', scanCas, casLimitBytes, fromCaptures('cas-sw')),
  scanner('contec', scanContec, contecPacketLimitBytes, fromCaptures('contec-cms50-v7')),
  scanner(
    'contec/five-bytes',
    scanFiveBytes,
    fiveBytesLength,
    fromCaptures(['contec-cms50-legacy', 'berry-bci']),
  ),
  scanner('contec08a', scanContecBp, contecBpReportBytes, fromCaptures('contec08a')),
  scanner('contour', scanContourReport, contourReportBytes, fromCaptures('contour')),
  scanner('detecto', scanDetecto, detectoLimitBytes, fromCaptures('detecto-solo')),
  decoder('dicom/command-set', decodeCommandSet, () => [storeCommand]),
  ...dicomCodecs,
  scanner('dicom/pdu', scanPdu, associateLimitBytes, () => [dataPdu]),
  decoder('dicom-waveform', decodeDicomEcg, ecgFiles(writeDicom)),
  scanner('dinamap', scanDinamap, dinamapLimitBytes, fromCaptures('dinamap')),
  scanner('dinamap/native', scanDinamapBlock, dinamapBlockBytes, fromCaptures('dinamap-pro1000')),
  decoder(
    'ecg',
    decodeEcgFile,
    ecgFiles(encodeScp, writeAecg, writeDicom, encodeEdfEcg, encodeSierra),
  ),
  decoder('ecg-codec', decodeWave, () => [encodeWave([wave, wave], 'light')]),
  scanner(
    'freestyle',
    scanFreestyle,
    freestyleLimitBytes,
    fromCaptures(['freestyle-optium', 'freestyle-lite']),
  ),
  scanner(
    'freestyle/report',
    scanFreestyleReport,
    freestyleReportBytes,
    fromCaptures('freestyle-neo'),
  ),
  scanner('ge-dri', scanDri, driPacketLimitBytes, fromCaptures('ge-dri')),
  decoder('edf', decodeEdfEcg, ecgFiles(encodeEdfEcg)),
  scanner('healthometer', scanHealthometer, healthometerLimitBytes, fromCaptures('healthometer')),
  scanner('healthypi/4', scanHealthyPi4, healthyPi4Length, fromCaptures('healthypi-4')),
  scanner('healthypi/5', scanHealthyPi5, healthyPi5LimitBytes, fromCaptures('healthypi-5')),
  scanner('height-weight-kiosk', scanKiosk, kioskLimitBytes, fromCaptures('height-weight-kiosk')),
  decoder('hl7', readHl7, () => [latin1Bytes(hl7Message)]),
  scanner('hl7/mllp', scanMllp, mllpLimitBytes, fromCaptures(['hl7-law', 'hl7-pcd01'])),
  scanner('ieee11073', scanApdu, apduLimitBytes, fromCaptures('ieee11073')),
  scanner('isens', scanIsens, isensLimitBytes, fromCaptures('caresens')),
  scanner('ivy-450c', scanIvy, ivyMessageLimitBytes, fromCaptures('ivy-450c')),
  scanner(
    'lifescan',
    scanLifescan,
    lifescanLimitBytes,
    fromCaptures(['onetouch-ultraeasy', 'onetouch-verio']),
  ),
  scanner('masimo', scanMasimo, masimoLineLimitBytes, fromCaptures('masimo-ascii1')),
  scanner('microlife', scanMicrolife, microlifeLimitBytes, fromCaptures('microlife')),
  decoder('mindray-pds', decodeZmw, () => [encodeZmw(zmw, 2)]),
  scanner('mini-vidas', scanVidas, vidasFrameLimitBytes, fromCaptures('mini-vidas')),
  scanner('nellcor', scanNellcor, nellcorLineLimitBytes, fromCaptures('nellcor-ascii')),
  scanner('nibscan', scanNibscan, nibscanLimitBytes, fromCaptures('nibscan')),
  scanner('nonin/1', scanNonin1, 3, fromCaptures('nonin-df1')),
  scanner('nonin/13', scanNoninSpotCheck, noninSpotCheckLimitBytes, fromCaptures('nonin-df13')),
  scanner('nonin/2', scanNonin2, noninFrameBytes, fromCaptures('nonin-df2')),
  scanner('nonin/7', scanNonin7, noninFrameBytes, fromCaptures('nonin-df7')),
  scanner('nonin/8', scanNonin8, 4, fromCaptures('nonin-df8')),
  scanner('nonin/line', scanNoninLine, noninLineLimitBytes, fromCaptures('nonin-ascii')),
  scanner('omron-hbp', scanHbp, hbpLimitBytes, fromCaptures('omron-hbp')),
  scanner('omron-hem', scanHemReport, hemReportBytes, fromCaptures('omron-hem790it')),
  scanner('onetouch-ultra2', scanUltra2, ultra2LimitBytes, fromCaptures('onetouch-ultra2')),
  decoder('packet', decodePacket, () => [
    sealPacket(recordsOrder('bp-1/measurement', [sampleRecords.measurement]), sealTools).bytes,
  ]),
  // Each for itself: of all together a longer sample would be cut, and nothing of it understood.
  decoder('packet/body', decodeRecords, () =>
    Object.values(sampleRecords).map((record) => encodeRecords([record])),
  ),
  ...sampleMessages.map(({ name, decode, bytes }) =>
    decoder(`packet/${name}`, decode, () => [bytes]),
  ),
  scanner('sd-codefree', scanCodefree, codefreeLimitBytes, fromCaptures('sd-codefree')),
  decoder('scp-ecg', decodeScp, ecgFiles(encodeScp, writeUncheckedScp)),
  scanner('seca', scanSeca, secaLimitBytes, fromCaptures('seca-460')),
  decoder(
    'philips-intellivue/message',
    (bytes) => ({ ok: readApdu(bytes).kind !== 'unknown' }),
    fromCaptures('philips-intellivue'),
  ),
  scanner(
    'philips-intellivue',
    scanIntellivueFrame,
    intellivueFrameLimitBytes,
    fromCaptures('philips-intellivue'),
  ),
  scanner(
    'st-gs-scale',
    scanScale,
    2 * scaleLineLimitBytes,
    fromCaptures(['st-gs-scale', 'st-gs-infant-scale']),
  ),
  decoder('sierra-xml', decodeSierra, ecgFiles(encodeSierra)),
  decoder(
    'sierra-xml/xli',
    (bytes) => decodeXli(bytes, 12, 10_000),
    () => [encodeXli(beats(12, 60)) ?? new Uint8Array(0)],
  ),
  scanner('spotchem', scanSpotchem, spotchemFrameLimitBytes, fromCaptures('spotchem')),
  scanner('suntech', scanSuntech, suntechLimitBytes, fromCaptures('suntech')),
  scanner('taidoc', scanTaidoc, taidocLimitBytes, fromCaptures('taidoc')),
  scanner('tanita', scanTanita, tanitaLimitBytes, fromCaptures('tanita')),
  decoder('usb/descriptors', readDescriptors, () => [usbInterface]),
  decoder('usb/reports', readReports, () => [hidReports]),
  decoder('usb/cp2110', decodeCp2110, () => [Uint8Array.of(3, 0x51, 0x26, 0x77)]),
  decoder('usb/scsi', decodeScsiRequest, () => [encodeScsiRequest(scsiInquiry())]),
  decoder('usb/bulk-only', decodeStatusWrapper, () => [
    encodeStatusWrapper({ tag: 7, unusedBytes: 0, status: 'passed' }),
  ]),
  scanner('nmea', scanNmea, nmeaLimitBytes, fromCaptures('nmea-gps')),
  scanner('modem', scanModem, modemAnswerLimitBytes, fromCaptures('modem-signal')),
  scanner('modbus', scanModbus, modbusLimitBytes, fromCaptures('sht20-modbus')),
  scanner('modbus/question', scanModbusQuestion, 8, fromCaptures('sht20-modbus', 'host')),
  scanner('medibus', scanMedibus, medibusLimitBytes, fromCaptures('draeger-medibus')),
  scanner(
    'puritan-bennett',
    scanPuritanBennett,
    puritanBennettLimitBytes,
    fromCaptures(['pb840', 'respironics-v200']),
  ),
  scanner('gasboard', scanGasboard, gasboardLimitBytes, fromCaptures('gasboard-7500e')),
  scanner('bbraun', scanBcc, bccLimitBytes, fromCaptures('bbraun-bcc')),
  scanner('alaris', scanAlaris, alarisLimitBytes, fromCaptures('alaris-asena')),
  scanner('baxter-as50', scanAs50, as50LimitBytes, fromCaptures('baxter-as50')),
  scanner(
    'medibus/record',
    scanMedibusRecord,
    medibusRecordLimitBytes,
    fromCaptures('draeger-medibus'),
  ),
]
