// Whether what stands left of the cursor is the prompt of a shell. A host can print anything: what is read by this is a reading, and is marked so.

/** The row left of the cursor, and how many columns it takes. */
export type Prompt = { text: string; columns: number }

const alwaysEnds = /[$#%❯➜»›λ▶⟩]\s*$/u
/** Programs with a prompt of their own. */
const programs =
  /^(>>>|\.\.\.|In \[\d+\]:|mysql|MariaDB|sqlite|ftp>|sftp>|telnet>|\(gdb\)|\(lldb\)|\(Pdb\)|irb|pry|ghci|scala|julia|node|redis|debug|lftp|nft|cqlsh)|[=\-*!^'"(][#>]\s*$/u
const continuation =
  /^(?:(?:for|while|until|select|repeat|if|elif|else|then|case|function|quote|dquote|bquote|heredoc|pipe|cmdand|cmdor|cmdsubst|mathsubst|subsh|cursh|braceparam|array|math|cond|heredocd|always|do|\s)+)?> $/

const shapeOf = (text: string) => text.replaceAll(/\d/g, '0')
export const isSamePrompt = (a: string, b: string): boolean => a === b || shapeOf(a) === shapeOf(b)
export const isContinuation = (text: string): boolean => continuation.test(text)

const edge = (char: string | undefined) => (char === undefined || /[\p{L}\p{N}\s]/u.test(char) ? undefined : char)

/** `known`: prompts at which lines were entered before. `isEdited`: the host has said that a line is being edited (bracketed paste is on). */
export function isShellPrompt(text: string, known: readonly Prompt[], isEdited: boolean): boolean {
  const bare = text.trim()
  if (bare === '' || bare.length > 400) return false
  if (known.some((each) => isSamePrompt(each.text, text))) return true
  if (programs.test(bare)) return false
  if (alwaysEnds.test(bare)) return true
  if (known.length === 0) return bare.endsWith('>') ? /[@:\\~]/.test(bare) || isEdited : isEdited && !/[:?]$/.test(bare)
  // A prompt that ends in the name of a folder, or in a sign of its own, is known by its beginning or its end.
  return known.some((each) => {
    const signs = Array.from(each.text.trim())
    const [first, last] = [edge(signs[0]), edge(signs.at(-1))]
    const isSameEnd = last !== undefined && bare.endsWith(last) && last !== ':' && last !== '?'
    if (last === '>') return isSameEnd && bare.split(/[^\w]/)[0] === each.text.trim().split(/[^\w]/)[0]
    return isSameEnd || (first !== undefined && isEdited && bare.startsWith(first))
  })
}
