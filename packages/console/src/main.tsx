import '@cloudscape-design/global-styles/index.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'

const root = document.querySelector('#root')
if (root === null) throw new Error('index.html has no element for the console')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
