/**
 * Data sets as DICOM JSON. Source: PS3.18 annex F.
 *
 *   { "00081199": { "vr": "SQ", "Value": [ { "00081155": { "vr": "UI", "Value": ["1.2"] } } ] } }
 *
 * An answer holds one of them or an array. What is not as it should be counts as absent.
 */

export type JsonDataSet = Readonly<{ [tag: string]: unknown }>

/** An answer may be large by mistake; more of it is not looked at. */
const dataSetsMost = 10_000

/** Empty when the text is no DICOM JSON. */
export function parseDataSets(text: string): readonly JsonDataSet[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return []
  }
  const all: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed]
  return all.slice(0, dataSetsMost).filter(isObject)
}

export function itemsOf(dataSet: JsonDataSet, tag: string): readonly JsonDataSet[] {
  return valuesOf(dataSet, tag).filter(isObject)
}

export function firstText(dataSet: JsonDataSet, tag: string): string | null {
  const [value] = valuesOf(dataSet, tag)
  return typeof value === 'string' ? value.trim() : null
}

/** Numbers are written as numbers or, by some servers, as text. */
export function firstNumber(dataSet: JsonDataSet, tag: string): number | null {
  const [value] = valuesOf(dataSet, tag)
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : null
  return typeof value === 'string' && /^\d{1,9}$/.test(value.trim()) ? Number(value) : null
}

function valuesOf(dataSet: JsonDataSet, tag: string): readonly unknown[] {
  const element = dataSet[tag]
  const values = isObject(element) ? element['Value'] : undefined
  return Array.isArray(values) ? values : []
}

function isObject(value: unknown): value is JsonDataSet {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
