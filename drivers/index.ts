/** The device drivers that this gateway knows. */
import { accuchek } from './accuchek.ts'
import { alarisAsena } from './alaris-asena.ts'
import { andTm265x } from './and-tm265x.ts'
import { andUa767pc } from './and-ua767pc.ts'
import { astmAnalyser } from './astm-analyser.ts'
import { baxterAs50 } from './baxter-as50.ts'
import { bbraunBcc } from './bbraun-bcc.ts'
import { berrymedPm6750 } from './berrymed-pm6750.ts'
import { beurerBm58 } from './beurer-bm58.ts'
import { capnostream20 } from './capnostream20.ts'
import { caresens } from './caresens.ts'
import { casSw } from './cas-sw.ts'
import { comenHl7 } from './comen-hl7.ts'
import { berryBci, contecCms50Legacy, contecCms50V7 } from './contec-cms50.ts'
import { contec08a } from './contec08a.ts'
import { contour } from './contour.ts'
import { detectoSolo } from './detecto-solo.ts'
import { dinamap } from './dinamap.ts'
import { dinamapPro1000 } from './dinamap-pro1000.ts'
import { documentFile } from './document-file.ts'
import { draegerMedibus } from './draeger-medibus.ts'
import type { Driver } from './driver.ts'
import { ecgFile } from './ecg-file.ts'
import { fridgeTag } from './fridge-tag.ts'
import { freestyleLite, freestyleOptium } from './freestyle.ts'
import { gasboard7500e } from './gasboard-7500e.ts'
import { freestyleNeo } from './freestyle-neo.ts'
import { genexpert } from './genexpert.ts'
import { healthometer } from './healthometer.ts'
import { heightWeightKiosk } from './height-weight-kiosk.ts'
import { geDri } from './ge-dri.ts'
import { healthyPi4, healthyPi5 } from './healthypi.ts'
import { ieee11073 } from './ieee11073.ts'
import { ivy450c } from './ivy-450c.ts'
import { hl7Law } from './hl7-law.ts'
import { hl7Pcd01 } from './hl7-pcd01.ts'
import { keypad } from './keypad.ts'
import { linkText } from './link.ts'
import { masimoAscii1 } from './masimo-ascii1.ts'
import { microlife } from './microlife.ts'
import { mindrayPds } from './mindray-pds.ts'
import { miniVidas } from './mini-vidas.ts'
import { modemSignal } from './modem-signal.ts'
import { nellcorAscii } from './nellcor-ascii.ts'
import { nibscan } from './nibscan.ts'
import { nmeaGps } from './nmea-gps.ts'
import { noninAscii, noninDf1, noninDf13, noninDf2, noninDf7, noninDf8 } from './nonin.ts'
import { omronHbp } from './omron-hbp.ts'
import { omronHem790it } from './omron-hem790it.ts'
import { onetouchUltra2 } from './onetouch-ultra2.ts'
import { onetouchUltraEasy } from './onetouch-ultraeasy.ts'
import { onetouchVerio } from './onetouch-verio.ts'
import { sdCodefree } from './sd-codefree.ts'
import { pb840, respironicsV200 } from './puritan-bennett.ts'
import { seca460 } from './seca-460.ts'
import { sht20Modbus } from './sht20-modbus.ts'
import { spotchem } from './spotchem.ts'
import { philipsIntellivue } from './philips-intellivue.ts'
import { stGsInfantScale, stGsScale } from './st-gs-scale.ts'
import { suntech } from './suntech.ts'
import { taidoc } from './taidoc.ts'
import { tanita } from './tanita.ts'

export const drivers: readonly Driver[] = [
  accuchek,
  alarisAsena,
  andTm265x,
  andUa767pc,
  astmAnalyser,
  baxterAs50,
  bbraunBcc,
  berrymedPm6750,
  beurerBm58,
  caresens,
  casSw,
  berryBci,
  capnostream20,
  comenHl7,
  contecCms50Legacy,
  contecCms50V7,
  contec08a,
  contour,
  detectoSolo,
  dinamap,
  dinamapPro1000,
  draegerMedibus,
  documentFile,
  ecgFile,
  fridgeTag,
  freestyleLite,
  freestyleNeo,
  freestyleOptium,
  gasboard7500e,
  genexpert,
  healthometer,
  heightWeightKiosk,
  geDri,
  healthyPi4,
  healthyPi5,
  ieee11073,
  ivy450c,
  hl7Law,
  hl7Pcd01,
  masimoAscii1,
  microlife,
  mindrayPds,
  miniVidas,
  modemSignal,
  nellcorAscii,
  nibscan,
  nmeaGps,
  noninAscii,
  noninDf1,
  noninDf13,
  noninDf2,
  noninDf7,
  noninDf8,
  omronHbp,
  omronHem790it,
  onetouchUltra2,
  onetouchUltraEasy,
  onetouchVerio,
  sdCodefree,
  pb840,
  respironicsV200,
  seca460,
  sht20Modbus,
  spotchem,
  philipsIntellivue,
  stGsScale,
  stGsInfantScale,
  suntech,
  taidoc,
  tanita,
  keypad,
]

export function driverOf(id: string): Driver | null {
  return drivers.find((driver) => driver.id === id) ?? null
}

/** A row of the table of devices, as the command line and the documentation show it. */
export interface DriverRow {
  readonly id: string
  readonly device: string
  readonly link: string
  readonly streams: string
  readonly evidence: string
  readonly confidence: string
  readonly source: string
}

export function driverTable(): readonly DriverRow[] {
  return drivers.map((driver) => ({
    id: driver.id,
    device: driver.label,
    link: driver.links.map(linkText).join('; '),
    streams: driver.streams.join(', '),
    evidence: driver.evidence,
    confidence: driver.confidence,
    source: driver.source,
  }))
}
