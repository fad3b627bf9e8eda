import type { IncomingMessage } from 'node:http'
import t from 'tap'
import { isFromElsewhere, isOurHost, isOurOrigin, sessionCookie, sessionToken } from './guard.ts'

const asking = (headers: { readonly [name: string]: string }) =>
  ({ headers }) as unknown as IncomingMessage

t.test('guard: addresses and our own names are our hosts, and no other name is', async (t) => {
  const names = ['simpul.local']
  const ours = [
    '192.168.8.1',
    '192.168.8.1:8080',
    '[fd00::1]:8080',
    '[::1]',
    'localhost:8080',
    'Simpul.Local:8080',
  ]
  const foreign = [
    'evil.example',
    'evil.example:8080',
    'simpul.local.evil.example',
    '192.168.8.1.evil.example',
    'localhost.evil.example',
    '[fd00::1',
    'a@192.168.8.1',
    '192.168.8.1/',
    '0x7f.1',
    '',
  ]
  for (const host of ours) t.equal(isOurHost(host, names), true, host)
  for (const host of foreign) t.equal(isOurHost(host, names), false, host)
  t.equal(isOurHost(undefined, names), false)
})

t.test('guard: only a page of this very host may change something', async (t) => {
  const host = '192.168.8.1:8080'
  t.equal(isOurOrigin(asking({ host, origin: `http://${host}` })), true)
  t.equal(isOurOrigin(asking({ host, origin: `https://${host}` })), true)
  t.equal(isOurOrigin(asking({ host, origin: 'http://192.168.8.1' })), false, 'another port')
  t.equal(isOurOrigin(asking({ host, origin: 'http://evil.example' })), false)
  t.equal(isOurOrigin(asking({ host, origin: 'null' })), false, 'a sandboxed frame')
  t.equal(isOurOrigin(asking({ host })), false, 'no origin at all')
  const site = { host, origin: `http://${host}` }
  t.equal(isOurOrigin(asking({ ...site, 'sec-fetch-site': 'same-origin' })), true)
  t.equal(isOurOrigin(asking({ ...site, 'sec-fetch-site': 'cross-site' })), false)
})

t.test('guard: a browser that says it comes from elsewhere is not answered', async (t) => {
  t.equal(isFromElsewhere(asking({ 'sec-fetch-site': 'cross-site' })), true)
  t.equal(isFromElsewhere(asking({ 'sec-fetch-site': 'same-site' })), true)
  t.equal(isFromElsewhere(asking({ 'sec-fetch-site': 'same-origin' })), false)
  t.equal(
    isFromElsewhere(asking({ 'sec-fetch-site': 'none' })),
    false,
    'typed into the address bar',
  )
  t.equal(isFromElsewhere(asking({})), false)
})

t.test('guard: the cookie cannot be read by scripts nor sent from other sites', async (t) => {
  const cookie = sessionCookie('abc', 60)
  t.match(cookie, /; HttpOnly/)
  t.match(cookie, /; SameSite=Strict/)
  t.match(cookie, /; Path=\//)
  t.equal(sessionToken(asking({ cookie: 'a=1; simpul-session=tok_en-1; b=2' })), 'tok_en-1')
  t.equal(sessionToken(asking({ cookie: 'simpul-session=tok' })), 'tok')
  t.equal(sessionToken(asking({ cookie: 'not-simpul-session=tok' })), null)
  t.equal(sessionToken(asking({ cookie: 'simpul-session=' })), null)
  t.equal(sessionToken(asking({ cookie: `simpul-session=${'x'.repeat(65)}` })), null)
  t.equal(sessionToken(asking({})), null)
})
