/** The image coders of the Cornerstone project, as far as we use them: C++ in WebAssembly. */

interface CornerstoneFrame {
  readonly width: number
  readonly height: number
  readonly bitsPerSample: number
  readonly componentCount: number
  readonly isSigned: boolean
}

/** Buffers lie in memory that may move with the next call: use them at once. */
interface CornerstoneDecoder {
  getEncodedBuffer(lengthBytes: number): Uint8Array
  decode(): void
  getDecodedBuffer(): Uint8Array
  getFrameInfo(): CornerstoneFrame
  delete(): void
}

interface CornerstoneEncoder<Frame> {
  getDecodedBuffer(frame: Frame): Uint8Array
  encode(): void
  getEncodedBuffer(): Uint8Array
  delete(): void
}

interface CornerstoneOptions {
  readonly print: (text: string) => void
  readonly printErr: (text: string) => void
}

declare module '@cornerstonejs/codec-openjph/wasmjs' {
  interface Htj2kEncoder extends CornerstoneEncoder<
    CornerstoneFrame & { readonly isUsingColorTransform: boolean }
  > {
    setQuality(reversible: boolean, step: number): void
    setProgressionOrder(order: number): void
    setDecompositions(levels: number): void
    setTLMMarker(written: boolean): void
    setTilePartDivisionsAtResolutions(divided: boolean): void
  }
  interface Htj2kDecoder extends CornerstoneDecoder {
    readHeader(): void
    decodeSubResolution(level: number): void
  }
  const open: (options: CornerstoneOptions) => Promise<{
    readonly HTJ2KEncoder: new () => Htj2kEncoder
    readonly HTJ2KDecoder: new () => Htj2kDecoder
  }>
  export default open
}

declare module '@cornerstonejs/codec-charls/wasmjs' {
  interface JpegLsEncoder extends CornerstoneEncoder<CornerstoneFrame> {
    setNearLossless(difference: number): void
    setInterleaveMode(mode: number): void
  }
  const open: (options: CornerstoneOptions) => Promise<{
    readonly JpegLSEncoder: new () => JpegLsEncoder
    readonly JpegLSDecoder: new () => CornerstoneDecoder
  }>
  export default open
}

declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/wasmjs' {
  interface JpegEncoder extends CornerstoneEncoder<CornerstoneFrame> {
    setProgressive(progressive: boolean): void
    setQuality(percent: number): void
    setSubSampling(mode: number): void
  }
  const open: (options: CornerstoneOptions) => Promise<{
    readonly JPEGEncoder: new () => JpegEncoder
    readonly JPEGDecoder: new () => CornerstoneDecoder
  }>
  export default open
}
