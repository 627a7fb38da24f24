#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The completion scripts with the shells that are installed, bash always: what
# the shell would put on the line or show.
# timeout: 120
set -u
. "$(dirname "$0")/lib.sh"
scratch
mkdir -p "$work/bin" "$work/files/sub"
touch "$work/files/one"
ln -s "${NETTRACE:-$root/build/dev/nettrace}" "$work/bin/nettrace"
export PATH=$work/bin:$PATH HOME=$work
cd "$work" || exit 1

# Each prints the candidates for the line in $1, one a line, sorted.
# shellcheck disable=SC2016,SC2317 # other shells' variables; called by name
in_bash() {
	bash --norc --noprofile -c '
		compopt() { :; }
		. "$2/completions/nettrace.bash"
		COMP_LINE=$1 COMP_POINT=${#1}
		_nettrace
		printf "%s\n" "${COMPREPLY[@]}"' - "$1" "$root" | sort
}

# shellcheck disable=SC2016,SC2317
# The arrays are those that the function hands to compadd.
in_zsh() {
	zsh -f -c '
		compdef() { : }
		compadd() { print -rl -- $names }
		compset() { : }
		_files() { [[ $# = 0 ]] && print -rl -- files/one; print -rl -- files/sub }
		. $2/completions/nettrace.zsh
		words=("${(@s: :)1}") CURRENT=$#words
		_nettrace' - "$1" "$root" | sort
}

# shellcheck disable=SC2016,SC2317
in_fish() {
	fish --no-config -c '
		source $argv[2]/completions/nettrace.fish
		complete -C $argv[1]' "$1" "$root" | cut -f1 | sort
}

# expect SHELL LINE CANDIDATE...
expect() {
	local shell=$1 line=$2 got want
	shift 2
	got=$("in_$shell" "$line" 2>"$work/stderr")
	want=$(printf '%s\n' "$@")
	got=${got:0:200}
	[ "$got" = "$want" ] || complain "$shell: '$line': '${got//$'\n'/ }' for '$*'"
	[ ! -s "$work/stderr" ] || complain "$shell: '$line': $(cat "$work/stderr")"
}

# A namespace with a device that no other has.
netns=nt-compl-$$
if ip netns add $netns 2>/dev/null; then
	trap 'ip netns del $netns; rm -rf "$work"' EXIT
	ip -n $netns link add complv0 type veth peer name complv1
else
	echo "no namespaces for this user: interfaces of --netns are not completed here"
	netns=
fi

for shell in bash zsh fish; do
	command -v $shell >/dev/null || continue
	expect $shell 'nettrace pat' path
	expect $shell 'nettrace path icm' icmp
	expect $shell 'nettrace path icmp --outp' --output --output-size
	expect $shell 'nettrace path icmp --rx-iface l' lo
	expect $shell 'nettrace path icmp --rx-iface compl'
	expect $shell 'nettrace path icmp --netns nt-none --rx-iface l'
	[ -z "$netns" ] || expect $shell "nettrace path icmp --netns $netns --rx-iface compl" complv0 complv1
	# Values: words of the tables, names of this machine, a further entry of a list.
	expect $shell 'nettrace drop summary --protocol ic' icmp icmp6
	expect $shell 'nettrace drop summary --protocol tcp,ic' tcp,icmp tcp,icmp6
	expect $shell 'nettrace drop summary -p ud' udp
	expect $shell 'nettrace drop summary --group-by f' fivetuple
	expect $shell 'nettrace drop summary --device l' lo
	# Of this kernel, or the derived ones.
	expect $shell 'nettrace drop summary --reason NETFILTER_D' NETFILTER_DROP
	expect $shell 'nettrace drop summary --reason NO_SOCKET,NETFILTER_D' NO_SOCKET,NETFILTER_DROP
	expect $shell 'nettrace vm latency details --direction from' from-vm
	expect $shell 'nettrace completion z' zsh
	expect $shell 'nettrace doctor dro' drop
	expect $shell 'nettrace doctor vm lat' latency
	expect $shell 'nettrace help path ic' icmp
	expect $shell 'nettrace path icmp --no-such-option'
	expect $shell 'nettrace no such '
done

# bash replaces what stands behind the last '=', the others the whole word.
expect bash 'nettrace path icmp --rx-iface=l' lo
expect bash 'nettrace path icmp --output files/' files/one files/sub
expect bash 'nettrace path icmp --output=files/o' files/one
command -v zsh >/dev/null && {
	expect zsh 'nettrace path icmp --rx-iface=l' --rx-iface=lo
	expect zsh 'nettrace path icmp --output files/' files/one files/sub
}
command -v fish >/dev/null && {
	expect fish 'nettrace path icmp --rx-iface=l' --rx-iface=lo
	expect fish 'nettrace path icmp --output files/' files/one files/sub/
	expect fish 'nettrace path icmp --output=files/o' --output=files/one
}
exit $failed
