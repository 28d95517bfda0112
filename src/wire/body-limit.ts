// How large the body of a request to the API may be: said once for the gateway that passes it on and for control that reads it.

/** JSON of one thing, with a private key in it at most. */
export const maxBodyBytes = 128 * 1024
/** A thousand hosts with accounts and three host keys each, a few hundred of them with private keys. */
export const maxImportBytes = 2 * 1024 * 1024
export const importPath = '/api/v1/assets/import'

/** `path` as it was asked for, without its query. */
export const bodyLimitOf = (method: string, path: string): number => (method === 'POST' && path === importPath ? maxImportBytes : maxBodyBytes)
