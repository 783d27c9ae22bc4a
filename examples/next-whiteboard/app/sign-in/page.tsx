import { signIn } from './actions.ts'

/** Who are you, and what may you do? */
export default function SignIn() {
  return (
    <main className="narrow">
      <h1>Whiteboards</h1>
      <form action={signIn} className="sign-in">
        <label>
          Your name
          <input name="name" required maxLength={40} autoComplete="nickname" />
        </label>
        <fieldset>
          <legend>Your role</legend>
          <label>
            <input type="radio" name="role" value="editor" defaultChecked /> Editor: draws
          </label>
          <label>
            <input type="radio" name="role" value="viewer" /> Viewer: watches
          </label>
        </fieldset>
        <button type="submit" className="primary">
          Sign in
        </button>
      </form>
    </main>
  )
}
