// Cookies, tickets and the claim token: 256 random bits that mean nothing by themselves. Only their digest is stored, so a stolen database opens no door.
import { createHash, timingSafeEqual } from 'node:crypto'

export type Random = (bytes: number) => Uint8Array

/** 32 bytes as 43 characters of base64url. */
export const makeToken = (random: Random): string => Buffer.from(random(32)).toString('base64url')

/** SHA-256 in hex. A plain hash is enough: there is nothing to guess in 256 random bits. */
export const digestOf = (token: string): string => createHash('sha256').update(token).digest('hex')

/** Compares in constant time, whatever the lengths. */
export const isSameToken = (one: string, other: string): boolean => timingSafeEqual(Buffer.from(digestOf(one)), Buffer.from(digestOf(other)))

/** What a sign-in, kept under `id`, is called outside: what is kept cannot be made from it. */
export const shownId = (id: string): string => createHash('sha256').update(`shown ${id}`).digest('hex').slice(0, 32)
