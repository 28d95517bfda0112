import { mkdtempSync } from 'node:fs'
import { chmod, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A new folder that other users may pass through: gateways and test accounts run under uids of their own. */
export async function makeTempFolder(name: string): Promise<{ path: string; remove: () => Promise<void> }> {
  const folder = mkdtempSync(path.join(tmpdir(), `sallyport-${name}-`))
  await chmod(folder, 0o755)
  return { path: folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }) }
}
