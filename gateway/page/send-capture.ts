/** Hands a recording over as a file. */
import type { ServerResponse } from 'node:http'

/** `name` is without its ending; what is not a name of a device is left out of it. */
export function sendCapture(response: ServerResponse, name: string, text: string): void {
  const body = Buffer.from(text)
  response.writeHead(200, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': body.length,
    'Content-Disposition': `attachment; filename="${name.replace(/[^a-z0-9-]/g, '')}.cap"`,
  })
  response.end(body)
}
