/**
 * The completion scripts of the shells. Each runs `farcall __complete SHELL -- WORDS`. The first line of its
 * output is a directive (`:files`, `:open` or `:end`), and each further line is a candidate, with a tab and a
 * description after it.
 *
 * Threat: a folder that contains somebody else's file `farcall`. The script runs the program in PATH, and not
 * the one at the beginning of the command line.
 */
export const SCRIPTS = {
  bash: `# bash completion of farcall:  source <(farcall completion bash)
_farcall() {
  local directive value
  COMPREPLY=()
  {
    IFS= read -r directive
    while IFS=$'\\t' read -r value _; do COMPREPLY+=("$value"); done
  } < <(command farcall __complete bash -- "\${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
  case $directive in
  :files) compopt -o default -o filenames ;;
  :open) compopt -o nospace -o nosort ;;
  *) compopt -o nosort ;;
  esac
}
complete -F _farcall farcall
`,
  zsh: `#compdef farcall
# zsh completion of farcall:  source <(farcall completion zsh)  after compinit, or save this as _farcall in a folder of $fpath
_farcall() {
  local -a lines values shown suffix
  local line
  lines=("\${(@f)$(command farcall __complete zsh -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  case $lines[1] in
  :files)
    _files
    return
    ;;
  :open) suffix=(-S '') ;;
  esac
  for line in "\${(@)lines[2,-1]}"; do
    values+=("\${line%%$'\\t'*}")
    shown+=("\${line//$'\\t'/  -- }")
  done
  (( $#values )) && compadd -V farcall -l -d shown "\${(@)suffix}" -- "\${(@)values}"
}
if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then
  _farcall "$@"
else
  compdef _farcall farcall
fi
`,
  fish: `# fish completion of farcall:  farcall completion fish | source
function __farcall_complete
    set -l words (commandline -opc)
    set -l lines (command farcall __complete fish -- $words[2..-1] (commandline -ct) 2>/dev/null)
    if test "$lines[1]" = :files
        __fish_complete_path (commandline -ct)
    else
        printf '%s\\n' $lines[2..-1]
    end
end
complete -c farcall -f -k -a '(__farcall_complete)'
`,
} as const;

/** A shell that has a completion script. */
export type Shell = keyof typeof SCRIPTS;

/** The names of the shells. */
export const SHELLS = Object.keys(SCRIPTS) as readonly Shell[];
