// What people do at a terminal in a minute of the scripted hour; each act begins and ends at the prompt.
import type { Person } from './scripted-hour.ts'

export type Act = { name: string; run: (person: Person, folder: string) => Promise<void> }

/** Keys with a little time between, as programs and people need. */
async function keys(person: Person, ...texts: string[]): Promise<void> {
  for (const text of texts) {
    await person.type(text)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

export const tmuxSocket = (folder: string): string => `${folder}/tmux.sock`

export const acts: readonly Act[] = [
  {
    name: 'vim',
    run: async (person, folder) => {
      await person.type(`vim -u NONE -N ${folder}/notes.txt\r`)
      await person.sees('"')
      await keys(person, ':set number\r', 'iHello 世界, 你好\rsecond line 🎉\x1b', 'yyp', 'ggdd', ':%s/line/LINE/g\r', 'u', ':syntax on\r', 'G$', ':w!\r')
      await keys(person, ':q!\r')
    },
  },
  {
    name: 'htop',
    run: async (person) => {
      await person.type('htop -d 3\r')
      await person.sees('F10')
      await keys(person, '\x1b[B', '\x1b[B', 't', 'q')
    },
  },
  {
    name: 'tmux',
    run: async (person, folder) => {
      await person.type(`tmux -S ${tmuxSocket(folder)} -f /dev/null new-session -s hour\r`)
      await person.sees('[hour]')
      await keys(person, '\x02%', 'ls -la /etc | head -40\r', '\x02"', 'echo 漢字 in a pane\r')
      await person.sees('漢字 in a pane')
      await keys(person, '\x02:', 'kill-server', '\r')
    },
  },
  {
    name: 'less',
    run: async (person, folder) => {
      await person.type(`less -R ${folder}/long.log\r`)
      await person.sees('line 1 ')
      await keys(person, ' ', ' ', '/line 900\r', 'G', 'g', 'q')
    },
  },
  {
    name: 'build',
    run: async (person, folder) => {
      await person.type(`sh ${folder}/build.sh\r`)
      await person.sees('build finished')
    },
  },
  {
    name: 'flood',
    run: async (person, folder) => {
      await person.type(`cat ${folder}/flood.log; echo flood-$((20+22))\r`)
      await person.sees('flood-42')
    },
  },
  {
    name: 'words of every width',
    run: async (person) => {
      await person.type(
        "printf '%s\\n' '中文字符' 'ｶﾀｶﾅ' '👩‍👩‍👧‍👦 family' 'é combining e\\xcc\\x81' '🇨🇳 flag' 'tab\\there' '\\033[1;38;2;255;128;0mtrue colour\\033[0m' '\\377 not utf-8'\r",
      )
      await person.sees('not utf-8')
    },
  },
  {
    name: 'a window that is resized',
    run: async (person) => {
      person.resize(81, 25)
      await person.type('stty size\r')
      await person.sees('25 81')
      person.resize(100, 30)
      await person.type('stty size\r')
      await person.sees('30 100')
    },
  },
]

/** Programs that end throw away what was typed ahead: people wait for the prompt, too. */
async function prompt(person: Person): Promise<void> {
  await person.awaits('the prompt', () => {
    const { active } = person.screen.buffer
    const line = active.getLine(active.baseY + active.cursorY)?.translateToString(false, 0, active.cursorX) ?? ''
    return person.stream.state === 'open' && active.type === 'normal' && line.endsWith('$ ')
  })
}

/** Back at the prompt, by a number that nothing else prints. */
export async function settle(person: Person, number: number): Promise<void> {
  await prompt(person)
  await person.type(`clear; echo at-$((${number}+1000))\n`)
  await person.sees(`at-${number + 1000}`)
}

/** What the acts need on the host. */
export function hourFiles(): Record<string, string> {
  const colours = Array.from({ length: 2000 }, (_, at) => `\x1b[3${at % 8}mline ${at + 1} of the long log \x1b[0m ${'='.repeat(at % 60)}`)
  const floods = Array.from({ length: 30_000 }, (_, at) => `\x1b[3${at % 8}m${at} ${'x'.repeat(70)}\x1b[0m 编译`)
  return {
    'long.log': `${colours.join('\n')}\n`,
    'flood.log': `${floods.join('\n')}\n`,
    'build.sh':
      'i=0; while [ $i -lt 120 ]; do i=$((i+1)); printf "\\r\\033[K[%3d%%] building part %d" $((i*100/120)) $i; [ $((i%10)) -eq 0 ] && printf "\\n\\033[33mwarning:\\033[0m part %d is 旧\\n" $i; sleep 0.005; done; printf "\\nbuild finished\\n"\n',
  }
}
