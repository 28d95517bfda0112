// What every answer tells browsers. Measured with the real terminal and player: see the comments.

// xterm writes <style> elements, nothing here needs style attributes or inline scripts.
const policy = (scripts: string, ancestors: string) =>
  [
    "default-src 'none'",
    `script-src ${scripts}`,
    "style-src-elem 'self' 'unsafe-inline'",
    "style-src-attr 'none'",
    "img-src 'self' data:",
    "font-src 'self'",
    "worker-src 'self'",
    "connect-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${ancestors}`,
  ].join('; ')

export type DocumentKind = 'page' | 'page-with-player' | 'player' | 'none'
const policies: Record<DocumentKind, string> = {
  page: policy("'self'", "'none'"),
  // asciinema-player compiles WebAssembly, which no other part needs: without this word its `seek()` never settles.
  'page-with-player': policy("'self' 'wasm-unsafe-eval'", "'none'"),
  player: policy("'self' 'wasm-unsafe-eval'", "'self'"),
  none: "default-src 'none'; frame-ancestors 'none'",
}

/** For one answer. `secure`: the person came by TLS, to us or to a trusted proxy. */
export function securityHeaders(kind: DocumentKind, secure: boolean): Record<string, string> {
  return {
    'content-security-policy': policies[kind],
    'x-content-type-options': 'nosniff',
    'x-frame-options': kind === 'player' ? 'SAMEORIGIN' : 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-read=(self), clipboard-write=(self)',
    ...(secure ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  }
}
