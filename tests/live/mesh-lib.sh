# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Three hosts h1 h2 h3 (10.77.9.1 to .3) on a bridge, each with an sshd of its own: keys, port and
# files are of this case alone. Sourced after lib.sh.
#
#   mesh_up, mesh_down              the hosts
#   in_h N COMMAND...               on host N
#   mesh CODE OPTION...             a run to its end; figure FILTER: of its summary
#   mesh_start OPTION..., mesh_end SIGNAL CODE
#   lose N HOOK SRC DST request|reply "SEQ, ..."
#   kill_host N, start_host N       its sshd and all its sessions
#   nothing_left                    no process, no file, on no host, within a few seconds

mesh_dir=$(mktemp -d)
mesh_hosts="1 2 3"

in_h() { ip netns exec "nth$1" "${@:2}"; }

start_host() {
	in_h "$1" /usr/sbin/sshd -f "$mesh_dir/sshd$1" -E "$mesh_dir/sshd$1.log" || fail "sshd of h$1"
}

mesh_up() {
	local h
	mkdir -p /run/sshd "$mesh_dir/tmp" "$mesh_dir/log"
	ssh-keygen -q -t ed25519 -N '' -f "$mesh_dir/key" || fail "ssh-keygen"
	ssh-keygen -q -t ed25519 -N '' -f "$mesh_dir/hostkey" || fail "ssh-keygen"
	cp "$mesh_dir/key.pub" "$mesh_dir/authorized"
	ip netns add ntm0 || fail "namespace"
	ip -n ntm0 -batch - <<-END || fail "bridge"
		link add br9 type bridge
		link set br9 up
	END
	for h in $mesh_hosts; do
		ip netns add "nth$h" || fail "namespace"
		ip -n "nth$h" -batch - <<-END || fail "host"
			link set lo up
			link add eth9 type veth peer name p$h netns ntm0
			addr add 10.77.9.$h/24 dev eth9
			link set eth9 up
		END
		ip -n ntm0 -batch - <<-END || fail "port"
			link set p$h master br9
			link set p$h up
		END
		cat >"$mesh_dir/sshd$h" <<-END
			Port 2222
			ListenAddress 10.77.9.$h
			HostKey $mesh_dir/hostkey
			AuthorizedKeysFile $mesh_dir/authorized
			PidFile $mesh_dir/sshd$h.pid
			StrictModes no
			UsePAM no
			PasswordAuthentication no
			PermitRootLogin yes
			Subsystem sftp internal-sftp
			LoginGraceTime 0
		END
		start_host "$h"
		echo "[10.77.9.$h]:2222 $(cut -d' ' -f1,2 "$mesh_dir/hostkey.pub")" >>"$mesh_dir/known"
		echo "h$h ansible_host=10.77.9.$h ansible_port=2222 ansible_user=root" >>"$mesh_dir/hosts"
	done
	# Who asks is in the bridge's namespace, and has no other configuration of ssh than this one.
	ip -n ntm0 addr add 10.77.9.254/24 dev br9
	mkdir -p "$mesh_dir/bin"
	for h in ssh scp; do
		printf '#!/bin/sh\nexec /usr/bin/%s -F %s/config "$@"\n' $h "$mesh_dir" >"$mesh_dir/bin/$h"
	done
	chmod +x "$mesh_dir/bin/ssh" "$mesh_dir/bin/scp"
	cat >"$mesh_dir/config" <<-END
		IdentityFile $mesh_dir/key
		IdentitiesOnly yes
		UserKnownHostsFile $mesh_dir/known
		StrictHostKeyChecking yes
		# The default takes an emulated CPU many seconds.
		KexAlgorithms curve25519-sha256
		HostKeyAlgorithms ssh-ed25519
	END
	mesh_run=(ip netns exec ntm0 env "PATH=$mesh_dir/bin:$PATH" "TMPDIR=$mesh_dir/tmp" "$NETTRACE" mesh icmp
		--inventory "$mesh_dir/hosts" --remote-dir "$mesh_dir/tmp" --timeout 240 --json --output "$mesh_dir/out")
}

mesh_down() {
	local h
	[ -z "${mesh_pid-}" ] || kill -KILL "$mesh_pid"
	for h in $mesh_hosts; do
		ip netns pids "nth$h" | xargs -r kill -KILL
		ip netns del "nth$h"
	done
	ip netns del ntm0
	rm -rf "$mesh_dir"
}

figure() { jq -r "select(.type == \"summary\") | $1" "$mesh_dir/out"; }

mesh() {
	local rc=0
	"${mesh_run[@]}" --log-dir "$mesh_dir/log" "${@:2}" 2>"$mesh_dir/err" || rc=$?
	[ $rc = "$1" ] || fail "exit code $rc: $(cat "$mesh_dir/err"; tail -n 4 "$mesh_dir"/sshd*.log)"
	cat "$mesh_dir/out" >>"$tool_dir/all"
}

# await CONDITION: for a while; an emulated CPU takes a minute to log in three times.
await() {
	local limit=$((SECONDS + 240))
	until eval "$1"; do
		[ "$SECONDS" -lt "$limit" ] || fail "never: $1: $(cat "$mesh_dir/err")"
		sleep 0.2
	done
}

mesh_start() {
	rm -f "$mesh_dir/ready"
	"${mesh_run[@]}" "$@" --ready-fd 9 9>"$mesh_dir/ready" 2>"$mesh_dir/err" &
	mesh_pid=$!
	await '[ -s "$mesh_dir/ready" ] || ! kill -0 "$mesh_pid" 2>/dev/null'
	[ -s "$mesh_dir/ready" ] || fail "mesh did not start: $(cat "$mesh_dir/err" "$mesh_dir/out")"
}

# TERM does what Ctrl-C does; a job in the background ignores SIGINT.
mesh_end() {
	local rc=0
	kill -TERM "$mesh_pid"
	ended "$mesh_pid" || rc=$?
	mesh_pid=
	[ $rc = "$2" ] || fail "exit code $rc: $(cat "$mesh_dir/err")"
	cat "$mesh_dir/out" >>"$tool_dir/all"
}

lose() {
	in_h "$1" nft -f - <<-END || fail "nft"
	table ip ntmesh$2 { chain c { type filter hook $2 priority -300; ip saddr $3 ip daddr $4 icmp type echo-$5 icmp sequence { $6 } drop; }; }
	END
}

lose_off() {
	local h
	for h in $mesh_hosts; do in_h "$h" nft flush ruleset; done
}

# Its daemon and whatever runs by it.
kill_host() { ip netns pids "nth$1" | xargs -r kill -KILL; }

left() {
	local h
	for h in $mesh_hosts; do
		for p in $(ip netns pids "nth$h"); do
			[ "$p" = "$(cat "$mesh_dir/sshd$h.pid")" ] || tr '\0' ' ' <"/proc/$p/cmdline"
		done
	done
	for p in $(ip netns pids ntm0); do tr '\0' ' ' <"/proc/$p/cmdline"; done
	ls "$mesh_dir/tmp"
}

nothing_left() {
	await '[ -z "$(left 2>/dev/null)" ]'
	echo "nothing left"
}
