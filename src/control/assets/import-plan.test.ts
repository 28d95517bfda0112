import { describe, expect, it } from 'vitest'
import { Failure } from '#domain/failure.ts'
import { planImport, type InStore, type ReadRow } from './import-plan.ts'

const nothing: InStore = { names: new Map(), accounts: new Map(), ways: new Map() }
/** `bastion`, reached through `gate`; both have `root`, `bastion` has `deploy` too. */
const stored: InStore = {
  names: new Map([
    ['bastion', 'as_b'],
    ['gate', 'as_g'],
  ]),
  accounts: new Map([
    [
      'as_b',
      [
        { id: 'ac_r', username: 'root' },
        { id: 'ac_d', username: 'deploy' },
      ],
    ],
    ['as_g', [{ id: 'ac_g', username: 'root' }]],
  ]),
  ways: new Map([['as_b', 'as_g']]),
}
const row = (name: string, via?: string, more: { accounts?: string[]; failure?: Failure } = {}): ReadRow => {
  const [way = '', username] = (via ?? '').split('@').toReversed()
  return {
    row: { name, ...(via === undefined ? {} : { via: { name: way, ...(username === undefined ? {} : { username }) } }) },
    id: `new_${name}`,
    accounts: (more.accounts ?? ['root']).map((login) => ({ id: `${name}/${login}`, username: login })),
    failure: more.failure,
  }
}
const plan = (rows: ReadRow[], store = nothing) =>
  planImport(rows, store).map((each) =>
    each.outcome === 'created'
      ? (each.via?.account ?? 'direct')
      : each.outcome === 'exists'
        ? `exists ${each.id}`
        : `${each.failure.code} ${each.failure.field}`,
  )

describe('what becomes of the rows of an import', () => {
  it('lets a row be reached through another, whichever comes first', () => {
    expect(plan([row('a', 'b'), row('b', 'c'), row('c')])).toEqual(['b/root', 'c/root', 'direct'])
    expect(plan([row('c'), row('b', 'C'), row('a', 'root@B')])).toEqual(['direct', 'c/root', 'b/root'])
  })

  it('finds saved hosts on the way, and the account of theirs that is named or the only one', () => {
    expect(plan([row('a', 'gate'), row('b', 'deploy@Bastion')], stored)).toEqual(['ac_g', 'ac_d'])
    expect(plan([row('a', 'bastion'), row('b', 'nobody@gate'), row('c', 'x'), row('x', undefined, { accounts: [] })], stored)).toEqual([
      'via_invalid via.username',
      'via_invalid via.username',
      'via_invalid via.username',
      'direct',
    ])
  })

  it('leaves hosts alone that are there already, in the store or further up, whatever the case of their names', () => {
    expect(plan([row('BASTION'), row('a'), row('A'), row('b', 'a')], stored)).toEqual(['exists as_b', 'direct', 'exists undefined', 'a/root'])
  })

  it('refuses whatever hangs on a row that is refused, and nothing else', () => {
    const failure = new Failure('address_not_allowed', 'no', { field: 'address' })
    expect(plan([row('a', 'b'), row('b', undefined, { failure }), row('c'), row('d', 'a')])).toEqual([
      'via_invalid via',
      'address_not_allowed address',
      'direct',
      'via_invalid via',
    ])
    expect(plan([row('b', undefined, { failure }), row('b'), row('a', 'b')])).toEqual(['address_not_allowed address', 'direct', 'b/root'])
    expect(plan([row('b', 'nowhere'), row('b')])).toEqual(['via_invalid via', 'name_taken name'])
  })

  it('refuses loops, and more than four hosts on the way', () => {
    expect(plan([row('a', 'a'), row('b', 'c'), row('c', 'b'), row('d', 'c'), row('e')])).toEqual([...Array<string>(4).fill('via_invalid via'), 'direct'])
    const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const chain = letters.map((name, at) => row(name, letters[at + 1]))
    expect(plan(chain)).toEqual(['via_invalid via', 'via_invalid via', 'd/root', 'e/root', 'f/root', 'g/root', 'direct'])
    expect(plan([row('a', 'b'), row('b', 'c'), row('c', 'root@bastion'), row('d', 'a')], stored)).toEqual(['b/root', 'c/root', 'ac_r', 'via_invalid via'])
  })

  it('reads a chain of a thousand rows, and a ring of them', () => {
    const names = Array.from({ length: 1000 }, (_, at) => `h${at}`)
    const chain = plan(names.map((name, at) => row(name, names[at + 1])))
    expect(chain.slice(-5)).toEqual(['h996/root', 'h997/root', 'h998/root', 'h999/root', 'direct'])
    expect(new Set(chain.slice(0, -5))).toEqual(new Set(['via_invalid via']))
    expect(new Set(plan(names.map((name, at) => row(name, names[(at + 1) % 1000]))))).toEqual(new Set(['via_invalid via']))
  })
})
