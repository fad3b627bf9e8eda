/** Sizes of a waveform packet. Readers refuse what is larger before they allocate anything. */

export const waveLeadsMax = 64
/** Samples of all leads together: half an hour of three leads at 360 Hz, or 64 leads for 30 s. */
export const waveSamplesMax = 2_097_152
/**
 * Each byte of a modelled body stands for at most so many samples. The encoder fills up with zeros,
 * the decoder refuses: a short packet can ask for little work only.
 */
export const samplesPerByteMax = 128
/** Packets after the key packet of a chain. At 250 ms a packet that is four hours. */
export const chainPacketsMax = 65_535
/** Relations are looked for between so many leads, the first ones. */
export const relationLeadsMax = 16
