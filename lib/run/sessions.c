// SPDX-License-Identifier: GPL-2.0-or-later
#include "sessions.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cleanup.h"
#include "tape.h"

#define STAGE_BYTES (sizeof(uint64_t) + sizeof(uint32_t))
#define MAX_STAGES 64
#define MAX_OWN 256
#define STAGES_OF(stages) ((stages)&0xff)
#define OWN_OF(stages) ((stages) >> 8)

/* For a program, or a driver, that is at a session's end. */
#define GRACE_NS 20000000ULL

/* Room for any tool's slot. */
union slot_copy {
	struct nt_sess s;
	char bytes[sizeof(struct nt_sess) + MAX_STAGES * STAGE_BYTES + MAX_OWN];
};

struct nt_sessions {
	uint32_t sets, stages;
	size_t slot_size, set_size;
	int fd, marks_fd;
	const char *mapped; /* the table, where the kernel can map arrays */
	size_t mapped_size;
	char *copy; /* else one set at a time */
	uint64_t open;
	uint64_t *reported; /* per slot: first_ns of what was handed out */
};

uint32_t nt_sessions_sets(uint32_t max)
{
	uint32_t sets = 16;

	while (sets < (1U << 22) && sets * NT_WAYS < max)
		sets *= 2;
	return sets;
}

int nt_sessions_sizes(struct nt_run *run, struct bpf_object *obj, uint32_t sets)
{
	struct bpf_map *map = bpf_object__find_map_by_name(obj, "nt_sessions");
	int r = nt_run_map_entries(obj, "nt_sessions", sets);

	r = r ?: nt_run_map_entries(obj, "nt_marks", sets * NT_WAYS);
	if (!r && nt_feature_have(&run->kernel.features, NT_F_MMAP, NULL))
		r = bpf_map__set_map_flags(map, BPF_F_MMAPABLE);
	return r;
}

static int map_table(struct nt_sessions *s, const struct bpf_map *map)
{
	long page = sysconf(_SC_PAGESIZE);
	void *p;

	if (!(bpf_map__map_flags(map) & BPF_F_MMAPABLE))
		return 0;
	s->mapped_size = (s->set_size * s->sets + page - 1) & ~(size_t)(page - 1);
	p = mmap(NULL, s->mapped_size, PROT_READ, MAP_SHARED, s->fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	s->mapped = p;
	return 0;
}

void nt_sessions_close(struct nt_sessions *s)
{
	if (!s)
		return;
	if (s->mapped)
		munmap((void *)s->mapped, s->mapped_size);
	free(s->copy);
	free(s->reported);
	free(s);
}

static int open_live(const struct nt_run *run, struct nt_sessions *s)
{
	struct bpf_map *map, *marks;

	s->reported = calloc((size_t)s->sets * NT_WAYS, sizeof(*s->reported));
	s->copy = malloc(s->set_size);
	if (!s->reported || !s->copy)
		return -ENOMEM;
	map = bpf_object__find_map_by_name(run->loaded.obj, "nt_sessions");
	marks = bpf_object__find_map_by_name(run->loaded.obj, "nt_marks");
	if (!map || !marks || bpf_map__value_size(map) != s->set_size)
		return -EINVAL;
	s->fd = bpf_map__fd(map);
	s->marks_fd = bpf_map__fd(marks);
	return map_table(s, map);
}

int nt_sessions_open(struct nt_run *run, uint32_t sets, uint32_t stages, struct nt_sessions **out)
{
	struct nt_sessions *s;
	int r;

	if (STAGES_OF(stages) > MAX_STAGES || OWN_OF(stages) > MAX_OWN)
		return -E2BIG;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->sets = sets;
	s->stages = stages;
	s->slot_size = nt_story_size(stages);
	s->set_size = sizeof(struct nt_set_head) + NT_WAYS * s->slot_size;
	r = run->replay ? 0 : open_live(run, s);
	if (r < 0)
		nt_sessions_close(s);
	else
		*out = s;
	return r;
}

struct sweep {
	struct nt_run *run;
	struct nt_sessions *s;
	uint64_t timeout_ns;
	nt_session_fn fn;
	int n;
};

static const char *set_at(struct nt_sessions *s, uint32_t i)
{
	if (s->mapped)
		return s->mapped + (size_t)i * s->set_size;
	return bpf_map_lookup_elem(s->fd, &i, s->copy) < 0 ? NULL : s->copy;
}

/* A copy that the kernel did not change meanwhile: its tag held still. */
static bool copy_slot(const struct nt_sessions *s, const char *set, uint32_t way, void *out)
{
	const struct nt_set_head *h = (const void *)set;
	const char *slot = set + sizeof(*h) + way * s->slot_size;
	/* The slot is read between the two looks at its tag, on every machine. */
	uint64_t before = __atomic_load_n(&h->tag[way], __ATOMIC_ACQUIRE);

	if (!before)
		return false;
	memcpy(out, slot, s->slot_size);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&h->tag[way], __ATOMIC_RELAXED) == before;
}

/* The kernel is counting it itself, or did. */
#define ENDED (NT_SESS_DONE | NT_SESS_REPLACED)

