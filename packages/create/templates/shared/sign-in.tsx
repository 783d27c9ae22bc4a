/** Asks for a name. The form works without JavaScript, too. */
export function SignIn() {
  return (
    <form className="sign-in" method="post" action="/api/sign-in">
      <h1>Draw together</h1>
      <label>
        Your name
        <input name="name" required maxLength={30} autoComplete="nickname" />
      </label>
      <button type="submit" className="primary">
        Open the board
      </button>
    </form>
  )
}
