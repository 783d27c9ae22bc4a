import { StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { Board } from './board.tsx'
import { SignIn } from './sign-in.tsx'
import './style.css'

/** The board that the address names, as in `/?board=our-plan`. */
const board = new URLSearchParams(location.search).get('board') ?? 'welcome'

function App() {
  const [me, setMe] = useState<{ name: string | null }>()
  useEffect(() => {
    fetch('/api/me')
      .then((response) => response.json())
      .then(setMe)
  }, [])
  if (!me) return null
  return me.name === null ? <SignIn board={board} /> : <Board id={board} name={me.name} />
}

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
