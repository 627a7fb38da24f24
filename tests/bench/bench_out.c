// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How many lines of about 200 bytes the output writes in a second, as text and
 * as JSON: bench_out [FILE], /dev/null unless told. Only prints.
 */
#include <stdio.h>

#include "clock.h"
#include "fmt.h"
#include "out.h"

#define LINES 1000000

/* What a line of `path icmp` consists of. */
struct record {
	uint64_t wall_ns, rtt_ns;
	uint32_t src[4], dst[4];
	uint32_t id, seq;
};

static void text_line(struct nt_out *out, const struct record *r)
{
	char time[NT_TIME_LEN], src[NT_ADDR_LEN], dst[NT_ADDR_LEN];

	nt_out_text(out, "[%s] %s -> %s icmp id=%u seq=%u COMPLETE rtt=%lu.%03luus ",
		    nt_fmt_time_ms(r->wall_ns, time, sizeof(time)),
		    nt_fmt_addr(4, r->src, src, sizeof(src)),
		    nt_fmt_addr(4, r->dst, dst, sizeof(dst)), r->id, r->seq, r->rtt_ns / 1000,
		    r->rtt_ns % 1000);
	nt_out_text(out,
		    "REQ_RX=eth0 REQ_TX=eth1 (+%luns) REP_RX=eth1 (+%luns) REP_TX=eth0 (+%luns)"
		    " cpu=3 pid=0 comm=swapper/3\n",
		    r->rtt_ns / 3, r->rtt_ns / 2, r->rtt_ns);
}

static void json_line(struct nt_out *out, const struct record *r)
{
	char time[NT_TIME_LEN], src[NT_ADDR_LEN], dst[NT_ADDR_LEN];
	struct nt_json *j = nt_json_line(out);

	nt_json_str(j, "type", "event");
	nt_json_str(j, "time", nt_fmt_rfc3339(r->wall_ns, time, sizeof(time)));
	nt_json_str(j, "command", "path icmp");
	nt_json_str(j, "status", "complete");
	nt_json_obj(j, "flow");
	nt_json_u64(j, "family", 4);
	nt_json_str(j, "protocol", "icmp");
	nt_json_str(j, "src", nt_fmt_addr(4, r->src, src, sizeof(src)));
	nt_json_str(j, "dst", nt_fmt_addr(4, r->dst, dst, sizeof(dst)));
	nt_json_end(j);
	nt_json_u64(j, "id", r->id);
	nt_json_u64(j, "seq", r->seq);
	nt_json_us(j, "rtt_us", r->rtt_ns);
	nt_json_end_line(j);
}

static int run(const char *what, const char *path, bool json)
{
	struct nt_out_opts opts = { .path = path, .json = json };
	struct record r = { .src = { 0x0100000a }, .dst = { 0x0200000a }, .id = 4711 };
	struct nt_out *out;
	struct nt_err err;
	uint64_t begin, ns;

	if (nt_out_open(&opts, &out, &err)) {
		fprintf(stderr, "bench_out: %s\n", err.text);
		return 1;
	}
	r.wall_ns = 1763631900000000000;
	begin = nt_clock_mono_ns();
	for (r.seq = 0; r.seq < LINES; r.seq++) {
		r.wall_ns += 1234567;
		r.rtt_ns = 100000 + r.seq % 100000;
		if (json)
			json_line(out, &r);
		else
			text_line(out, &r);
	}
	if (nt_out_close(out)) {
		fprintf(stderr, "bench_out: cannot write to %s\n", path);
		return 1;
	}
	ns = nt_clock_mono_ns() - begin;
	printf("%-5s %9.0f lines a second to %s\n", what, LINES * 1e9 / (double)ns, path);
	return 0;
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "/dev/null";

	return run("text", path, false) | run("json", path, true);
}
