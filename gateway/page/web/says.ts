/** What a record says, as one line of text. */
import { photoTitle } from '../../../drivers/keypad/photo.ts'
import type { Words } from '../../../protocols/packet/record.ts'
import type { Language } from '../both.ts'
import type { Says } from '../wire.ts'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatUncertainty,
  formatValue,
} from './format.ts'
import { readingsOf } from './terms.ts'
import { words, type Key, type Say } from './words.ts'

export interface Line {
  /** What it is, such as the name of a quantity. */
  readonly term: string
  /** What it says, such as the number with its unit; empty when the term says all. */
  readonly text: string
  /** The code of the quantity; empty for what is none. */
  readonly code: string
}

const meterWords: Readonly<{ [beyond: string]: string }> = { above: 'HI', below: 'LO' }

function whole(term: string): readonly Line[] {
  return [{ term, text: '', code: '' }]
}

/** Measurements and numerics have one line for each reading; everything else has one. */
export function linesOf(says: Says, say: Say, language: Language): readonly Line[] {
  switch (says.kind) {
    case 'measurement':
    case 'numerics':
      return readingsOf(says.values, language).map((reading) => {
        const aside = reading.aside === null ? '' : ` (${reading.aside})`
        const absent = meterWords[says.qualifiers['beyond'] ?? ''] ?? say('says-no-value')
        const text = reading.text === null ? absent : `${reading.text} ${reading.unit}${aside}`
        return { term: reading.term, text: text.trim(), code: reading.code }
      })
    case 'waveform':
      return whole(waveLine(says, say, language))
    case 'event': {
      const event = eventName(says.code, say)
      if (says.active === null) return whole(event)
      const key = says.active ? 'says-event-begins' : 'says-event-ends'
      return whole(say(key, { event }))
    }
    case 'document': {
      const size = formatBytes(says.sizeBytes, language)
      const title = says.title === photoTitle ? say('photo-alt') : says.title
      return whole(say('says-document', { title, size }))
    }
    case 'image': {
      const size = formatBytes(says.sizeBytes, language)
      return whole(say('says-image', { modality: says.modality ?? 'DICOM', size }))
    }
    case 'rendition': {
      const size = formatBytes(says.sizeBytes, language)
      return whole(say(`says-${says.role}`, { size }))
    }
    case 'clock': {
      const uncertainty = formatUncertainty(says.uncertaintyMs, language)
      return whole(
        say('says-clock', { authority: authorityName(says.authority, say), uncertainty }),
      )
    }
    case 'loss': {
      const count = formatCount(says.count, language)
      return whole(say('says-loss', { count, stream: says.stream }))
    }
    case 'patient':
      return whole(say('says-patient'))
    case 'visit':
      return whole(say(`says-visit-${says.state}`))
    case 'order':
      return whole(say(`says-order-${says.state}`))
    case 'identity':
      return whole(say(`says-identity-${says.state}`))
    case 'procedure':
      return whole(say(`says-procedure-${says.state}`))
    default:
      return whole(say('says-device', { label: says.label }))
  }
}

/** What else a measurement says that a person should know. Settings of the device are left out. */
export function notesOf(says: Says, say: Say, language: Language): readonly string[] {
  if (says.kind !== 'measurement' && says.kind !== 'numerics') return []
  const { fasting, posture, beyond, signal, first, second, differ, implausible } = says.qualifiers
  const { irregularPulses, bodyMovement, probe } = says.qualifiers
  const { specimenId } = says
  const notes: (string | null)[] = [
    specimenId === undefined ? null : say('note-specimen', { specimen: specimenId }),
    probe === undefined ? null : say('note-probe', { probe }),
    ...laboratoryNotes(says.qualifiers, say),
    ...keypadNotes(says.qualifiers, say),
    fasting === 'yes' ? say('note-fasting') : fasting === 'no' ? say('note-random') : null,
    posture === 'standing' ? say('note-standing') : null,
    posture === 'lying' ? say('note-lying') : null,
    beyond === 'above' ? say('note-above') : beyond === 'below' ? say('note-below') : null,
    signal === 'weak' ? say('note-weak') : null,
    Number(irregularPulses ?? 0) > 0 ? say('note-irregular') : null,
    Number(bodyMovement ?? 0) > 0 ? say('note-movement') : null,
    first === undefined || second === undefined
      ? null
      : say('note-twice', {
          first: formatValue(Number(first), language),
          second: formatValue(Number(second), language),
        }),
    differ === undefined ? null : say('note-differ'),
    implausible === undefined ? null : say('note-implausible'),
  ]
  return notes.filter((note) => note !== null)
}

/** What an analyser says of its own results. */
function laboratoryNotes(qualifiers: Words, say: Say): readonly (string | null)[] {
  const { control, doubtful, alerts, errors } = qualifiers
  return [
    control === undefined ? null : say('note-control'),
    doubtful === undefined ? null : say('note-doubtful'),
    alerts === undefined ? null : alerts,
    errors === undefined ? null : say('note-errors', { errors }),
  ]
}

/** What a person said beside what was typed. */
function keypadNotes(qualifiers: Words, say: Say): readonly (string | null)[] {
  const { meal, arm, oxygen, oedema, stripLot, store, photo, confirmed } = qualifiers
  const meals: Readonly<{ [meal: string]: string }> = {
    casual: say('note-random'),
    fasting: say('note-fasting'),
    before: say('note-before-meal'),
    after: say('note-after-meal'),
    'after-2h': say('note-two-hours'),
    bedtime: say('note-bedtime'),
  }
  return [
    meals[meal ?? ''] ?? null,
    arm === 'left' ? say('note-left-arm') : arm === 'right' ? say('note-right-arm') : null,
    qualifiers['posture'] === 'sitting' ? say('note-sitting') : null,
    oxygen === 'given' ? say('note-oxygen') : null,
    oedema === undefined || oedema === 'none' ? null : say('note-oedema', { oedema }),
    store === undefined ? null : store.replaceAll('-', ' '),
    stripLot === undefined ? null : say('note-lot', { lot: stripLot }),
    confirmed === undefined ? null : say('note-confirmed'),
    photo === undefined ? null : say('note-photo'),
  ]
}

function waveLine(says: Says & { kind: 'waveform' }, say: Say, language: Language): string {
  const details = {
    wave: waveName(says.wave, say),
    duration: formatDuration(says.durationMs, language),
  }
  return says.leads.length > 1
    ? say('says-waveform', { ...details, leads: says.leads.length })
    : say('says-waveform-one', details)
}

export function waveName(wave: string, say: Say): string {
  const key = `wave-${wave}`
  return isKey(key) ? say(key as 'wave-ecg') : wave
}

/** Who knew the time. One that nobody named is shown as it is. */
export function authorityName(authority: string, say: Say): string {
  const key = `authority-${authority}`
  return isKey(key) ? say(key as 'authority-ntp') : authority
}

/** An event that nobody named is shown by its code. */
export function eventName(code: string, say: Say): string {
  const probe = /^temperature-(\w+)-off$/.exec(code)?.[1]
  if (probe !== undefined) return say('event-temperature-off', { probe })
  const key = `event-${code}`
  return isKey(key) ? say(key as 'event-lead-off') : code.replaceAll('-', ' ')
}

function isKey(key: string): key is Key {
  return Object.hasOwn(words, key)
}
