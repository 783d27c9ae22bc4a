import { type ConnectAnswer, type ConnectRequest, isRecord } from '@session-backend/core/internal'
import { vi } from 'vitest'
import { Client } from '../../support/platform.ts'

/** Talks to v2 with the account's token. Every answer is checked against the description of the API. */
export class ClientV2 extends Client {
  async connect(body: ConnectRequest = {}, service = 'memory'): Promise<ConnectAnswer> {
    const response = await this.tryConnect(body, service)
    if (!response.ok)
      throw new Error(`Connect was answered with ${response.status}: ${await response.text()}`)
    // The description of the API has been checked.
    return response.json()
  }

  tryConnect(body: unknown, service = 'memory'): Promise<Response> {
    return this.call(`/v2/service/${this.platform.account}/${service}/connect`, { method: 'POST', body })
  }

  end({ backend_id }: ConnectAnswer, hard = false): Promise<Response> {
    return this.call(`/v2/backend/${backend_id}/terminate`, { method: 'POST', body: { hard } })
  }

  /** The statuses of a backend that has ended, as they were streamed. */
  async history({ status_url }: ConnectAnswer): Promise<unknown[]> {
    const text = await (await fetch(`${status_url}/stream`)).text()
    return [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => {
      const { time: _, ...state } = JSON.parse(data)
      return state
    })
  }

  /** Waits until a backend has this status. */
  reached({ status_url }: ConnectAnswer, status: string): Promise<void> {
    return vi.waitFor(
      async () => {
        const state: unknown = await (await fetch(status_url)).json()
        if (!isRecord(state) || state.status !== status) throw new Error(`It is ${JSON.stringify(state)}.`)
      },
      { timeout: 10_000, interval: 10 },
    )
  }
}
