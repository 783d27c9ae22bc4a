import { headers } from 'next/headers'
import { Board } from '../board.tsx'
import { nameIn } from '../sessions.ts'
import { SignIn } from '../sign-in.tsx'

/** The board that the address names, as in `/?board=our-plan`. */
export default async function Page({ searchParams }: { searchParams: Promise<{ board?: string }> }) {
  const name = nameIn((await headers()).get('cookie'))
  const { board = 'welcome' } = await searchParams
  return name === undefined ? <SignIn board={board} /> : <Board id={board} name={name} />
}
