// SPDX-License-Identifier: GPL-2.0-or-later
/* The vm tools: one packet's story as text, in the old program's form, and as JSON. */
#include <arpa/inet.h>
#include <stdio.h>

#include "vm_tool.h"

/* A story with what its printers need. */
struct view {
	struct nt_run *run;
	const struct nt_story *y;
	const struct nt_sess *s;
	uint8_t order[VM_STAGES];
	uint32_t n;
	bool done;
};

static uint32_t last_stage(const struct view *v)
{
	return v->n ? v->order[v->n - 1] : VM_FIRST;
}

static const char *name_of(const struct view *v, uint32_t stage)
{
	return vm_stage_name(v->run, v->s->dir, stage);
}

static uint32_t cpu_first(const struct view *v)
{
	return v->s->cpu & 0xffff;
}

static uint32_t cpu_last(const struct view *v)
{
	return v->s->cpu >> 16;
}

static const char *proto_name(const struct nt_key *k)
{
	switch (k->proto) {
	case NT_IPPROTO_TCP:
		return "TCP";
	case NT_IPPROTO_UDP:
		return "UDP";
	case NT_IPPROTO_ICMP6:
		return "ICMPv6";
	default:
		return "ICMP";
	}
}

static uint32_t ip_id(const struct nt_key *k)
{
	return k->family == 4 ? ntohs((uint16_t)k->ip_id) : ntohl(k->ip_id);
}

/* What tells the packet from others of its flow. */
static void packet_text(const struct nt_key *k, char *buf, size_t len)
{
	if (k->flags & NT_KEY_LATER_FRAG)
		snprintf(buf, len, "%s id=%u frag_off=%u", proto_name(k), ip_id(k), k->frag_off);
	else if (k->proto == NT_IPPROTO_TCP)
		snprintf(buf, len, "TCP %u->%u seq=%u", ntohs(k->sport), ntohs(k->dport),
			 ntohl(k->seq));
	else if (k->proto == NT_IPPROTO_UDP)
		snprintf(buf, len, "UDP %u->%u id=%u frag_off=%u", ntohs(k->sport), ntohs(k->dport),
			 ip_id(k), k->frag_off);
	else if (nt_icmp_is_echo(k->proto, k->type))
		snprintf(buf, len, "%s id=%u seq=%u type=%u", proto_name(k), ntohs(k->sport),
			 ntohs(k->dport), k->type);
	else
		snprintf(buf, len, "%s type=%u code=%u", proto_name(k), k->type, k->code);
}

/* Why it is unfinished, or what was remarkable; "" for most. */
static void remark(const struct view *v, char *buf, size_t len)
{
	const struct vm_cfg *c = v->run->cfg;

	buf[0] = 0;
	if (v->s->flags & NT_SESS_AGAIN)
		snprintf(buf, len, "; came again meanwhile: a retransmission or a duplicate%s",
			 v->done ? "" : ", neither complete");
	else if (v->s->flags & NT_SESS_XMIT_FAILED)
		snprintf(buf, len, "; the driver refused it, rc=%d", v->s->rc);
	else if (v->s->flags & NT_SESS_LATE)
		snprintf(buf, len, "; late, the timeout is %.0f ms%s", c->timeout_ns / 1e6,
			 v->s->flags & NT_SESS_CLAIMED ? ", counted as unfinished" : "");
	else if (!v->done)
		snprintf(buf, len, "; not complete within %.0f ms", c->timeout_ns / 1e6);
}

/* --- text --- */

static void text_title(const struct view *v)
{
	uint32_t last = last_stage(v);
	char t[NT_TIME_LEN], why[96];

	nt_fmt_time_ms(nt_run_wall(v->run, v->s->first_ns), t, sizeof(t));
	remark(v, why, sizeof(why));
	if (v->done)
		nt_out_text(v->run->out, "[%s] === FLOW COMPLETE: %u stages captured%s ===\n", t,
			    v->n, why);
	else
		nt_out_text(v->run->out,
			    "[%s] === FLOW UNFINISHED: last seen at %s, +%.3fus%s ===\n", t,
			    name_of(v, last), (v->y->ts[last] - v->s->first_ns) / 1e3, why);
}

