/**
 * The mark of one millivolt that Philips electrocardiographs put behind the signal, in all leads at
 * once: a flat line, the mark, a flat line. It is no ECG and is taken off.
 */

interface Mark {
  readonly before: number
  readonly mark: number
  readonly after: number
}

/** `step`: one millivolt in steps. The leads as they are when they do not all end with the mark. */
export function withoutCalibration(
  leads: readonly Int32Array[],
  step: number,
): readonly Int32Array[] {
  const [first, ...others] = leads.map((lead) => markAtEnd(lead, step))
  if (first === undefined || first === null) return leads
  const isSame = others.every(
    (other) => other !== null && other.mark === first.mark && other.after === first.after,
  )
  if (!isSame) return leads
  // Behind it the line is as long as in front, where the signal may end by 0 as well.
  const before = Math.min(first.after, first.before, ...others.map((other) => other?.before ?? 0))
  return leads.map((lead) => lead.slice(0, lead.length - before - first.mark - first.after))
}

function markAtEnd(lead: Int32Array, step: number): Mark | null {
  const after = runBefore(lead, lead.length, 0)
  const mark = runBefore(lead, lead.length - after, step)
  const before = runBefore(lead, lead.length - after - mark, 0)
  return after > 0 && mark > 0 && before > 0 ? { before, mark, after } : null
}

function runBefore(lead: Int32Array, end: number, value: number): number {
  let at = end
  while (at > 0 && lead[at - 1] === value) at--
  return end - at
}
