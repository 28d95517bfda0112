// The files of one host as a panel shows them. Lives beside its terminal, also while the panel is closed, so that what is on its way arrives.
import { asFailure } from '#client/failure-answer.ts'
import type { FileEntry } from '#wire/files.ts'
import { Downloads } from './downloads.ts'
import type { FileOrder } from './file-order.ts'
import { filtered, ordered } from './file-order.ts'
import type { Rights } from './file-rights.ts'
import type { Selection } from './file-selection.ts'
import { nothingChosen, only, within } from './file-selection.ts'
import { Changes } from './file-changes.ts'
import type { FilesGoal } from './files-goal.ts'
import { FilesSession } from './files-session.ts'
import type { FilesState } from './files-state.ts'
import { emptyFiles } from './files-state.ts'
import { readFolder } from './folder-reader.ts'
import { keepLook, keptLook } from './kept-look.ts'
import { beginAt, goAhead, goBack, goTo, nameOf, parentOf, renamedPlace } from './places.ts'
import type { Places } from './places.ts'
import { Uploads } from './uploads.ts'

export class FilesStore {
  readonly goal: FilesGoal
  readonly session: FilesSession
  readonly uploads: Uploads
  readonly downloads: Downloads
  readonly changes: Changes
  #state: FilesState
  #listeners = new Set<() => void>()
  #reading: AbortController | undefined
  #language = 'en'

  constructor(goal: FilesGoal) {
    const { order, hidden } = keptLook()
    this.goal = goal
    this.#state = emptyFiles(order, hidden)
    this.session = new FilesSession(goal, ({ home, rules }) => this.set({ phase: 'ready', failure: undefined, home, rules }))
    this.uploads = new Uploads(this)
    this.downloads = new Downloads(this)
    this.changes = new Changes(this)
  }

  get state(): FilesState {
    return this.#state
  }
  readonly snapshot = (): FilesState => this.#state
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
  set(change: Partial<FilesState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
  get rights(): Rights {
    return this.#state
  }
  get folder(): string {
    return this.#state.places?.at ?? '/'
  }
  /** In the order of the list. */
  get chosen(): FileEntry[] {
    const { rows, selection } = this.#state
    return rows.filter(({ name }) => selection.chosen.has(name))
  }
  find(name: string): FileEntry | undefined {
    return this.#state.entries.find((entry) => entry.name === name)
  }
  say(spoken: string): void {
    this.set({ spoken })
  }

  /** Begins at the home folder, or goes on where it was; also after a refusal. */
  async open(reason?: string): Promise<void> {
    if (reason !== undefined) this.session.because(reason)
    if (this.#state.places) return this.#read(this.#state.places, false)
    this.set({ phase: 'opening', failure: undefined })
    try {
      await this.session.at()
      await this.#read(beginAt(this.#state.home), true)
    } catch (error) {
      this.set({ phase: 'refused', failure: asFailure(error) })
    }
  }
  /** A language has its own order of names. */
  speaks(language: string): void {
    if (this.#language === language) return
    this.#language = language
    this.#arrange()
  }

  go(folder: string): void {
    const { places } = this.#state
    void this.#read(places ? goTo(places, folder) : beginAt(folder), true)
  }
  back(): void {
    const places = this.#state.places && goBack(this.#state.places)
    if (places) void this.#read(places, true, this.folder)
  }
  ahead(): void {
    const places = this.#state.places && goAhead(this.#state.places)
    if (places) void this.#read(places, true)
  }
  up(): void {
    const { places } = this.#state
    if (places && places.at !== '/') void this.#read(goTo(places, parentOf(places.at)), true, places.at)
  }
  refresh(): void {
    const { places, listFailure } = this.#state
    if (places) void this.#read(places, listFailure !== undefined)
    else void this.open()
  }

  sort(order: FileOrder): void {
    keepLook({ order })
    this.set({ order })
    this.#arrange()
  }
  showHidden(hidden: boolean): void {
    keepLook({ hidden })
    this.set({ hidden })
    this.#arrange()
  }
  search(search: string): void {
    this.set({ search })
    this.#arrange()
  }
  select(selection: Selection): void {
    this.set({ selection })
  }
  rename(renaming: string | undefined): void {
    this.set({ renaming })
  }

  /** One entry is there now, or looks otherwise. */
  put(entry: FileEntry, instead?: string): void {
    const gone = new Set([entry.name, ...(instead === undefined ? [] : [instead])])
    this.#show([...this.#state.entries.filter(({ name }) => !gone.has(name)), entry])
  }
  drop(names: ReadonlySet<string>): void {
    this.#show(this.#state.entries.filter(({ name }) => !names.has(name)))
  }

  dispose(): void {
    this.#reading?.abort()
    this.uploads.dispose()
    this.downloads.dispose()
    this.session.dispose()
  }

  /** `from`: a folder that was left upwards, which is chosen then. */
  async #read(wanted: Places, isFresh: boolean, from?: string): Promise<void> {
    this.#reading?.abort()
    const reading = new AbortController()
    this.#reading = reading
    const { signal } = reading
    this.set({ places: wanted, isLoading: true, listFailure: undefined, phase: 'ready', failure: undefined, renaming: undefined })
    if (isFresh) this.set({ entries: [], rows: [], names: [], search: '', isTruncated: false, selection: nothingChosen })
    let places = wanted
    const news = {
      folder: (folder: string) => {
        places = renamedPlace(wanted, folder)
        if (!signal.aborted) this.set({ places })
      },
      grown: (entries: readonly FileEntry[]) => {
        if (!signal.aborted) this.#show(entries)
      },
    }
    try {
      const { entries, isTruncated } = await readFolder(this.session, wanted.at, news, signal, isFresh)
      if (signal.aborted) return
      this.set({ isLoading: false, isTruncated })
      this.#show(entries)
      const came = from === undefined ? undefined : nameOf(from)
      if (isFresh && came !== undefined && this.#state.names.includes(came)) this.select(only(came))
    } catch (error) {
      if (signal.aborted) return
      const failure = asFailure(error)
      // Without a session nothing can be done here; a folder that cannot be read leaves the others.
      if (isOfSession(failure.code)) this.set({ isLoading: false, phase: 'refused', failure })
      else this.set({ isLoading: false, listFailure: failure })
    }
  }

  #show(entries: readonly FileEntry[]): void {
    this.set({ entries })
    this.#arrange()
  }
  #arrange(): void {
    const { entries, order, hidden, search, selection, names: before } = this.#state
    const rows = ordered(filtered(entries, { hidden, search }), order, this.#language)
    const names = rows.map(({ name }) => name)
    const place = selection.at === undefined ? -1 : before.indexOf(selection.at)
    this.set({ rows, names, selection: within(names, selection, place) })
  }
}

/** Said by control or by the gateway while a session is opened, never of one folder. */
const isOfSession = (code: string): boolean =>
  !['file_refused', 'file_not_found', 'file_denied', 'file_name_unsafe', 'host_file_error', 'bad_request', 'too_many_files', 'internal'].includes(code)
