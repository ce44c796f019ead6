#!/bin/sh
# Manual pages and completions know every option that --help prints, and their readers take them.
#   manual.sh WASMAOT GUESTS THIS-DIRECTORY BUILD SOURCE GENERATED
. "$3/../e2e/lib.sh"
generated=$6
completions=$generated/completions

commands=$("$wasmaot" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
check 'the help lists no commands' [ "$(echo "$commands" | wc -l)" -ge 4 ]

# The options of a command as its help spells them: -o, --output...
options_of() {
  "$wasmaot" "$1" --help |
    sed -n 's/^  \(-[^ ,]*\)\(, \(-[^ ]*\)\)\{0,1\}.*/\1 \3/p' | tr -s ' ' '\n' |
    sed 's/\[\{0,1\}=.*//; s/^\(-[A-Za-z]\)[A-Z]*$/\1/'
}

# ---- Every option is everywhere ----
for command in $commands; do
  page=$generated/man/wasmaot-$command.1
  ran="wasmaot $command --help"
  options_of "$command" >"$work/options"
  check "$command has no options" grep -q -e --help "$work/options"
  sed 's/\\-/-/g; s/\\f[BRI]//g' "$page" >"$work/page"
  sed -n "/^_wasmaot_$command()/,/^}/p" "$completions/wasmaot" >"$work/bash"
  sed -n "/^  $command)/,/;;/p" "$completions/_wasmaot" >"$work/zsh"
  grep "__fish_seen_subcommand_from $command'" "$completions/wasmaot.fish" >"$work/fish"
  while read -r option; do
    : >"$work/out"
    : >"$work/err"
    check "$command $option is not in its manual page" \
      grep -qE -e "^(-., )?$option($|[[,=A-Z])" "$work/page"
    check "$command $option is not in bash's completion" grep -qE -e "[ ']$option[ ']" "$work/bash"
    check "$command $option is not in zsh's completion" grep -qE -e "[*',{]$option[],=+[}]" "$work/zsh"
    case $option in
    --*) wanted=" -l ${option#--} " ;;
    *) wanted=" -s ${option#-} " ;;
    esac
    check "$command $option is not in fish's completion" grep -qF -e "$wanted" "$work/fish"
  done <"$work/options"
  check "$command is not in wasmaot(1)" grep -q "wasmaot..$command (1)" "$generated/man/wasmaot.1"
done

# ---- Pages render ----
for page in "$generated"/man/*.1; do
  if command -v groff >/dev/null; then
    run groff -ww -b -Tutf8 -man "$page"
    status 0
    no_err
    out 'User Commands'
  fi
  if command -v mandoc >/dev/null; then
    run mandoc -T lint -W warning "$page"
    status 0
    no_err
  fi
done
command -v groff >/dev/null || skip 'no groff: pages are not rendered by it'
command -v mandoc >/dev/null || skip 'no mandoc: pages are not checked by it'

# ---- bash ----
# complete WORD...: what bash offers for the last word, after it divided them as it does.
cat >"$work/complete.bash" <<'END'
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_wasmaot
printf '%s\n' "${COMPREPLY[@]}"
END
mkdir -p "$work/place/inner"
: >"$work/place/app.wasm"
complete() {
  run sh -c 'cd "$1" && shift && exec bash "$@"' sh "$work/place" "$work/complete.bash" \
    "$completions/wasmaot" "$@"
  status 0
  no_err
}
offers() {
  check "'$1' is not offered" grep -qxF -e "$1" "$work/out"
}
offers_not() {
  check "'$1' is offered" sh -c '! grep -qxF -e "$1" "$2"' sh "$1" "$work/out"
}
if command -v bash >/dev/null; then
  complete wasmaot ''
  for command in $commands; do
    offers "$command"
  done
  complete wasmaot com
  offers compile
  offers_not run
  complete wasmaot compile --em
  offers --emit
  offers_not --output
  complete wasmaot compile --emit = b
  offers bc
  offers_not obj
  complete wasmaot compile --emit ''
  offers asm
  complete wasmaot compile ''
  offers app.wasm
  complete wasmaot run --dir = ''
  offers inner
  offers_not app.wasm
  complete wasmaot run --dir = inner --ma
  offers --max-memory
  complete wasmaot run app.wasm --ma
  offers_not --max-memory
else
  skip 'no bash'
fi

# ---- zsh and fish ----
if command -v zsh >/dev/null; then
  run zsh -n "$completions/_wasmaot"
  status 0
  no_err
else
  skip 'no zsh: its completion is not read'
fi
if command -v fish >/dev/null; then
  run env HOME="$work" fish -c "source $completions/wasmaot.fish
    complete -C 'wasmaot compile --emit='; complete -C 'wasmaot va'; complete -C 'wasmaot run --max-'"
  status 0
  out '--emit=bc'
  out 'validate'
  out '--max-stack'
else
  skip 'no fish: its completion is not tried'
fi
finish
