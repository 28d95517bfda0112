// What a command of an SSH client is: a copy by scp or rsync, SFTP started by hand, or any program. Read from the command alone, before the host sees it.
//
// A right to upload or download is no right to run programs, so a copy is only what can be nothing else: plain words, a known program by its usual name, and
// options that are known to copy and nothing more. Whatever is left is `exec` and needs that right. The other way round nothing can be promised: a program moves
// files as it likes (`cat > file`), so a grant for `exec` lets files in and out, whatever it says of uploads.
import { type ShellWord, shellWords } from './shell-words.ts'

export type CommandKind =
  | { kind: 'exec' }
  | { kind: 'sftp' }
  | { kind: 'scp'; direction: Direction; paths: string[]; recursive: boolean }
  | { kind: 'rsync'; direction: Direction; paths: string[] }
/** As the operator sees it: an upload writes on the host. */
export type Direction = 'upload' | 'download'

const exec: CommandKind = { kind: 'exec' }
const programFolder = /^(?:\/(?:usr\/(?:local\/)?)?bin\/)?(scp|rsync)$/
const sftpServer = /^(?:internal-sftp|\/usr\/(?:local\/)?(?:lib|libexec|lib64)\/(?:openssh\/|ssh\/|misc\/)?sftp-server)$/
const maxPathChars = 4096

/** `command` as the client sent it: bytes, of any length. */
export function kindOfCommand(command: Uint8Array): CommandKind {
  const [program, ...rest] = shellWords(command) ?? []
  if (!program || program.mayBecomeOption) return exec
  if (sftpServer.test(program.text)) return rest.length === 0 ? { kind: 'sftp' } : exec
  const name = programFolder.exec(program.text)?.[1]
  return (name === 'scp' ? scpOf(rest) : name === 'rsync' ? rsyncOf(rest) : undefined) ?? exec
}

/** `scp -v -r -p -d -t -- path` and the like, of OpenSSH and of others, which write the options together. */
function scpOf(words: ShellWord[]): CommandKind | undefined {
  let options = ''
  let at = 0
  for (; at < words.length; at++) {
    const text = words[at]?.text ?? ''
    if (text === '--' || !/^-[dfpqrtv]+$/.test(text)) break
    options += text.slice(1)
  }
  const isClosed = words[at]?.text === '--'
  const files = words.slice(isClosed ? at + 1 : at)
  const sends = options.includes('f')
  if (sends === options.includes('t') || files.length === 0 || (!sends && files.length > 1)) return undefined
  // A wildcard may find a file that is named like an option: to a receiving scp it would say to send. A sending one knows none that matters.
  if (!isClosed && files.some((word) => word.text.startsWith('-') || (word.mayBecomeOption && !sends))) return undefined
  return { kind: 'scp', direction: sends ? 'download' : 'upload', paths: files.map(pathOf), recursive: options.includes('r') }
}

/** Without an argument, before `e` with what the client can do. Not `s`: then the options come with the data, and nobody sees them here. */
const rsyncLetters = /^-[AbcCdDEgHiIJkKlLmnNoOpqrRStuUvWxXyz]*(?:e[A-Za-z.0-9]*)?$/
/** What rsync's client tells the other end, of that what copies and removes there and does nothing else. Not among them: `--daemon`, `--config`, `--log-file`, `--write-batch`. */
const rsyncOptions = new RegExp(
  `^(?:-B\\d+|--(?:${[
    'append(?:-verify)?|bwlimit=\\d+|block-size=\\d+|checksum-choice=[\\w,]+|checksum-seed=-?\\d+|compress-choice=\\w+|compress-level=-?\\d+|copy-unsafe-links',
    'delay-updates|delete(?:-before|-during|-after|-delay|-excluded|-missing-args)?|existing|fake-super|force|from0|fsync|fuzzy|groupmap=[^=]*|iconv=[\\w.-]+',
    'ignore-errors|ignore-existing|ignore-missing-args|ignore-non-existing|inplace|log-format=%?[\\w%]*|max-alloc=\\w+|max-delete=-?\\d+|max-size=[\\w.-]+',
    'min-size=[\\w.-]+|mkpath|modify-window=-?\\d+|msgs2stderr|new-compress|no-[a-zA-Z-]+|numeric-ids|old-compress|one-file-system|open-noatime|partial',
    'preallocate|safe-links|size-only|skip-compress=[\\w/.]*|sparse|specials|stats|stderr=[a-z]+|suffix=[^/]*|timeout=\\d+|use-qsort|usermap=[^=]*|zc=\\w+|zl=\\d+',
  ].join('|')}))$`,
)
const rsyncPlaces = new Set(['--backup-dir', '--compare-dest', '--copy-dest', '--link-dest', '--partial-dir', '--temp-dir', '-T'])

/** `rsync --server [--sender] options . paths`. */
function rsyncOf(words: ShellWord[]): CommandKind | undefined {
  if (words[0]?.text !== '--server') return undefined
  let sends = false
  let removes = false
  let at = 1
  for (; at < words.length && words[at]?.text !== '.'; at++) {
    const { text, mayBecomeOption } = words[at] as ShellWord
    if (!text.startsWith('-') && mayBecomeOption) return undefined
    if (text === '--sender') sends = true
    else if (text === '--remove-source-files') removes = true
    else if (rsyncPlaces.has(text)) {
      if (words[++at] === undefined || words[at]?.mayBecomeOption) return undefined
    } else if (!rsyncLetters.test(text) && !rsyncOptions.test(text)) return undefined
  }
  const files = words.slice(at + 1)
  // A download removes nothing. rsync reads options behind its paths, too.
  if ((sends && removes) || files.length === 0 || files.some((word) => word.mayBecomeOption)) return undefined
  return { kind: 'rsync', direction: sends ? 'download' : 'upload', paths: files.map(pathOf) }
}

const pathOf = (word: ShellWord) => word.text.slice(0, maxPathChars)
