// The house as data: which room may import what. `architecture.test.ts` holds every import to it, and `.oxlintrc.json` carries the same for editors.

export type Room = {
  /** One sentence without "and". */
  purpose: string
  /** Rooms whose files it may import, besides its own. */
  rooms: readonly string[]
  /** Single files of other rooms, allowed by an ADR. */
  files?: readonly string[]
}

export const rooms: Readonly<Record<string, Room>> = {
  domain: { purpose: 'the nouns with the rules between them, pure', rooms: [] },
  wire: { purpose: 'what is said between processes', rooms: ['domain'] },
  session: { purpose: 'one live session from opening to end', rooms: ['domain'] },
  recording: { purpose: 'a session at rest', rooms: ['domain', 'wire', 'session'] },
  ssh: { purpose: 'the SSH library made fit to face strangers', rooms: ['domain'] },
  gateway: { purpose: 'the node that bytes cross', rooms: ['domain', 'wire', 'session', 'recording', 'ssh'] },
  // ADR 4: control reads keys, and verifies what people sign with them, with the one reader there is.
  control: {
    purpose: 'the plane that decides',
    rooms: ['domain', 'wire', 'recording'],
    files: ['#ssh/private-key.ts', '#ssh/userauth-blob.ts', '#ssh/public-key.ts', '#ssh/signature.ts'],
  },
  agent: { purpose: 'a host that dials out', rooms: ['domain', 'wire', 'ssh'] },
  client: { purpose: 'the typed client that the command line uses', rooms: ['domain', 'wire'] },
  cli: { purpose: 'what a person types', rooms: ['domain', 'wire', 'client', 'recording'] },
  web: { purpose: 'what a person sees', rooms: ['domain', 'wire', 'client'] },
  main: {
    purpose: 'starts processes',
    rooms: ['domain', 'wire', 'session', 'recording', 'ssh', 'gateway', 'control', 'agent', 'client', 'cli', 'web'],
  },
}

/** Libraries with one door each: only files below these folders (of `src/`) may import them. A file's tests pass through its own door. */
export const doors: readonly { packages: readonly string[]; folders: readonly string[] }[] = [
  { packages: ['ssh2'], folders: ['ssh', 'gateway/far', 'gateway/ssh-door', 'agent'] },
  { packages: ['ws'], folders: ['gateway/browser-door', 'gateway/link', 'gateway/relay', 'control/link', 'client'] },
  { packages: ['kysely', 'better-sqlite3', 'pg'], folders: ['control/store'] },
  { packages: ['fastify'], folders: ['control/http', 'gateway/browser-door'] },
  { packages: ['@xterm/*'], folders: ['web/terminal', 'web/player', 'gateway/screens'] },
  { packages: ['asciinema-player'], folders: ['web/player'] },
  { packages: ['papaparse'], folders: ['web/import'] },
  { packages: ['uqr'], folders: ['web/second-factor'] },
  { packages: ['@orpc/contract'], folders: ['wire', 'client'] },
  { packages: ['@orpc/server', '@orpc/openapi', '@orpc/zod'], folders: ['control/http'] },
  { packages: ['@orpc/client', '@orpc/openapi-client'], folders: ['client', 'web'] },
  { packages: ['@node-rs/argon2', 'otplib'], folders: ['control/sign-in'] },
  { packages: ['react', 'react-dom', 'react-i18next', 'i18next', '@mantine/*', '@tabler/*', '@tanstack/*'], folders: ['web'] },
  { packages: ['commander', 'selfsigned', 'yaml'], folders: ['main', 'cli'] },
  { packages: ['node:child_process', 'child_process', 'node:cluster'], folders: ['main'] },
  // Node's own network modules have no business in the pure rooms.
  {
    packages: ['node:net', 'node:tls', 'node:http', 'node:https', 'node:dgram', 'node:dns'],
    folders: ['gateway', 'control', 'ssh', 'agent', 'client', 'cli', 'main'],
  },
  { packages: ['node:fs', 'node:fs/promises'], folders: ['recording', 'ssh', 'gateway', 'control', 'agent', 'cli', 'main'] },
  { packages: ['node:sqlite'], folders: [] },
]

