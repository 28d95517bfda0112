// Where somebody is in a host's tree, and where they were. Pure. Paths are those of the host: absolute, with `/`.

export const joinPath = (folder: string, name: string): string => (folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`)
/** Of the root: the root. */
export const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 1))
/** The last name; of the root `/`. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1) || '/'

export type Crumb = { name: string; path: string }
/** From the root on. */
export function crumbsOf(folder: string): Crumb[] {
  const crumbs: Crumb[] = [{ name: '/', path: '/' }]
  let path = ''
  for (const name of folder.split('/')) {
    if (name === '') continue
    path += `/${name}`
    crumbs.push({ name, path })
  }
  return crumbs
}

/** What was typed, as a path: `~` is the account's home, anything without a slash at its beginning lies in the present folder. */
export function typedPath(text: string, folder: string, home: string): string {
  const clean = text.trim()
  if (clean === '~') return home
  if (clean.startsWith('~/')) return joinPath(home, clean.slice(2))
  return clean.startsWith('/') ? clean : joinPath(folder, clean)
}

/** `behind` has the folders before this one, the nearest last; `ahead` those that were left by going back, the nearest last. */
export type Places = { behind: readonly string[]; at: string; ahead: readonly string[] }
/** Nobody goes back further than this. */
const mostPlaces = 100

export const beginAt = (at: string): Places => ({ behind: [], at, ahead: [] })
export function goTo(places: Places, folder: string): Places {
  return folder === places.at ? places : { behind: [...places.behind, places.at].slice(-mostPlaces), at: folder, ahead: [] }
}
export function goBack({ behind, at, ahead }: Places): Places | undefined {
  const last = behind.at(-1)
  return last === undefined ? undefined : { behind: behind.slice(0, -1), at: last, ahead: [...ahead, at] }
}
export function goAhead({ behind, at, ahead }: Places): Places | undefined {
  const next = ahead.at(-1)
  return next === undefined ? undefined : { behind: [...behind, at], at: next, ahead: ahead.slice(0, -1) }
}
/** The host's own name for where one is (it follows links): no step of its own. */
export const renamedPlace = (places: Places, folder: string): Places => ({ ...places, at: folder })
