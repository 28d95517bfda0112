// What control tells browsers to keep: opaque, never readable by pages, never sent by another site's page.
import { cookieName } from '#wire/sign-in-cookie.ts'

const attributes = (secure: boolean) => `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`

/** The Set-Cookie header of a sign-in; it ends with the browser, and at the server at its own hour. */
export const setCookie = (token: string, secure: boolean): string => `${cookieName(secure)}=${token}; ${attributes(secure)}`
export const clearCookie = (secure: boolean): string => `${cookieName(secure)}=; Max-Age=0; ${attributes(secure)}`
