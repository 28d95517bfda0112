// The HTTP API as a program or a browser calls it: over node:http, so that a test may set every header, `Host` and `Origin` too.
import { request as plain } from 'node:http'
import { request as secure } from 'node:https'

export type ApiAnswer = {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  bytes: Buffer
  /** Undefined when the body is no JSON. */ json: unknown
}

/** An answer that is not 2xx, with the code of the error catalogue. */
export class ApiRefused extends Error {
  readonly status: number
  readonly code: string
  readonly field: string | undefined
  constructor(call: string, answer: ApiAnswer) {
    const error = (answer.json as { error?: { code?: string; message?: string; field?: string } } | undefined)?.error
    super(`${call} → ${answer.status} ${error?.code ?? ''}: ${error?.message ?? answer.text.slice(0, 300)}`)
    this.status = answer.status
    this.code = error?.code ?? ''
    this.field = error?.field
  }
}

export type RequestOptions = {
  body?: unknown
  /** Sent as they are, over what the client would send; undefined leaves the header out. */
  headers?: Record<string, string | undefined>
}

export class ApiClient {
  /** `http://127.0.0.1:8022`, without a path. */
  readonly url: string
  readonly #cookies = new Map<string, string>()
  readonly #token: string | undefined

  /** `token`: an API token, as a program brings one; it sends nothing that only pages send. */
  constructor(url: string, token?: string) {
    this.url = url.replace(/\/$/, '')
    this.#token = token
  }

  /** The `Cookie` header: for a WebSocket, or for a browser that is to be signed in already. */
  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** One request to any path; never throws for a status. A change carries `X-Sallyport: 1` and the own `Origin`, as the pages send them. */
  request(method: string, path: string, { body, headers = {} }: RequestOptions = {}): Promise<ApiAnswer> {
    const target = new URL(path, this.url)
    const isChange = method !== 'GET' && method !== 'HEAD'
    const payload =
      body === undefined ? undefined : Buffer.isBuffer(body) || typeof body === 'string' ? Buffer.from(body as string) : Buffer.from(JSON.stringify(body))
    const sent: Record<string, string | undefined> = {
      ...(isChange && this.#token === undefined ? { origin: this.url, 'x-sallyport': '1' } : {}),
      ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      ...(payload ? { 'content-type': 'application/json', 'content-length': `${payload.length}` } : {}),
      ...(this.#cookies.size > 0 ? { cookie: this.cookie } : {}),
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    }
    for (const name of Object.keys(sent)) if (sent[name] === undefined) delete sent[name]
    return new Promise((resolve, reject) => {
      // Self-signed is what the product makes when asked; whether a certificate is right is a test of its own.
      const send = target.protocol === 'https:' ? secure : plain
      const request = send(target, {
        method,
        headers: sent as Record<string, string>,
        agent: false,
        ...(target.protocol === 'https:' ? { rejectUnauthorized: false } : {}),
      })
      request.setTimeout(60_000, () => request.destroy(new Error(`${method} ${path}: no answer in 60 s`)))
      request.on('error', reject)
      request.on('response', (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          this.#remember(response.headers['set-cookie'] ?? [])
          const bytes = Buffer.concat(chunks)
          const text = bytes.toString('utf8')
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, bytes, json: parsed(text) })
        })
      })
      request.end(payload)
    })
  }

  /** One call below `/api/v1`; answers its JSON or throws `ApiRefused`. */
  async call<Answer = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.request(method, `/api/v1${path}`, body === undefined ? {} : { body })
    if (answer.status < 200 || answer.status > 299) throw new ApiRefused(`${method} ${path}`, answer)
    return answer.json as Answer
  }

  claim(token: string, username: string, password: string) {
    return this.call('POST', '/claim', { token, username, password })
  }
  signIn(username: string, password: string) {
    return this.call('POST', '/sign-in', { username, password })
  }
  async signOut() {
    await this.call('POST', '/sign-out')
  }

  #remember(lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const at = pair.indexOf('=')
      const isGone = pair.endsWith('=') || attributes.some((attribute) => /^max-age=0$/i.test(attribute))
      if (isGone) this.#cookies.delete(pair.slice(0, at))
      else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // a page, a recording
  }
}
