// SPDX-License-Identifier: GPL-2.0-or-later
#include "stream.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct nt_stream {
	struct ring_buffer *ring;
	struct perf_buffer *perf;
	nt_record_fn fn;
	void *arg;
	int drained;
};

static int on_ring(void *ctx, void *data, size_t size)
{
	struct nt_stream *s = ctx;

	s->fn(s->arg, data, size);
	/* Negative: libbpf keeps the position behind this record and returns. */
	return ++s->drained < NT_STREAM_BATCH ? 0 : -EAGAIN;
}

static enum bpf_perf_event_ret on_perf(void *ctx, int cpu, struct perf_event_header *h)
{
	const struct {
		struct perf_event_header h;
		uint32_t size;
		char data[];
	} *e = (const void *)h;
	struct nt_stream *s = ctx;

	(void)cpu;
	/* Of what is lost the kernel side has counted every record, where
	 * bpf_perf_event_output() failed: PERF_RECORD_LOST tells nothing new. */
	if (h->type != PERF_RECORD_SAMPLE)
		return LIBBPF_PERF_EVENT_CONT;
	/* The kernel pads a record; size is what it padded to. */
	if (h->size >= sizeof(*e) && e->size <= h->size - sizeof(*e)) {
		s->fn(s->arg, e->data, e->size);
		s->drained++;
	}
	return LIBBPF_PERF_EVENT_CONT;
}

/* Pages a CPU, so that the buffers of a large host stay within 32 MiB. */
static size_t perf_pages(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	return cpus <= 16 ? 128 : cpus <= 64 ? 64 : 32;
}

static int open_perf(struct nt_stream *s, int map_fd)
{
	size_t pages = perf_pages();
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
		.watermark = 1,
		.wakeup_watermark = (uint32_t)(pages * (size_t)sysconf(_SC_PAGESIZE) / 2),
	};

	s->perf = perf_buffer__new_raw(map_fd, pages, &attr, on_perf, s, NULL);
	return s->perf ? 0 : -errno;
}

int nt_stream_open(const struct nt_stream_opts *o, struct nt_stream **out, struct nt_err *err)
{
	struct nt_stream *s = calloc(1, sizeof(*s));
	int r = 0;

	if (!s)
		return nt_errf(err, NT_EXIT_RUNTIME, ENOMEM, "out of memory");
	s->fn = o->fn;
	s->arg = o->arg;
	if (o->ring) {
		s->ring = ring_buffer__new(o->map_fd, on_ring, s, NULL);
		r = s->ring ? 0 : -errno;
	} else {
		r = open_perf(s, o->map_fd);
	}
	if (r < 0) {
		nt_stream_close(s);
		return nt_errf(err, NT_EXIT_RUNTIME, -r, "the event buffer does not open: %s",
			       strerror(-r));
	}
	*out = s;
	return 0;
}

void nt_stream_close(struct nt_stream *s)
{
	if (!s)
		return;
	ring_buffer__free(s->ring);
	perf_buffer__free(s->perf);
	free(s);
}

int nt_stream_drain(struct nt_stream *s)
{
	int r;

	s->drained = 0;
	r = s->ring ? ring_buffer__consume(s->ring) : perf_buffer__consume(s->perf);
	return r < 0 && r != -EAGAIN ? r : s->drained;
}
