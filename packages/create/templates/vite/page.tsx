import { StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { Board } from './board.tsx'
import { SignIn } from './sign-in.tsx'

/** The board that the address names, as in `/#our-plan`. */
function App() {
  const [name, setName] = useState<string | null>()
  useEffect(() => {
    fetch('/api/me')
      .then((response) => response.json())
      .then((me: { name: string | null }) => setName(me.name))
  }, [])
  if (name === undefined) return null
  return name === null ? <SignIn /> : <Board id={location.hash.slice(1) || 'welcome'} name={name} />
}

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
