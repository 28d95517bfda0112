import { describe, expect, it } from 'vitest'
import type { FileRule } from '#domain/file-rule.ts'
import type { FileEntry } from '#wire/files.ts'
import { changeDenial, denialOf, downloadDenial, folderDenial } from './file-rights.ts'

const home = '/users/me'
const rules: FileRule[] = [
  { name: 'logs', actions: ['download'], paths: ['/var/log/**'], maxBytes: 1000 },
  { name: 'drop', actions: ['upload'], paths: ['/srv/in', '/etc/app/*.conf', '~/up'] },
]
const rights = { rules, home }
const entry = (name: string, more: Partial<FileEntry> = {}): FileEntry => ({ name, isUsable: true, kind: 'file', bytes: 10, ...more })

describe('what is greyed out', () => {
  it('is each file by its own path and size, with the grant that says so', () => {
    expect(denialOf(rights, 'download', '/var/log/syslog', 1000)).toBeUndefined()
    expect(denialOf(rights, 'download', '/var/log/syslog', 1001)).toMatchObject({ why: 'size', rule: 'logs', maxBytes: 1000 })
    expect(denialOf(rights, 'download', '/etc/shadow')).toMatchObject({ why: 'path', rule: 'logs' })
    expect(denialOf({ rules: [], home }, 'upload', '/x')).toMatchObject({ why: 'action' })
  })

  it('is uploading into a folder where no file could be put, and only there', () => {
    expect(['/srv/in', '/srv/in/deep', '/etc/app', '/users/me/up'].map((folder) => folderDenial(rights, folder)?.why)).toEqual(
      Array.from({ length: 4 }, () => undefined),
    )
    expect(['/', '/srv', '/etc', '/users/me'].map((folder) => folderDenial(rights, folder)?.why)).toEqual(Array.from({ length: 4 }, () => 'path'))
  })

  it('of several is the first that may not go; folders that can hold something may', () => {
    expect(downloadDenial(rights, '/var/log', [entry('a'), entry('b', { bytes: 5000 })])).toMatchObject({ why: 'size' })
    expect(downloadDenial(rights, '/var', [entry('log', { kind: 'folder' })])).toBeUndefined()
    expect(downloadDenial(rights, '/', [entry('srv', { kind: 'folder' })])).toMatchObject({ why: 'path' })
    expect(changeDenial(rights, '/srv/in', [entry('a')])).toBeUndefined()
    expect(changeDenial(rights, '/srv', [entry('a')])).toMatchObject({ why: 'path', rule: 'drop' })
  })
})
