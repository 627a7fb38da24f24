#compdef nettrace
# SPDX-License-Identifier: GPL-2.0-or-later
# zsh completion of nettrace: the program itself knows the candidates.
_nettrace()
{
	local -a lines names shown
	local line
	lines=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
	case ${lines[1]} in
	:files) compset -P '--*='; _files; return ;;
	:dirs) compset -P '--*='; _files -/; return ;;
	esac
	for line in $lines; do
		[[ -n $line ]] || continue
		names+=("${line%%$'\t'*}")
		shown+=("${line/$'\t'/  -- }")
	done
	(( $#names )) && compadd -l -d shown -a names
}
if [[ $funcstack[1] == _nettrace ]]; then _nettrace "$@"; else compdef _nettrace nettrace; fi
