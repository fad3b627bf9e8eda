import t from 'tap'
import { identifyTrouble } from '../errors/identify.ts'
import { assertNothingIsCut, openPhone, watch } from './browser-testing.ts'
import type { PortView } from './identify-view.ts'
import { passphrase } from './page-testing.ts'
import { troubleWords } from './trouble-words.ts'

const common = {
  product: 'USB-Serial Controller',
  knownDevices: [],
  trouble: null,
  hasRecording: true,
} as const

const pressure: PortView = {
  ...common,
  path: '/dev/serial/by-path/platform-xhci-usb-0:1.4',
  state: 'found',
  words: {
    en: 'Found: A&D TM-2655 / TM-2657 blood pressure monitor on port usb-0:1.4, because 3 packets with a right check sum were heard at 2400 8N1.',
    id: 'Ditemukan: A&D TM-2655 / TM-2657 di port usb-0:1.4, karena 3 paket dengan checksum yang benar terdengar pada 2400 8N1.',
  },
  proposals: [{ driver: 'and-tm265x', label: 'A&D TM-2655 / TM-2657' }],
}

const scale: PortView = {
  ...common,
  path: '/dev/serial/by-path/platform-xhci-usb-0:1.5',
  product: null,
  state: 'found',
  words: {
    en: 'Found: Serial scale (ST/US lines) on port usb-0:1.5, because 9 of its packets were heard at 9600 8N1.',
    id: 'Ditemukan: Timbangan serial (ST/US) di port usb-0:1.5, karena 9 paketnya terdengar pada 9600 8N1.',
  },
  proposals: [
    { driver: 'st-gs-scale', label: 'Timbangan ST/US' },
    { driver: 'st-gs-infant-scale', label: 'Timbangan bayi ST/US' },
  ],
  knownDevices: ['st-gs-scale-1', 'st-gs-scale-2'],
}

const unknown: PortView = {
  ...common,
  path: '/dev/serial/by-path/platform-xhci-usb-0:1.6',
  state: 'listening',
  words: {
    en: 'Listening on port usb-0:1.6 at 9600 8N1.',
    id: 'Mendengarkan port usb-0:1.6 pada 9600 8N1.',
  },
  proposals: [],
  trouble: troubleWords(
    identifyTrouble('identify-text', { path: 'usb-0:1.6', line: '9600 8N1', lines: 12 }),
  ),
}

t.test('browser: what is plugged in is recognised, and a person says yes or no', async (t) => {
  const { source, page, context, tab, address } = await openPhone(t)
  const { complaints } = watch(context, tab)
  source.ports = [pressure, scale, unknown]
  await tab.goto(`${address}#claim=${page.claimCode()}`)
  await tab.locator('input[name=passphrase]').fill(passphrase)
  await tab.locator('input[name=again]').fill(passphrase)
  await tab.locator('button[type=submit]').click()

  const first = tab.locator(`[data-port="${pressure.path}"]`)
  await first.getByText('karena 3 paket dengan checksum yang benar').waitFor()
  await assertNothingIsCut(t, tab, 'recognised')
  const picture = process.env['SIMPUL_PICTURE']
  if (picture !== undefined) await tab.screenshot({ path: picture, fullPage: true })
  await first.getByRole('button', { name: 'Pakai' }).click()
  await first.waitFor({ state: 'detached' })

  const second = tab.locator(`[data-port="${scale.path}"]`)
  await second.getByText('Mungkin juga: Timbangan bayi ST/US.').waitFor()
  await second.getByText('Yang mana ini?').waitFor()
  await second.getByRole('button', { name: 'Ini st-gs-scale-2' }).click()
  await second.waitFor({ state: 'detached' })

  const third = tab.locator(`[data-port="${unknown.path}"]`)
  t.match(await third.innerText(), /Ada baris teks di usb-0:1.6[\s\S]*Rekam ini dan kirim/)
  const [download] = await Promise.all([
    tab.waitForEvent('download'),
    third.getByRole('button', { name: 'Rekam ini' }).click(),
  ])
  t.equal(download.suggestedFilename(), 'unknown-device.cap')
  await tab.getByRole('button', { name: 'EN' }).click()
  await third.getByRole('button', { name: 'Which device is it?' }).click()
  await third.locator('select').selectOption('st-gs-scale')
  await third.getByRole('button', { name: 'Use it' }).click()
  await third.waitFor({ state: 'detached' })

  t.strictSame(source.asked, [
    { kind: 'use', path: pressure.path, driver: 'and-tm265x', as: null },
    { kind: 'use', path: scale.path, driver: 'st-gs-scale', as: 'st-gs-scale-2' },
    { kind: 'use', path: unknown.path, driver: 'st-gs-scale', as: null },
  ])
  t.strictSame(complaints, [])
})
