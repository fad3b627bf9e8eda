/** A small picture of an image. Drawn, not linked: no address names what belongs to a patient. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { api } from './api.ts'
import { useSay } from './parts.tsx'

export function Preview(props: { name: string; index: number }): JSX.Element {
  const { say } = useSay()
  const { name, index } = props
  const here = useRef<HTMLCanvasElement>(null)
  const [isMissing, setIsMissing] = useState(false)
  useEffect(() => {
    let isWanted = true
    const show = async () => {
      const answer = await api.preview(name)
      const picture =
        answer.kind === 'ok' ? await createImageBitmap(answer.value).catch(() => null) : null
      if (!isWanted) return
      const canvas = here.current
      if (picture === null || canvas === null) return setIsMissing(true)
      canvas.width = picture.width
      canvas.height = picture.height
      canvas.getContext('2d')?.drawImage(picture, 0, 0)
      picture.close()
      canvas.dataset['drawn'] = 'yes'
    }
    void show()
    return () => {
      isWanted = false
    }
  }, [name])
  if (isMissing) return <span class="preview missing">{say('images-no-preview')}</span>
  return (
    <canvas
      class="preview"
      ref={here}
      width={160}
      height={120}
      role="img"
      aria-label={say('images-preview', { index })}
    />
  )
}
