/** A backend doesn't do what it must. */
export class Finding extends Error {
  override readonly name = 'Finding'

  /**
   * @param happened What happened, in sentences.
   * @param todo What to do, in sentences.
   */
  constructor(
    happened: string,
    readonly todo: string,
  ) {
    super(happened)
  }
}