/* Is the session of the copy still there, and open? Then what the tool keeps is that of now. */
static bool look_again(struct nt_sessions *s, union slot_copy *c, uint32_t slot)
{
	size_t own = s->slot_size - OWN_OF(s->stages);
	const char *set = set_at(s, slot / NT_WAYS);
	union slot_copy now;

	if (!set || !copy_slot(s, set, slot % NT_WAYS, &now) || now.s.first_ns != c->s.first_ns ||
	    (now.s.flags & ENDED))
		return false;
	memcpy(c->bytes + own, now.bytes + own, OWN_OF(s->stages));
	return true;
}

/* Has a program found the mark of it, and left it to us? */
static bool mark_found(const struct nt_sessions *s, const union slot_copy *c, uint32_t slot)
{
	uint64_t v = 0;

	return !bpf_map_lookup_elem(s->marks_fd, &slot, &v) && v == NT_MARK_FOUND(c->s.first_ns);
}

/*
 * The session is given up: tell the kernel, then look again whether it was
 * quicker. The kernel does these two in the other order (nt_marked()), so that
 * one of both sees the other. What the tool keeps is that of the second look:
 * of packets that are counted there the kernel counts none any more. Where a
 * program may be at the session's end just now, its decision is waited for.
 */
static bool mark(struct nt_sessions *s, union slot_copy *c, uint32_t slot)
{
	bool open, found;

	if (bpf_map_update_elem(s->marks_fd, &slot, &c->s.first_ns, BPF_ANY))
		return false;
	__sync_synchronize();
	open = look_again(s, c, slot);
	found = mark_found(s, c, slot);
	if (open == found) { /* it was ended before, or is being ended */
		nt_run_settle();
		open = look_again(s, c, slot);
		found = mark_found(s, c, slot);
	}
	return open || found;
}

size_t nt_story_size(uint32_t stages)
{
	return sizeof(struct nt_sess) + STAGES_OF(stages) * STAGE_BYTES + OWN_OF(stages);
}

bool nt_story_of(const void *rec, size_t size, uint32_t stages, struct nt_story *out)
{
	size_t want = nt_story_size(stages);

	/* A perf buffer pads records. */
	if (size < want || size > want + 8)
		return false;
	out->s = rec;
	out->ts = (const void *)((const char *)rec + sizeof(struct nt_sess));
	out->dev = (const void *)(out->ts + STAGES_OF(stages));
	out->own = OWN_OF(stages) ? out->dev + STAGES_OF(stages) : NULL;
	return true;
}

static void hand_out(struct sweep *w, const union slot_copy *c)
{
	struct nt_story story;

	if (nt_story_of(c, w->s->slot_size, w->s->stages, &story))
		w->fn(w->run, &story);
	w->n++;
}

static void one_slot(struct sweep *w, const char *set, uint32_t i, uint32_t way)
{
	union slot_copy c;
	uint32_t slot = i * NT_WAYS + way;
	bool old;

	if (!copy_slot(w->s, set, way, &c))
		return;
	if (c.s.first_ns == w->s->reported[slot] || (c.s.flags & ENDED))
		return;
	/* Its last stage may have been seen in time, but not yet have ended it. */
	old = c.s.first_ns + w->timeout_ns + GRACE_NS < w->run->now_ns;
	if (!old && !w->run->final) {
		w->s->open++;
		return;
	}
	if (!mark(w->s, &c, slot))
		return;
	w->s->reported[slot] = c.s.first_ns;
	c.s.flags |= old ? NT_SESS_SWEPT : NT_SESS_IN_FLIGHT;
	c.s.end_ns = old ? c.s.first_ns + w->timeout_ns : w->run->now_ns;
	if (w->run->record)
		nt_tape_write(w->run->record, NT_TAPE_ROW, slot, &c, w->s->slot_size);
	hand_out(w, &c);
}

static int sweep_tape(struct sweep *w)
{
	union slot_copy c;
	int r;

	while ((r = nt_tape_read(w->run->replay, NT_TAPE_ROW, NULL, &c, sizeof(c))) >= 0) {
		if ((size_t)r != w->s->slot_size)
			return -EBADMSG;
		hand_out(w, &c);
	}
	return nt_run_taped(w->run, NT_TAPE_END, 0, &w->s->open, sizeof(w->s->open));
}

static int sweep_table(struct sweep *w)
{
	uint32_t i, way;

	for (i = 0; i < w->s->sets; i++) {
		const char *set = set_at(w->s, i);

		if (!set)
			return -EIO;
		for (way = 0; way < NT_WAYS; way++)
			one_slot(w, set, i, way);
	}
	return nt_run_taped(w->run, NT_TAPE_END, 0, &w->s->open, sizeof(w->s->open));
}

uint64_t nt_sessions_in_flight(const struct nt_sessions *s, uint64_t started, uint64_t ended)
{
	uint64_t open = started > ended ? started - ended : 0;

	return open < s->open ? open : s->open;
}

int nt_sessions_sweep(struct nt_run *run, struct nt_sessions *s, uint64_t timeout_ns,
		      nt_session_fn fn)
{
	struct sweep w = { run, s, timeout_ns, fn, 0 };
	int r;

	s->open = 0;
	r = run->replay ? sweep_tape(&w) : sweep_table(&w);
	return r ?: w.n;
}
