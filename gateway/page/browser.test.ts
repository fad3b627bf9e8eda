import t from 'tap'
import type { Page as Tab } from 'playwright-core'
import { assertNothingIsCut, openPhone, watch } from './browser-testing.ts'
import { passphrase } from './page-testing.ts'

/** A PNG of one pixel. */
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

async function press(tab: Tab, keys: string): Promise<void> {
  for (const key of keys) await tab.locator('.pad').getByText(key, { exact: true }).click()
}

t.test('browser: from the label on the box to a value at the hospital', async (t) => {
  const { source, page, context, tab, address } = await openPhone(t)
  const { complaints, addresses } = watch(context, tab)

  await tab.goto(`${address}#claim=${page.claimCode()}`)
  await tab.getByRole('heading', { name: 'Selamat datang di Simpul' }).waitFor()
  t.equal(await tab.locator('input[name=code]').inputValue(), page.claimCode())
  await assertNothingIsCut(t, tab, 'claim')
  await tab.locator('input[name=passphrase]').fill(passphrase)
  await tab.locator('input[name=again]').fill('bukan yang sama')
  t.equal(await tab.locator('button[type=submit]').isEnabled(), false)
  await tab.locator('input[name=again]').fill(passphrase)
  await tab.locator('button[type=submit]').click()

  const ecg = tab.locator('[data-device=ecg-1] figure.trace')
  await tab.locator('[data-device=ecg-1] figure.trace[data-state=live]').waitFor()
  t.notMatch(tab.url(), /claim/, 'the code does not stay in the address')
  const picture = () =>
    tab.evaluate(`document.querySelectorAll('[data-device=ecg-1] canvas')[1].toDataURL()`)
  const before = await picture()
  await tab.waitForTimeout(300)
  t.not(await picture(), before, 'the ECG moves')
  await tab.locator('[data-device=monitor-1] .number.live').first().waitFor()
  t.match(await tab.locator('[data-device=bp-1] .number.result').first().innerText(), /128\/82/)
  t.match(await tab.locator('[data-device=scale-1]').innerText(), /Terputus[\s\S]*Pasang kabelnya/)
  await tab.getByText('Sesuatu di 192.168.8.77 menyambung ke port DICOM').waitFor()
  await assertNothingIsCut(t, tab, 'devices')

  const pressure = tab.locator('[data-device=bp-1]')
  await pressure.getByRole('button', { name: 'Rincian' }).click()
  const [download] = await Promise.all([
    tab.waitForEvent('download'),
    pressure.getByRole('button', { name: 'Unduh perekam' }).click(),
  ])
  t.equal(download.suggestedFilename(), 'bp-1.cap')

  source.stalled = true
  await tab.locator('[data-device=ecg-1] figure.trace[data-state=stalled]').waitFor()
  t.match(await ecg.innerText(), /Berhenti · data \d dtk lalu/)
  source.stalled = false

  await tab.getByRole('link', { name: 'Isi manual' }).click()
  await tab.getByRole('link', { name: 'Tekanan darah' }).click()
  await press(tab, '128')
  await tab.locator('.pad .next').click()
  await press(tab, '820')
  t.match(await tab.locator('.keypad-field.unusual').innerText(), /Di luar 20 sampai 200 mmHg/)
  await tab.getByRole('button', { name: 'Hapus' }).click()
  t.equal(await tab.locator('.keypad-field.unusual').count(), 0)
  t.equal(await tab.locator('input[name=diastolic]').inputValue(), '82')
  await assertNothingIsCut(t, tab, 'form')
  source.online = false
  await tab.getByRole('button', { name: 'Simpan', exact: true }).click()
  const stored = tab.locator('.stored-card')
  await stored.locator('[data-delivery=stored]').waitFor()
  await stored.getByText('128/82').waitFor()
  t.match(await stored.innerText(), /128\/82 mmHg[\s\S]*Tersimpan[\s\S]*belum dikirim/)
  source.online = true
  await stored.locator('[data-delivery=receipted]').waitFor()
  t.match(await stored.innerText(), /Diterima rumah sakit/)
  t.equal(source.typedCount, 1)

  await tab.getByRole('button', { name: 'Isi lagi' }).click()
  await tab.locator('input[name=systolic]').waitFor()
  for (const keys of ['128', 'Enter', '82', 'Enter', '71']) {
    if (keys === 'Enter') await tab.keyboard.press(keys)
    else await tab.keyboard.type(keys)
  }
  const typedIn = (name: string) => tab.locator(`input[name=${name}]`).inputValue()
  t.strictSame(
    [await typedIn('systolic'), await typedIn('diastolic'), await typedIn('pulse')],
    ['128', '82', '71'],
    'no key of a fast typist falls into the field before',
  )
  await tab.getByRole('link', { name: 'Kembali' }).click()
  await tab.getByRole('link', { name: 'Pemeriksaan darah cepat' }).click()
  await tab.locator('input[name=glucose]').waitFor()
  await press(tab, '720')
  const save = tab.getByRole('button', { name: 'Simpan', exact: true })
  t.equal(await save.isEnabled(), false, 'when it was taken is not said yet')
  await tab.locator('label', { hasText: 'puasa (GDP)' }).click()
  await tab.locator('input[name=glucose-lot]').fill('GK21-07')
  await tab.locator('input[name=photo]').setInputFiles({
    name: 'display.png',
    mimeType: 'image/png',
    buffer: Buffer.from(pixel, 'base64'),
  })
  await tab.locator('.photo-small').waitFor()
  t.equal(await save.isEnabled(), false, 'what the numbers were read off is not said yet')
  await tab.locator('label', { hasText: 'foto ini' }).click()
  await assertNothingIsCut(t, tab, 'form with a photo')
  await save.click()
  const sheet = tab.locator('dialog.confirm-sheet')
  t.match(await sheet.innerText(), /Gula darah\s*720 mg\/dL\s*Di luar 10 sampai 600 mg\/dL/)
  t.equal(source.typedCount, 1, 'nothing is stored before it is confirmed')
  await sheet.getByRole('button', { name: 'Simpan apa adanya' }).click()
  await stored.getByText('720 mg/dL').waitFor()
  t.match(source.typedLast, {
    texts: { glucose: '720', 'glucose-timing': 'fasting', 'glucose-lot': 'GK21-07' },
    confirmed: ['glucose'],
    photo: { mediaType: 'image/jpeg', isSource: true },
  })
  await stored.locator('[data-delivery=receipted]').waitFor()

  await tab.getByRole('button', { name: 'EN' }).click()
  await stored.getByText('Received by the hospital').waitFor()
  t.equal(await tab.evaluate('document.documentElement.lang'), 'en')
  await tab.getByRole('link', { name: 'Records' }).click()
  const typed = tab.locator('.row', { hasText: 'Typed' })
  t.match(await typed.innerText(), /Blood pressure\s*128\/82 mmHg/)
  await tab.locator('.row', { hasText: 'ECG, 12 leads' }).first().waitFor()
  await assertNothingIsCut(t, tab, 'records')

  await tab.reload()
  await tab.getByRole('heading', { name: 'Records' }).waitFor()
  await typed.waitFor()
  await tab.getByRole('button', { name: 'Sign out' }).click()
  await tab.getByText('Sign in to see values').waitFor()
  t.equal(await tab.locator('.number, .trace').count(), 0, 'no value stays on the screen')

  t.strictSame(complaints, [])
  t.strictSame(
    addresses.filter((one) => !one.startsWith(address)),
    [],
    'nothing comes from elsewhere',
  )
})
