import { SessionBackendProvider } from '@session-backend/react'
import type { Metadata, Viewport } from 'next'
import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { COOKIE, readUser } from '../lib/users.ts'
import './style.css'

export const metadata: Metadata = {
  title: { default: 'Whiteboards', template: '%s – Whiteboards' },
  referrer: 'no-referrer',
}
export const viewport: Viewport = { colorScheme: 'light dark' }

/**
 * A session outlives its page until all is saved. It doesn't outlive the sign-in: each user has a provider.
 */
export default async function Layout({ children }: { children: ReactNode }) {
  const user = await readUser((await cookies()).get(COOKIE)?.value)
  return (
    <html lang="en">
      <body>
        <SessionBackendProvider key={user?.name} endpoint="/api/sessions">
          {children}
        </SessionBackendProvider>
      </body>
    </html>
  )
}
