/** Asks for a name, then opens the board. The form works without JavaScript too. */
export function SignIn({ board }: { board: string }) {
  return (
    <form className="sign-in" method="post" action="/api/sign-in">
      <h1>Draw together</h1>
      <p>Everybody on this board sees your lines, your cursor and this name.</p>
      <label>
        Your name
        <input name="name" required maxLength={30} autoComplete="nickname" />
      </label>
      <input type="hidden" name="board" value={board} />
      <button type="submit" className="primary">
        Open the board
      </button>
    </form>
  )
}
