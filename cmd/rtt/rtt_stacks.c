// SPDX-License-Identifier: GPL-2.0-or-later
/* The rtt tools: the kernel stacks of a ping's stages, with their names, also on the tape. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "ksym.h"
#include "rtt_tool.h"

#define TAPED_STACK 2
#define STACKS 4096 /* distinct ones of a run */

/* As it is on a tape. */
struct taped_stack {
	uint64_t hash;
	uint32_t n;
	uint32_t pad;
	char frame[RTT_STACK_DEPTH][64]; /* from the stage's function on */
};

struct rtt_stacks {
	struct nt_ksyms *syms; /* NULL on replay */
	struct taped_stack *v;
	uint32_t n, room;
};

int rtt_stacks_open(struct nt_run *run)
{
	struct rtt_state *st = run->state;

	st->stacks = calloc(1, sizeof(*st->stacks));
	if (st->stacks && !run->replay)
		st->stacks->syms = nt_ksyms_new();
	return st->stacks && (run->replay || st->stacks->syms) ? 0 : -ENOMEM;
}

void rtt_stacks_close(struct rtt_stacks *s)
{
	if (!s)
		return;
	nt_ksyms_free(s->syms);
	free(s->v);
	free(s);
}

int rtt_stacks_sizes(const struct nt_run *run, struct bpf_object *obj)
{
	const struct rtt_kcfg *k = run->kcfg;
	int r = nt_run_map_entries(obj, "nt_stacks", k->stacks ? STACKS : 1);

	return r ?: nt_run_map_value_size(obj, "nt_stacks", 8 * RTT_FRAMES);
}

/* The way from the traced function to the program: not part of the stack. */
static bool is_plumbing(const char *name)
{
	static const char *const begins[] = {
		"bpf_",    "__bpf_",         "__traceiter_",       "ftrace_",
		"kprobe_", "trace_call_bpf", "optimized_callback", "0x"
	};
	size_t i;

	for (i = 0; i < NT_ARRAY_SIZE(begins); i++)
		if (!strncmp(name, begins[i], strlen(begins[i])))
			return true;
	return false;
}

/* Names of its frames. */
static void look_up(struct nt_run *run, struct rtt_stacks *s, struct taped_stack *t)
{
	uint64_t ip[RTT_FRAMES] = { 0 };
	int fd = nt_run_map_fd(run, "nt_stacks");
	uint32_t i, n = 0;

	if (fd < 0 || bpf_map_lookup_elem(fd, &t->hash, ip))
		return;
	while (n < RTT_FRAMES && ip[n])
		n++;
	nt_ksyms_resolve(s->syms, ip, n); /* what has no name is a number */
	for (i = 0; i < n && t->n < RTT_STACK_DEPTH; i++) {
		nt_ksyms_format(s->syms, ip[i], t->frame[t->n], sizeof(t->frame[0]));
		if (t->n || !is_plumbing(t->frame[0]))
			t->n++;
	}
}

static bool sane(const struct taped_stack *t)
{
	uint32_t i;

	for (i = 0; i < RTT_STACK_DEPTH; i++)
		if (!nt_tape_is_text(t->frame[i], sizeof(t->frame[i])))
			return false;
	return t->n <= RTT_STACK_DEPTH;
}

/* Each once, in the order in which they are asked for. NULL: there is none. */
static const struct taped_stack *get(struct nt_run *run, uint64_t hash)
{
	struct rtt_stacks *s = ((struct rtt_state *)run->state)->stacks;
	struct taped_stack *t;
	uint32_t i;

	for (i = 0; i < s->n; i++)
		if (s->v[i].hash == hash)
			return &s->v[i];
	if (s->n == s->room) {
		t = realloc(s->v, (s->room + 64) * sizeof(*t));
		if (!t)
			return NULL;
		s->v = t;
		s->room += 64;
	}
	t = &s->v[s->n];
	memset(t, 0, sizeof(*t));
	t->hash = hash;
	if (!run->replay)
		look_up(run, s, t);
	if (nt_run_taped(run, NT_TAPE_DATA, TAPED_STACK, t, sizeof(*t)) || t->hash != hash ||
	    !sane(t)) {
		nt_run_fail(run, -EBADMSG);
		return NULL;
	}
	s->n++;
	return t;
}

static void tell(struct nt_run *run, struct nt_json *j, const char *stage,
		 const struct taped_stack *t)
{
	uint32_t i;

	if (j)
		nt_json_arr(j, stage);
	else
		nt_out_text(run->out, "  stack of %s\n", stage);
	for (i = 0; i < t->n; i++) {
		if (j)
			nt_json_str(j, NULL, t->frame[i]);
		else
			nt_out_text(run->out, "    %s\n", t->frame[i]);
	}
	if (j)
		nt_json_end(j);
}

void rtt_stacks_tell(struct nt_run *run, struct nt_json *j, const struct nt_story *y)
{
	const struct rtt_state *st = run->state;
	const struct nt_story_kind *kind = st->stories.kind;
	const uint64_t *stack = y->own;
	const struct taped_stack *t;
	uint32_t n, i;

	if (!st->stacks)
		return;
	if (j)
		nt_json_obj(j, "stacks");
	for (n = 0; n < kind->stages; n++) {
		i = kind->order ? kind->order[n] : n;
		t = (y->s->seen & (1U << i)) && stack[i] ? get(run, stack[i]) : NULL;
		if (t)
			tell(run, j, st->stories.stage[i], t);
	}
	if (j)
		nt_json_end(j);
}
