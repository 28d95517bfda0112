// The tokens that programs bring: control makes and knows them, and a gateway reads one where a terminal is opened.

/** By which people, and whoever looks for secrets in files, know one. 43 characters of base64url follow. */
export const apiTokenPrefix = 'spt_'

/** Credentials of the scheme Bearer (RFC 6750 section 2.1) in an Authorization header, whatever they are; undefined when there are none. Other schemes are no business of ours: a proxy may ask for them. */
export function readBearer(header: string | undefined): string | undefined {
  const found = /^bearer +([^\s]{1,200})$/i.exec((header ?? '').trim())
  if (found) return found[1]
  return /^bearer( |$)/i.test((header ?? '').trim()) ? '' : undefined
}
