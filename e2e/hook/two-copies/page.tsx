import { SessionBackendProvider } from '@session-backend/react'
import { createRoot } from 'react-dom/client'
import { useSessionBackend } from '../../../packages/react/src/index.ts?copy'

function Document() {
  const { phase } = useSessionBackend('doc')
  return <p data-phase={phase}>{phase}</p>
}

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <SessionBackendProvider endpoint="/api/sessions">
      <Document />
    </SessionBackendProvider>,
  )
}
