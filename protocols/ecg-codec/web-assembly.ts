/**
 * As much of WebAssembly as is used here. Protocols are compiled without the types of Node and of
 * browsers; both have the same object.
 */
export interface WasmMemory {
  /** Another one after it has grown. */
  readonly buffer: ArrayBuffer
}

interface WebAssemblyObject {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: object }
}

const world = globalThis as { readonly WebAssembly?: WebAssemblyObject }

/** null where WebAssembly is missing, switched off, or does not know what the module needs. */
export function compileWasm(bytes: Uint8Array): object | null {
  try {
    return world.WebAssembly === undefined ? null : new world.WebAssembly.Module(bytes)
  } catch {
    return null
  }
}

export function instantiateWasm(module: object): object | null {
  try {
    return world.WebAssembly === undefined
      ? null
      : new world.WebAssembly.Instance(module, {}).exports
  } catch {
    return null
  }
}
