# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# rtt kernel, run beside the host that pings: all of its programs for a ping, also at the router's and
# the other host's hooks, where they are rejected by the namespace.

rtt=(rtt kernel --netns nta --src-ip 10.77.1.1 --dst-ip 10.77.2.1)
per_ping rtt_kernel.stats -- "${rtt[@]}" --stats-mode
per_ping rtt_kernel.all -- "${rtt[@]}" --all
per_ping rtt_kernel.stats_kprobe NETTRACE_WITHOUT=fentry -- "${rtt[@]}" --stats-mode
started rtt_kernel "${rtt[@]}" --stats-mode
