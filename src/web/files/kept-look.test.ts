import { describe, expect, it } from 'vitest'
import { boundWidth, readLook, widths } from './kept-look.ts'

describe('the look that was kept', () => {
  it('is taken as far as it makes sense', () => {
    const usual = readLook(null)
    expect(usual.order).toEqual({ by: 'name', descending: false })
    expect(readLook('{"order":{"by":"size","descending":true},"hidden":true,"width":99999}')).toEqual({
      order: { by: 'size', descending: true },
      hidden: true,
      width: widths.most,
    })
    for (const odd of ['', 'no', '[]', '1', '{"order":{"by":"constructor"},"width":"1"}']) expect(readLook(odd), odd).toEqual(usual)
    expect(boundWidth(1)).toBe(widths.least)
  })
})
