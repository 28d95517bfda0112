import { describe, expect, it } from 'vitest'
import { readKeyLine } from './key-line.ts'

const blob = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'
const line = `ssh-ed25519 ${blob} alice@laptop`

describe('a pasted key', () => {
  it('is one line, with what stands around it left out', () => {
    expect(readKeyLine(`# mine\r\n\r\n  ${line}  \n`)).toEqual({ line, type: 'ssh-ed25519', comment: 'alice@laptop' })
    expect(readKeyLine(`ssh-ed25519 ${blob}`)).toMatchObject({ comment: '' })
    expect(readKeyLine(`${line} of mine`)).toMatchObject({ comment: 'alice@laptop of mine' })
  })

  it('is refused by name when it is something else', () => {
    expect(readKeyLine('')).toBe('empty')
    expect(readKeyLine(' # only a comment\n')).toBe('empty')
    for (const kind of ['OPENSSH PRIVATE', 'RSA PRIVATE', 'EC PRIVATE', 'PRIVATE', 'ENCRYPTED PRIVATE'])
      expect(readKeyLine(`${line}\n-----BEGIN ${kind} KEY-----\nabc`), kind).toBe('private')
    expect(readKeyLine('PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none')).toBe('private')
    expect(readKeyLine(`${line}\n${line}`)).toBe('several')
    expect(readKeyLine('---- BEGIN SSH2 PUBLIC KEY ----\nComment: "x"')).toBe('putty')
    expect(readKeyLine(`ssh-ed25519-cert-v01@openssh.com ${blob}`)).toBe('certificate')
    expect(readKeyLine(`from="10.0.0.0/8" ${line}`)).toBe('options')
    expect(readKeyLine(`ssh-dss ${blob}`)).toBe('unsupported')
    expect(readKeyLine('hello')).toBe('unsupported')
  })

  it('is refused when a piece of it is missing', () => {
    expect(readKeyLine('ssh-ed25519')).toBe('cut')
    expect(readKeyLine(`ssh-ed25519 ${blob.slice(0, -4)}`)).toBe('cut')
    expect(readKeyLine(`ssh-ed25519 ${blob.slice(0, 40)}\n${blob.slice(40)}`)).toBe('cut')
    expect(readKeyLine(`ssh-rsa ${blob}`)).toBe('cut')
    expect(readKeyLine(`ssh-ed25519 ${blob.slice(0, -1)}!`)).toBe('cut')
  })
})
