/** A stick that is plugged in, as a script. */
import { copyFile } from 'node:fs/promises'
import type { BroughtFile, MediaDesk, MediumReport, MediumView } from './media-view.ts'

export interface ScriptedMedia extends MediaDesk {
  /** Plugs the stick in, or pulls it out. */
  plug(isThere: boolean, pictures?: number): void
  /** Work on the stick stops where it is until it is told to go on. */
  finish(): void
  /** Where a copy of what a browser brings is put; null: nowhere. */
  copyTo: string | null
  readonly kept: readonly { readonly by: string; readonly order: string; readonly type: string }[]
}

export function scriptedMedia(changed: () => void): ScriptedMedia {
  let media: readonly MediumView[] = []
  let report: MediumReport | null = null
  const kept: { by: string; order: string; type: string }[] = []
  const set = (to: Partial<MediumView>) => {
    media = media.map((one) => ({ ...one, ...to }))
    changed()
  }
  const begin = (total: number) => {
    const stored = Math.max(0, total - 1)
    report = { stored, known: 1, waiting: stored, refused: [{ files: 1, why: notReadable }] }
    set({ state: 'working', progress: { done: Math.ceil(total / 2), total }, report: null })
  }
  return {
    kept,
    copyTo: null,
    media: async () => media,
    async take() {
      begin(26)
    },
    async wrap(_by, _medium, pictures) {
      begin(pictures.length)
    },
    async keep(by, file: BroughtFile, order) {
      if (this.copyTo !== null) await copyFile(file.path, this.copyTo)
      kept.push({ by, order, type: file.type })
    },
    plug(isThere, pictures) {
      const many = Array.from({ length: pictures ?? 0 }, (_, at) => ({
        picture: `picture-${at}`,
        name: `IMG_${at}.JPG`,
        type: 'jpeg' as const,
        sizeBytes: 340_000,
      }))
      const full = pictures === undefined ? stick : { ...stick, pictures: many }
      media = isThere ? [full] : []
      changed()
    },
    finish() {
      set({ state: 'done', progress: null, report })
    },
  }
}

const notReadable = {
  id: 'Berkas rusak dan tidak bisa dibaca.',
  en: 'The file is damaged and cannot be read.',
}

const stick: MediumView = {
  medium: 'stick-1',
  label: 'SONOSCAPE',
  state: 'ready',
  studies: [
    {
      study: 'study-1',
      modality: 'US',
      patientName: 'CONTOH^SITI',
      date: '2026-11-23',
      images: 24,
      sizeBytes: 21_400_000,
    },
    {
      study: 'study-2',
      modality: 'US',
      patientName: null,
      date: null,
      images: 2,
      sizeBytes: 1_600_000,
    },
  ],
  pictures: [
    { picture: 'picture-1', name: 'IMG_0001.JPG', type: 'jpeg', sizeBytes: 340_000 },
    { picture: 'picture-2', name: 'IMG_0002.BMP', type: 'bmp', sizeBytes: 1_440_054 },
    { picture: 'picture-3', name: 'CLIP_0003.MP4', type: 'mp4', sizeBytes: 18_700_000 },
    { picture: 'picture-4', name: 'REPORT.PDF', type: 'pdf', sizeBytes: 96_000 },
  ],
  otherFiles: 3,
  progress: null,
  report: null,
  trouble: null,
}
