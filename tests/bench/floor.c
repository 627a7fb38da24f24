// SPDX-License-Identifier: GPL-2.0-or-later
/* floor OBJECT PROGRAM: attach one empty program, say so, wait to be killed. */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct bpf_object *obj = argc == 3 ? bpf_object__open(argv[1]) : NULL;
	struct bpf_program *prog;

	if (!obj)
		return 2;
	bpf_object__for_each_program(prog, obj)
		bpf_program__set_autoload(prog, !strcmp(bpf_program__name(prog), argv[2]));
	prog = bpf_object__find_program_by_name(obj, argv[2]);
	if (!prog || bpf_object__load(obj) < 0 || !bpf_program__attach(prog))
		return 1;
	puts("attached");
	fflush(stdout);
	return pause();
}
