import { expect, it } from 'vitest'
import { csvCell, csvLine } from './csv-text.ts'

it.each([
  ['plain', 'plain'],
  ['中文 ä', '中文 ä'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\r\nlines', '"two\r\nlines"'],
  [' blank', '" blank"'],
  ['', ''],
  ['\u001b[2J\u009b31m', '\\u001b[2J\\u009b31m'],
  ['\u202egpj.exe', '\\u202egpj.exe'],
])('writes %j as %j', (text, cell) => {
  expect(csvCell(text)).toBe(cell)
})

it.each([
  ['=1+1', "'=1+1"],
  ['=HYPERLINK("http://evil.example","x")', `"'=HYPERLINK(""http://evil.example"",""x"")"`],
  ['+1', "'+1"],
  ['-2+3', "'-2+3"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ['\r=1', `"'\r=1"`],
  ['＝1', "'＝1"],
])('lets no spreadsheet compute %j', (text, cell) => {
  expect(csvCell(text)).toBe(cell)
})

it('leaves numbers, ends lines as the format says, and keeps places empty', () => {
  expect(csvLine([-1, 2.5, undefined, 'x'])).toBe('-1,2.5,,x\r\n')
})
