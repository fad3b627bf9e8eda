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
  cli: { patterns: ['gateway/cli/*.test.ts'] },
  damage: { patterns: ['gateway/journal/{crash,faults,model,salvage}.test.ts'] },
  devices: { patterns: ['gateway/{clock,config,devices,health}/**/*.test.ts'] },
  drivers: { patterns: ['drivers/**/*.test.ts'] },
  gateway: { patterns: ['gateway/*.test.ts', 'gateway/{commitment,sim,visits}/**/*.test.ts'] },
  imaging: {
    patterns: ['gateway/{imaging,media}/**/*.test.ts'],
  },
  journal: {
    patterns: [
      'gateway/journal/{adopting,adoption,device-visits,forms,instances,known-records}.test.ts',
      'gateway/journal/{local-journal,open,remote-journal,retention,salvage-cases,wal}.test.ts',
    ],
  },
  landing: {
    patterns: [
      'upstream/landing/{carried,chain,database,gaps,landing,objects}.test.ts',
      'upstream/landing/{ranges-blob,store,time-answers,trust,visit-tables}.test.ts',
    ],
  },
  links: { patterns: ['gateway/links/*.test.ts'] },
  // Two halves that take about as long.
  makers: { patterns: ['protocols/**/*.test.ts'], isWanted: (path) => !isStandard(path) },
  standards: { patterns: ['protocols/**/*.test.ts'], isWanted: isStandard },
  page: {
    patterns: [
      'gateway/page/{build,entrance,guard,identify,live,media-api,owner,page}.test.ts',
      'gateway/page/{patient-check,rows,totals,visits-api}.test.ts',
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
