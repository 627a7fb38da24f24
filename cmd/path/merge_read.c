// SPDX-License-Identifier: GPL-2.0-or-later
/* path merge: the JSON output of a path tool, read line by line. Nothing of it is trusted. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "path_merge.h"
#include "packet.h"

static int bad(const struct merge_recording *r, struct nt_err *err, const char *what)
{
	char q[NT_QUOTE_LEN];

	return nt_errf(err, NT_EXIT_RUNTIME, EBADMSG, "%s: %s", nt_quote(r->path, q), what);
}

/* --- the start --- */

static const char *const commands[MERGE_PROTOS] = { "path icmp", "path udp", "path tcp" };

static bool proto_of(const char *command, enum merge_proto *p)
{
	for (unsigned int i = 0; command && i < MERGE_PROTOS; i++) {
		if (!strcmp(command, commands[i])) {
			*p = (enum merge_proto)i;
			return true;
		}
	}
	return false;
}

static void filter(const struct nt_value *f, const char *key, char text[MERGE_TEXT])
{
	const char *s = nt_value_str(f, key);

	snprintf(text, MERGE_TEXT, "%s", s ? s : "");
}

static int read_start(struct merge_recording *r, const struct nt_value *v, struct nt_err *err)
{
	const struct nt_value *f = nt_value_obj(v, "filters");
	const char *timeout = nt_value_str(f, "timeout_ms"), *all = nt_value_str(f, "all");
	const char *stats = nt_value_str(f, "stats_mode");

	if (r->have_start || r->events)
		return bad(r, err, "a second run begins in it: give one run's output");
	r->have_start = true;
	filter(f, "src_ip", r->src_ip);
	filter(f, "dst_ip", r->dst_ip);
	filter(f, "src_port", r->src_port);
	filter(f, "dst_port", r->dst_port);
	r->all = all && !strcmp(all, "on");
	r->stats_mode = stats && !strcmp(stats, "on");
	if (timeout && (nt_parse_duration(timeout, "ms", &r->timeout_ns, NULL) < 0 ||
			r->timeout_ns > INT64_MAX / 3))
		return bad(r, err, "its timeout_ms is no time");
	return 0;
}

/* --- an event --- */

static const struct {
	const char *status;
	enum merge_end end;
} ends[] = {
	{ "COMPLETE", MERGE_COMPLETE },
	{ "INTERNAL_DROP_REQ", MERGE_INSIDE },
	{ "INTERNAL_DROP", MERGE_INSIDE },
	{ "PARTIAL_FRAGMENT_DROP", MERGE_INSIDE },
	{ "INTERNAL_DROP_REP", MERGE_INSIDE_BACK },
	{ "EXTERNAL_DROP", MERGE_OUTSIDE },
	{ "EXTERNAL_FRAGMENT_DROP", MERGE_BEFORE },
	{ "UNKNOWN_PORT", MERGE_NOT_KNOWN },
	{ "NO_VERDICT", MERGE_NOT_KNOWN },
};

static bool end_of(const char *status, enum merge_end *end)
{
	for (size_t i = 0; status && i < NT_ARRAY_SIZE(ends); i++) {
		if (!strcmp(status, ends[i].status)) {
			*end = ends[i].end;
			return true;
		}
	}
	return false;
}

static uint32_t number(const struct nt_value *o, const char *key)
{
	uint64_t v = 0;

	return nt_value_u64(o, key, UINT32_MAX, &v) ? (uint32_t)v : 0;
}

