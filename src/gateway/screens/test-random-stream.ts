// For tests: output as no program would write it, of what a terminal knows. Left out is what xterm itself does not do evenly: halves of wide characters that are parted, charsets with restored cursors, and a cursor outside the region that it is bound to.
const words = [
  'plain text',
  'x',
  'a longer run of words that wraps',
  '行健',
  '天地玄黄',
  'é',
  'e\u0301',
  '👍',
  '👨‍👩‍👧',
  '🇫🇷',
  '🇫',
  '❤️',
  '\u0301',
  'ไทย',
  'नमस्ते',
  'ｆｕｌｌ',
  '─│┌',
  'q',
  '\u00ad',
  'ab行c',
]
const controls = ['\r', '\n', '\r\n', '\b', '\t', '\x0b', '\x07', '\x00']
const fixed = [
  '\x1b7',
  '\x1b8',
  '\x1bD',
  '\x1bM',
  '\x1bE',
  '\x1bH',
  '\x1b=',
  '\x1b>',
  '\x1b#8',
  '\x1bc',
  '\x1b[s',
  '\x1b[u',
  '\x1b[3g',
  '\x1b[0g',
  '\x1b[1"q',
  '\x1b[0"q',
  '\x1b[22;0t',
  '\x1b[23;0t',
  '\x1b]2;a title\x07',
  '\x1b]0;Titel 行\x1b\\',
  '\x1b]4;1;rgb:11/22/33\x07',
  '\x1b]11;#102030\x07',
  '\x1b]104\x07',
  '\x1b]8;;http://one.example/\x07',
  '\x1b]8;id=k;http://two.example/;x\x07',
  '\x1b]8;;\x07',
  '\x1bP$qm\x1b\\',
  '\x1b_apc\x1b\\',
  '\x1b[c',
  '\x1b[6n',
]
const modes = [
  '?1',
  '?5',

  '?12',
  '?25',
  '?45',
  '?47',
  '?66',
  '?1000',
  '?1002',
  '?1003',
  '?1004',
  '?1006',
  '?1016',
  '?1047',
  '?1048',
  '?1049',
  '?2004',
  '?9',
  '4',
  '20',
]
const colours = ['31', '97', '44', '103', '38;5;200', '48;5;17', '38;2;1;2;3', '48;2;250;128;7', '39', '49']
const flags = ['0', '1', '2', '3', '4', '5', '7', '8', '9', '53', '22', '23', '24', '25', '27', '28', '29', '55', '']

export function randomStream(pick: (below: number) => number, pieces: number): string {
  const of = (list: readonly string[]) => list[pick(list.length)] ?? ''
  const number = () => String(pick(4) === 0 ? pick(70) : pick(12))
  let text = ''
  for (let piece = 0; piece < pieces; piece += 1) {
    switch (pick(12)) {
      case 0:
        text += of(controls)
        break
      case 1:
        text += of(fixed)
        break
      case 2:
        text += `\x1b[${of(modes)}${pick(3) === 0 ? 'l' : 'h'}`
        break
      case 3:
        text += `\x1b[${of(colours)};${of(flags)}m`
        break
      case 4:
        text += `\x1b[${of(flags)}m`
        break
      case 5:
        text += `\x1b[${number()};${number()}${of(['H', 'f', 'r'])}`
        break
      case 6:
        text += `\x1b[${number()}${of(['A', 'B', 'C', 'D', 'E', 'F', 'G', 'I', 'Z', 'd', '`', 'a', 'e'])}`
        break
      case 7:
        text += `\x1b[${number()}${of(['X', 'L', 'M', 'S', 'T', 'b'])}`
        break
      case 8:
        text += `\x1b[${pick(4)}${of(['J', 'K', ' q'])}`
        break
      default:
        text += of(words)
    }
  }
  return text
}
