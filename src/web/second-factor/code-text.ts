// Codes and keys as people type and read them. Pure.

/** What was typed or pasted without the blanks that apps show between digits; at most the 20 characters that a code may have. */
export const tidyCode = (text: string): string => text.replace(/\s+/g, '').slice(0, 20)

/** `JBSW Y3DP EHPK`: read off one screen and typed into another, four at a time. */
export const inFours = (secret: string): string => secret.match(/.{1,4}/g)?.join(' ') ?? ''

/** Only what an authenticator takes may become a link of the page. */
export const isAuthenticatorAddress = (uri: string): boolean => uri.startsWith('otpauth://totp/')

/** What is kept of recovery codes in a file or on paper: a line that says what they are, then one each. */
export const codeSheet = (heading: string, codes: readonly string[]): string => `${heading}\n\n${codes.join('\n')}\n`
