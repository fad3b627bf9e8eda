/** How one kind of device is spoken with. */
export interface UsbTalk {
  /** Reads for ever: rejects when the device is gone. */
  listen(): Promise<void>
  write(bytes: Uint8Array, as?: 'feature'): Promise<void>
}