export const matchesPackage = (pattern: string, specifier: string): boolean =>
  pattern.endsWith('/*')
    ? specifier.startsWith(pattern.slice(0, -1))
    : specifier === pattern || (!pattern.startsWith('node:') && specifier.startsWith(`${pattern}/`))

/** A test, or what only tests of a room use (`test-pair.ts`, `x.testing.ts`, `x.fixture.ts`): neither is packed. */
export const isTest = (file: string): boolean => /\.(test|testing|fixture)\.tsx?$|(^|\/)test-[\w-]+\.tsx?$/.test(file)

const isInside = (folder: string, place: string): boolean => folder === place || folder.startsWith(`${place}/`)

/** Why a file of `src/` may not import this specifier, or undefined when it may. `file` is relative to `src/`, `target` too when the import stays in the house. */
export function breach(file: string, specifier: string, target: string | undefined): string | undefined {
  const folder = file.slice(0, file.lastIndexOf('/'))
  const from = file.split('/')[0] ?? ''
  const room = rooms[from]
  if (!room) return `src/${from}/ is no room of the house`
  if (target === undefined) {
    const door = doors.find((each) => each.packages.some((pattern) => matchesPackage(pattern, specifier)))
    if (!door || door.folders.some((place) => isInside(folder, place))) return undefined
    if (isTest(file) && specifier.startsWith('node:')) return undefined
    return `${specifier} may be imported only in ${door.folders.join(', ') || 'no room'}`
  }
  const to = target.split('/')[0] ?? ''
  if (to === from) return specifier.startsWith('#') ? `inside a room imports are relative, not ${specifier}` : undefined
  if (!specifier.startsWith('#')) return `${specifier} leaves the room by a relative path; write #${target}`
  if (room.rooms.includes(to) || room.files?.includes(specifier)) return undefined
  return `${from} may not import ${to}`
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
/** The `overrides` of `.oxlintrc.json` that follow from the tables: one for each folder where something else is allowed. Tests of a room may use what they need of Node. */
export function lintOverrides(): object[] {
  const folders = new Set([...Object.keys(rooms), ...doors.flatMap((door) => door.folders)])
  const overrides: object[] = [...folders].sort().map((folder) => {
    const from = folder.split('/')[0] ?? ''
    const room = rooms[from]
    // A room of which single files are open is left to the architecture test: oxlint's patterns know no exceptions.
    const isOpenInPart = (name: string) => room?.files?.some((file) => file.startsWith(`#${name}/`)) ?? false
    const closed = Object.keys(rooms).filter((name) => name !== from && !room?.rooms.includes(name) && !isOpenInPart(name))
    const shut = doors.filter((door) => !door.folders.some((place) => isInside(folder, place))).flatMap((door) => door.packages)
    const patterns = [
      {
        regex: `^(${shut.map((name) => (name.endsWith('/*') ? escaped(name.slice(0, -1)) : `${escaped(name)}(/|$)`)).join('|')})`,
        message: `no door for this library in ${folder}`,
      },
    ]
    if (closed.length > 0) patterns.unshift({ regex: `^#(${closed.join('|')})/`, message: `${from} may not import this room` })
    return { files: [`src/${folder}/**`], rules: { 'eslint/no-restricted-imports': ['error', { patterns }] } }
  })
  overrides.push({
    files: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'src/**/test-*.ts', 'src/**/*.testing.ts', 'src/**/*.fixture.ts'],
    // Hostile text is what tests are made of.
    rules: { 'eslint/no-restricted-imports': 'off', 'eslint/no-script-url': 'off' },
  })
  return overrides
}
