/**
 * What a page at the hospital needs to show waves, for a browser: `make page` bundles it into
 * build/browser/simpul-waves.js, an ES module without any other.
 *
 * `decodeWave` and `WaveDecoder` read packets of the waveform codec. `decodePacket` takes a packet
 * of the wire apart; once its body is decompressed (zstd, which browsers do not have), `WaveReader`
 * gives its waves.
 */
export { WaveDecoder } from '../../protocols/ecg-codec/chain.ts'
export { decodeWave } from '../../protocols/ecg-codec/wave.ts'
export type { Decoded } from '../../protocols/packet/decoded.ts'
export { decodePacket } from '../../protocols/packet/packet.ts'
export type { PacketHeader } from '../../protocols/packet/packet.ts'
export type { Waveform } from '../../protocols/packet/record.ts'
export { WaveReader } from '../../protocols/packet/wave-reader.ts'
