// A signed webhook: batches of rows as JSON, delivered when they were answered with 2xx.
import { createHash, createHmac } from 'node:crypto'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { getCACertificates } from 'node:tls'
import type { Secret } from '#domain/secret.ts'
import type { Batch, Receiver } from './forwarder.ts'
import { lookupAllowed, refuseForbiddenReceiver } from './outside-address.ts'

export type WebhookTarget = { url: string; secret: Secret; ca?: string | undefined }

export const webhookHeaders = { timestamp: 'X-Sallyport-Timestamp', signature: 'X-Sallyport-Signature', rows: 'X-Sallyport-Rows' } as const

/** `now`: ms since the epoch, for the timestamp. */
export function webhookReceiver(target: WebhookTarget, now: () => number): Receiver {
  const url = new URL(target.url)
  return {
    // Paths and queries of webhooks often hold a secret: only what tells two apart is shown.
    name: `webhook ${url.origin} ${createHash('sha256').update(url.href).digest('hex').slice(0, 8)}`,
    async send(batch, signal) {
      const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
      refuseForbiddenReceiver(url.hostname, port)
      const status = await post(url, target, batch, Math.floor(now() / 1000), signal)
      if (status < 200 || status > 299) throw new Error(`it answered with status ${status}`)
    },
  }
}

/** `v1=` and the HMAC-SHA256 over timestamp, a full stop and body; hex. */
export const webhookSignature = (secret: Secret, timestamp: number, body: string): string =>
  `v1=${createHmac('sha256', secret.reveal()).update(`${timestamp}.${body}`).digest('hex')}`

function post(url: URL, { secret, ca }: WebhookTarget, { lines, first, last }: Batch, timestamp: number, signal: AbortSignal): Promise<number> {
  const body = `{"rows":[${lines.join(',')}]}`
  const isTls = url.protocol === 'https:'
  const options = {
    method: 'POST',
    // One connection for each batch: none is kept that could have been lost unseen.
    agent: false as const,
    lookup: lookupAllowed,
    signal,
    headers: {
      'Content-Type': 'application/json',
      'Content-Length': body.length,
      [webhookHeaders.timestamp]: timestamp,
      [webhookHeaders.signature]: webhookSignature(secret, timestamp, body),
      [webhookHeaders.rows]: `${first}-${last}`,
    },
    ...(isTls ? { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] }) } : {}),
  }
  return new Promise((resolve, reject) => {
    const request = (isTls ? requestHttps : requestHttp)(url, options, (response) => {
      // What it says beside the status is nothing to us.
      response.on('error', () => undefined)
      resolve(response.statusCode ?? 0)
      request.destroy()
    })
    request.on('error', reject)
    request.end(body, 'ascii')
  })
}
