/** JPEG 2000 by OpenJPEG in WebAssembly: only what `bench/images.ts` compares with. */
declare module '@cornerstonejs/codec-openjpeg/wasmjs' {
  interface Frame {
    readonly width: number
    readonly height: number
    readonly bitsPerSample: number
    readonly componentCount: number
    readonly isSigned: boolean
  }
  interface Jpeg2000Encoder {
    getDecodedBuffer(frame: Frame): Uint8Array
    setQuality(reversible: boolean, rate: number): void
    setProgressionOrder(order: number): void
    encode(): void
    getEncodedBuffer(): Uint8Array
  }
  interface Options {
    readonly print: (text: string) => void
    readonly printErr: (text: string) => void
  }
  const open: (options: Options) => Promise<{ readonly J2KEncoder: new () => Jpeg2000Encoder }>
  export default open
}
