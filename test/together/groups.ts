/**
 * The tests that run together in one process, by the name of the file here that runs them. Only
 * what touches nothing outside, or nothing that others touch. What stands here, .taprc leaves out.
 */

export interface Group {
  readonly patterns: readonly string[]
  /** Takes some of what the patterns name. */
  readonly isWanted?: (path: string) => boolean
}

const standards =
  /^protocols\/(dicom|dicomweb|dicom-waveform|ecg|ecg-codec|edf|frame-codec|hl7|ieee11073|packed-image|packet|scp-ecg|xml)\//
const isStandard = (path: string) => standards.test(path)

export const groups = {
  browser: {
    patterns: [
      'gateway/page/{browser,browser-identify,browser-stranger,browser-visits}.test.ts',
      'upstream/browser/waves.test.ts',
    ],
  },
  devices: { patterns: ['gateway/{clock,config,devices,health}/**/*.test.ts'] },
  drivers: { patterns: ['drivers/**/*.test.ts'] },
  gateway: { patterns: ['gateway/*.test.ts', 'gateway/{commitment,sim,visits}/**/*.test.ts'] },
  imaging: {
    patterns: [
      'gateway/imaging/{hostile,listen,notices,object-writer,report-call,senders,storing}.test.ts',
    ],
  },
  journal: {
    patterns: ['gateway/journal/{adopting,adoption,forms,instances,open,salvage-cases}.test.ts'],
  },
  landing: {
    patterns: [
      'upstream/landing/{carried,chain,database,gaps,landing,objects}.test.ts',
      'upstream/landing/{ranges-blob,store,time-answers,trust,visit-tables}.test.ts',
    ],
  },
  links: {
    patterns: [
      'gateway/links/{lines,networks,tcp-listener,udp,usb-devices,usb-host,usb-link}.test.ts',
    ],
  },
  // Two halves that take about as long.
  makers: { patterns: ['protocols/**/*.test.ts'], isWanted: (path) => !isStandard(path) },
  standards: { patterns: ['protocols/**/*.test.ts'], isWanted: isStandard },
  page: {
    patterns: [
      'gateway/page/{entrance,guard,identify,live,owner,page,rows,totals}.test.ts',
      'gateway/page/web/*.test.ts',
    ],
  },
  pacs: {
    patterns: [
      'upstream/pacs/{forwarder,identity-gate,landing,outcomes,queue}.test.ts',
      'upstream/pacs/{read-settings,router,slab,tls,web}.test.ts',
    ],
  },
  readers: {
    patterns: ['upstream/{link,open-tools,print,report}.test.ts', 'upstream/subscriber/*.test.ts'],
  },
  uplink: { patterns: ['gateway/uplink/**/*.test.ts'] },
} satisfies { readonly [name: string]: Group }
