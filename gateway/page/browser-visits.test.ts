import t from 'tap'
import { assertNothingIsCut, openPhone, watch } from './browser-testing.ts'
import { passphrase } from './page-testing.ts'

/** So much of a PNG as says what it is. */
const picture = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(300_000)])

t.test('browser: a visit, an order, and an image that waits for its patient', async (t) => {
  const { source, page, context, tab, address } = await openPhone(t)
  const { complaints, addresses } = watch(context, tab)
  await tab.setViewportSize({ width: 360, height: 740 })
  await tab.goto(`${address}#claim=${page.claimCode()}`)
  await tab.locator('input[name=passphrase]').fill(passphrase)
  await tab.locator('input[name=again]').fill(passphrase)
  await tab.locator('button[type=submit]').click()
  await tab.getByRole('link', { name: 'Kunjungan' }).click()
  const button = (name: string | RegExp) => tab.getByRole('button', { name })
  const sheet = tab.locator('dialog[open]')

  await tab.locator('input[name=person]').fill('Bidan Contoh')
  await button('Simpan').click()
  await tab.getByRole('link', { name: 'Mulai kunjungan' }).click()
  await tab.locator('input[name=find]').fill('Dewi Umpama')
  await tab.getByText('Tidak ada pasien yang cocok').waitFor()
  await button('Pasien baru').click()
  t.equal(await tab.locator('input[name=name]').inputValue(), 'Dewi Umpama')
  await tab.locator('input[name=nik]').fill('3602994708900009')
  await tab.locator('input[name=birthDate]').fill('08081990')
  await tab.getByText('NIK ini menyebut tanggal lahir lain').waitFor()
  await tab.locator('label', { hasText: 'Perempuan' }).click()
  await assertNothingIsCut(t, tab, 'new patient')
  await button('Mulai kunjungan').click()
  t.match(await sheet.innerText(), /Periksa sekali lagi[\s\S]*NIK ini menyebut tanggal lahir lain/)
  await button('Kembali').click()
  t.equal(source.visits.people.length, 2, 'nothing was stored')
  await tab.locator('input[name=birthDate]').fill('07-08-1990')
  await button('Mulai kunjungan').click()

  await button('Tambah permintaan').click()
  await tab.locator('label', { hasText: 'USG kehamilan' }).click()
  await button('Buat permintaan').click()
  const order = tab.locator('[data-order]')
  await order.getByText('Menunggu dikerjakan').waitFor()
  const number = (await order.locator('.big').innerText()).replaceAll(/\s/g, '')
  t.match(number, /^V02[0-9A-Z]{4,13}$/)
  await assertNothingIsCut(t, tab, 'visit')
  await order.locator('input[name=upload]').setInputFiles({
    name: 'luka.png',
    mimeType: 'image/png',
    buffer: picture,
  })
  await sheet.getByText('Dewi Umpama', { exact: true }).waitFor()
  t.strictSame(source.media.kept, [], 'nothing is sent before it is confirmed')
  await button('Ya, simpan untuk Dewi Umpama').click()
  await order.getByText('Berkas tersimpan').waitFor()
  t.match(source.media.kept, [{ by: 'Bidan Contoh', type: 'png' }])

  source.visits.receive('s1', { name: 'UMPAMA^DEWI', patientId: '77', sex: 'F' })
  await tab.locator('.badge').getByText('1').waitFor()
  await button('Kembali')
    .or(tab.getByRole('link', { name: 'Kembali' }))
    .click()
  await tab.getByRole('link', { name: '1 pemeriksaan menunggu' }).click()
  const study = tab.locator('[data-study=s1]')
  await study.locator('canvas[data-drawn]').first().waitFor()
  t.match(await study.innerText(), /UMPAMA DEWI[\s\S]*sama[\s\S]*77[\s\S]*BERBEDA/)
  await assertNothingIsCut(t, tab, 'images')
  await button('Pasangkan ke Dewi Umpama').click()
  t.match(await sheet.innerText(), /Dewi Umpama[\s\S]*07-08-1990[\s\S]*berbeda: Nomor pasien/)
  await button('Kembali').click()
  t.strictSame(source.visits.decisions, [], 'nothing is decided before it is confirmed')
  await button('Pasangkan ke Dewi Umpama').click()
  await button('Ya, milik Dewi Umpama').click()
  await tab.getByText('Tidak ada gambar yang menunggu').waitFor()
  await study.getByText('Milik Dewi Umpama').waitFor()
  t.match(source.visits.decisions, [{ by: 'Bidan Contoh', decision: { kind: 'assign' } }])
  await tab.getByRole('button', { name: 'EN' }).click()
  await study.getByRole('button', { name: 'Undo' }).click()
  await study.getByText('Without an accession number').waitFor()

  await button('Sign out').click()
  await tab.getByText('Sign in to see values').waitFor()
  t.equal(await tab.evaluate('sessionStorage.getItem("simpul-person")'), '')
  t.strictSame(complaints, [])
  const asked = addresses.map((one) => decodeURIComponent(one)).join('\n')
  t.strictSame(
    ['Dewi', 'Umpama', '3602', number, 'Bidan'].filter((word) => asked.includes(word)),
    [],
    'nothing of a patient is in an address',
  )
})