static bool read_flow(enum merge_proto proto, const struct nt_value *v, struct merge_key *k)
{
	const struct nt_value *f = nt_value_obj(v, "flow");
	const char *src = nt_value_str(f, "src"), *dst = nt_value_str(f, "dst");
	const char *dir = nt_value_str(v, "direction");
	int family = number(f, "family") == 6 ? AF_INET6 : AF_INET;

	if (!src || !dst || inet_pton(family, src, k->src) != 1 ||
	    inet_pton(family, dst, k->dst) != 1)
		return false;
	k->family = family == AF_INET6 ? 6 : 4;
	k->reverse = dir && !strcmp(dir, "reverse");
	k->sport = (uint16_t)number(f, "sport");
	k->dport = (uint16_t)number(f, "dport");
	if (proto == MERGE_ICMP) {
		k->id = number(f, "id");
		k->seq = number(f, "seq");
		return true;
	}
	k->id = number(v, "ip_id");
	if (proto == MERGE_TCP) {
		k->seq = number(v, "seq") ?: number(f, "seq");
		k->ack = number(v, "ack") ?: number(f, "ack");
	} else if (!k->id) {
		k->seq = number(v, "len"); /* without a number: as much as is told of it */
	}
	return true;
}

static void read_counts(enum merge_proto proto, const struct nt_value *v, struct merge_event *ev)
{
	uint64_t came, open;

	ev->came = 1;
	ev->open = ev->end != MERGE_COMPLETE;
	if (proto != MERGE_UDP || !nt_value_u64(v, "datagrams", UINT32_MAX, &came) ||
	    !nt_value_u64(v, "open", UINT32_MAX, &open) || !came || open > came)
		return;
	ev->came = (uint32_t)came;
	/* One that was late is not open any more. */
	ev->open = ev->end == MERGE_COMPLETE ? 0 : (uint32_t)(open ?: 1);
}

/* false: not a packet (an interface has gone), or not one that can be told. */
static bool read_event(struct merge_recording *r, const struct nt_value *v, struct merge_event *ev)
{
	const struct nt_value *s = nt_value_obj(v, "segments_us");

	if (!nt_value_obj(v, "flow"))
		return false;
	memset(ev, 0, sizeof(*ev));
	if (!end_of(nt_value_str(v, "status"), &ev->end) || !read_flow(r->proto, v, &ev->key)) {
		r->unknown++;
		return false;
	}
	ev->time_ns = r->now_ns;
	ev->late = nt_value_true(v, "late");
	read_counts(r->proto, v, ev);
	if (nt_value_us(s, "external", &ev->external_ns) && !nt_value_us(s, "total", &ev->total_ns))
		ev->external_ns = 0;
	r->events++;
	return true;
}

/* --- the summary --- */

static uint64_t count(const struct nt_value *c, const char *key)
{
	uint64_t v = 0;

	return nt_value_u64(c, key, INT64_MAX, &v) ? v : 0;
}

static bool add_loss(void *arg, const char *key, uint64_t v)
{
	struct merge_recording *r = arg;

	(void)key;
	if (v > INT64_MAX - r->lost)
		v = 0;
	r->lost += v;
	return true;
}

static void read_latency(struct merge_recording *r, const struct nt_value *l)
{
	static const char *const keys[] = { "req_internal", "external", "rep_internal",
					    "total",        "internal", "fwd_internal" };
	struct merge_segment *s;

	r->segments = 0;
	for (size_t i = 0; i < NT_ARRAY_SIZE(keys); i++) {
		s = &r->segment[r->segments];
		if (!nt_value_hist(l, keys[i], &s->hist))
			continue;
		snprintf(s->key, sizeof(s->key), "%s", keys[i]);
		r->segments++;
	}
}

static void read_summary(struct merge_recording *r, const struct nt_value *v)
{
	const struct nt_value *c = nt_value_obj(v, "counts");

	r->have_summary = true;
	r->total = count(c, "total");
	/* path tcp counts each direction by itself. */
	r->complete = count(c, "complete") + count(c, "fwd_complete") + count(c, "rep_complete");
	r->inside = count(c, "internal_drop_req") + count(c, "internal_drop") +
		    count(c, "partial_fragment_drop") + count(c, "fwd_internal_drop");
	r->inside_back = count(c, "internal_drop_rep") + count(c, "rep_internal_drop");
	r->outside = count(c, "external_drop") + count(c, "fwd_external_drop") +
		     count(c, "rep_external_drop");
	r->before = count(c, "external_fragment_drop");
	r->in_flight = count(c, "in_flight");
	r->late = count(c, "late");
	r->lost = 0;
	nt_value_each(nt_value_obj(v, "loss"), add_loss, r);
	read_latency(r, nt_value_obj(v, "latency"));
}

