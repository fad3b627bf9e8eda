/**
 * Asks a server whether it has one instance. Source: PS3.18 section 10.6.
 *
 *   GET {base}/studies/{study}/series/{series}/instances?SOPInstanceUID={instance}
 *   200 and an array of what matches; 204 when nothing does
 */
import type { InstancePlace } from '../dicom/instance-query.ts'
import { firstText, parseDataSets } from './json.ts'

const sopInstance = '00080018'

/** To be put behind the address of the service. UIDs are digits and dots, so nothing is escaped. */
export function instanceQuery(place: InstancePlace): string {
  const { studyInstanceUid: study, seriesInstanceUid: series, sopInstanceUid } = place
  return `/studies/${study}/series/${series}/instances?SOPInstanceUID=${sopInstanceUid}`
}

/** Whether the answer names the instance: a server may ignore the question and list them all. */
export function answersWith(body: string, sopInstanceUid: string): boolean {
  return parseDataSets(body).some((one) => firstText(one, sopInstance) === sopInstanceUid)
}
