// The corpus: what is typed, what the shell then ran by its own word, and what the host said meanwhile, byte by byte.
import { readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'

export const corpusFolder = new URL('.', import.meta.url)

/**
 * A step of typing. A text is typed key by key, `<Up>`, `<C-a>`, `<M-b>`, `<Enter>` being keys (`keyNames`), `<lt>` a `<`.
 * `fast`: the same in one piece, as from a program. `paste`: as the terminal page pastes. `size`: the window changes. `until`: waits until the host has shown this.
 */
export const Step = z.union([
  z.string(),
  z.strictObject({ fast: z.string() }),
  z.strictObject({ paste: z.string() }),
  z.strictObject({ size: z.tuple([z.number(), z.number()]) }),
  z.strictObject({ until: z.string() }),
  z.strictObject({ pause: z.number() }),
])
export type Step = z.infer<typeof Step>

export const Case = z.strictObject({
  id: z.string(),
  shell: z.enum(['bash', 'zsh']),
  cols: z.number().default(80),
  rows: z.number().default(24),
  /** Lines of the shell's own start file. */
  setup: z.array(z.string()).default([]),
  keys: z.array(Step),
})
export type Case = z.infer<typeof Case>

const Event = z.union([
  z.tuple([z.number(), z.literal('o'), z.string()]),
  z.tuple([z.number(), z.literal('b'), z.string()]),
  z.tuple([z.number(), z.literal('t'), z.boolean(), z.number(), z.boolean(), z.boolean()]),
  z.tuple([z.number(), z.literal('r'), z.number(), z.number()]),
])
/** `o` output as text, `b` as base64, `t` a mark of typing (typed, line ends, open, interrupted), `r` a size; each with ms since the beginning. */
export const Recorded = z.strictObject({
  id: z.string(),
  shell: z.enum(['bash', 'zsh']),
  cols: z.number(),
  rows: z.number(),
  expected: z.array(z.string()),
  events: z.array(Event),
})
export type Recorded = z.infer<typeof Recorded>

const files = (folder: string, ending: string) =>
  readdirSync(new URL(`${folder}/`, corpusFolder))
    .filter((name) => name.endsWith(ending))
    .toSorted()

/** By class, in the order of their names. */
export const typedCases = (): [string, Case[]][] =>
  files('typed', '.json').map((name) => [name.slice(0, -5), z.array(Case).parse(JSON.parse(readFileSync(new URL(`typed/${name}`, corpusFolder), 'utf8')))])

export const recordedCases = (): [string, Recorded[]][] =>
  files('recorded', '.jsonl').map((name) => [
    name.slice(0, -6),
    readFileSync(new URL(`recorded/${name}`, corpusFolder), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => Recorded.parse(JSON.parse(line))),
  ])
