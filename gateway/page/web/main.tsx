import { render } from 'preact'
import { App } from './app.tsx'
import { keepLine } from './line.ts'
import { look, showLanguage } from './store.ts'

showLanguage(look().language)
keepLine()
const room = document.getElementById('room')
if (room !== null) render(<App />, room)