/* --- lines --- */

/* Whose is it, and when? The first one decides for all. */
static int read_head(struct merge_recording *r, const struct nt_value *v, struct nt_err *err)
{
	const char *command = nt_value_str(v, "command");
	enum merge_proto p;

	if (!proto_of(command, &p))
		return bad(r, err,
			   "not the --json output of path icmp, path tcp or path udp: give a file "
			   "that one of them has written");
	if (r->begun && p != r->proto)
		return bad(r, err, "output of different commands in one file");
	if (!nt_value_time(v, "time", &r->now_ns))
		return bad(r, err, "a line without a time");
	if (!r->begun)
		r->start_ns = r->now_ns;
	r->begun = true;
	r->proto = p;
	if (r->now_ns > r->end_ns)
		r->end_ns = r->now_ns;
	return 0;
}

/* 1: an event, 0: another line. */
static int read_line(struct merge_recording *r, const char *s, size_t n, struct merge_event *ev,
		     struct nt_err *err)
{
	struct nt_value *v = nt_value_parse(s, n);
	const char *type = nt_value_str(v, "type");
	int rc;

	if (!v) {
		r->bad_lines++;
		rc = r->begun ? 0 :
				bad(r, err, "its first line is no JSON object: record with --json");
		return rc;
	}
	rc = read_head(r, v, err);
	if (!rc && type && !strcmp(type, "start"))
		rc = read_start(r, v, err);
	else if (!rc && type && !strcmp(type, "summary"))
		read_summary(r, v);
	else if (!rc && type && !strcmp(type, "event"))
		rc = read_event(r, v, ev);
	nt_value_free(v);
	return rc;
}

/* More bytes. 0, or -errno. */
static int fill(struct merge_recording *r, struct nt_err *err)
{
	char buf[65536], q[NT_QUOTE_LEN];
	ssize_t n;

	do
		n = read(r->fd, buf, sizeof(buf));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return nt_errf(err, NT_EXIT_RUNTIME, errno, "%s: %s", nt_quote(r->path, q),
			       strerror(errno));
	r->eof = n == 0;
	r->cut = r->eof && nt_lines_rest(&r->lines);
	if (nt_lines_add(&r->lines, buf, (size_t)n) < 0)
		return nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	return 0;
}

int merge_next(struct merge_recording *r, struct merge_event *ev, struct nt_err *err)
{
	const char *line;
	size_t n;
	int rc = 0;

	while (!rc && !r->done) {
		if (nt_lines_next(&r->lines, &line, &n))
			rc = read_line(r, line, n, ev, err);
		else if (r->eof)
			r->done = true;
		else
			rc = fill(r, err);
	}
	return rc;
}

int merge_open(struct merge_recording *r, const char *path, struct nt_err *err)
{
	char q[NT_QUOTE_LEN];
	struct stat st;

	r->path = path;
	r->timeout_ns = MERGE_NS_PER_S;
	r->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (r->fd >= 0 && !fstat(r->fd, &st) && S_ISDIR(st.st_mode)) {
		close(r->fd);
		r->fd = -1;
		errno = EISDIR;
	}
	if (r->fd < 0)
		return nt_errf(err, NT_EXIT_RUNTIME, errno,
			       "%s: %s; give the file that --output of "
			       "the path tool has written",
			       nt_quote(path, q), strerror(errno));
	return 0;
}

void merge_close(struct merge_recording *r)
{
	nt_lines_free(&r->lines);
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}

const struct nt_hist *merge_segment(const struct merge_recording *r, const char *key)
{
	for (uint32_t i = 0; i < r->segments; i++)
		if (!strcmp(r->segment[i].key, key))
			return &r->segment[i].hist;
	return NULL;
}