static void text_packet(const struct view *v)
{
	const struct nt_key *k = &v->s->key;
	char a[NT_ADDR_LEN], b[NT_ADDR_LEN], what[80], path[320], comm[32];

	packet_text(k, what, sizeof(what));
	vm_dir_text(v->run, v->s->dir, path, sizeof(path));
	nt_out_text(v->run->out, "FLOW: %s -> %s (%s)\n",
		    nt_fmt_addr(k->family, k->saddr, a, sizeof(a)),
		    nt_fmt_addr(k->family, k->daddr, b, sizeof(b)), what);
	nt_out_text(v->run->out, "DIRECTION: %s\n", path);
	nt_out_text(v->run->out, "PACKET: len=%u queue_mapping=%u hash=0x%x CPU=%u\n",
		    v->s->skb_len, v->s->queue, v->s->hash, cpu_first(v));
	if (v->s->dir == VM_FROM)
		nt_out_text(v->run->out, "PROCESS: pid=%u comm=%s first_dev=%s\n", v->s->pid,
			    nt_fmt_name(v->s->comm, sizeof(v->s->comm), comm, sizeof(comm)),
			    nt_run_dev_name(v->run, v->y->dev[VM_FIRST], a, sizeof(a)));
}

static void text_stages(const struct view *v)
{
	uint64_t before = v->s->first_ns;
	uint32_t i;

	for (i = 0; i < v->n; i++) {
		uint64_t ts = v->y->ts[v->order[i]];

		nt_out_text(v->run->out, "  Stage %s: KTIME=%lluns", name_of(v, v->order[i]),
			    (unsigned long long)ts);
		if (i)
			nt_out_text(v->run->out, " (+%.3fus)", (ts - before) / 1e3);
		nt_out_text(v->run->out, "\n");
		before = ts;
	}
	if (v->s->repeats)
		nt_out_text(v->run->out, "  REPEATED: %u more hits of these stages\n",
			    v->s->repeats);
}

static void text_story(const struct view *v)
{
	uint32_t dev = v->y->dev[VM_START];
	char name[32];

	text_title(v);
	text_packet(v);
	text_stages(v);
	if (!v->done)
		return;
	nt_out_text(v->run->out, "  TOTAL DURATION: %.3fus%s\n",
		    (v->s->end_ns - v->s->first_ns) / 1e3,
		    v->s->flags & NT_SESS_AGAIN ? " from the first to the last of both" : "");
	nt_out_text(v->run->out, "  FINAL_STAGE: dev=%s(ifindex=%u) cpu=%u\n",
		    nt_run_dev_name(v->run, dev, name, sizeof(name)), dev, cpu_last(v));
}

/* --- text as vm_network_latency_details.py had it --- */

static void old_packet(const struct view *v)
{
	const struct nt_key *k = &v->s->key;
	char a[NT_ADDR_LEN], b[NT_ADDR_LEN];
	uint16_t sport = ntohs(k->sport), dport = ntohs(k->dport);
	struct nt_out *out = v->run->out;

	nt_out_text(out, "Flow: %s -> %s (%s)\n", nt_fmt_addr(k->family, k->saddr, a, sizeof(a)),
		    nt_fmt_addr(k->family, k->daddr, b, sizeof(b)), proto_name(k));
	if (k->proto == NT_IPPROTO_TCP)
		nt_out_text(out, "TCP: %s -> %s (seq=%u, length=%u bytes)\n",
			    nt_fmt_endpoint(k->family, k->saddr, sport, a, sizeof(a)),
			    nt_fmt_endpoint(k->family, k->daddr, dport, b, sizeof(b)),
			    ntohl(k->seq), k->len);
	else if (k->proto == NT_IPPROTO_UDP)
		nt_out_text(out, "UDP: %s -> %s (ip_id=%u, frag_off=%u)\n",
			    nt_fmt_endpoint(k->family, k->saddr, sport, a, sizeof(a)),
			    nt_fmt_endpoint(k->family, k->daddr, dport, b, sizeof(b)), ip_id(k),
			    k->frag_off);
	else
		nt_out_text(out, "ICMP: id=%u, seq=%u, type=%u\n", sport, dport, k->type);
}

static void old_steps(const struct view *v, const char *way)
{
	uint32_t i, dir = v->s->dir;

	if (v->n < 2) {
		nt_out_text(v->run->out, "  No latency data available\n");
		return;
	}
	nt_out_text(v->run->out, "%s Path Latencies (us):\n", way);
	for (i = 1; i < v->n; i++) {
		uint32_t a = v->order[i - 1], b = v->order[i];

		nt_out_text(v->run->out, "  [%u->%u] %s -> %s: %10.3f us\n",
			    vm_stage_number(dir, a), vm_stage_number(dir, b), name_of(v, a),
			    name_of(v, b), (v->y->ts[b] - v->y->ts[a]) / 1e3);
	}
}

