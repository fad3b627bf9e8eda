import type { JSX } from 'preact'
import { formatShare } from './format.ts'
import { useSay } from './parts.tsx'

/** How far something is, as a bar and in words. */
export function Progress(props: {
  label: string
  done: number
  total: number
  /** Instead of a share of the whole. */
  words?: string
}): JSX.Element {
  const { language } = useSay()
  const share = props.total === 0 ? 0 : Math.min(1, props.done / props.total)
  return (
    <div class="progress">
      <p>
        <span>{props.label}</span>
        <b>{props.words ?? formatShare(share, language)}</b>
      </p>
      <progress max={1} value={share} aria-label={props.label} />
    </div>
  )
}
