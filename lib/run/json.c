// SPDX-License-Identifier: GPL-2.0-or-later
/* Parts of JSON lines that every tool has. */
#include <arpa/inet.h>
#include <string.h>

#include "run_internal.h"

struct nt_json *nt_run_json(struct nt_run *run, const char *type, uint64_t mono_ns)
{
	struct nt_json *j =
		nt_json_line_of(run->out, type, nt_run_wall(run, mono_ns), run->tool->words);

	if (!strcmp(type, "report") || !strcmp(type, "summary"))
		nt_watch_gone_json(run, j);
	return j;
}

static void flow_l4(struct nt_json *j, const struct nt_key *k)
{
	bool icmp = k->proto == NT_IPPROTO_ICMP || k->proto == NT_IPPROTO_ICMP6;

	if (icmp) {
		nt_json_u64(j, "icmp_type", k->type);
		nt_json_u64(j, "icmp_code", k->code);
		if (nt_icmp_is_echo(k->proto, k->type)) {
			nt_json_u64(j, "id", ntohs(k->sport));
			nt_json_u64(j, "seq", ntohs(k->dport));
		}
	} else if (k->proto == NT_IPPROTO_TCP || k->proto == NT_IPPROTO_UDP ||
		   k->proto == NT_IPPROTO_SCTP) {
		nt_json_u64(j, "sport", ntohs(k->sport));
		nt_json_u64(j, "dport", ntohs(k->dport));
	}
	if (k->proto == NT_IPPROTO_TCP)
		nt_json_u64(j, "seq", ntohl(k->seq));
}

void nt_json_flow(struct nt_json *j, const struct nt_key *k)
{
	char buf[NT_ADDR_LEN];

	nt_json_obj(j, "flow");
	if (k->family) {
		nt_json_u64(j, "family", k->family);
		nt_json_str(j, "protocol", nt_fmt_proto(k->proto, buf, sizeof(buf)));
		nt_json_str(j, "src", nt_fmt_addr(k->family, k->saddr, buf, sizeof(buf)));
		nt_json_str(j, "dst", nt_fmt_addr(k->family, k->daddr, buf, sizeof(buf)));
		flow_l4(j, k);
		if (k->flags & NT_KEY_FRAG) {
			nt_json_u64(j, "frag_off", k->frag_off);
			nt_json_u64(j, "ip_id",
				    k->family == 4 ? ntohs((uint16_t)k->ip_id) : ntohl(k->ip_id));
		}
	}
	if (k->vlan)
		nt_json_u64(j, "vlan", k->vlan - 1U);
	nt_json_end(j);
}
