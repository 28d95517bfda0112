import { describe, expect, it } from 'vitest'
import { beginAt, crumbsOf, goAhead, goBack, goTo, joinPath, nameOf, parentOf, typedPath } from './places.ts'

describe('places in a tree', () => {
  it('join and come apart at the root as elsewhere', () => {
    expect([joinPath('/', 'a'), joinPath('/srv', 'a')]).toEqual(['/a', '/srv/a'])
    expect([parentOf('/'), parentOf('/a'), parentOf('/a/b')]).toEqual(['/', '/', '/a'])
    expect([nameOf('/'), nameOf('/a/b c')]).toEqual(['/', 'b c'])
    expect(crumbsOf('/srv/app').map(({ path }) => path)).toEqual(['/', '/srv', '/srv/app'])
    expect(crumbsOf('/')).toEqual([{ name: '/', path: '/' }])
  })

  it('go back and forward as a browser does, and forget what was ahead when one goes elsewhere', () => {
    const there = goTo(goTo(beginAt('/a'), '/b'), '/c')
    const back = goBack(there)
    expect(back).toEqual({ behind: ['/a'], at: '/b', ahead: ['/c'] })
    expect(back && goAhead(back)).toEqual(there)
    expect(back && goTo(back, '/d')).toEqual({ behind: ['/a', '/b'], at: '/d', ahead: [] })
    expect(goTo(there, '/c')).toBe(there)
    expect(goBack(beginAt('/a'))).toBeUndefined()
    expect(goAhead(there)).toBeUndefined()
  })

  it('are typed from the root, from home, or from here', () => {
    const typed = (text: string) => typedPath(text, '/srv', '/users/me')
    expect([typed('/etc'), typed('~'), typed('~/x'), typed('app/../y'), typed(' /a ')]).toEqual(['/etc', '/users/me', '/users/me/x', '/srv/app/../y', '/a'])
  })
})
