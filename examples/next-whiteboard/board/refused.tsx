import Link from 'next/link'

/** A board that the user may not open: there is nothing to show, and nothing to try again. */
export function Refused({ title, message }: { title: string; message: string }) {
  return (
    <main className="narrow">
      <h1>{title}</h1>
      <p role="alert">{message}</p>
      <Link href="/">All boards</Link>
    </main>
  )
}
