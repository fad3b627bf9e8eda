/** A moving wave with its leads, its scale and its age. */
import type { JSX } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { formatAge, formatSeconds } from './format.ts'
import { Chip, Choice, SimulationChip, useSay } from './parts.tsx'
import { waveName } from './says.ts'
import { nameOf } from './terms.ts'
import type { TraceBuffer } from './trace-buffer.ts'
import { millivoltsPerStep, type GainMmPerMv } from './trace-scale.ts'
import { TraceScreen, type TraceState } from './trace-screen.ts'

const gains = ['5', '10', '20'] as const

export function Trace(props: {
  wave: string
  buffer: TraceBuffer
  simulated: boolean
}): JSX.Element {
  const { say, language } = useSay()
  const { wave, buffer, simulated } = props
  const [leads, setLeads] = useState<readonly number[]>(() => firstLeads(buffer))
  const [gain, setGain] = useState<GainMmPerMv>(10)
  const [state, setState] = useState<TraceState>({ kind: 'waiting', ms: 0 })
  const paper = useRef<HTMLCanvasElement>(null)
  const ink = useRef<HTMLCanvasElement>(null)
  const screen = useRef<TraceScreen>(null)
  const shown = useMemo(() => leads.filter((lead) => lead < buffer.leads.length), [leads, buffer])
  useEffect(() => {
    if (paper.current === null || ink.current === null) return undefined
    const opened = new TraceScreen(paper.current, ink.current, buffer, setState)
    screen.current = opened
    return () => opened.close()
  }, [buffer])
  useEffect(() => screen.current?.show(shown, gain), [buffer, shown, gain])
  const calibrated = shown.map((lead) => {
    const description = buffer.leads[lead]
    return description !== undefined && millivoltsPerStep(description) !== null
  })
  const isTrue = calibrated.every(Boolean)
  return (
    <figure class={`trace ${state.kind}`} data-wave={wave} data-state={state.kind}>
      <figcaption>
        <strong>{waveName(wave, say)}</strong>
        <TraceChip state={state} />
        {simulated && <SimulationChip />}
      </figcaption>
      <div class="screen">
        <canvas ref={paper} />
        <canvas ref={ink} role="img" aria-label={waveName(wave, say)} />
        <div class="lane-names">
          {shown.map((lead) => (
            <span key={lead}>{nameOf(buffer.leads[lead]?.code ?? '', language)}</span>
          ))}
        </div>
        {state.kind === 'stalled' && (
          <div class="stalled-over">
            <Chip tone="bad" icon="warning">
              {say('trace-stalled', { age: formatAge(state.ms, language) })}
            </Chip>
          </div>
        )}
      </div>
      {buffer.leads.length > 1 && (
        <div
          class={buffer.leads.length > 6 ? 'leads many' : 'leads'}
          role="group"
          aria-label={say('trace-leads')}
        >
          {buffer.leads.map((lead, index) => (
            <button
              type="button"
              key={lead.code}
              aria-pressed={shown.includes(index)}
              onClick={() => setLeads(toggled(shown, index))}
            >
              {nameOf(lead.code, language)}
            </button>
          ))}
        </div>
      )}
      <div class="trace-foot">
        {isTrue && (
          <Choice
            label={say('trace-gain-label')}
            value={String(gain)}
            options={gains.map((value) => ({
              value: value as string,
              text: value === String(gain) ? say('trace-gain', { gain: value }) : value,
            }))}
            onChoose={(value) => setGain(Number(value) as GainMmPerMv)}
          />
        )}
        <p class="hint">
          {say('trace-speed')}
          {!isTrue && (
            <>
              {' · '}
              <b>{say('trace-uncalibrated')}</b> ({say('trace-auto')})
            </>
          )}
          {' · '}
          {say('trace-not-diagnostic')}
        </p>
      </div>
    </figure>
  )
}

function TraceChip({ state }: { state: TraceState }): JSX.Element {
  const { say, language } = useSay()
  switch (state.kind) {
    case 'live':
      return (
        <Chip tone="good" icon="check">
          {say('trace-live', { lag: formatSeconds(state.ms, language) })}
        </Chip>
      )
    case 'stalled':
      return (
        <Chip tone="bad" icon="warning">
          {say('trace-stopped')}
        </Chip>
      )
    default:
      return (
        <Chip tone="wait" icon="clock">
          {say('trace-waiting')}
        </Chip>
      )
  }
}

/** All of a few; of many, lead II, with two more where there is room. */
function firstLeads(buffer: TraceBuffer): readonly number[] {
  const all = buffer.leads.map((_, index) => index)
  if (all.length <= 2) return all
  const wished = innerWidth >= 700 ? ['_I', '_II', '_V1'] : ['_II']
  const found = all.filter((index) =>
    wished.some((name) => buffer.leads[index]?.code === `MDC_ECG_ELEC_POTL${name}`),
  )
  return found.length > 0 ? found : [0]
}

/** In the order of the device; the last one stays. */
function toggled(shown: readonly number[], lead: number): readonly number[] {
  const next = shown.includes(lead) ? shown.filter((one) => one !== lead) : [...shown, lead]
  return next.length === 0 ? shown : next.sort((a, b) => a - b)
}
