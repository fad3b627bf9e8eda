/** The numbers of a device, large. What is not live says so, in words and in its look. */
import type { JSX } from 'preact'
import type { DeviceView } from '../view.ts'
import { boxAgeMs } from './box-clock.ts'
import { formatAge } from './format.ts'
import { Icon } from './icons.tsx'
import { usePace, useSay } from './parts.tsx'
import { useKnown, type LiveValue } from './store.ts'
import { readingsOf, type Reading } from './terms.ts'

export function Numbers({ device }: { device: DeviceView }): JSX.Element | null {
  const { language } = useSay()
  const values = useKnown((known) => known.values.get(device.id))
  const isLineLive = useKnown((known) => known.line === 'live')
  usePace(1_000)
  if (values === undefined || values.size === 0) return null
  const readings = readingsOf([...values.values()], language)
  return (
    <div class="numbers">
      {readings.map((reading) => (
        <Tile
          key={reading.code}
          reading={reading}
          ageMs={boxAgeMs(oldestMs(reading, values))}
          staleAfterMs={device.staleAfterMs}
          isLineLive={isLineLive}
        />
      ))}
    </div>
  )
}

function Tile(props: {
  reading: Reading
  ageMs: number
  staleAfterMs: number | null
  isLineLive: boolean
}): JSX.Element {
  const { say, language } = useSay()
  const { reading, ageMs, staleAfterMs, isLineLive } = props
  const isStreaming = staleAfterMs !== null
  const isStale = !isLineLive || (isStreaming && ageMs > staleAfterMs)
  const age = formatAge(ageMs, language)
  const look = isStale && isStreaming ? 'old' : isStreaming ? 'live' : 'result'
  return (
    <div class={`number ${look}`}>
      <div class="term">
        {reading.term} <span class="unit">{reading.unit}</span>
      </div>
      <div class="value">{reading.text ?? '– –'}</div>
      <div class="age">
        {look === 'live' && <span class="pulse" aria-hidden="true" />}
        {look !== 'live' && <Icon name={look === 'old' ? 'warning' : 'clock'} size={14} />}
        <span>
          {reading.text === null && look !== 'old'
            ? say('value-absent')
            : look === 'live'
              ? say('value-live')
              : look === 'old'
                ? say('value-old', { age })
                : say('value-result', { age })}
        </span>
        {reading.aside !== null && <span class="aside">{reading.aside}</span>}
      </div>
    </div>
  )
}

/** A pair is as old as the older of its values. */
function oldestMs(reading: Reading, values: ReadonlyMap<string, LiveValue>): number {
  const times = [reading.code, ...reading.partners]
    .map((code) => values.get(code)?.atMs)
    .filter((atMs) => atMs !== undefined)
  return Math.min(...times)
}
