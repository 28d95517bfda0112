// Where the shell stands, as it says itself with each prompt (OSC 7: `file://host/path`). A host may say anything: it is a proposal that a person sees before something goes there.
import type { IDisposable, IParser } from '@xterm/xterm'
import { canonicalPath } from '#domain/file-rule.ts'

/** Of a path; three characters for each byte when it is encoded. */
const mostPath = 4096
const mostSaid = mostPath * 3 + 300

/** `host` in lower case, empty when none is named. Undefined when it is no folder that could be. */
export function readShellFolder(data: string): { host: string; folder: string } | undefined {
  if (data.length > mostSaid) return undefined
  const [, scheme, host = '', path = ''] = /^(file|kitty-shell-cwd):\/\/([^/]{0,255})(\/.*)$/su.exec(data) ?? []
  if (scheme === undefined) return undefined
  let folder = path
  try {
    if (scheme === 'file') folder = decodeURIComponent(path)
  } catch {
    return undefined // no UTF-8: it could not be named in a request either
  }
  if (folder.length > mostPath || /\p{Cc}|\p{Cf}/u.test(folder)) return undefined
  return { host: host.toLowerCase(), folder: canonicalPath(folder) }
}

const isNameless = (host: string) => host === '' || host === 'localhost'

/** The first host that is named is the session's: whoever goes on from there to another one by `ssh` stands where our uploads do not go. */
export class ShellFolder {
  #host: string | undefined

  /** Undefined: not known (any more). */
  heard(data: string): string | undefined {
    const said = readShellFolder(data)
    if (!said) return undefined
    if (!isNameless(said.host)) this.#host ??= said.host
    return isNameless(said.host) || said.host === this.#host ? said.folder : undefined
  }
}

/** `changed` is told each time it is another one. */
export function followShellFolder(parser: IParser, changed: (folder: string | undefined) => void): IDisposable {
  const shell = new ShellFolder()
  let last: string | undefined
  return parser.registerOscHandler(7, (data) => {
    const folder = shell.heard(data)
    if (folder !== last) changed((last = folder))
    return true
  })
}
