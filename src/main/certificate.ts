// The web listener's certificate: files that an administrator keeps, or one that signs itself, made once and kept with the data.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { CommandFailed } from './say.ts'

export type Certificate = { cert: string; key: string }

const dayMs = 86_400_000
/** Browsers refuse server certificates that live longer than 825 days; this one is renewed at a start within its last month. */
const validDays = 397
const renewBeforeMs = 30 * dayMs

/** Throws `CommandFailed` when a file cannot be read or the two do not belong together. */
export function readCertificate(certFile: string, keyFile: string): Certificate {
  const [cert, key] = [readText(certFile), readText(keyFile)]
  try {
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) throw new Error('the key does not belong to the certificate')
  } catch (cause) {
    throw new CommandFailed(`${certFile} with ${keyFile}: ${cause instanceof Error ? cause.message : 'not a certificate and its key'}`, { cause })
  }
  return { cert, key }
}

/** Keeps `cert.pem` and `key.pem` (0600) in the folder; makes them anew when they are about to expire or lack one of the names. */
export async function selfSignedCertificate(folder: string, names: readonly string[]): Promise<Certificate> {
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const wanted = [...new Set(['localhost', '127.0.0.1', '::1', hostname(), ...names])]
  if (existsSync(certFile) && existsSync(keyFile)) {
    const kept = readCertificate(certFile, keyFile)
    const read = new X509Certificate(kept.cert)
    const fits = wanted.every((name) => (isIP(name) ? read.checkIP(name) : read.checkHost(name)) !== undefined)
    if (fits && Date.parse(read.validTo) - Date.now() > renewBeforeMs) return kept
  }
  const made = await generate([{ name: 'commonName', value: 'Sallyport' }], {
    keyType: 'ec',
    notAfterDate: new Date(Date.now() + validDays * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: wanted.map((name) => (isIP(name) ? { type: 7, ip: name } : { type: 2, value: name })) },
    ],
  })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const [path, text] of [
    [keyFile, made.private],
    [certFile, made.cert],
  ] as const) {
    writeFileSync(`${path}.new`, text, { mode: 0o600 })
    renameSync(`${path}.new`, path)
  }
  return readCertificate(certFile, keyFile)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new CommandFailed(`${path} cannot be read: ${cause instanceof Error ? cause.message : 'unknown fault'}`, { cause })
  }
}
