// What every answer tells browsers. Measured with the real terminal and player: see the comments.

// xterm, of terminals and of replays, writes <style> elements; nothing here needs style attributes, inline scripts or WebAssembly.
const page = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src-elem 'self' 'unsafe-inline'",
  "style-src-attr 'none'",
  "img-src 'self' data:",
  "font-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** `page`: the document. `data`: everything that is not one, and must never act as one. */
export type AnswerKind = 'page' | 'data'
const policies: Record<AnswerKind, string> = { page, data: "default-src 'none'; frame-ancestors 'none'" }

/** For one answer. `secure`: the person came by TLS, to us or to a trusted proxy. */
export function securityHeaders(kind: AnswerKind, secure: boolean): Record<string, string> {
  return {
    'content-security-policy': policies[kind],
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-read=(self), clipboard-write=(self)',
    ...(secure ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  }
}
