/**
 * What every request must pass before anybody looks at it. The page is reached over a plain local
 * network by browsers that also visit the internet, so the danger is another web page: one that
 * points its own name at our address (DNS rebinding), or one that posts to us (CSRF).
 */
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/**
 * No `Host` but an address, `localhost`, or one of `names` (lower case, without port): a rebinding
 * page sends its own name.
 */
export function isOurHost(host: string | undefined, names: readonly string[]): boolean {
  const name = hostName(host)
  if (name === null) return false
  return isIP(name) !== 0 || name === 'localhost' || names.includes(name)
}

/**
 * For requests that change something. A browser always says where such a request comes from; one
 * without an origin is refused, since nothing but a browser has business here.
 */
export function isOurOrigin(request: IncomingMessage): boolean {
  const { origin, host } = request.headers
  if (origin === undefined || host === undefined) return false
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  return origin === `http://${host}` || origin === `https://${host}`
}

/** For requests that only look: a browser that says it comes from elsewhere is refused. */
export function isFromElsewhere(request: IncomingMessage): boolean {
  const site = request.headers['sec-fetch-site']
  return site === 'cross-site' || site === 'same-site'
}

/** Sent with every answer. Everything comes from here, nothing is inline, nobody frames us. */
export const securityHeaders: Readonly<{ [name: string]: string }> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
}

const cookieName = 'simpul-session'

export function sessionCookie(token: string, seconds: number): string {
  return `${cookieName}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}`
}

export const endedCookie = sessionCookie('', 0)

/** The session token of a request; null when there is none. */
export function sessionToken(request: IncomingMessage): string | null {
  const cookies = request.headers.cookie ?? ''
  const found = new RegExp(`(?:^|;\\s*)${cookieName}=([A-Za-z0-9_-]{1,64})(?:;|$)`).exec(cookies)
  return found?.[1] ?? null
}

function hostName(host: string | undefined): string | null {
  const found = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::\d{1,5})?$/.exec(host?.toLowerCase() ?? '')
  return found?.[1] ?? found?.[2] ?? null
}
