import t from 'tap'
import { assertNothingIsCut, openPhone, watch } from './browser-testing.ts'
import { ask, claimPage, passphrase } from './page-testing.ts'
import type { StrangerView } from './view.ts'

const cart: StrangerView = {
  aeTitle: 'VIVID_IQ',
  peer: '192.168.8.31',
  device: 'vivid-iq',
  images: 3,
  candidates: ['us-1', 'xr-1'],
}

t.test('browser: an unknown device is asked about, and a person says which it is', async (t) => {
  const { source, page, context, tab, address } = await openPhone(t)
  const { complaints } = watch(context, tab)
  source.strangers = [cart, { ...cart, aeTitle: 'PORTABLE', device: 'portable' }]
  await tab.goto(`${address}#claim=${page.claimCode()}`)
  await tab.locator('input[name=passphrase]').fill(passphrase)
  await tab.locator('input[name=again]').fill(passphrase)
  await tab.locator('button[type=submit]').click()

  const first = tab.locator('[data-stranger="VIVID_IQ"]')
  await first.getByText('Alat tak dikenal VIVID_IQ di 192.168.8.31 ingin mengirim').waitFor()
  await assertNothingIsCut(t, tab, 'asked')
  await first.getByRole('button', { name: 'Ini us-1' }).click()
  await first.waitFor({ state: 'detached' })

  await tab.getByRole('button', { name: 'EN' }).click()
  const second = tab.locator('[data-stranger="PORTABLE"]')
  await second.getByText('Images so far: 3.').waitFor()
  await second.getByLabel('A new device, called').fill('US-2')
  await second.getByRole('button', { name: 'Save the name' }).click()
  await second.waitFor({ state: 'detached' })
  t.strictSame(source.answered, [
    { aeTitle: 'VIVID_IQ', device: 'us-1' },
    { aeTitle: 'PORTABLE', device: 'us-2' },
  ])
  t.strictSame(complaints, [])
})

t.test('sender: only who is signed in says who a device is, and in words', async (t) => {
  const { source, page } = await openPhone(t)
  const cookie = await claimPage(page)
  const post = { aeTitle: 'VIVID_IQ', device: 'us-1' }
  t.match(await ask(page.port, '/api/sender', { post }), { status: 401 })
  t.match(await ask(page.port, '/api/sender', { cookie, post }), { status: 200 })
  t.match(await ask(page.port, '/api/sender', { cookie, post: { ...post, aeTitle: 7 } }), {
    status: 400,
  })
  t.match(await ask(page.port, '/api/sender', { cookie, post: { ...post, device: '' } }), {
    status: 400,
    json: { trouble: { code: 'imaging-name-refused' } },
  })
  t.strictSame(source.answered, [post])
})