static void old_story(const struct view *v)
{
	const char *way = v->s->dir == VM_FROM ? "RX" : "TX";
	char t[NT_TIME_LEN], a[32], b[32], path[320], why[96];
	struct nt_out *out = v->run->out;

	nt_out_text(out, "=== VM Network Latency Trace: %s ===\n",
		    nt_fmt_time_ms(nt_run_wall(v->run, v->s->first_ns), t, sizeof(t)));
	old_packet(v);
	nt_run_dev_name(v->run, v->y->dev[VM_FIRST], a, sizeof(a));
	nt_run_dev_name(v->run, v->y->dev[VM_START], b, sizeof(b));
	vm_dir_text(v->run, v->s->dir, path, sizeof(path));
	nt_out_text(out, "Direction: %s\n", path);
	nt_out_text(out,
		    v->s->dir == VM_FROM ? "VM Interface: %s -> Physical Interface: %s\n" :
					   "Physical Interface: %s -> VM Interface: %s\n",
		    a, v->done ? b : "-");
	if (v->s->dir == VM_FROM)
		nt_out_text(out, "RX Process: PID=%u COMM=%s\n", v->s->pid,
			    nt_fmt_name(v->s->comm, sizeof(v->s->comm), a, sizeof(a)));
	old_steps(v, way);
	remark(v, why, sizeof(why));
	if (v->done)
		nt_out_text(out, "  Total %s Latency: %10.3f us%s\n", way,
			    (v->s->end_ns - v->s->first_ns) / 1e3, why);
	else
		nt_out_text(out, "  Unfinished: last seen at %s%s\n", name_of(v, last_stage(v)),
			    why);
	nt_out_rule(out, '=', 80);
}

/* --- JSON --- */

static void json_stages(struct nt_json *j, const struct view *v)
{
	char dev[32];
	uint32_t i;

	nt_json_arr(j, "stages");
	for (i = 0; i < v->n; i++) {
		uint32_t stage = v->order[i];

		nt_json_obj(j, NULL);
		nt_json_str(j, "stage", name_of(v, stage));
		nt_json_us(j, "at_us", v->y->ts[stage] - v->s->first_ns);
		nt_json_str(j, "interface",
			    v->y->dev[stage] ?
				    nt_run_dev_name(v->run, v->y->dev[stage], dev, sizeof(dev)) :
				    NULL);
		nt_json_end(j);
	}
	nt_json_end(j);
}

static void json_process(struct nt_json *j, const struct view *v)
{
	char comm[32];

	if (v->s->dir != VM_FROM) {
		nt_json_null(j, "process");
		return;
	}
	nt_json_obj(j, "process");
	nt_json_u64(j, "pid", v->s->pid);
	nt_json_str(j, "comm", nt_fmt_name(v->s->comm, sizeof(v->s->comm), comm, sizeof(comm)));
	nt_json_end(j);
}

static void json_story(const struct view *v)
{
	struct nt_json *j = nt_run_json(v->run, "event", v->s->first_ns);

	nt_json_str(j, "status", v->done ? "COMPLETE" : "UNFINISHED");
	nt_json_bool(j, "late", v->s->flags & NT_SESS_LATE);
	nt_json_bool(j, "again", v->s->flags & NT_SESS_AGAIN);
	nt_json_str(j, "direction", vm_dir_key(v->s->dir));
	nt_json_flow(j, &v->s->key);
	nt_json_u64(j, "ktime_ns", v->s->first_ns);
	nt_json_u64(j, "len", v->s->skb_len);
	nt_json_u64(j, "queue_mapping", v->s->queue);
	nt_json_u64(j, "hash", v->s->hash);
	nt_json_u64(j, "cpu", cpu_first(v));
	json_process(j, v);
	json_stages(j, v);
	nt_json_str(j, "last_stage", name_of(v, last_stage(v)));
	nt_json_u64(j, "repeats", v->s->repeats);
	if (v->done) {
		nt_json_us(j, "total_us", v->s->end_ns - v->s->first_ns);
		nt_json_u64(j, "last_cpu", cpu_last(v));
	} else {
		nt_json_null(j, "total_us");
		nt_json_null(j, "last_cpu");
	}
	if (v->s->flags & NT_SESS_XMIT_FAILED)
		nt_json_i64(j, "rc", v->s->rc);
	nt_json_end_line(j);
}

void vm_story(struct nt_run *run, const struct nt_story *y)
{
	struct view v = { .run = run, .y = y, .s = y->s, .done = y->s->flags & NT_SESS_DONE };

	v.n = vm_stages_seen(run, y, v.order);
	if (run->common->json)
		json_story(&v);
	else if (run->legacy)
		old_story(&v);
	else
		text_story(&v);
}
