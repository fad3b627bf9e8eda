/** The numbers of a device, large. What is not live says so, in words and in its look. */
import type { JSX } from 'preact'
import type { DeviceView } from '../view.ts'
import { boxAgeMs } from './box-clock.ts'
import { formatAge } from './format.ts'
import { Icon } from './icons.tsx'
import { usePace, useSay } from './parts.tsx'
import { useKnown, type LiveValue } from './store.ts'
import { isSpot, readingsOf, type Reading } from './terms.ts'

/** Numbers that come once a second may be late by some of them before they are old. */
const staleAfterMsMin = 5_000

export function Numbers({ device }: { device: DeviceView }): JSX.Element | null {
  const { language } = useSay()
  const values = useKnown((known) => known.values.get(device.id))
  const isLineLive = useKnown((known) => known.line === 'live')
  usePace(1_000)
  if (values === undefined || values.size === 0) return null
  const all = [...values.values()]
  const probes = [...new Set(all.map((value) => value.probe))]
  const tiles = probes.flatMap((probe) => {
    const ofProbe = all.filter((value) => value.probe === probe)
    return readingsOf(ofProbe, language).map((reading) => ({ probe, reading, ofProbe }))
  })
  return (
    <div class="numbers">
      {tiles.map(({ probe, reading, ofProbe }) => {
        const ageMs = boxAgeMs(oldestMs(reading, ofProbe))
        const look = lookOf(device, reading, ageMs, isLineLive)
        return (
          <Tile
            key={`${reading.code} ${probe}`}
            reading={reading}
            probe={probe}
            ageMs={ageMs}
            look={look}
          />
        )
      })}
    </div>
  )
}

/** `result` is one act of measuring that is over: it has an age, and does not grow stale. */
type TileLook = 'live' | 'old' | 'result'

function lookOf(
  device: DeviceView,
  reading: Reading,
  ageMs: number,
  isLineLive: boolean,
): TileLook {
  // That a monitor has no number is said once, so it does not grow old either.
  if (device.staleAfterMs === null || isSpot(reading.code) || reading.text === null) return 'result'
  const staleAfterMs = Math.max(staleAfterMsMin, device.staleAfterMs)
  return isLineLive && ageMs <= staleAfterMs ? 'live' : 'old'
}

function Tile(props: {
  reading: Reading
  probe: string
  ageMs: number
  look: TileLook
}): JSX.Element {
  const { say, language } = useSay()
  const { reading, probe, ageMs, look } = props
  const age = formatAge(ageMs, language)
  return (
    <div class={`number ${look}`}>
      <div class="term">
        {reading.term} {probe} <span class="unit">{reading.unit}</span>
      </div>
      <div class="value">{reading.text ?? '– –'}</div>
      <div class="age">
        {look === 'live' && <span class="pulse" aria-hidden="true" />}
        {look !== 'live' && <Icon name={look === 'old' ? 'warning' : 'clock'} size={14} />}
        <span class="words">
          {reading.text === null
            ? say('value-absent')
            : look === 'live'
              ? say('value-live')
              : say(look === 'old' ? 'value-old' : 'value-result', { age })}
        </span>
        {reading.aside !== null && <span class="aside">{reading.aside}</span>}
      </div>
    </div>
  )
}

/** A pair is as old as the older of its values. */
function oldestMs(reading: Reading, values: readonly LiveValue[]): number {
  const codes = [reading.code, ...reading.partners]
  return Math.min(...values.filter(({ code }) => codes.includes(code)).map(({ atMs }) => atMs))
}
