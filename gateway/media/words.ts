/** Why something was not taken, for people. */
import { mediaTrouble, type MediaCode } from '../errors/media.ts'
import type { Trouble } from '../errors/trouble.ts'
import type { Look } from './looking.ts'
import type { RunEnding, RunReport } from './messages.ts'
import type { TakeRefusal } from './taking.ts'

export interface Refusal {
  readonly files: number
  readonly trouble: Trouble
}

const codes: Readonly<{ [R in TakeRefusal]: MediaCode }> = {
  unreadable: 'media-file-unreadable',
  'cut-short': 'media-file-cut',
  'uid-invalid': 'media-file-no-uid',
  'not-stored': 'media-file-not-stored',
  'syntax-unknown': 'media-file-syntax',
  'too-large': 'media-file-too-large',
  changed: 'media-file-changed',
  'not-kept': 'media-keep-failed',
}

const endings: Readonly<{ [E in RunEnding]: MediaCode | null }> = {
  whole: null,
  gone: 'media-pulled-out',
  full: 'media-full',
  stopped: 'media-stopped',
  failed: 'media-failed',
}

/** null: everything was tried. */
export function endingTrouble({ ending }: RunReport): Trouble | null {
  const code = endings[ending]
  return code === null ? null : mediaTrouble(code)
}

/** Of a run, and with `look` also of what could not be offered for it. */
export function refusalsOf(report: RunReport, look: Look | null = null): readonly Refusal[] {
  const counts = new Map<MediaCode, number>()
  const count = (code: MediaCode, files: number): void => {
    if (files > 0) counts.set(code, (counts.get(code) ?? 0) + files)
  }
  for (const refused of [report.refused, look?.refused ?? {}]) {
    for (const reason of Object.keys(codes) as TakeRefusal[]) {
      count(codes[reason], (refused as RunReport['refused'])[reason] ?? 0)
    }
  }
  count('media-file-missing', look?.missingCount ?? 0)
  return [
    ...[...counts].map(([code, files]) => ({ files, trouble: mediaTrouble(code) })),
    ...Object.entries(report.unfit).map(([why, files]) => ({
      files,
      trouble: unfitTrouble(why),
    })),
  ]
}

/** What a person can do about it is not the same for each. */
function unfitTrouble(why: string): Trouble {
  if (/cut short/.test(why)) return mediaTrouble('media-picture-cut')
  if (/transparent/.test(why)) return mediaTrouble('media-picture-transparent')
  const isClip = /film|fragments|MP4/.test(why)
  return mediaTrouble(isClip ? 'media-clip-unfit' : 'media-picture-unfit', { why })
}
