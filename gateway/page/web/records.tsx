/** Every record, newest first, and how far each has come. */
import { Fragment, type JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Source } from '../../../protocols/packet/record.ts'
import type { RecordKind } from '../view.ts'
import type { Row } from '../wire.ts'
import { DeliveryState } from './delivery.tsx'
import { formatDate, formatSecond, formatValue } from './format.ts'
import { Icon, type IconName } from './icons.tsx'
import { Chip, SimulationChip, TroubleNotice, useSay } from './parts.tsx'
import { groupRows, type RowGroup } from './record-groups.ts'
import { linesOf, notesOf } from './says.ts'
import { useKnown } from './store.ts'
import { Totals } from './totals.tsx'
import { useRecords } from './use-records.ts'

const rowsLimit = 300

const filters = {
  all: null,
  measurement: ['measurement', 'numerics'],
  waveform: ['waveform'],
  event: ['event'],
  files: ['document', 'image'],
  van: ['clock', 'loss', 'device', 'patient', 'visit', 'order', 'identity', 'procedure'],
} as const satisfies { readonly [name: string]: readonly RecordKind[] | null }

type Filter = keyof typeof filters

const filterNames = Object.keys(filters) as readonly Filter[]

export function Records(): JSX.Element {
  const { say } = useSay()
  const [device, setDevice] = useState<string | null>(null)
  const [filter, setFilter] = useState<Filter>('all')
  const devices = useKnown((known) => known.status?.devices ?? [])
  const records = useRecords({ device, kinds: filters[filter], limit: rowsLimit })
  return (
    <section>
      <div class="heading">
        <h1>{say('records-title')}</h1>
      </div>
      <Totals />
      <div class="filters">
        <label class="select">
          <span class="sr-only">{say('filter-kind')}</span>
          <select
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value as Filter)}
          >
            {filterNames.map((name) => (
              <option value={name} key={name}>
                {say(`filter-${name}`)}
              </option>
            ))}
          </select>
        </label>
        <label class="select">
          <span class="sr-only">{say('filter-device')}</span>
          <select
            value={device ?? ''}
            onChange={(event) => {
              const chosen = event.currentTarget.value
              setDevice(chosen === '' ? null : chosen)
            }}
          >
            <option value="">{say('filter-all-devices')}</option>
            {devices.map((one) => (
              <option value={one.id} key={one.id}>
                {one.label}
              </option>
            ))}
          </select>
        </label>
      </div>
      {records.kind === 'failed' && <TroubleNotice trouble={records.trouble} />}
      {records.kind === 'loading' && <p class="empty">{say('loading')}</p>}
      {records.kind === 'ok' && (
        <RowList
          groups={groupRows(records.rows)}
          isFiltered={filter !== 'all' || device !== null}
        />
      )}
      {records.kind === 'ok' && records.rows.length >= rowsLimit && (
        <p class="empty">{say('records-newest', { count: rowsLimit })}</p>
      )}
    </section>
  )
}

function RowList(props: { groups: readonly RowGroup[]; isFiltered: boolean }): JSX.Element {
  const { say, language } = useSay()
  const zone = useKnown((known) => known.start?.zone ?? { name: 'UTC', offsetMinutes: 0 })
  const { groups, isFiltered } = props
  if (groups.length === 0) {
    return <p class="empty">{isFiltered ? say('records-none-filter') : say('records-none')}</p>
  }
  const dayOf = (group: RowGroup | undefined) =>
    group === undefined
      ? ''
      : group.row.utcMs === null
        ? say('clock-unset')
        : `${formatDate(group.row.utcMs, zone, language)} · ${zone.name}`
  return (
    <ol class="rows">
      {groups.map((group, index) => (
        <Fragment key={group.row.key}>
          {dayOf(group) !== dayOf(groups[index - 1]) && <li class="day">{dayOf(group)}</li>}
          <RowView group={group} />
        </Fragment>
      ))}
    </ol>
  )
}

