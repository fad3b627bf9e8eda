/** The data set of a DICOM file: what follows the file meta information (PS3.10 section 7.1). */

const preambleBytes = 128
const groupLengthValueAt = preambleBytes + 4 + 8

/** Of a file that was written with a group length, as dcmtk does. */
export function dataSetOf(file: Buffer): Buffer {
  const metaBytes = file.readUInt32LE(groupLengthValueAt)
  return file.subarray(groupLengthValueAt + 4 + metaBytes)
}
