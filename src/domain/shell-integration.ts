// What a shell of a host is given so that it tells its commands itself: OSC 133 with `cmdline_url` (as kitty reads it), and OSC 7 for the folder. See docs/shell-integration.md.

/** At the end of `~/.bashrc`; bash 4.4 or newer. */
export const bashIntegration = String.raw`# Sallyport: the shell tells what it runs. Only in a terminal, and once.
if [[ $- == *i* && -z $__sallyport_on ]]; then
  __sallyport_on=1
  __sallyport_url() {
    local LC_ALL=C text=$1 out= char i
    for ((i = 0; i < \${#text}; i++)); do
      char=\${text:i:1}
      case $char in [a-zA-Z0-9/._~-]) out+=$char ;; *) printf -v char '%%%02X' "'$char"; out+=%\${char: -2} ;; esac
    done
    printf %s "$out"
  }
  __sallyport_begin() {
    local line
    line=$(HISTTIMEFORMAT= builtin history 1)
    [[ $line =~ ^[[:space:]]*[0-9]+[*[:space:]][[:space:]](.*)$ ]] || return
    printf '\e]133;C;cmdline_url=%s\a' "$(__sallyport_url "\${BASH_REMATCH[1]:0:2000}")"
  }
  __sallyport_end() {
    local status=$?
    printf '\e]133;D;%s\a\e]7;file://%s%s\a\e]133;A\a' "$status" "$HOSTNAME" "$(__sallyport_url "$PWD")"
    return $status
  }
  # Lines that begin with a blank and repeated lines are in the history too: it is where bash says what it runs.
  HISTCONTROL= HISTIGNORE= HISTSIZE=\${HISTSIZE:-500}
  shopt -s cmdhist lithist
  PROMPT_COMMAND="__sallyport_end\${PROMPT_COMMAND:+; $PROMPT_COMMAND}"
  PS0='$(__sallyport_begin)'"$PS0"
fi
`.replaceAll('\\${', '${')

/** At the end of `~/.zshrc`; zsh 5.1 or newer. */
export const zshIntegration = String.raw`# Sallyport: the shell tells what it runs. Only in a terminal, and once.
if [[ -o interactive && -z $__sallyport_on ]]; then
  __sallyport_on=1
  __sallyport_url() {
    emulate -L zsh
    setopt no_multibyte
    local text=$1 out= char
    for char in \${(s::)text}; do
      case $char in ([a-zA-Z0-9/._~-]) out+=$char ;; (*) out+=%\${(l:2::0:)$(( [##16] #char ))} ;; esac
    done
    print -rn -- $out
  }
  __sallyport_begin() { printf '\e]133;C;cmdline_url=%s\a' "$(__sallyport_url "\${1[1,2000]}")" }
  __sallyport_end() { printf '\e]133;D;%s\a\e]7;file://%s%s\a\e]133;A\a' "$?" "$HOST" "$(__sallyport_url "$PWD")" }
  autoload -Uz add-zsh-hook
  add-zsh-hook preexec __sallyport_begin
  add-zsh-hook precmd __sallyport_end
fi
`.replaceAll('\\${', '${')
