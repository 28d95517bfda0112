import { expect, it } from 'vitest'
import { downloadName } from './download-name.ts'

it('names downloads after the recording and its format', () => {
  expect((['v3', 'v2', 'txt'] as const).map((format) => downloadName('web_10.0.0.1_20260301T120000Z_ada.cast', format))).toEqual([
    'web_10.0.0.1_20260301T120000Z_ada.cast',
    'web_10.0.0.1_20260301T120000Z_ada.v2.cast',
    'web_10.0.0.1_20260301T120000Z_ada.txt',
  ])
  expect(downloadName(undefined, 'v3')).toBe('recording.cast')
})
