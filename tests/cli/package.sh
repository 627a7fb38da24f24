#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The .deb and the .rpm: name, licence, conflict, contents, and inside both the
# very executable that was tested.
# timeout: 300
set -u
. "$(dirname "$0")/lib.sh"
scratch
files='usr/bin/nettrace
usr/share/man/man8/nettrace.8
usr/share/doc/nettrace-virt/COPYING
usr/share/doc/nettrace-virt/NOTICES
usr/share/bash-completion/completions/nettrace
usr/share/zsh/vendor-completions/_nettrace
usr/share/fish/vendor_completions.d/nettrace.fish
usr/lib/nettrace/legacy/icmp_path_tracer.py'

# check_list LIST: every file that must be in a package
check_list() {
	local file
	while read -r file; do
		grep -qE "^(\./|/)?$file( ->.*)?\$" "$1" || complain "$2: no $file"
	done <<<"$files"
}

# check_same FILE PACKAGE
check_same() {
	cmp -s "$1" "$root/build/release/nettrace" || complain "$2: not the tested executable"
}

for generator in DEB RPM; do
	if [ $generator = RPM ] && ! command -v rpmbuild >/dev/null; then
		echo "rpmbuild is not installed"
		exit 77
	fi
	cpack --config "$root/build/release/CPackConfig.cmake" -G $generator -B "$work/pack" \
		>"$work/log" 2>&1 || {
		tail -n 30 "$work/log" >&2
		exit 1
	}
done

deb=$(echo "$work"/pack/nettrace-virt_*_amd64.deb)
dpkg -c "$deb" | awk '{ print $6 }' >"$work/list"
check_list "$work/list" deb
[ "$(dpkg -f "$deb" Package)" = nettrace-virt ] || complain "deb: wrong name"
[ "$(dpkg -f "$deb" Conflicts)" = nettrace ] || complain "deb: no conflict with nettrace"
[ -z "$(dpkg -f "$deb" Depends)" ] || complain "deb: depends on $(dpkg -f "$deb" Depends)"
dpkg -x "$deb" "$work/deb"
check_same "$work/deb/usr/bin/nettrace" deb

rpm=$(echo "$work"/pack/nettrace-virt-*.x86_64.rpm)
rpm -qlp "$rpm" 2>/dev/null >"$work/list"
check_list "$work/list" rpm
query() { rpm -qp --qf "$1" "$rpm" 2>/dev/null; }
[ "$(query '%{NAME}')" = nettrace-virt ] || complain "rpm: wrong name"
[ "$(query '%{LICENSE}')" = GPL-2.0-or-later ] || complain "rpm: wrong licence"
rpm -qp --conflicts "$rpm" 2>/dev/null | grep -qx nettrace || complain "rpm: no conflict"
grep -qx '/usr/share/man' "$work/list" && complain "rpm: owns a folder of the system"
mkdir "$work/rpm" && rpm2cpio "$rpm" | (cd "$work/rpm" && cpio -idm --quiet)
check_same "$work/rpm/usr/bin/nettrace" rpm
exit $failed
