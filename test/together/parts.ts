const standards =
  /^protocols\/(dicom|dicomweb|dicom-waveform|ecg|ecg-codec|edf|frame-codec|hl7|ieee11073|packed-image|packet|scp-ecg|xml)\//

/** Two halves that take about as long. */
export function isStandard(path: string): boolean {
  return standards.test(path)
}
