// What an SFTP server refuses, as a Failure whose words name the file and what the host said, cleaned.
import { Failure, type FailureCode, isFailure } from '#domain/failure.ts'
import type { SftpPath } from './sftp-request.ts'
import { StatusCode, statusWords } from './sftp-wire.ts'

const maxShownChars = 200

/** A path as a sentence shows it: in one line, its end when it is long. */
export function shownPath(path: SftpPath): string {
  const text = (typeof path === 'string' ? path : Buffer.from(path).toString('utf8')).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd').toWellFormed()
  return text.length > maxShownChars ? `…${text.slice(-maxShownChars).toWellFormed()}` : text
}

/** `detail.status` is the number. OpenSSH says `failure` for nearly everything: whoever asked finds out what it was. */
export function statusFailure(code: number, said: string, path: SftpPath): Failure {
  const shown = shownPath(path)
  const [failure, words]: [FailureCode, string] =
    code === StatusCode.noSuchFile
      ? ['file_not_found', `The host has no “${shown}”.`]
      : code === StatusCode.permissionDenied
        ? ['file_denied', `The host does not let this account do that with “${shown}”.`]
        : ['host_file_error', `The host did not do it with “${shown}”: ${statusWords(code, said)}.`]
  return new Failure(failure, words, { detail: { status: code } })
}

/** Which status a failure came of. */
export const statusOf = (cause: unknown): number | undefined => (isFailure(cause) && typeof cause.detail?.status === 'number' ? cause.detail.status : undefined)
