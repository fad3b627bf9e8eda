/** The frame around the sections: where we are, how the line is, and who is signed in. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { api } from './api.ts'
import { Devices } from './devices.tsx'
import { Entry, type EntryKind } from './entry.tsx'
import { formatAge, formatCount } from './format.ts'
import { Icon, Mark, type IconName } from './icons.tsx'
import { Keypad } from './keypad.tsx'
import { askStart, hearStart, lineAgeMs, reopen, wantSamples } from './line.ts'
import { Chip, Choice, Notice, useSay, usePace } from './parts.tsx'
import { Records } from './records.tsx'
import { chooseLanguage, forgetPerson, useKnown } from './store.ts'
import { uplinkLook } from './looks.ts'
import { useVisits } from './use-visits.ts'
import { Visits } from './visits.tsx'

type Section = 'devices' | 'visits' | 'records' | 'keypad'

interface Place {
  readonly section: Section | 'sign-in'
  /** The form of the keypad, or what is looked at of the visits; empty: nothing is chosen. */
  readonly part: string
  readonly claimCode: string | null
}

const sections = ['visits', 'records', 'keypad', 'sign-in'] as const

function placeOf(hash: string): Place {
  const [name = '', part = ''] = hash.replace(/^#/, '').split('/')
  const code = /^claim=([A-Za-z0-9-]{1,32})$/.exec(name)
  if (code !== null) return { section: 'devices', part: '', claimCode: code[1] ?? null }
  const section = sections.find((one) => one === name) ?? 'devices'
  return { section, part: decodeURIComponent(part), claimCode: null }
}

function usePlace(): Place {
  const [place, setPlace] = useState(() => placeOf(location.hash))
  useEffect(() => {
    const listener = () => setPlace(placeOf(location.hash))
    addEventListener('hashchange', listener)
    return () => removeEventListener('hashchange', listener)
  }, [])
  return place
}

export function App(): JSX.Element {
  const place = usePlace()
  const start = useKnown((known) => known.start)
  const line = useKnown((known) => known.line)
  const [looksOnly, setLooksOnly] = useState(false)
  useEffect(() => {
    wantSamples(place.section === 'devices')
    scrollTo(0, 0)
  }, [place.section, place.part])
  useEffect(() => void askStart(), [])
  useVisits(start?.signedIn === true)
  if (start === null) return <NoAnswerYet />
  const entry: EntryKind | null = !start.claimed
    ? looksOnly && place.section === 'devices'
      ? null
      : 'claim'
    : !start.signedIn && place.section !== 'devices'
      ? 'sign-in'
      : null
  return (
    <div class={entry === 'claim' ? 'frame claiming' : 'frame'}>
      <Header isClaiming={entry === 'claim'} />
      {entry !== 'claim' && <Navigation section={place.section} />}
      <main class={line === 'live' ? '' : 'lost'}>
        <LineNotice />
        {entry === null ? (
          <SectionView place={place} />
        ) : (
          <Entry
            kind={entry}
            code={place.claimCode}
            onDone={() => {
              if (place.section === 'sign-in' || place.claimCode !== null)
                location.hash = '#devices'
            }}
            onLookOnly={() => {
              setLooksOnly(true)
              location.hash = '#devices'
            }}
          />
        )}
      </main>
    </div>
  )
}

function SectionView({ place }: { place: Place }): JSX.Element {
  switch (place.section) {
    case 'visits':
      return <Visits part={place.part} />
    case 'records':
      return <Records />
    case 'keypad':
      return <Keypad form={place.part} />
    default:
      return <Devices />
  }
}

function Header({ isClaiming }: { isClaiming: boolean }): JSX.Element {
  const { say, language } = useSay()
  const start = useKnown((known) => known.start)
  const van = useKnown((known) => known.status?.van ?? '')
  useEffect(() => {
    document.title = van === '' ? 'Simpul' : `${van} · Simpul`
  }, [van])
  return (
    <header class="top">
      <a class="brand" href="#devices">
        <Mark />
        <span>
          <strong>Simpul</strong>
          <small>{van}</small>
        </span>
      </a>
      {!isClaiming && <UplinkSummary />}
      <Choice
        label={say('language-label')}
        value={language}
        options={[
          { value: 'id', text: 'ID', lang: 'id' },
          { value: 'en', text: 'EN', lang: 'en' },
        ]}
        onChoose={chooseLanguage}
      />
      {start?.signedIn === true && (
        <button
          type="button"
          class="icon-button"
          onClick={() => void signOut()}
          title={say('sign-out')}
        >
          <Icon name="leave" />
          <span>{say('sign-out')}</span>
        </button>
      )}
      {start?.claimed === true && !start.signedIn && (
        <a class="icon-button" href="#sign-in" title={say('sign-in')}>
          <Icon name="key" />
          <span>{say('sign-in')}</span>
        </a>
      )}
    </header>
  )
}

/** Whether the data is getting out, and how much waits: in sight on every section. */
function UplinkSummary(): JSX.Element | null {
  const { say, language } = useSay()
  const status = useKnown((known) => known.status)
  const line = useKnown((known) => known.line)
  if (status === null || line !== 'live') return null
  const look = uplinkLook(status.uplink.state)
  const { recordsWaiting } = status.totals
  return (
    <a class="summary" href="#records">
      <Chip tone={look.tone} icon={look.icon}>
        {say(look.word)}
      </Chip>
      {status.journal.full ? (
        <Chip tone="bad" icon="warning">
          {say('total-room-full')}
        </Chip>
      ) : (
        <Chip
          tone={recordsWaiting === 0 ? 'good' : 'wait'}
          icon={recordsWaiting === 0 ? 'check' : 'clock'}
        >
          {recordsWaiting === 0
            ? say('total-waiting-none')
            : `${say('total-waiting')}: ${formatCount(recordsWaiting, language)}`}
        </Chip>
      )}
    </a>
  )
}

function Navigation({ section }: { section: Place['section'] }): JSX.Element {
  const { say } = useSay()
  const items: readonly { section: Section; icon: IconName; text: string }[] = [
    { section: 'devices', icon: 'device', text: say('nav-devices') },
    { section: 'visits', icon: 'people', text: say('nav-visits') },
    { section: 'records', icon: 'list', text: say('nav-records') },
    { section: 'keypad', icon: 'keypad', text: say('nav-keypad') },
  ]
  return (
    <nav aria-label={say('nav-label')}>
      {items.map((item) => (
        <a
          key={item.section}
          href={`#${item.section}`}
          aria-current={item.section === section ? 'page' : undefined}
        >
          <Icon name={item.icon} size={24} />
          <span>{item.text}</span>
          {item.section === 'visits' && <Waiting />}
        </a>
      ))}
    </nav>
  )
}

/** How many studies wait for a person, wherever that person is. */
function Waiting(): JSX.Element | null {
  const { say } = useSay()
  const waiting = useKnown((known) => known.visits?.waiting ?? 0)
  if (waiting === 0) return null
  return (
    <b class="badge" title={say('images-waiting', { count: waiting })}>
      {waiting}
    </b>
  )
}

function LineNotice(): JSX.Element | null {
  const { say, language } = useSay()
  const line = useKnown((known) => known.line)
  const hasSeat = useKnown((known) => known.start?.hasSeat ?? true)
  usePace(1_000)
  if (line === 'live') return null
  const age = formatAge(lineAgeMs(), language)
  return (
    <div class="line-notice">
      {hasSeat ? (
        <Notice
          tone="bad"
          icon="offline"
          what={say('line-lost')}
          todo={say('line-lost-todo', { age })}
        />
      ) : (
        <Notice tone="wait" icon="warning" what={say('line-full')} todo={say('line-full-todo')} />
      )}
    </div>
  )
}

function NoAnswerYet(): JSX.Element {
  const { say } = useSay()
  return (
    <div class="no-answer">
      <Mark size={56} />
      <p>{say('loading')}</p>
      <div class="late">
        <Notice tone="wait" icon="offline" what={say('line-never')} todo={say('line-never-todo')} />
      </div>
    </div>
  )
}

async function signOut(): Promise<void> {
  const answer = await api.signOut()
  if (answer.kind !== 'ok') return
  hearStart(answer.value)
  forgetPerson()
  reopen()
  location.hash = '#devices'
}
