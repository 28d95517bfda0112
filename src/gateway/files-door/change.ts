// Changes of names, folders and rights. Each counts as an upload and is judged where it happens: a name by the folder in which it really stands, so that through a link into a permitted
// folder nothing outside of it is renamed or removed.
import type { IncomingMessage } from 'node:http'
import { MakeFolder, Remove, Rename, SetMode } from '#wire/files.ts'
import type { FilesSession } from '../files/files-session.ts'
import { plainPath } from './look.ts'
import { readJson } from './read-json.ts'

export const changes = ['folder', 'rename', 'remove', 'mode'] as const
export type Change = (typeof changes)[number]

/** Does what the body asks for. Throws `Failure`. */
export async function doChange(session: FilesSession, what: Change, request: IncomingMessage): Promise<void> {
  await session.roomForActs()
  switch (what) {
    case 'folder': {
      const { path } = await readJson(request, MakeFolder)
      const place = await session.files.place(plainPath(path))
      session.judge('mkdir', place)
      return session.change({ deed: 'mkdir', path: place }, () => session.files.makeFolder(place))
    }
    case 'rename': {
      const { from, to, overwrite } = await readJson(request, Rename)
      const [place, target] = [await session.files.place(plainPath(from)), await session.files.place(plainPath(to))]
      session.judge('rename', place, undefined, target)
      return session.change({ deed: 'rename', path: place, to: target }, () => session.files.rename(place, target, overwrite))
    }
    case 'remove': {
      const { path, recursive } = await readJson(request, Remove)
      const place = await session.files.place(plainPath(path))
      session.judge('remove', place)
      await session.change({ deed: 'remove', path: place }, () => session.files.remove(place, { recursive, signal: session.signal }))
      return
    }
    case 'mode': {
      const { path, mode } = await readJson(request, SetMode)
      // Rights are those of what a link leads to.
      const real = await session.files.real(plainPath(path))
      session.judge('setstat', real)
      return session.change({ deed: 'setstat', path: real }, () => session.files.setMode(real, mode))
    }
  }
}
