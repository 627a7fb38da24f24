// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What drop probe takes from the network: any bytes as a probe, and as a stream of messages,
 * cut where they end. What is taken for good must make sense when it is printed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void figures(const struct nt_hist *h)
{
	struct nt_latency l;

	nt_hist_latency(h, &l);
	if (l.min > l.avg || l.avg > l.max || l.p50 > l.p999)
		abort();
}

static void message(const struct probe_frame *f)
{
	static struct probe_arrived a;
	static struct probe_sent s;
	struct probe_verdict v;
	struct probe_hello h;
	struct probe_ready r;
	uint64_t n, sum;
	uint32_t i;

	probe_get_hello(f, &h);
	probe_get_ready(f, &r);
	probe_get_count(f, &n);
	probe_get_final(f, &s);
	if (!probe_get_result(f, &a))
		return;
	figures(&a.jitter);
	s.sent = a.received + 1000;
	probe_judge(&s, &a, &v);
	for (sum = v.unexplained, i = 0; i < PROBE_WHERES; i++)
		sum += v.part[i];
	if (sum != v.lost || sum != 1000)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct probe_id id = { 0x0102030405060708, 0x1112131415161718 };
	struct probe_datagram d;
	struct probe_frame f;
	int n;

	probe_datagram_get(data, size, &id, &d);
	while (size) {
		n = probe_frame_cut(data, size, &f);
		if (n <= 0)
			break;
		if ((size_t)n > size || f.n > size)
			abort();
		message(&f);
		data += n;
		size -= (size_t)n;
	}
	return 0;
}
