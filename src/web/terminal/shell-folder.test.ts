import { describe, expect, it } from 'vitest'
import { readShellFolder, ShellFolder } from './shell-folder.ts'

describe('the folder that a shell says', () => {
  it.each([
    ['file://web-1/srv/app', { host: 'web-1', folder: '/srv/app' }],
    ['file:///srv', { host: '', folder: '/srv' }],
    ['file://Web-1/a%20b/%E4%B8%AD%E6%96%87', { host: 'web-1', folder: '/a b/中文' }],
    ['file://h/a/../b//c/', { host: 'h', folder: '/b/c' }],
    ['kitty-shell-cwd://h/50%25', { host: 'h', folder: '/50%25' }],
    ['file://h/a b;c', { host: 'h', folder: '/a b;c' }],
    ['http://h/a', undefined],
    ['file://h', undefined],
    ['/srv', undefined],
    ['file://h/%ff', undefined],
    ['file://h/a%00b', undefined],
    ['file://h/a%0ab', undefined],
    ['file://h/a\u202eb', undefined],
    [`file://h/${'a'.repeat(5000)}`, undefined],
    [`file://h/${'a'.repeat(50_000)}`, undefined],
  ])('%.60s', (said, read) => expect(readShellFolder(said)).toEqual(read))

  it('is unknown while the shell is one on another host', () => {
    const shell = new ShellFolder()
    expect(shell.heard('file:///x')).toBe('/x')
    expect(shell.heard('file://web-1/srv')).toBe('/srv')
    expect(shell.heard('file://db-2/root')).toBeUndefined()
    expect(shell.heard('file://WEB-1/srv/app')).toBe('/srv/app')
    expect(shell.heard('nonsense')).toBeUndefined()
  })
})
