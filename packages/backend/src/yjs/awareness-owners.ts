/** One page has one client for each document, and a page has few documents in one room. */
const MAX_CLIENTS = 16

/** Whose connection each awareness client came over: it leaves with that connection. */
export class AwarenessOwners<Owner> {
  readonly #clients = new Map<Owner, Set<number>>()
  readonly #owners = new Map<number, Owner>()

  /** Takes in what changed, over the connection of `owner` if it came from a page. */
  update(
    { added, updated, removed }: Record<'added' | 'updated' | 'removed', number[]>,
    owner?: Owner,
  ): void {
    for (const client of removed) this.#forget(client)
    if (owner === undefined) return
    // A client that comes back over a new socket doesn't leave with the old one, which may be found dead much
    // later.
    for (const client of [...added, ...updated]) {
      this.#forget(client)
      this.#owners.set(client, owner)
      this.#clients.set(owner, (this.#clients.get(owner) ?? new Set()).add(client))
    }
  }

  /** Whether a connection has brought no more clients than a page needs. */
  isModest(owner: Owner): boolean {
    return (this.#clients.get(owner)?.size ?? 0) <= MAX_CLIENTS
  }

  /** A connection has ended. Returns its clients. */
  leave(owner: Owner): number[] {
    const clients = [...(this.#clients.get(owner) ?? [])]
    for (const client of clients) this.#owners.delete(client)
    this.#clients.delete(owner)
    return clients
  }

  #forget(client: number): void {
    const owner = this.#owners.get(client)
    if (owner === undefined) return
    this.#owners.delete(client)
    this.#clients.get(owner)?.delete(client)
  }
}
