// What is wrong with a pasted key, said before it is sent: a private one must not leave the browser at all. Control reads the key itself. Pure.

export type KeyLineFault = 'empty' | 'private' | 'several' | 'putty' | 'certificate' | 'options' | 'unsupported' | 'cut'
/** `comment`: what stands after the key, often `user@laptop`. */
export type KeyLine = { line: string; type: string; comment: string }

const taken = new Set([
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
])
const isSecret = (text: string) => /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|^PuTTY-User-Key-File-\d/m.test(text)

/** The one line of a `.pub` file, or why it is none. Comment lines and empty ones around it do not count. */
export function readKeyLine(text: string): KeyLine | KeyLineFault {
  if (isSecret(text)) return 'private'
  if (/^---- BEGIN SSH2 PUBLIC KEY ----/m.test(text)) return 'putty'
  const lines = text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const [line, second] = lines
  if (line === undefined) return 'empty'
  const [type = '', blob = '', ...rest] = line.split(/\s+/)
  // A terminal that breaks a long line leaves a rest that begins with no type.
  if (second !== undefined) return startsKey(second) ? 'several' : 'cut'
  if (/-cert-v\d\d@openssh\.com$/.test(type)) return 'certificate'
  if (!taken.has(type)) return [...taken].some((one) => line.includes(`${one} `)) ? 'options' : 'unsupported'
  return isWhole(type, blob) ? { line, type, comment: rest.join(' ').slice(0, 100) } : 'cut'
}

const startsKey = (line: string) => /^(?:[a-z0-9-]+@openssh\.com|ssh-[a-z0-9]+|ecdsa-[a-z0-9-]+)\s/.test(line)

/** Base64 whose first string names the same type, and whose last ends where it ends (RFC 4251 section 5: each string after its length). */
function isWhole(type: string, blob: string): boolean {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(blob) || blob.length % 4 !== 0) return false
  const bytes = Uint8Array.from(atob(blob), (char) => char.charCodeAt(0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (let fields = 0; at < bytes.length; fields++) {
    if (at + 4 > bytes.length) return false
    const length = view.getUint32(at)
    if (at + 4 + length > bytes.length) return false
    if (fields === 0 && new TextDecoder().decode(bytes.subarray(4, 4 + length)) !== type) return false
    at += 4 + length
  }
  return at > 0
}
