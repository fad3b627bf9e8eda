/** A page that shows waves as on paper. It sends nothing anywhere: all is read in the browser. */
import { drawPage, millimetrePx } from './draw.ts'
import { canShowColumns, layOut, millivoltsPerStep, pageSeconds } from './layout.ts'
import type { LayoutKind } from './layout.ts'
import { readWaves, textLimitChars } from './read.ts'
import type { Strip } from './read.ts'
import { words } from './words.ts'
import type { Language } from './words.ts'

type Notice = { readonly kind: 'none' | 'tooLarge' } | { readonly ignored: number }

interface State {
  language: Language
  strips: readonly Strip[]
  strip: number
  kind: LayoutKind
  fromSecond: number
  notice: Notice | null
}

const state: State = {
  language: new URLSearchParams(location.search).get('lang') === 'en' ? 'en' : 'id',
  strips: [],
  strip: 0,
  kind: 'columns',
  fromSecond: 0,
  notice: null,
}

function part<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id)
  if (!(element instanceof type)) throw new Error(`the page has no ${id}`)
  return element
}

const choice = part('strip', HTMLSelectElement)
const paper = part('paper', HTMLCanvasElement)

function button(id: string, press: () => void): HTMLButtonElement {
  const element = part(id, HTMLButtonElement)
  element.addEventListener('click', () => {
    press()
    show()
  })
  return element
}

button('language', () => {
  state.language = state.language === 'id' ? 'en' : 'id'
})
const layoutButtons = { columns: kindButton('columns'), rows: kindButton('rows') }
const earlier = button('earlier', () => {
  state.fromSecond = Math.max(0, state.fromSecond - pageSeconds)
})
const later = button('later', () => {
  state.fromSecond += pageSeconds
})

function kindButton(kind: LayoutKind): HTMLButtonElement {
  return button(kind, () => {
    state.kind = kind
  })
}

choice.addEventListener('change', () => {
  choose(choice.selectedIndex)
  show()
})
part('source', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault()
  open(part('text', HTMLTextAreaElement).value)
})
const file = part('file', HTMLInputElement)
file.addEventListener('change', () => {
  const [chosen] = file.files ?? []
  if (chosen === undefined) return
  if (chosen.size > textLimitChars) refuse('tooLarge')
  else void chosen.text().then(open, () => refuse('none'))
  // So that the same file can be chosen again.
  file.value = ''
})

function open(text: string): void {
  const read = readWaves(text)
  if (!read.ok) return refuse('tooLarge')
  const { strips, ignored } = read.value
  if (strips.length === 0) return refuse('none')
  state.strips = strips
  state.notice = ignored === 0 ? null : { ignored }
  choose(0)
  show()
}

/** What was shown goes away: it must not be taken for what was opened last. */
function refuse(kind: 'none' | 'tooLarge'): void {
  state.strips = []
  state.notice = { kind }
  show()
}

function choose(strip: number): void {
  state.strip = strip
  state.fromSecond = 0
  const chosen = state.strips[strip]
  state.kind = chosen !== undefined && canShowColumns(chosen) ? 'columns' : 'rows'
}

function show(): void {
  const say = words[state.language]
  document.documentElement.lang = state.language
  document.title = say.title
  for (const element of document.querySelectorAll<HTMLElement>('[data-word]')) {
    const word = say[element.dataset['word'] as keyof typeof say]
    if (typeof word === 'string') element.textContent = word
  }
  part('text', HTMLTextAreaElement).placeholder = say.paste
  showNotice()
  const strip = state.strips[state.strip]
  part('page', HTMLElement).hidden = strip === undefined
  if (strip !== undefined) showStrip(strip)
}

function showNotice(): void {
  const say = words[state.language]
  const { notice } = state
  const element = part('notice', HTMLElement)
  element.hidden = notice === null
  if (notice === null) return
  element.textContent = 'kind' in notice ? say[notice.kind] : say.ignored(notice.ignored)
}

function showStrip(strip: Strip): void {
  const say = words[state.language]
  const seconds = (strip.samples[0]?.length ?? 0) / strip.samplesPerSecond
  const pages = Math.max(1, Math.ceil(seconds / pageSeconds))
  state.fromSecond = Math.min(state.fromSecond, (pages - 1) * pageSeconds)
  choice.replaceChildren(
    ...state.strips.map((one, at) => new Option(`${at + 1} · ${one.wave} · ${timeOf(one)}`)),
  )
  choice.selectedIndex = state.strip
  for (const [kind, element] of Object.entries(layoutButtons))
    element.setAttribute('aria-pressed', String(kind === state.kind))
  layoutButtons.columns.disabled = !canShowColumns(strip)
  earlier.disabled = state.fromSecond === 0
  later.disabled = state.fromSecond + pageSeconds >= seconds
  const number = new Intl.NumberFormat(state.language, { maximumFractionDigits: 1 })
  part('seconds', HTMLOutputElement).textContent = say.seconds(
    state.fromSecond,
    state.fromSecond + pageSeconds,
    number.format(seconds),
  )
  const isScaled = strip.leads.every((lead) => millivoltsPerStep(lead) !== null)
  part('scale', HTMLElement).textContent = isScaled ? say.scale : say.noScale
  part('time', HTMLElement).textContent = timeOf(strip)
  part('simulated', HTMLElement).hidden = !strip.simulated
  showPaper(strip)
}

function timeOf({ utcMs }: Strip): string {
  if (utcMs === null) return words[state.language].noTime
  const format = new Intl.DateTimeFormat(state.language, {
    dateStyle: 'medium',
    timeStyle: 'long',
  })
  return format.format(utcMs)
}

function showPaper(strip: Strip): void {
  const layout = layOut(strip, state.kind)
  const [width, height] = [layout.widthMm * millimetrePx, layout.heightMm * millimetrePx]
  const sharp = window.devicePixelRatio
  paper.width = Math.round(width * sharp)
  paper.height = Math.round(height * sharp)
  paper.style.width = `${width}px`
  paper.style.height = `${height}px`
  const context = paper.getContext('2d')
  if (context === null) return
  context.scale(sharp, sharp)
  drawPage(context, strip, layout, state.fromSecond)
}

show()
