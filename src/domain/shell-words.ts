// A command line that means the same in every login shell: plain words, quoted or not, and names of files with wildcards. Anything else is a program, and is not read.

/** `text`: with its quotes taken away; bytes that are no UTF-8 are replaced. `mayBecomeOption`: the shell may make words of it that begin with a dash. */
export type ShellWord = { text: string; mayBecomeOption: boolean }

const maxWords = 1024
/** Outside of quotes these begin something else than a word in one of sh, bash, zsh, fish or csh. A backslash is dealt with apart. */
const special = /[;&|<>()$`{}!^#%"'\\]/
const wildcards = /[*?[]/
const letterOrDigit = /[A-Za-z0-9]/

/**
 * The words of a command, or undefined when a shell could make anything else of it: expansions, operators, several lines, quotes that shells disagree on
 * (a backslash inside quotes ends them in one and not in the other). At most 1,024 words.
 */
export function shellWords(command: Uint8Array): ShellWord[] | undefined {
  if (command.some((byte) => (byte < 0x20 && byte !== 0x09) || byte === 0x7f)) return undefined
  const text = new TextDecoder().decode(command)
  const words: ShellWord[] = []
  let word: ShellWord | undefined
  const add = (piece: string, isWild = false) => {
    // Only a beginning can turn out to be a dash; an empty quoted beginning hides nothing.
    word ??= { text: '', mayBecomeOption: false }
    if (isWild && word.text === '') word.mayBecomeOption = true
    word.text += piece
  }
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string
    if (char === ' ' || char === '\t') {
      if (word) words.push(word)
      word = undefined
      if (words.length >= maxWords) return undefined
    } else if (char === "'" || char === '"') {
      const end = text.indexOf(char, at + 1)
      if (end === -1) return undefined
      const inside = text.slice(at + 1, end)
      if (/[\\!]/.test(inside) || (char === '"' && /[$`]/.test(inside))) return undefined
      add(inside)
      at = end
    } else if (char === '\\') {
      const next = text[++at]
      // fish makes characters of `\x2d` and the like.
      if (next === undefined || letterOrDigit.test(next)) return undefined
      add(next)
    } else if (special.test(char) || (char === '=' && !word)) return undefined
    else add(char, wildcards.test(char))
  }
  if (word) words.push(word)
  for (const each of words) each.mayBecomeOption ||= each.text.startsWith('-')
  return words
}
