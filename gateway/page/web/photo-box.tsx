/** A photo of what was read, and whether the numbers came from the display or from the photo. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { formatBytes } from './format.ts'
import { Icon } from './icons.tsx'
import { Notice, useSay } from './parts.tsx'
import { shrink, type Shot } from './photo.ts'

export interface Photo {
  readonly shot: Shot
  /** null until the person has said it: there is no default. */
  readonly isSource: boolean | null
}

export function PhotoBox(props: {
  photo: Photo | null
  onPhoto: (photo: Photo | null) => void
}): JSX.Element {
  const { say } = useSay()
  const { photo, onPhoto } = props
  const [isUnreadable, setUnreadable] = useState(false)
  const take = async (file: File | undefined) => {
    if (file === undefined) return
    const shot = await shrink(file)
    setUnreadable(shot === null)
    if (shot !== null) onPhoto({ shot, isSource: null })
  }
  return (
    <div class="photo-box">
      {photo === null ? (
        <label class="button plain photo-take">
          <Icon name="camera" />
          <span>{say('photo-take')}</span>
          <input
            class="sr-only"
            type="file"
            name="photo"
            accept="image/*"
            capture="environment"
            onChange={(event) => {
              void take(event.currentTarget.files?.[0])
              event.currentTarget.value = ''
            }}
          />
        </label>
      ) : (
        <Taken photo={photo} onPhoto={onPhoto} />
      )}
      {isUnreadable && <Notice tone="bad" icon="warning" what={say('photo-unreadable')} />}
    </div>
  )
}

function Taken(props: { photo: Photo; onPhoto: (photo: Photo | null) => void }): JSX.Element {
  const { say, language } = useSay()
  const { photo, onPhoto } = props
  const sources = [
    { isSource: false, key: 'photo-from-display' },
    { isSource: true, key: 'photo-from-photo' },
  ] as const
  return (
    <div class="photo-taken">
      <Small shot={photo.shot} />
      <fieldset class="keypad-choices">
        <legend>{say('photo-source')}</legend>
        <div>
          {sources.map(({ isSource, key }) => (
            <label key={key} class={photo.isSource === isSource ? 'chosen' : ''}>
              <input
                type="radio"
                name="photo-source"
                checked={photo.isSource === isSource}
                onChange={() => onPhoto({ ...photo, isSource })}
              />
              <span>{say(key)}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <button type="button" class="icon-button" onClick={() => onPhoto(null)}>
        <Icon name="cross" />
        <span class="sr-only">
          {say('photo-remove', { size: formatBytes(photo.shot.bytes, language) })}
        </span>
      </button>
    </div>
  )
}

const smallSide = 240

/** Drawn, not linked: the page may show no picture but its own. */
function Small({ shot }: { shot: Shot }): JSX.Element {
  const { say } = useSay()
  const here = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const canvas = here.current
    if (canvas === null) return
    const scale = smallSide / Math.max(shot.canvas.width, shot.canvas.height)
    canvas.width = Math.round(shot.canvas.width * scale)
    canvas.height = Math.round(shot.canvas.height * scale)
    canvas.getContext('2d')?.drawImage(shot.canvas, 0, 0, canvas.width, canvas.height)
  }, [shot])
  return <canvas class="photo-small" ref={here} role="img" aria-label={say('photo-alt')} />
}
