// What the grants say of files, as one session of the SSH door asks it: whether anything has to be known of a file at all, and then what holds for it.
import { type FileDirection, type FileRule, type FileVerdict, fileDirections, judgeFile, judgeMove, mostBytes, refusalWords } from '#domain/file-rule.ts'
import type { GrantAction } from '#domain/grant.ts'

/** For people and for the ledger: one line, bounded; `rule`: the grant that says so. */
export type Denial = { failure: string; rule?: string }
/** How much may be read and written of an open file, in bytes from its beginning; `change`: why it may not be changed at all. */
export type FileBounds = { path: string | undefined; read: number; write: number; change: Denial | undefined }

/** Of an act. */
const maxFailureChars = 300

export class DoorRules {
  /** Something is not permitted to every file: without this nobody has to look. */
  readonly isBound: boolean
  /** What is permitted depends on where a file lies. */
  readonly hangsOnPath: boolean
  readonly wantsHome: boolean
  /** Canonical, once the host has said it. */
  home: string | undefined
  readonly #rules: readonly FileRule[]

  constructor(rules: readonly FileRule[], may: readonly GrantAction[]) {
    this.#rules = rules
    const bound = fileDirections.filter((direction) => may.includes(direction) && !this.isFree(direction))
    const patterns = rules.filter(({ actions }) => actions.some((action) => bound.includes(action))).flatMap(({ paths }) => paths ?? [])
    this.isBound = bound.length > 0
    this.hangsOnPath = patterns.length > 0
    this.wantsHome = patterns.some((pattern) => pattern.startsWith('~'))
  }

  /** Any file of any size, wherever it lies. */
  isFree(direction: FileDirection): boolean {
    return this.#rules.some(({ actions, paths, maxBytes }) => actions.includes(direction) && paths === undefined && maxBytes === undefined)
  }
  /** The size of a file may decide. */
  limitsSize(direction: FileDirection): boolean {
    return !this.isFree(direction) && this.#rules.some(({ actions, maxBytes }) => actions.includes(direction) && maxBytes !== undefined)
  }

  /** `path`: canonical; undefined when it cannot be known. Undefined when it may be done. */
  denial(direction: FileDirection, path: string | undefined, bytes?: number): Denial | undefined {
    const verdict = judgeFile(this.#rules, { direction, path, bytes }, this.home)
    return verdict.permitted ? undefined : denialOf(verdict, direction)
  }
  /** Of a rename or hard link. */
  moveDenial(from: string | undefined, to: string | undefined): Denial | undefined {
    const denied = judgeMove(this.#rules, { from, to }, this.home)
    return denied && denialOf(denied.verdict, denied.direction)
  }
  /** A symbolic link leads out of every folder, now or later. Undefined where folders decide nothing. */
  get linkDenial(): Denial | undefined {
    const rule = this.hangsOnPath ? this.#rules.find(({ paths }) => paths !== undefined)?.name : undefined
    return rule === undefined
      ? undefined
      : { failure: `The grant “${rule}” is for certain folders: symbolic links cannot be made.`.slice(0, maxFailureChars), rule }
  }
  most(direction: FileDirection, path: string | undefined): number {
    return mostBytes(this.#rules, { direction, path }, this.home)
  }
  bounds(path: string | undefined): FileBounds {
    return { path, read: this.most('download', path), write: this.most('upload', path), change: this.denial('upload', path) }
  }
  /** Why no more of a file goes. */
  tooLarge(direction: FileDirection, path: string | undefined): Denial {
    return this.denial(direction, path, Number.MAX_SAFE_INTEGER) ?? { failure: 'The file is larger than it may be.' }
  }
}

export function denialOf(verdict: Exclude<FileVerdict, { permitted: true }>, direction: FileDirection): Denial {
  const failure = refusalWords(verdict, direction)
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .slice(0, maxFailureChars)
    .toWellFormed()
  return { failure, ...(verdict.rule === undefined ? {} : { rule: verdict.rule }) }
}
