/** Who uses this browser: every decision is kept with a name. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { nameLengthMax } from '../patient-check.ts'
import { Icon } from './icons.tsx'
import { Button, useSay } from './parts.tsx'
import { rememberPerson, useKnown } from './store.ts'
import { TextBox } from './text-box.tsx'

export function PersonBar(): JSX.Element {
  const { say } = useSay()
  const person = useKnown((known) => known.person)
  const [isChanging, setIsChanging] = useState(false)
  const [name, setName] = useState('')
  if (person !== '' && !isChanging) {
    return (
      <p class="person-bar">
        <Icon name="person" size={18} />
        <span>{say('person-is', { name: person })}</span>
        <button type="button" class="link" onClick={() => setIsChanging(true)}>
          {say('person-change')}
        </button>
      </p>
    )
  }
  const plain = name.trim()
  return (
    <form
      class="person-ask"
      onSubmit={(event) => {
        event.preventDefault()
        if (plain === '') return
        rememberPerson(plain)
        setIsChanging(false)
        setName('')
      }}
    >
      <h2>{say('person-ask')}</h2>
      <p class="hint">{say('person-why')}</p>
      <TextBox
        name="person"
        label={say('person-name')}
        value={name}
        lengthMax={nameLengthMax}
        capitals="words"
        onInput={setName}
      />
      <Button type="submit" icon="check" disabled={plain === ''}>
        {say('save')}
      </Button>
    </form>
  )
}
