# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of nettrace: the program itself knows the candidates.
_nettrace()
{
	local line=${COMP_LINE:0:COMP_POINT} words=() candidates IFS=$' \t\n' cur cut
	read -ra words <<<"$line"
	[[ $line == *[[:blank:]] ]] && words+=('')
	cur=${words[-1]}
	COMPREPLY=()
	mapfile -t candidates < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null | cut -f1)
	case ${candidates[0]-} in
	:files | :dirs)
		local kind=-f
		[[ ${candidates[0]} == :dirs ]] && kind=-d
		mapfile -t COMPREPLY < <(compgen "$kind" -- "${cur#--*=}")
		compopt -o filenames
		return
		;;
	esac
	# bash replaces only what follows the last '=' or ':' of the word.
	cut=${cur%"${cur##*[=:]}"}
	[[ -n $cut && $COMP_WORDBREAKS == *"${cut: -1}"* ]] || cut=
	COMPREPLY=("${candidates[@]#"$cut"}")
}
complete -F _nettrace nettrace
