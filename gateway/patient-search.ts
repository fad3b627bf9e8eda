/** Finds patients by what a person types: a part of the name, the van's number, or the NIK. */
import { withoutMarks } from '../protocols/dicom/character-set.ts'
import type { Patient } from '../protocols/packet/visit-records.ts'
import type { VisitBook } from './visits/visit-book.ts'

type Book = Pick<VisitBook, 'patients' | 'patientsByNumber'>

/**
 * The likeliest first: by a number, then by a name of which every typed word begins a word, then by
 * one that holds them anywhere. An empty text finds whoever changed last.
 */
export function searchPatients(book: Book, text: string, limit: number): readonly Patient[] {
  const known = book.patients().filter(isOneself)
  const typed = plain(text)
  if (typed === '') return known.slice(0, limit)
  const byNumber = book.patientsByNumber(text.replaceAll(/\s/g, '')).filter(isOneself)
  const words = typed.split(' ')
  const named = known.map((patient) => ({ patient, name: plain(patient.name) }))
  const begins = named.filter(({ name }) => {
    const parts = name.split(' ')
    return words.every((word) => parts.some((part) => part.startsWith(word)))
  })
  const holds = named.filter(({ name }) => words.every((word) => name.includes(word)))
  const found = [...byNumber, ...[...begins, ...holds].map(({ patient }) => patient)]
  return [...new Set(found)].slice(0, limit)
}

/** Not one whose visits belong to another number by now. */
export function isOneself({ otherIds }: Patient): boolean {
  return otherIds['mergedInto'] === undefined
}

/** Case, marks and what stands between the words mean nothing. */
function plain(text: string): string {
  return withoutMarks(text)
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .join(' ')
}
