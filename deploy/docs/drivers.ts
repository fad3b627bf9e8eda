/** docs/drivers.md: the devices that can be read, and on what that knowledge rests. */
import { driverTable } from '../../drivers/index.ts'
import { code, pageHead, table } from './markdown.ts'

const intro = `\`simpul drivers\` prints the same. The id is what a device's \`driver\` names in the configuration. A serial
device is opened with the first of its line settings unless the configuration says another.

| evidence | what it rests on |
| --- | --- |
| documented | the maker's manual or protocol description |
| captured | bytes of a real device |
| inferred | what others do with the device |

Images come by DICOM (C-STORE) from any modality and need no driver.`

export function driversPage(): string {
  const rows = driverTable()
  const cards = table(
    ['id', 'device', 'link', 'says', 'evidence', 'confidence'],
    rows.map((row) => [
      code(row.id),
      row.device,
      row.link,
      row.streams,
      row.evidence,
      row.confidence,
    ]),
  )
  const sources = rows.map((row) => `- ${code(row.id)}: ${row.source}.`).join('\n')
  const head = pageHead('Devices', 'the drivers in `drivers/`', intro)
  return `${head}\n${cards}\n\n## Sources\n\n${sources}\n`
}
