import { describe, expect, it } from 'vitest'
import { tokens } from '#wire/api/second-factor.ts'
import { curlLine, newDraft, tokenFaults, tokenInput, tokenLife } from './token-draft.ts'

const now = Date.parse('2026-11-21T12:00:00Z')
const Input = tokens.create['~orpc'].inputSchema

describe('a new token', () => {
  it('looks and ends after a month unless the person wants more', () => {
    expect(tokenInput({ ...newDraft, name: ' backup ' }, now)).toEqual({ name: 'backup', scopes: ['read'], expiresAt: '2026-12-21T12:00:00.000Z' })
  })

  it('has no end only when that was chosen', () => {
    expect(tokenInput({ name: 'x', scopes: ['manage', 'read'], days: 0 }, now)).toEqual({ name: 'x', scopes: ['read', 'manage'] })
  })

  it('is asked for as the API takes it, for every life', () => {
    for (const days of [7, 30, 90, 365, 0])
      expect(Input?.['~standard'].validate(tokenInput({ name: '备份', scopes: ['read'], days }, now))).not.toHaveProperty('issues')
  })

  it('needs a name without control characters, and something that it may', () => {
    expect(tokenFaults({ ...newDraft, name: 'a' })).toEqual({})
    expect(tokenFaults({ ...newDraft, name: ' ' })).toEqual({ name: 'bad' })
    expect(tokenFaults({ ...newDraft, name: 'a\u202eb' })).toEqual({ name: 'bad' })
    expect(tokenFaults({ name: 'a', scopes: [], days: 7 })).toEqual({ scopes: 'missing' })
  })

  it('is shown how it is sent', () => {
    expect(curlLine('https://bastion.example', 'sp_abc')).toBe("curl -H 'Authorization: Bearer sp_abc' 'https://bastion.example/api/v1/me'")
  })

  it('warns of its end a week before', () => {
    expect(tokenLife(undefined, now)).toBe('never')
    expect(tokenLife('2026-11-21T12:00:00Z', now)).toBe('over')
    expect(tokenLife('2026-11-25T12:00:00Z', now)).toBe('soon')
    expect(tokenLife('2026-12-25T12:00:00Z', now)).toBe('good')
  })
})
