import '@mantine/core/styles.layer.css'
import '@mantine/notifications/styles.layer.css'
import './page.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { startWords } from './words/words.ts'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
await startWords()
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
