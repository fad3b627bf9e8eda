/** What is on a medium, before a person has said what to do with it. Only beginnings are read. */
import { dirname, join } from 'node:path'
import { HeaderReader } from '../../protocols/dicom/header-reader.ts'
import {
  decodeMediaDirectory,
  directoryLimitBytes,
  type ListedFile,
} from '../../protocols/dicom/media-directory.ts'
import {
  mediaHeadBytes,
  readMediaFile,
  type MediaRefusal,
  type PictureFormat,
} from '../../protocols/dicom/media-file.ts'
import { beginningOf, MediumGone, NotAFile, openSource } from './source-file.ts'
import { folded, walk, walkLimits, type WalkedFile, type WalkLimits } from './walk.ts'

export interface FoundInstance extends WalkedFile {
  readonly sopInstanceUid: string
  /** Empty when the image does not say. */
  readonly study: string
  readonly modality: string | null
  /** Data of a patient: for who is signed in, never for logs. */
  readonly patientName: string | null
  /** YYYYMMDD as the image says. */
  readonly studyDate: string | null
}

export interface FoundPicture extends WalkedFile {
  readonly format: PictureFormat
}

export type FileRefusal = MediaRefusal | 'unreadable'

export interface Look {
  /** The real path of the medium. */
  readonly root: string
  readonly dev: number
  readonly instances: readonly FoundInstance[]
  readonly pictures: readonly FoundPicture[]
  /** How many, by why. */
  readonly refused: Readonly<Partial<{ [R in FileRefusal]: number }>>
  /** Names that the directory of the medium lists and that are not there, at most a hundred. */
  readonly missing: readonly string[]
  readonly missingCount: number
  readonly otherFiles: number
  readonly isIncomplete: boolean
}

export interface LookHears {
  progress(done: number, total: number): void
  /** True: nobody wants to know any more. */
  isStopped(): boolean
}

const studyDateTag = 0x0008_0020
const missingNamesMax = 100

/** Rejects with `MediumGone`, or as the system does when its root cannot be read. */
export async function look(
  folder: string,
  hears: LookHears,
  limits: WalkLimits = walkLimits,
): Promise<Look> {
  const walked = await walk(folder, limits)
  const instances: FoundInstance[] = []
  const pictures: FoundPicture[] = []
  const listed = new Set<string>()
  const refused: Partial<{ [R in FileRefusal]: number }> = {}
  let otherFiles = walked.notFiles
  const refuse = (reason: FileRefusal): void => void (refused[reason] = (refused[reason] ?? 0) + 1)
  for (const [index, file] of walked.files.entries()) {
    if (hears.isStopped()) break
    hears.progress(index, walked.files.length)
    const found = await lookAt(walked.root, file)
    if (found.kind === 'instance') instances.push(found.instance)
    else if (found.kind === 'picture') pictures.push({ ...file, format: found.format })
    else if (found.kind === 'directory') {
      // A disc that was copied into a folder keeps its directory there.
      for (const { path } of found.files) listed.add(join(dirname(file.name), ...path))
    } else if (found.kind === 'refused') refuse(found.reason)
    else otherFiles++
  }
  const there = new Set(walked.files.map(({ name }) => folded(name)))
  const missing = [...listed].filter((name) => !there.has(folded(name)))
  return {
    root: walked.root,
    dev: walked.dev,
    instances,
    pictures,
    refused,
    missing: missing.slice(0, missingNamesMax),
    missingCount: walked.isIncomplete ? 0 : missing.length,
    otherFiles,
    isIncomplete: walked.isIncomplete || walked.unreadable > 0,
  }
}

type Found =
  | { readonly kind: 'instance'; readonly instance: FoundInstance }
  | { readonly kind: 'picture'; readonly format: PictureFormat }
  | { readonly kind: 'directory'; readonly files: readonly ListedFile[] }
  | { readonly kind: 'refused'; readonly reason: FileRefusal }
  | { readonly kind: 'other' }

async function lookAt(root: string, walked: WalkedFile): Promise<Found> {
  try {
    const file = await openSource(join(root, walked.name), root)
    try {
      const bytes = await beginningOf(file, mediaHeadBytes)
      const found = readMediaFile(bytes, file.sizeBytes)
      if (found.kind === 'directory') {
        const whole = await beginningOf(file, directoryLimitBytes)
        const directory = decodeMediaDirectory(whole)
        return { kind: 'directory', files: directory.ok ? directory.value.files : [] }
      }
      if (found.kind !== 'instance') return found
      const { meta, dataSetOffset } = found
      const reader = new HeaderReader(meta.transferSyntaxUid, [studyDateTag])
      reader.push(bytes.subarray(dataSetOffset))
      const { studyInstanceUid, modality, identity } = reader.findings()
      const studyDate = reader.text(studyDateTag)
      const instance = {
        ...walked,
        sopInstanceUid: meta.sopInstanceUid,
        study: studyInstanceUid ?? '',
        modality,
        patientName: identity.patientName,
        studyDate: studyDate !== null && /^\d{8}$/.test(studyDate) ? studyDate : null,
      }
      return { kind: 'instance', instance }
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof MediumGone) throw error
    return error instanceof NotAFile ? { kind: 'other' } : { kind: 'refused', reason: 'unreadable' }
  }
}