const kindIcons: Readonly<{ [K in RecordKind]: IconName }> = {
  measurement: 'device',
  numerics: 'device',
  waveform: 'wave',
  event: 'event',
  document: 'file',
  image: 'image',
  rendition: 'image',
  clock: 'clock',
  loss: 'warning',
  device: 'cable',
  patient: 'info',
  visit: 'hospital',
  order: 'list',
  identity: 'check',
  procedure: 'device',
}

function RowView({ group }: { group: RowGroup }): JSX.Element {
  const { say, language } = useSay()
  const { row } = group
  const zone = useKnown((known) => known.start?.zone ?? { name: 'UTC', offsetMinutes: 0 })
  const device = useKnown((known) => known.status?.devices.find((one) => one.id === row.device))
  const isWave = row.says.kind === 'waveform'
  const notes = notesOf(row.says, say, language)
  return (
    <li class={row.simulated ? 'row simulated' : 'row'} data-key={row.key}>
      <div class="row-icon">
        <Icon name={row.source === 'typed' ? 'keypad' : kindIcons[row.says.kind]} size={22} />
      </div>
      <time>{row.utcMs === null ? '––:––' : formatSecond(row.utcMs, zone)}</time>
      <div class="row-says">
        {linesOf(row.says, say, language).map((line) => (
          <p key={line.term}>
            <span class={line.text === '' ? '' : 'term'}>{line.term}</span>
            {line.text !== '' && <b>{line.text}</b>}
            <SpanText group={group} code={line.code} />
          </p>
        ))}
        {notes.length > 0 && <p class="notes">{notes.join(' · ')}</p>}
        <p class="row-from">
          <FromWhere row={row} label={device?.label ?? row.device} />
          {row.simulated && <SimulationChip />}
          {row.says.kind === 'image' && row.says.flags.length > 0 && (
            <Chip tone="wait" icon="warning">
              {say('says-image-flag')}
            </Chip>
          )}
          {row.says.kind === 'event' && row.says.level !== 'info' && (
            <Chip tone={row.says.level === 'alarm' ? 'bad' : 'wait'} icon="warning">
              {say(row.says.level === 'alarm' ? 'level-alarm' : 'level-warning')}
            </Chip>
          )}
        </p>
      </div>
      <div class="row-delivery">
        <DeliveryState delivery={group.delivery} />
        {group.count > 1 && (
          <small>
            {group.waiting === 0
              ? say(isWave ? 'says-waveform-parts' : 'says-values-parts', { count: group.count })
              : say('says-parts-waiting', { waiting: group.waiting, count: group.count })}
          </small>
        )}
      </div>
    </li>
  )
}

/** The lowest and the highest of the numbers that one line stands for. */
function SpanText({ group, code }: { group: RowGroup; code: string }): JSX.Element | null {
  const { language } = useSay()
  const span = group.spans.get(code)
  if (group.count === 1 || span === undefined || span.low === span.high) return null
  return (
    <span class="span">
      {formatValue(span.low, language)}–{formatValue(span.high, language)}
    </span>
  )
}

function FromWhere({ row, label }: { row: Row; label: string }): JSX.Element {
  const { say } = useSay()
  if (row.source !== 'typed' && filters.van.some((kind) => kind === row.says.kind)) {
    return (
      <span class="source">
        <Icon name="van" size={15} />
        {say('filter-van')}
      </span>
    )
  }
  // Who typed needs no name of a device: there is one keypad.
  return (
    <>
      <SourceMark source={row.source} />
      {row.source !== 'typed' && <span>{label}</span>}
    </>
  )
}

function SourceMark({ source }: { source: Source }): JSX.Element {
  const { say } = useSay()
  const icon = source === 'device' ? 'cable' : source === 'typed' ? 'keypad' : 'camera'
  return (
    <span class={`source ${source}`}>
      <Icon name={icon} size={15} />
      {say(
        source === 'device'
          ? 'source-device'
          : source === 'typed'
            ? 'source-typed'
            : 'source-photo',
      )}
    </span>
  )
}
