// Why somebody may use a host: for administrators and auditors.
import { Failure } from '#domain/failure.ts'
import { readDestination } from '#domain/forward-rule.ts'
import { isInNetwork } from '#domain/network.ts'
import type { GrantAction } from '#domain/grant.ts'
import { explain } from '../../access/explain.ts'
import type { AskedFile } from '../../access/missing-file.ts'
import type { ApiParts } from '../parts.ts'
import { mustBePermitted } from '../permission.ts'
import type { Routes } from '../router.ts'

export function accessRoutes(routes: Routes['access'], parts: ApiParts) {
  return {
    explain: routes.explain.handler(async ({ input: { at, destination: place, path, bytes, ...asked }, context: call }) => {
      mustBePermitted(call, { action: 'audit' })
      if (asked.source !== undefined && !isAddress(asked.source)) throw new Failure('bad_request', 'This is not an IP address.', { field: 'source' })
      const destination = place === undefined || asked.action !== 'forward' ? undefined : readDestination(place)
      if (place !== undefined && destination === undefined)
        throw new Failure('bad_request', 'Write where to forward to as HOST:PORT, with the action forward.', { field: 'destination' })
      const file = path === undefined && bytes === undefined ? undefined : readFile(asked.action, path, bytes)
      return await explain(parts.store.db, {
        ...asked,
        ...(destination ? { destination } : {}),
        ...(file ? { file } : {}),
        atMs: at === undefined ? parts.now() : Date.parse(at),
      })
    }),
  }
}

/** Throws `bad_request` where a file is no question: only `upload` and `download` are about any. */
function readFile(action: GrantAction, path: string | undefined, bytes: number | undefined): AskedFile {
  if (action !== 'upload' && action !== 'download')
    throw new Failure('bad_request', 'Files are asked about with the action upload or download.', { field: path === undefined ? 'bytes' : 'path' })
  if (path !== undefined && !/^(\/|~(\/|$))/.test(path))
    throw new Failure('bad_request', 'Write the path from the root on, or from the home folder: /srv/x, ~/x.', { field: 'path' })
  return { direction: action, path, bytes }
}

const isAddress = (text: string) => isInNetwork('0.0.0.0/0', text) || isInNetwork('::/0', text)
